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
import {
  backoff,
  decide,
  decideAbsence,
  decideSilence,
  decideTrouble,
  type LookFacts,
  type RetryPolicy,
} from '../../../src/queue/outcome.ts';
import type { Way } from '../../../src/store/claims.ts';

const policy: RetryPolicy = {
  maxAttempts: 3,
  backoffMs: 100,
  maxBackoffMs: 1_000,
  unauthorizedWaitMs: 30_000,
  quarantineMs: 4_000,
};
const at = (attempts: number, way: Way = 'hold') => ({ attempts, way, policy });

describe('what follows from a failure', () => {
  it('is a wait of the asked length that costs no attempt, where the platform is too busy', () => {
    const error = new RateLimitedError('slow down', { retryAfterMs: 7_000, scope: 'chat', code: 429 });
    expect(decide(error, at(99))).toMatchObject({ state: 'retryable', waitMs: 7_000, spendAttempt: false });
  });

  it('is a wait that costs no attempt, where the platform has paused the template', () => {
    const error = new RejectedError('paused', { code: 132015, effect: 'hold-template' });
    expect(decide(error, at(99))).toMatchObject({ state: 'retryable', spendAttempt: false, held: false });
    const gone = new RejectedError('disabled', { code: 132016, effect: 'stop-template' });
    expect(decide(gone, at(1))).toMatchObject({ state: 'rejected' });
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
      const lost = new UnconfirmedError('?');
      expect(decide(lost, at(attempts))).toMatchObject({ state: 'unconfirmed', held: true });
      for (const way of ['find', 'status'] as const) {
        expect(decide(lost, at(attempts, way))).toMatchObject({ state: 'unconfirmed', held: false, waitMs: 4_000 });
      }
    }
    expect(decide(new UnconfirmedError('?'), at(1, 'resend')).state).toBe('retryable');
    // The last attempt may be live, too.
    expect(decide(new UnconfirmedError('?'), at(3, 'resend'))).toMatchObject({ state: 'unconfirmed', held: true });
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

describe('what follows from asking the platform', () => {
  const facts: LookFacts = {
    ...{ attempts: 1, looks: 0, asks: 1, sinceMs: Date.now(), duplicate: false, resend: false, policy },
  };

  it('is a second look before an absence is believed, and only then another attempt', () => {
    expect(decideAbsence(facts)).toMatchObject({ outcome: 'absent', waitMs: 2_000 });
    expect(decideAbsence({ ...facts, looks: 1 })).toMatchObject({ outcome: 'retryable' });
    expect(decideAbsence({ ...facts, looks: 1, attempts: 3 })).toMatchObject({
      outcome: 'discarded',
      failure: { class: 'discarded', reason: expect.stringMatching(/3 attempts/) },
    });
  });

  it('is never another attempt where the platform said that it has the text', () => {
    for (let looks = 0; looks < 30; looks += 1) {
      const { outcome } = decideAbsence({ ...facts, looks, duplicate: true });
      expect(outcome).toBe(looks < 7 ? 'absent' : 'held');
    }
    expect(decideAbsence({ ...facts, duplicate: true, owner: 'd1' })).toMatchObject({
      outcome: 'rejected',
      failure: { class: 'rejected', reason: expect.stringContaining('d1') },
    });
  });

  it('is no conclusion where it could not be asked, and a person where it never can', () => {
    const down = new UnavailableError('down');
    for (let asks = 1; asks < 50; asks += 1) {
      const outcome = decideTrouble(down, { ...facts, asks });
      expect(outcome).toMatchObject({ outcome: 'trouble' });
      expect('waitMs' in outcome && outcome.waitMs > 0 && outcome.waitMs <= 600_000).toBe(true);
    }
    expect(decideTrouble(down, { ...facts, asks: 500 }).outcome).toBe('trouble');
    const long = Date.now() - 7 * 60 * 60_000;
    expect(decideTrouble(down, { ...facts, asks: 5, sinceMs: long }).outcome).toBe('trouble');
    expect(decideTrouble(down, { ...facts, asks: 50, sinceMs: long }).outcome).toBe('held');
    const slow = new RateLimitedError('slow', { retryAfterMs: 900_000, scope: 'account', code: 429 });
    expect(decideTrouble(slow, facts)).toMatchObject({ outcome: 'trouble', waitMs: 900_000 });
    expect(decideTrouble(new RejectedError('not on your plan'), facts)).toMatchObject({ outcome: 'held' });
    expect(decideTrouble(new RejectedError('not on your plan'), { ...facts, resend: true }).outcome).toBe('retryable');
  });

  it('is the wish of the channel where nothing was heard', () => {
    expect(decideSilence(facts).outcome).toBe('held');
    expect(decideSilence({ ...facts, resend: true }).outcome).toBe('retryable');
    expect(decideSilence({ ...facts, resend: true, attempts: 3 }).outcome).toBe('held');
  });
});
