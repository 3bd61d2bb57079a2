import { RateLimitedError, toPublishError } from '../core/errors.ts';
import type { Publisher } from '../core/platform.ts';
import { maskPerson } from '../core/subscriber.ts';
import { type AnswerJob, answerWaitMs } from '../queue/answers.ts';
import type { Answered } from '../store/subscribers/answered.ts';

export interface ReplyDeps {
  answered: Pick<Answered, 'claim' | 'release'>;
  publisher(account: string): Pick<Publisher, 'answer'>;
  requestTimeoutMs: number;
  /** Epoch ms. */
  now(): number;
  /** Told of an answer that was given up. Holds no phone number. */
  onGivenUp(about: { account: string; to: string; code: string | undefined; reason: string }): void;
}

/**
 * Sends an answer, once at most: its message is claimed before. What certainly was not sent is tried again while the
 * person's window is open; what may have been is left. Resolves to how long to wait, where it is to be tried again.
 */
export async function sendReply(
  deps: ReplyDeps,
  job: AnswerJob,
  tries: number,
): Promise<{ waitMs: number } | undefined> {
  const { account, to, message, text, choices, untilMs } = job;
  if (untilMs <= deps.now() || !(await deps.answered.claim(message))) return undefined;
  const signal = AbortSignal.timeout(deps.requestTimeoutMs);
  try {
    await deps.publisher(account).answer?.(to, { text, ...(choices ? { choices } : {}) }, { signal });
    return undefined;
  } catch (thrown) {
    const error = toPublishError(thrown);
    const { failure, code, message: reason } = error;
    if (failure === 'rate-limited' || failure === 'unavailable') {
      await deps.answered.release(message);
      return { waitMs: answerWaitMs(tries, error instanceof RateLimitedError ? error.retryAfterMs : undefined) };
    }
    deps.onGivenUp({ account, to: maskPerson(to), code, reason });
    return undefined;
  }
}
