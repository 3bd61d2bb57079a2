import http from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import {
  type PublishError,
  RateLimitedError,
  RejectedError,
  UnauthorizedError,
  UnavailableError,
  UnconfirmedError,
} from '../../../src/core/errors.ts';
import type { Call } from '../../../src/core/platform.ts';

/** Ways to get publishing wrong, each of which the suite has to see. */
export const clientDefects = [
  'retries a 5xx',
  'retries a reset',
  'takes a reset for success',
  'takes any 200 for success',
  'follows redirects',
  'names the token in messages',
  'keeps the token in a cause',
  'ignores the deadline',
  'leaves the connection open after the deadline',
  'never calls beforeWrite',
  'calls beforeWrite twice',
  'wraps what beforeWrite throws',
  'ignores an aborted signal',
  'uses connections again',
  'takes a broken connection for not posted',
  'takes a refused connection for posted',
  'throws bare errors',
  'waits a second after each limit',
  'forgets the path of the base address',
] as const;
export type ClientDefect = (typeof clientDefects)[number];

export interface SampleClient {
  /** Resolves to the id of what was posted. */
  call(method: string, path: string, body: object | undefined, call: Call): Promise<Record<string, unknown>>;
  close(): void;
}

interface Reply {
  status: number;
  headers: http.IncomingHttpHeaders;
  text: string;
}

/** A small honest client, but for one defect. */
export function createSampleClient(
  apiRoot: string,
  token: string,
  has: (defect: ClientDefect) => boolean,
): SampleClient {
  const secure = apiRoot.startsWith('https:');
  const options = { keepAlive: has('uses connections again') };
  const agent = secure ? new https.Agent(options) : new http.Agent(options);
  const root = has('forgets the path of the base address') ? new URL(apiRoot).origin : apiRoot.replace(/\/+$/, '');
  let written = false;

  function once(method: string, url: string, body: string | undefined, signal: AbortSignal): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const module = url.startsWith('https:') ? https : http;
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
      const own = url.startsWith(secure ? 'https:' : 'http:') ? { agent } : {};
      const ending =
        has('ignores the deadline') || has('leaves the connection open after the deadline') ? {} : { signal };
      const request = module.request(url, { method, headers, ...own, ...ending }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const { statusCode = 0, headers } = response;
          resolve({ status: statusCode, headers, text: Buffer.concat(chunks).toString() });
        });
        response.on('close', () => reject(new Error('the answer broke off')));
      });
      if (has('leaves the connection open after the deadline')) {
        signal.addEventListener('abort', () => reject(signal.reason));
      }
      request.on('socket', (socket) => {
        if (request.reusedSocket) written = true;
        else socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', () => (written = true));
      });
      request.on('error', reject).end(body);
    });
  }

  async function exchange(method: string, path: string, body: string | undefined, signal: AbortSignal): Promise<Reply> {
    const reply = await once(method, root + path, body, signal).catch((error: unknown) => {
      if (has('retries a reset') && written) return once(method, root + path, body, signal);
      throw error;
    });
    if (reply.status >= 500 && has('retries a 5xx')) return once(method, root + path, body, signal);
    const { location } = reply.headers;
    if (has('follows redirects') && location && URL.canParse(location) && location.startsWith('http:')) {
      return once(method, new URL(path, location).href, body, signal);
    }
    return reply;
  }

  function failure(error: unknown): Error {
    const cause = has('keeps the token in a cause') ? new Error(`POST ${root} Bearer ${token}`) : undefined;
    const more = has('names the token in messages') ? ` (Bearer ${token})` : '';
    if (has('throws bare errors')) return new Error('something went wrong');
    const unwritten = has('takes a refused connection for posted') ? false : !written;
    return unwritten || has('takes a broken connection for not posted')
      ? new UnavailableError(`The bulletin cannot be reached${more}.`, { cause })
      : new UnconfirmedError(`The bulletin did not answer (${(error as Error).name})${more}.`, { cause });
  }

  function refusal({ status, headers, text }: Reply): PublishError {
    const message = `The bulletin answered ${status}`;
    const retryAfterMs = has('waits a second after each limit') ? 1_000 : Number(headers['retry-after'] ?? 5) * 1_000;
    if (status === 429) return new RateLimitedError(message, { retryAfterMs, scope: 'account', code: 429 });
    if (status === 401) return new UnauthorizedError(message, { code: 401 });
    const code = parse(text)?.code;
    if (status >= 400 && status < 500)
      return new RejectedError(message, { code: typeof code === 'string' ? code : status });
    return new UnconfirmedError(message, { code: status });
  }

  return {
    async call(method, path, body, { signal, beforeWrite }) {
      written = false;
      if (signal.aborted && !has('ignores an aborted signal'))
        throw new UnavailableError('The deadline passed before.');
      if (!has('never calls beforeWrite')) {
        try {
          beforeWrite?.();
          if (has('calls beforeWrite twice')) beforeWrite?.();
        } catch (error) {
          throw has('wraps what beforeWrite throws') ? new UnavailableError('held back', { cause: error }) : error;
        }
      }
      const until = has('ignores an aborted signal') ? AbortSignal.timeout(2_000) : signal;
      const text = body === undefined ? undefined : JSON.stringify(body);
      const reply = await exchange(method, path, text, until).catch((error: unknown) => {
        if (has('takes a reset for success') && written) return { status: 201, headers: {}, text: '{"id":"1"}' };
        throw failure(error);
      });
      if (reply.status < 200 || reply.status >= 300) throw refusal(reply);
      const answer = parse(reply.text);
      if (typeof answer?.id === 'string' || typeof answer?.name === 'string') return answer;
      if (has('takes any 200 for success')) return { id: 'unknown' };
      throw new UnconfirmedError('The bulletin answered something that cannot be read.', { code: 'unreadable' });
    },
    close: () => agent.destroy(),
  };
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
