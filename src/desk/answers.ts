import type { FastifyReply } from 'fastify';
import { InputError } from '../core/errors.ts';
import type { Logger } from '../runtime/log.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The route asks the store: where that is away, the caller hears it at once. */
    needsStore?: boolean;
    /** Callers are known by a signature over the body, not by the token. */
    signed?: boolean;
  }
}

export const maxBodyBytes = 1024 * 1024;

/** How bodies of an article come in. */
export const bodyKinds: Record<string, 'json' | 'text' | 'html'> = {
  'application/json': 'json',
  'text/plain': 'text',
  'text/html': 'html',
};

export function unsupported(): InputError {
  return new InputError(`Content-Type: expected ${Object.keys(bodyKinds).join(', ')}.`, {
    code: 'unsupported',
    status: 415,
  });
}

export function tooLarge(): InputError {
  return new InputError(`The body is too large; an article may have ${maxBodyBytes} bytes.`, {
    code: 'too-large',
    status: 413,
  });
}

/** A wrong request. */
export function invalid(code: string, status: number, message: string): InputError {
  return new InputError(message, { code, status });
}

/** A body that has to be a JSON object. Throws `InputError`: 400 no JSON, 415 another type, 422 no object. */
export function readJson(bytes: Buffer | undefined, type = '', expected: string): Record<string, unknown> {
  if (!bytes || bytes.length === 0) throw invalid('empty', 400, `The request has no body. ${expected}`);
  if (bodyKinds[type.split(';')[0]?.trim().toLowerCase() ?? ''] !== 'json')
    throw invalid('unsupported', 415, 'Content-Type: expected application/json.');
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw invalid('bad-json', 400, `The body is no JSON. ${expected}`);
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('invalid', 422, expected);
  return body as Record<string, unknown>;
}

/** The store is known to be away before anything was asked of it. */
export function storeAway(): InputError {
  return new InputError('The store cannot be reached now; nothing was stored. Try again.', {
    code: 'unavailable',
    status: 503,
  });
}

/** Every error as `{error: {code, message}}`; what it says is about the request, never about our inside. */
export function answerError(log: Logger, error: Error & { statusCode?: number; code?: string }, reply: FastifyReply) {
  const answer = (status: number, code: string, message: string) =>
    reply.code(status).send({ error: { code, message } });
  if (error instanceof InputError) {
    if (error.status === 503) reply.header('retry-after', '5');
    return answer(error.status, error.code, error.message);
  }
  if (error.statusCode === 413) return answer(413, tooLarge().code, tooLarge().message);
  if (error.statusCode === 415) return answer(415, unsupported().code, unsupported().message);
  if (error.statusCode !== undefined && error.statusCode < 500) {
    return answer(error.statusCode, 'bad-request', error.message);
  }
  log.error({ error: error.message, stack: error.stack }, 'request failed');
  if (!isStoreTrouble(error)) return answer(500, 'internal', 'Something went wrong here; the log says what.');
  reply.header('retry-after', '5');
  // It fell silent after it was asked: what it had read by then, it may have done.
  return answer(
    503,
    'unavailable',
    'The store does not answer now. Send the same again later: what it holds already is not posted twice.',
  );
}

/** ioredis' and Redis' own errors. */
function isStoreTrouble({ name, message }: Error): boolean {
  if (/^(ReplyError|MaxRetriesPerRequestError|AbortError)$/.test(name)) return true;
  return /Connection is closed|Command timed out|Stream isn't writeable|ECONNREFUSED|ECONNRESET|EPIPE/.test(message);
}
