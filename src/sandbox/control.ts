import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './body.ts';
import { type FaultPlan, faultPlan } from './faults.ts';
import type { Limits } from './limits.ts';
import { send } from './misbehave.ts';
import { renderSandboxPage } from './page.ts';
import { givePosts } from './posts-answer.ts';
import type { SandboxRecord } from './record.ts';
import type { RequestLog } from './request-log.ts';
import type { SandboxAnswer } from './simulation.ts';

/** What the sandbox's own addresses act on. */
export interface Controls {
  platform: string;
  record: SandboxRecord;
  log: RequestLog;
  plan(): FaultPlan;
  setFaults(plan: FaultPlan): void;
  /** What is wrong with them, or undefined once they hold. */
  putSettings(settings: unknown): unknown[] | undefined;
  limits: Limits;
  /** What only this platform has. */
  door(request: { method: string; path: string; fields: Record<string, unknown> }): SandboxAnswer | undefined;
  reset(): void;
}

const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** True for the addresses that are the sandbox's, not the platform's. */
export function isControl(path: string): boolean {
  return path === '/' || path.startsWith('/p/') || path === '/_sandbox' || path.startsWith('/_sandbox/');
}

/** Answers on the sandbox's own addresses: pages, pictures, and `/_sandbox/…` for posts, faults and switches. */
export async function control(url: URL, request: IncomingMessage, response: ServerResponse, controls: Controls) {
  const { record, log, plan } = controls;
  const method = request.method ?? 'GET';
  const give = (json: unknown, status = 200) => send(response, { status, json });
  const { pathname } = url;
  switch (`${method} ${pathname}`) {
    case 'GET /_sandbox/posts':
      return givePosts(record.all(), url.searchParams, response);
    case 'GET /_sandbox/requests':
      return give(log.read());
    case 'GET /_sandbox/faults':
      return give(plan());
    case 'PUT /_sandbox/faults': {
      const result = faultPlan.safeParse(await jsonOf(request));
      if (!result.success) return give({ error: 'not a fault plan', issues: result.error.issues }, 422);
      controls.setFaults(result.data);
      return give(plan());
    }
    case 'GET /_sandbox/limits':
      return give(controls.limits.figures());
    case 'PUT /_sandbox/limits': {
      const issues = controls.limits.put(await jsonOf(request));
      return issues ? give({ error: 'not limits of this platform', issues }, 422) : give(controls.limits.figures());
    }
    case 'PUT /_sandbox/settings': {
      const issues = controls.putSettings(await jsonOf(request));
      return issues ? give({ error: 'not settings of this platform', issues }, 422) : give({});
    }
    case 'DELETE /_sandbox':
      controls.reset();
      return give({});
  }
  const isPage = pathname === '/' || pathname.startsWith('/p/');
  if (method === 'GET' && isPage) return page(pathname, response, controls);
  if (pathname.startsWith('/_sandbox/') && !pathname.startsWith('/_sandbox/media/')) {
    const fields = method === 'GET' ? {} : await jsonOf(request);
    const answer = controls.door({ method, path: pathname, fields: (fields ?? {}) as Record<string, unknown> });
    if (answer) return send(response, answer);
  }
  const sha256 = pathname.match(/^\/_sandbox\/media\/([0-9a-f]{64})$/)?.[1];
  const picture = sha256 && method === 'GET' ? record.media(sha256) : undefined;
  if (!picture) return give({ error: 'there is nothing at this address' }, 404);
  response.writeHead(200, { 'content-type': picture.mimeType, 'x-content-type-options': 'nosniff' }).end(picture.bytes);
}

/** Undefined where it is none, which no schema takes. */
async function jsonOf(request: IncomingMessage): Promise<unknown> {
  // Whatever the request calls it: curl says "form" where it is told nothing.
  const body = await readBody(request, 'application/json');
  return body === undefined || body === 'too-large' || body.malformed ? undefined : body.fields;
}

function page(path: string, response: ServerResponse, { platform, record }: Controls): void {
  const focus = path === '/' ? undefined : decoded(path.slice('/p/'.length));
  const found = focus === undefined || record.get(focus) !== undefined;
  const html = renderSandboxPage(platform, record.all(), focus === undefined ? {} : { focus });
  response.writeHead(found ? 200 : 404, pageHeaders).end(html);
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
