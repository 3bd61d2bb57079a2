import type { DeliveryState, Failure } from '../core/delivery.ts';
import { type PublishError, RateLimitedError, RejectedError } from '../core/errors.ts';
import type { Way } from '../store/claims.ts';

/** How often and how fast a delivery is tried again. Milliseconds. */
export interface RetryPolicy {
  maxAttempts: number;
  backoffMs: number;
  maxBackoffMs: number;
  /** How long a delivery waits when its account is refused. */
  unauthorizedWaitMs: number;
  /** How long what may be live is left alone: longer than a platform may take to accept late. */
  quarantineMs: number;
}

/** What follows from a failed attempt. */
export interface Outcome {
  state: Extract<DeliveryState, 'retryable' | 'unconfirmed' | 'rejected' | 'discarded'>;
  failure: Failure;
  /** For `retryable`, and `unconfirmed` that is not held: how long to wait. */
  waitMs?: number;
  /** False: a wait that costs no attempt. */
  spendAttempt: boolean;
  /** True: a person decides. */
  held: boolean;
}

/** Its channel rests by then, and that is what it waits for. */
const heldTemplateMs = 1_000;

/** Full jitter: anything from nothing to the doubled wait, so that a crowd of deliveries spreads out. */
export function backoff(attempts: number, policy: RetryPolicy, random: () => number = Math.random): number {
  const ceiling = Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** Math.max(0, attempts - 1));
  return Math.round(random() * ceiling);
}

/** The one place where a failure turns into retry, wait or stop. `attempts` counts the one that failed. */
export function decide(
  error: PublishError,
  { attempts, way, policy, now = Date.now() }: { attempts: number; way: Way; policy: RetryPolicy; now?: number },
): Outcome {
  const failure = failureOf(error, now);
  switch (error.failure) {
    case 'rejected':
      // Its channel rests until the platform lets the template go.
      if (error instanceof RejectedError && error.effect === 'hold-template')
        return { state: 'retryable', failure, waitMs: heldTemplateMs, spendAttempt: false, held: false };
      return { state: 'rejected', failure, spendAttempt: true, held: false };
    case 'rate-limited': {
      const { retryAfterMs } = error as RateLimitedError;
      return { state: 'retryable', failure, waitMs: Math.max(retryAfterMs, 100), spendAttempt: false, held: false };
    }
    case 'unauthorized':
      return { state: 'retryable', failure, waitMs: policy.unauthorizedWaitMs, spendAttempt: false, held: false };
    case 'unavailable':
      return again(failure, attempts, policy);
    case 'unconfirmed':
      // Not before what may still arrive late has arrived.
      if (way === 'repeat' && attempts < policy.maxAttempts) {
        return { state: 'retryable', failure, waitMs: policy.quarantineMs, spendAttempt: true, held: false };
      }
      // Also what was sent again to the last attempt: it may be live.
      if (way === 'resend' && attempts < policy.maxAttempts) return again(failure, attempts, policy);
      if (way === 'hold' || way === 'resend' || way === 'repeat')
        return { state: 'unconfirmed', failure, spendAttempt: true, held: true };
      return { state: 'unconfirmed', failure, waitMs: policy.quarantineMs, spendAttempt: true, held: false };
  }
}

function again(failure: Failure, attempts: number, policy: RetryPolicy): Outcome {
  if (attempts < policy.maxAttempts) {
    return { state: 'retryable', failure, waitMs: backoff(attempts, policy), spendAttempt: true, held: false };
  }
  return { state: 'discarded', failure: givenUp(failure, attempts), spendAttempt: true, held: false };
}

function givenUp(failure: Failure, attempts: number): Failure {
  return { ...failure, reason: `Given up after ${attempts} attempts. The last: ${failure.reason}` };
}

function failureOf(error: PublishError, now = Date.now()): Failure {
  return {
    class: error.failure,
    code: error.code ?? null,
    reason: error.message,
    at: new Date(now).toISOString(),
  };
}

/** An absence is believed at the second look. Where the platform says that the text is live, not before so many. */
const looksNeeded = 2;
const looksAtDuplicate = 8;
/** A platform that cannot be asked for so long, and so often, is left to a person. */
const maxAsks = 50;
const maxAskingMs = 6 * 60 * 60_000;
const longestWaitMs = 10 * 60_000;

/** What follows from asking about a delivery that may be live, and not finding it. */
export type LookOutcome =
  | { outcome: 'absent' | 'trouble' | 'retryable'; waitMs: number; failure?: Failure }
  | { outcome: 'rejected' | 'discarded' | 'held'; failure: Failure };

export interface LookFacts {
  attempts: number;
  /** Absences seen before this one. */
  looks: number;
  /** Askings, this one included. */
  asks: number;
  /** When the attempt began whose end nobody knows (epoch ms). */
  sinceMs: number;
  /** The platform refused the text because it has it already. */
  duplicate: boolean;
  /** The delivery that owns what was found instead. */
  owner?: string | undefined;
  /** The channel prefers a double to a gap. */
  resend: boolean;
  policy: RetryPolicy;
}

/** The platform does not show it. */
export function decideAbsence({ attempts, looks, duplicate, owner, policy }: LookFacts): LookOutcome {
  const failure = (reason: string, name: Failure['class'] = 'unconfirmed'): Failure => ({
    class: name,
    code: duplicate ? 'duplicate' : null,
    reason,
    at: new Date().toISOString(),
  });
  const seen = looks + 1;
  const laterMs = Math.max(policy.quarantineMs / 2, 500);
  if (duplicate && owner) {
    const reason = `The platform takes no text twice, and has this one already as the post of delivery ${owner}.`;
    return { outcome: 'rejected', failure: failure(reason, 'rejected') };
  }
  if (duplicate) {
    if (seen < looksAtDuplicate) return { outcome: 'absent', waitMs: Math.min(longestWaitMs, laterMs * 2 ** looks) };
    const reason = 'The platform says that this text is live already, but does not show it among the newest posts.';
    return { outcome: 'held', failure: failure(reason) };
  }
  if (seen < looksNeeded) return { outcome: 'absent', waitMs: laterMs };
  if (attempts < policy.maxAttempts) return { outcome: 'retryable', waitMs: backoff(attempts, policy) };
  const reason = 'The platform did not answer, and does not show the post.';
  return { outcome: 'discarded', failure: givenUp(failure(reason, 'discarded'), attempts) };
}

/** The platform could not be asked. */
export function decideTrouble(error: PublishError, facts: LookFacts): LookOutcome {
  const { asks, sinceMs, resend, attempts, policy } = facts;
  const failure = failureOf(error);
  const refused = error.failure === 'rejected';
  if (refused && resend) return decideSilence(facts);
  if (refused || (asks >= maxAsks && Date.now() - sinceMs > maxAskingMs)) {
    const reason = `The platform cannot be asked whether it is live: ${failure.reason}`;
    return { outcome: 'held', failure: { ...failure, class: 'unconfirmed', reason } };
  }
  if (error.failure === 'unauthorized') return { outcome: 'trouble', waitMs: policy.unauthorizedWaitMs, failure };
  const asked = error instanceof RateLimitedError ? error.retryAfterMs : 0;
  const waitMs = Math.min(longestWaitMs, 1_000 * 2 ** Math.min(asks, 12), Math.max(policy.maxBackoffMs, 1_000));
  return { outcome: 'trouble', waitMs: Math.max(asked, waitMs / 2 + backoff(attempts, policy) / 2), failure };
}

/** Nobody can be asked, and nothing was told in time. */
export function decideSilence({ attempts, resend, policy }: LookFacts): LookOutcome {
  const reason = 'Nothing was heard of it from the platform.';
  const failure: Failure = { class: 'unconfirmed', code: 'silence', reason, at: new Date().toISOString() };
  if (!resend || attempts >= policy.maxAttempts) return { outcome: 'held', failure };
  return { outcome: 'retryable', waitMs: backoff(attempts, policy), failure };
}
