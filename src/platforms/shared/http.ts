import type { Dispatcher } from 'undici';
import { lazyPackage } from '../../core/lazy-package.ts';
import { aboutToWrite, type CallState } from './call.ts';

const undici = lazyPackage<typeof import('undici')>('undici');

/** An answer that was read to its end. */
export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  /** The parsed JSON body; undefined where it is none. */
  json: unknown;
}

const usualAnswerBytes = 1024 * 1024;
const reuseMs = 2_000;

export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** Path and query, behind the root. */
  path: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** The longest answer that is read to its end; a mebibyte where not given. */
  maxBytes?: number;
}

export interface HttpClient {
  /** One request, never repeated and never redirected. Rejects on network trouble and when the signal fires. */
  request(request: HttpRequest, call: CallState): Promise<Answer>;
  close(): Promise<void>;
}

export function createHttpClient(root: string): HttpClient {
  const agent = new (undici().Agent)({
    pipelining: 1,
    // Of those that may be used again: servers close idle ones after some seconds.
    keepAliveTimeout: reuseMs,
    keepAliveMaxTimeout: reuseMs,
    // An HTTP/2 session is shared by requests.
    allowH2: false,
  });
  const { origin, pathname } = new URL(root);
  const base = pathname.replace(/\/+$/, '');

  return {
    request: ({ method, path, headers = {}, body, maxBytes = usualAnswerBytes }, call) =>
      new Promise((resolve, reject) => {
        agent.dispatch(
          {
            origin,
            path: base + path,
            method,
            headers: { accept: 'application/json', ...headers },
            ...(body === undefined ? {} : { body }),
            headersTimeout: 0,
            bodyTimeout: 0,
            // A connection of its own: one that the server is closing at that moment would make it a "maybe".
            reset: call.reuse !== true,
          },
          answerHandler(call, maxBytes, { resolve, reject }),
        );
      }),
    close: () => agent.destroy(),
  };
}

/**
 * Handles undici's events itself: its `request` would add streams and listeners that cost more than everything else we
 * do for a post. Throws where the signal has fired already.
 */
function answerHandler(
  call: CallState,
  maxBytes: number,
  { resolve, reject }: { resolve(answer: Answer): void; reject(error: unknown): void },
): Dispatcher.DispatchHandler {
  const { signal } = call;
  const chunks: Buffer[] = [];
  let size = 0;
  let head: Omit<Answer, 'json'> | undefined;
  let running: Dispatcher.DispatchController | undefined;

  // Not started yet: its start will see the signal and write nothing.
  const abort = () => (running ? running.abort(signal.reason) : fail(signal.reason));
  const leave = () => signal.removeEventListener('abort', abort);
  const fail = (error: unknown) => {
    leave();
    reject(error);
  };
  signal.throwIfAborted();
  signal.addEventListener('abort', abort, { once: true });

  return {
    // Called once the connection stands, right before the request is written; nothing is written when it throws.
    onRequestStart(controller) {
      aboutToWrite(call);
      call.written = true;
      running = controller;
    },
    onResponseStart(_controller, status, headers) {
      if (status < 200) return;
      call.status = status;
      head = { status, headers };
    },
    onResponseData(controller, chunk) {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else controller.abort(new Error(`the answer is longer than ${maxBytes} bytes`));
    },
    onResponseEnd() {
      leave();
      if (head) resolve({ ...head, json: parseJson(Buffer.concat(chunks).toString('utf8')) });
      else reject(new Error('the answer has no status'));
    },
    onResponseError: (_controller, error) => fail(error),
  };
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
