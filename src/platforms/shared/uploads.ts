import { RateLimitedError } from '../../core/errors.ts';

/** Pictures that were uploaded before their post was sent, so that a post which waits for its turn has them once. */
export interface Uploads {
  /** The id of what is uploaded under `key`, by `make` where it is not there yet. Throws as `make` does. */
  once(key: string, make: () => Promise<string>): Promise<string>;
  /** They went into a post, and are not used again. */
  spend(ids: readonly string[]): void;
}

const most = 1_000;

/** Those are used for `reuseMs`. Where the platform asks to wait, nothing is uploaded until then. */
export function createUploads(reuseMs: number): Uploads {
  const known = new Map<string, { id: Promise<string>; at: number; value?: string }>();
  let wait: { error: RateLimitedError; untilMs: number } | undefined;

  async function upload(make: () => Promise<string>): Promise<string> {
    const leftMs = wait ? wait.untilMs - performance.now() : 0;
    if (wait && leftMs > 0) throw waitingFor(wait.error, leftMs);
    try {
      return await make();
    } catch (error) {
      if (!(error instanceof RateLimitedError)) throw error;
      wait = { error, untilMs: performance.now() + error.retryAfterMs };
      throw waitingFor(error, error.retryAfterMs);
    }
  }

  function remember(key: string, id: Promise<string>): void {
    const entry: { id: Promise<string>; at: number; value?: string } = { id, at: Date.now() };
    known.delete(key);
    known.set(key, entry);
    const [oldest] = known.keys();
    if (known.size > most && oldest !== undefined) known.delete(oldest);
    id.then(
      (value) => {
        entry.value = value;
      },
      () => {
        if (known.get(key) === entry) known.delete(key);
      },
    );
  }

  return {
    once(key, make) {
      const entry = known.get(key);
      if (entry && Date.now() - entry.at < reuseMs) return entry.id;
      const id = upload(make);
      remember(key, id);
      return id;
    },
    spend(ids) {
      for (const [key, { value }] of known) if (value !== undefined && ids.includes(value)) known.delete(key);
    },
  };
}

/** It is about pictures: posts without go on. */
function waitingFor({ message, code }: RateLimitedError, retryAfterMs: number): RateLimitedError {
  return new RateLimitedError(message, { ...(code === undefined ? {} : { code }), retryAfterMs, scope: 'media' });
}
