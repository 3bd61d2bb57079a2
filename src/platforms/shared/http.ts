import { Agent, type Dispatcher, FormData } from 'undici';
import type { Call } from '../../core/platform.ts';

// undici takes only its own FormData, not the global one.
export { FormData };

/** An answer that was read to its end. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The parsed JSON body; undefined where it is none. */
  json: unknown;
}

/** Sockets idle for longer are not reused: a server that closed one would turn a quiet hour into a "maybe". */
export const idleSocketMs = 4_000;
const maxAnswerBytes = 1024 * 1024;

export interface HttpRequest {
  method: 'GET' | 'POST';
  /** Path and query, behind the root. */
  path: string;
  headers?: Record<string, string>;
  body?: string | FormData;
}

export interface HttpClient {
  /** One request, never repeated and never redirected. Rejects on network trouble and when the signal fires. */
  request(request: HttpRequest, call: Call): Promise<Answer>;
  close(): Promise<void>;
}

export function createHttpClient(root: string): HttpClient {
  const agent = new Agent({ keepAliveTimeout: idleSocketMs, keepAliveMaxTimeout: idleSocketMs, pipelining: 1 });
  const { origin, pathname } = new URL(root);
  const base = pathname.replace(/\/$/, '');

  return {
    async request({ method, path, headers = {}, body }, call) {
      call.signal.throwIfAborted();
      call.beforeWrite?.();
      const response = await agent.request({
        origin,
        path: base + path,
        method,
        headers: { accept: 'application/json', ...headers },
        ...(body === undefined ? {} : { body: body as Dispatcher.DispatchOptions['body'] }),
        signal: call.signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      } as Dispatcher.RequestOptions);
      const text = await readCapped(response.body);
      return { status: response.statusCode, headers: response.headers, json: parseJson(text) };
    },
    close: () => agent.destroy(),
  };
}

async function readCapped(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += (chunk as Buffer).length;
    if (size > maxAnswerBytes) {
      body.destroy();
      throw new Error(`the answer is longer than ${maxAnswerBytes} bytes`);
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A header's first value as a number. */
export function headerNumber(answer: Pick<Answer, 'headers'>, name: string): number | undefined {
  const value = answer.headers[name];
  const number = Number(Array.isArray(value) ? value[0] : value);
  return value === undefined || Number.isNaN(number) ? undefined : number;
}
