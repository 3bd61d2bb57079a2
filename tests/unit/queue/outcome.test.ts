import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  RateLimitedError,
  RejectedError,
  toPublishError,
  UnauthorizedError,
  UnavailableError,
  UnconfirmedError,
} from '../../../src/core/errors.ts';
import { backoff, decide, type RetryPolicy } from '../../../src/queue/outcome.ts';

const policy: RetryPolicy = { maxAttempts: 3, backoffMs: 100, maxBackoffMs: 1_000, unauthorizedWaitMs: 30_000 };
const at = (attempts: number, resend = false) => ({ attempts, resend, policy });

describe('what follows from a failure', () => {
  it('is a wait of the asked length that costs no attempt, where the platform is too busy', () => {
    const error = new RateLimitedError('slow down', { retryAfterMs: 7_000, scope: 'chat', code: 429 });
    expect(decide(error, at(99))).toMatchObject({ state: 'retryable', waitMs: 7_000, spendAttempt: false });
  });

  it('is the end where the platform refuses', () => {
    expect(decide(new RejectedError('no', { code: 403 }), at(1))).toMatchObject({
      state: 'rejected',
      failure: { class: 'rejected', code: '403', reason: 'no' },
    });
  });

  it('is another attempt while there are any, where nothing was posted', () => {
    const error = new UnavailableError('down');
    expect(decide(error, at(2)).state).toBe('retryable');
    expect(decide(error, at(3))).toMatchObject({ state: 'discarded', failure: { class: 'unavailable' } });
    expect(decide(error, at(3)).failure.reason).toContain('down');
  });

  it('is a rest without loss of an attempt, where credentials are refused', () => {
    const error = new UnauthorizedError('who?');
    expect(decide(error, at(99))).toMatchObject({ state: 'retryable', waitMs: 30_000, spendAttempt: false });
  });

  it('is never another attempt where the post may be live, unless the channel prefers a double', () => {
    for (const attempts of [1, 2, 3]) {
      expect(decide(new UnconfirmedError('?'), at(attempts)).state).toBe('unconfirmed');
    }
    expect(decide(new UnconfirmedError('?'), at(1, true)).state).toBe('retryable');
    expect(decide(new UnconfirmedError('?'), at(3, true)).state).toBe('discarded');
  });

  it('of anything unknown is "maybe"', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (thrown) => {
        expect(decide(toPublishError(thrown), at(1)).state).toBe('unconfirmed');
      }),
    );
  });
});

describe('the wait between attempts', () => {
  it('doubles, is spread out, and never passes its longest', () => {
    const attempts = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(attempts, fc.double({ min: 0, max: 1, noNaN: true }), (count, random) => {
        const wait = backoff(count, policy, () => random);
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(Math.min(1_000, 100 * 2 ** (count - 1)));
      }),
    );
    expect(backoff(1, policy, () => 1)).toBe(100);
    expect(backoff(3, policy, () => 1)).toBe(400);
    expect(backoff(9, policy, () => 1)).toBe(1_000);
  });
});
