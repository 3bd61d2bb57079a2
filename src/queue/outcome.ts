import type { DeliveryState, Failure } from '../core/delivery.ts';
import type { PublishError } from '../core/errors.ts';

/** How often and how fast a delivery is tried again. Milliseconds. */
export interface RetryPolicy {
  maxAttempts: number;
  backoffMs: number;
  maxBackoffMs: number;
  /** How long a delivery waits when its account is refused. */
  unauthorizedWaitMs: number;
}

/** What follows from a failed attempt. */
export interface Outcome {
  state: Extract<DeliveryState, 'retryable' | 'unconfirmed' | 'rejected' | 'discarded'>;
  failure: Failure;
  /** For `retryable`: how long to wait. */
  waitMs?: number;
  /** False: a wait that costs no attempt. */
  spendAttempt: boolean;
}

/** Full jitter: anything from nothing to the doubled wait, so that a crowd of deliveries spreads out. */
export function backoff(attempts: number, policy: RetryPolicy, random: () => number = Math.random): number {
  const ceiling = Math.min(policy.maxBackoffMs, policy.backoffMs * 2 ** Math.max(0, attempts - 1));
  return Math.round(random() * ceiling);
}

/** The one place where a failure turns into retry, wait or stop. `attempts` counts the one that failed. */
export function decide(
  error: PublishError,
  {
    attempts,
    resend,
    policy,
    now = Date.now(),
  }: { attempts: number; resend: boolean; policy: RetryPolicy; now?: number },
): Outcome {
  const failure: Failure = {
    class: error.failure,
    code: error.code ?? null,
    reason: error.message,
    at: new Date(now).toISOString(),
  };
  const again = (): Outcome =>
    attempts >= policy.maxAttempts
      ? {
          state: 'discarded',
          failure: { ...failure, reason: `Given up after ${attempts} attempts. The last: ${failure.reason}` },
          spendAttempt: true,
        }
      : { state: 'retryable', failure, waitMs: backoff(attempts, policy), spendAttempt: true };

  switch (error.failure) {
    case 'rejected':
      return { state: 'rejected', failure, spendAttempt: true };
    case 'rate-limited': {
      const { retryAfterMs } = error as PublishError & { retryAfterMs: number };
      return { state: 'retryable', failure, waitMs: Math.max(retryAfterMs, 100), spendAttempt: false };
    }
    case 'unauthorized':
      return { state: 'retryable', failure, waitMs: policy.unauthorizedWaitMs, spendAttempt: false };
    case 'unavailable':
      return again();
    case 'unconfirmed':
      return resend ? again() : { state: 'unconfirmed', failure, spendAttempt: true };
  }
}
