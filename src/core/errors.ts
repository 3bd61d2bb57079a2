/**
 * What can go wrong between us and a platform. Every class answers two questions: could the post be live,
 * and what happens to the delivery. Whatever a platform throws that is none of these counts as
 * `UnconfirmedError`: unknown is the only honest reading. Messages never carry a token.
 */
export type FailureClass = 'rate-limited' | 'unavailable' | 'unconfirmed' | 'rejected' | 'unauthorized';

/** What has to wait when a platform says "too fast". */
export type LimitScope = 'recipient' | 'chat' | 'account' | 'app' | 'media';

/** A consequence of a rejection beyond the one delivery. */
/**
 * `stop-template`: it cannot be used any more; `hold-template`: not now, and what it was to bring waits. `window-closed`:
 * free text reaches the person no more, a template may.
 */
export type RejectionEffect =
  | 'pause-channel'
  | 'stop-template'
  | 'hold-template'
  | 'suppress-recipient'
  | 'window-closed';

interface PublishErrorOptions {
  /** The platform's own code, such as `403`, `131047` or `ECONNREFUSED`. */
  code?: string | number | undefined;
  cause?: unknown;
}

export abstract class PublishError extends Error {
  abstract readonly failure: FailureClass;
  readonly code: string | undefined;

  constructor(message: string, { code, cause }: PublishErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code === undefined ? undefined : String(code);
  }
}

/** Not posted: the platform asked us to wait. Spends no attempt. */
export class RateLimitedError extends PublishError {
  readonly failure = 'rate-limited';
  readonly retryAfterMs: number;
  readonly scope: LimitScope;

  constructor(message: string, options: PublishErrorOptions & { retryAfterMs: number; scope: LimitScope }) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
    this.scope = options.scope;
  }
}

/** Not posted: refused before the request was written, or a documented code says so. Tried again with backoff. */
export class UnavailableError extends PublishError {
  readonly failure = 'unavailable';
}

/** Maybe posted: the deadline passed or the connection broke after writing, or the answer cannot be read. */
export class UnconfirmedError extends PublishError {
  readonly failure = 'unconfirmed';
}

/** Not posted, and never will be as it is. The message is shown to an operator. */
export class RejectedError extends PublishError {
  readonly failure = 'rejected';
  readonly effect: RejectionEffect | undefined;
  /** Of `suppress-recipient`: nothing reaches the person for so long (ms); `Infinity`: the person stopped it. */
  readonly suppressForMs: number | undefined;

  constructor(
    message: string,
    options: PublishErrorOptions & {
      effect?: RejectionEffect | undefined;
      suppressForMs?: number | undefined;
    } = {},
  ) {
    super(message, options);
    this.effect = options.effect;
    this.suppressForMs = options.suppressForMs;
  }
}

/** Not posted: the account's credentials are refused. The account rests until they change. */
export class UnauthorizedError extends PublishError {
  readonly failure = 'unauthorized';
}

/** Any thrown value as a `PublishError`; what is none already is `UnconfirmedError`. */
export function toPublishError(thrown: unknown): PublishError {
  if (thrown instanceof PublishError) return thrown;
  const message = thrown instanceof Error ? thrown.message : typeof thrown === 'string' ? thrown : 'an unknown failure';
  return new UnconfirmedError(message, { cause: thrown });
}

/**
 * Input from outside that cannot be used: an article, a command line, a config file. `status` is the HTTP answer it
 * deserves (400, 413, 415, 422 …), `exitCode` the command line's. The message names what, where and the remedy.
 */
export class InputError extends Error {
  readonly code: string;
  readonly status: number;
  readonly exitCode = 2;

  constructor(message: string, { code, status = 400, cause }: { code: string; status?: number; cause?: unknown }) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'InputError';
    this.code = code;
    this.status = status;
  }
}
