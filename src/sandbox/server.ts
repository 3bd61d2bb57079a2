import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { z } from 'zod';
import { type RequestBody, readBody } from './body.ts';
import { createFaults, type Fault, type FaultPlan, faultPlan, type RequestKind } from './faults.ts';
import { renderSandboxPage } from './page.ts';
import { openRecord, type SandboxPost, type SandboxRecord } from './record.ts';

/** A request to a simulated platform, parsed. */
export interface SandboxRequest extends RequestBody {
  method: string;
  /** Without query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
}

export interface SandboxAnswer {
  status: number;
  headers?: Record<string, string>;
  json: unknown;
}

/** What one platform brings: its rules, and how it says no. */
export interface Simulation {
  platform: string;
  /** What a request is about, before it is handled. `target`: chat, person or page. */
  classify(request: SandboxRequest): { kind: RequestKind; target: string | undefined; endpoint: string };
  handle(request: SandboxRequest): SandboxAnswer;
  /** What `PUT /_sandbox/settings` takes; nothing where absent. */
  settings?: z.ZodType;
  /** The platform's own form of a refusal. */
  refusal(refusal: {
    status: number;
    code?: number | string | undefined;
    retryAfter?: number | undefined;
  }): SandboxAnswer;
  expiredToken(): SandboxAnswer;
  close?(): void;
}

/** What a simulation works with. */
export interface SandboxSite {
  record: SandboxRecord;
  /** Base address. */
  root(): string;
  plan(): FaultPlan;
  /** Puts a post on record and, where a webhook is set, sends its statuses. */
  accept(post: Omit<SandboxPost, 'at' | 'url' | 'platform'>): SandboxPost;
  /** Extra switches of the platform: `PUT /_sandbox/settings`. */
  settings: Record<string, unknown>;
}

export interface SandboxServer {
  root: string;
  record: SandboxRecord;
  /** Throws a `ZodError` where the plan is not one. */
  setFaults(plan: unknown): void;
  /** The platform's own switches; throws where there are no such. */
  setSettings(settings: unknown): void;
  /** Forgets posts, requests, faults and switches. */
  reset(): void;
  close(): Promise<void>;
}

const csp = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'";
const keptRequests = 1_000;

/** Serves one simulated platform on a port (0: a free one), on loopback by default. */
export async function serve(
  simulate: (site: SandboxSite) => Simulation,
  {
    host,
    port,
    file,
    onAccept,
  }: { host: string; port: number; file?: string | undefined; onAccept?: ((post: SandboxPost) => void) | undefined },
): Promise<SandboxServer> {
  const record = openRecord(file);
  const sockets = new Set<Socket>();
  let root = '';
  let plan = faultPlan.parse({});
  let faultFor = createFaults(plan);
  let requests: { at: string; method: string; endpoint: string; status: number | null; accepted: boolean }[] = [];
  let counts: Record<string, number> = {};

  const site: SandboxSite = {
    record,
    root: () => root,
    plan: () => plan,
    accept(post) {
      const full: SandboxPost = {
        platform: simulation.platform,
        url: `${root}/p/${post.id.split('/').map(encodeURIComponent).join('/')}`,
        at: new Date().toISOString(),
        ...post,
      };
      record.add(full);
      onAccept?.(full);
      return full;
    },
    settings: {},
  };
  const simulation = simulate(site);

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    answer(request, response).catch((error: Error) => {
      if (!response.headersSent) send(response, { status: 500, json: { sandbox: 'broken', reason: error.message } });
      else response.destroy();
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://sandbox');
    const method = request.method ?? 'GET';
    if (url.pathname === '/' || url.pathname.startsWith('/p/') || url.pathname.startsWith('/_sandbox')) {
      return control(method, url, request, response);
    }
    const body = await readBody(request);
    if (!body) return void request.socket.destroy();
    const parsed: SandboxRequest = {
      ...body,
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
    };
    const { kind, target, endpoint } = simulation.classify(parsed);
    const fault = faultFor({ kind, path: parsed.path, target });
    const note = (status: number | null, accepted: boolean) => {
      counts[endpoint] = (counts[endpoint] ?? 0) + 1;
      requests.push({ at: new Date().toISOString(), method, endpoint, status, accepted });
      if (requests.length > 2 * keptRequests) requests = requests.slice(-keptRequests);
    };
    const handle = () => {
      const result = simulation.handle(parsed);
      note(result.status, kind === 'publish' && result.status < 300);
      return result;
    };
    if (!fault) return send(response, handle());
    await misbehave(fault, { request, response, handle, note, simulation });
  }

  async function control(method: string, url: URL, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${method} ${url.pathname}`;
    if (route === 'GET /_sandbox/posts') return send(response, { status: 200, json: record.all() });
    if (route === 'GET /_sandbox/requests')
      return send(response, { status: 200, json: { counts, requests: requests.slice(-keptRequests) } });
    if (route === 'GET /_sandbox/faults') return send(response, { status: 200, json: plan });
    if (route === 'PUT /_sandbox/faults') {
      const body = await readBody(request);
      const result = faultPlan.safeParse(body?.fields);
      if (!result.success || body?.malformed) {
        return send(response, { status: 422, json: { error: 'not a fault plan', issues: result.error?.issues ?? [] } });
      }
      setFaults(result.data);
      return send(response, { status: 200, json: plan });
    }
    if (route === 'PUT /_sandbox/settings') {
      const body = await readBody(request);
      const problems = body === undefined || body.malformed ? [] : putSettings(body.fields);
      if (problems !== undefined)
        return send(response, { status: 422, json: { error: 'not settings of this platform', issues: problems } });
      return send(response, { status: 200, json: site.settings });
    }
    if (route === 'DELETE /_sandbox') {
      reset();
      return send(response, { status: 200, json: {} });
    }
    const sha256 = url.pathname.match(/^\/_sandbox\/media\/([0-9a-f]{64})$/)?.[1];
    const picture = sha256 && method === 'GET' ? record.media(sha256) : undefined;
    if (picture)
      return void response
        .writeHead(200, { 'content-type': picture.mimeType, 'x-content-type-options': 'nosniff' })
        .end(picture.bytes);
    if (method === 'GET' && (url.pathname === '/' || url.pathname.startsWith('/p/'))) {
      const focus = url.pathname === '/' ? undefined : decodeURIComponent(url.pathname.slice('/p/'.length));
      const found = focus === undefined || record.get(focus) !== undefined;
      const html = renderSandboxPage(simulation.platform, record.all(), { ...(focus === undefined ? {} : { focus }) });
      return void response
        .writeHead(found ? 200 : 404, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': csp })
        .end(html);
    }
    send(response, { status: 404, json: { error: `no ${route} here` } });
  }

  /** What is wrong with them, or undefined once they hold. */
  function putSettings(next: unknown): unknown[] | undefined {
    const result = (simulation.settings ?? z.strictObject({})).safeParse(next);
    if (!result.success) return result.error.issues;
    Object.assign(site.settings, result.data);
    return undefined;
  }

  function reset(): void {
    record.clear();
    requests = [];
    counts = {};
    setFaults(faultPlan.parse({}));
    for (const key of Object.keys(site.settings)) delete site.settings[key];
  }

  function setFaults(next: FaultPlan): void {
    plan = next;
    faultFor = createFaults(plan);
    server.keepAliveTimeout = plan.idleCloseMs ?? 60_000;
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  root = `http://${host}:${(server.address() as AddressInfo).port}`;
  return {
    root,
    record,
    setFaults: (next) => setFaults(faultPlan.parse(next)),
    setSettings(next) {
      const problems = putSettings(next);
      if (problems) throw new Error(`Not settings of the ${simulation.platform} sandbox: ${JSON.stringify(problems)}`);
    },
    reset,
    close: () =>
      new Promise((resolve) => {
        simulation.close?.();
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Turn {
  request: IncomingMessage;
  response: ServerResponse;
  /** Runs the platform's rules; accepts what they allow. */
  handle: () => SandboxAnswer;
  note: (status: number | null, accepted: boolean) => void;
  simulation: Simulation;
}

async function misbehave(fault: Fault, { request, response, handle, note, simulation }: Turn): Promise<void> {
  const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  switch (fault.kind) {
    case 'delay':
      await sleep(fault.ms);
      return send(response, handle());
    case 'refuse': {
      const own = simulation.refusal(fault);
      note(fault.status, false);
      return send(response, {
        ...own,
        ...(fault.body === undefined ? {} : { json: fault.body }),
        headers: { ...own.headers, ...fault.headers },
      });
    }
    case 'expired-token': {
      const own = simulation.expiredToken();
      note(own.status, false);
      return send(response, own);
    }
    case 'reset-before':
      note(null, false);
      return void request.socket.resetAndDestroy();
    case 'reset-after':
      handle();
      return void request.socket.resetAndDestroy();
    case 'error-before':
    case 'error-after':
      if (fault.kind === 'error-after') handle();
      else note(fault.status, false);
      return void response
        .writeHead(fault.status, { 'content-type': 'text/html' })
        .end('<html><body>Bad gateway</body></html>');
    case 'garbage': {
      const good = fault.accept ? handle() : undefined;
      if (!good) note(200, false);
      if (fault.form === 'empty') return void response.writeHead(200).end();
      if (fault.form === 'html')
        return void response
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<html><body>Welcome to the hotel</body></html>');
      const json = JSON.stringify(good?.json ?? { ok: true, result: {} });
      return void response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(json.slice(0, Math.ceil(json.length / 2)));
    }
    case 'hang':
      if (fault.accept) handle();
      else note(null, false);
      return;
    case 'slow-drip': {
      if (fault.accept) handle();
      else note(200, false);
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), fault.ms);
      response.on('close', () => clearInterval(drip));
      return;
    }
    case 'late-accept':
      setTimeout(handle, fault.ms);
      return;
  }
}

function send(response: ServerResponse, { status, headers, json }: SandboxAnswer): void {
  const body = JSON.stringify(json);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers })
    .end(body);
}
