import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextPollMs, nextTryMs, type PollHints } from '../../../src/pipeline/poll-times.ts';

const minute = 60_000;
const hour = 60 * minute;
/** A Saturday, 10:50. */
const now = Date.parse('2026-05-02T10:50:00Z');

describe('the next poll', () => {
  it.each([
    ['no hints', {}, 5 * minute],
    ['a longer max-age', { cacheControl: 'public, max-age=900' }, 15 * minute],
    ['a shorter max-age', { cacheControl: 'max-age=10' }, 5 * minute],
    ['a max-age that is not to be used', { cacheControl: 'no-cache, max-age=900' }, 5 * minute],
    ['Expires', { expires: 'Sat, 02 May 2026 11:10:00 GMT' }, 20 * minute],
    ['Expires in the past, or nonsense', { expires: '0' }, 5 * minute],
    ['a ttl', { ttlMs: 30 * minute }, 30 * minute],
    ['a max-age of a year', { cacheControl: 'max-age=31536000' }, 65 * minute],
    ['an hour to be skipped', { skip: { hours: [10], days: [] } }, 20 * minute],
    ['a day to be skipped', { skip: { hours: [], days: [6] } }, 65 * minute],
    ['a hub that tells', { isSubscribed: true }, 20 * minute],
  ] as [string, PollHints, number][])('after %s', (_, hints, wait) => {
    expect(nextPollMs(5 * minute, hints, now)).toBe(wait);
  });

  it('is never sooner than set, and hints never put it off by more than an hour', () => {
    fc.assert(
      fc.property(
        fc.record({
          everyMs: fc.integer({ min: 30_000, max: 24 * hour }),
          age: fc.integer({ min: 0, max: 999_999_999 }),
          ttlMs: fc.integer({ min: 0, max: 1_000 * hour }),
          hours: fc.array(fc.integer({ min: 0, max: 23 })),
          days: fc.array(fc.integer({ min: 0, max: 6 })),
          atMs: fc.integer({ min: 0, max: 4e12 }),
        }),
        ({ everyMs, age, ttlMs, hours, days, atMs }) => {
          const wait = nextPollMs(everyMs, { cacheControl: `max-age=${age}`, ttlMs, skip: { hours, days } }, atMs);
          expect(wait).toBeGreaterThanOrEqual(everyMs);
          expect(wait).toBeLessThanOrEqual(everyMs + hour);
        },
      ),
    );
  });
});

describe('the next try after failures', () => {
  const at = (failures: number, share: number, retryAfterMs?: number) =>
    nextTryMs(5 * minute, { failures, retryAfterMs }, () => share);

  it('comes later and later, with jitter, within six hours', () => {
    expect([at(1, 1), at(3, 1), at(3, 0.5), at(3, 0)].map((ms) => ms / minute)).toEqual([10, 40, 22.5, 5]);
    expect(at(1_000, 1)).toBe(6 * hour);
  });

  it('is when the server says, at least as far off as set, at most a day', () => {
    expect([at(9, 1, 7_200_000), at(1, 1, 1_000), at(1, 1, 1e12)]).toEqual([2 * hour, 5 * minute, 24 * hour]);
  });
});
