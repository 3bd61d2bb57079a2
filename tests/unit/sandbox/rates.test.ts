import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createCrowd } from '../../../src/sandbox/crowd.ts';
import { createRateLog } from '../../../src/sandbox/rates.ts';

const start = 1_000;
const counts = fc.integer({ min: 1, max: 8 });
const windows = fc.integer({ min: 50, max: 2_000 });
const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 150 });
const shares = fc.constantFrom(0, 0.1, 0.3, 0.5, 0.9, 0.95);

/** How many of `times` lie in the window that ends at a time. */
const inWindow = (times: readonly number[], end: number, perMs: number) =>
  times.filter((time) => time > end - perMs && time <= end).length;

/** The other client's times, one by one, as they are documented. */
function crowdTimes(count: number, perMs: number, share: number, until: number): number[] {
  const times: number[] = [];
  if (share === 0) return times;
  for (let n = 1; ; n += 1) {
    const time = start + Math.ceil(n * (perMs / (count * share)));
    if (time > until) return times;
    times.push(time);
  }
}

describe('a sliding window', () => {
  it('never holds more than its number, wherever it begins, and refuses nothing that would fit', () => {
    fc.assert(
      fc.property(counts, windows, gaps, (count, perMs, steps) => {
        const log = createRateLog({ count, perMs }, { since: start });
        const granted: number[] = [];
        let now = start;
        for (const step of steps) {
          now += step;
          const fits = inWindow(granted, now, perMs) < count;
          expect(log.waitMs(now) === 0).toBe(fits);
          if (!fits) continue;
          log.grant(now);
          granted.push(now);
        }
        const fullest = Math.max(...granted.map((end) => inWindow(granted, end, perMs)));
        expect(fullest).toBeLessThanOrEqual(count);
        expect(log.figures()).toEqual({
          ...{ granted: granted.length, refused: 0, crowd: 0, most: fullest },
          ...{ firstAt: granted[0], lastAt: granted.at(-1) },
        });
      }),
    );
  });

  it('names the first millisecond at which one more fits, beside another client or not', () => {
    fc.assert(
      fc.property(counts, windows, gaps, shares, (count, perMs, steps, share) => {
        const log = createRateLog({ count, perMs }, { since: start, share });
        const theirs = crowdTimes(count, perMs, share, start + 200_000);
        const granted: number[] = [];
        const free = (at: number) => inWindow(granted, at, perMs) + inWindow(theirs, at, perMs) < count;
        let now = start;
        for (const step of steps) {
          now += step;
          const waitMs = log.waitMs(now);
          expect(free(now + waitMs)).toBe(true);
          if (waitMs > 0) {
            const earlier = [...granted, ...theirs].map((time) => time + perMs).filter((at) => at < now + waitMs);
            expect([now, ...earlier.filter((at) => at > now)].some(free)).toBe(false);
            continue;
          }
          log.grant(now);
          granted.push(now);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('shows the most that were ever in one window with any of ours, and counts the other client apart', () => {
    fc.assert(
      fc.property(counts, windows, gaps, shares, (count, perMs, steps, share) => {
        const log = createRateLog({ count, perMs }, { since: start, share });
        const granted: number[] = [];
        let now = start;
        for (const step of [0, ...steps]) {
          now += step;
          if (log.waitMs(now) > 0) continue;
          log.grant(now);
          granted.push(now);
        }
        const theirs = crowdTimes(count, perMs, share, now);
        const ends = [...granted, ...theirs].filter((end) => inWindow(granted, end, perMs) > 0);
        const both = ends.map((end) => inWindow(granted, end, perMs) + inWindow(theirs, end, perMs));
        const { most, crowd } = log.figures();
        expect(most).toBe(Math.max(...both));
        expect(crowd).toBe(theirs.filter((at) => at <= (granted.at(-1) ?? 0)).length);
      }),
      { numRuns: 60 },
    );
  });

  it('counts people once, for as long as they were last written to within it', () => {
    const log = createRateLog({ count: 2, perMs: 1_000, unique: true }, { since: start });
    for (const [at, person] of [
      [1_000, 'a'],
      [1_200, 'b'],
      [1_300, 'a'],
    ] as const) {
      expect(log.waitMs(at, person)).toBe(0);
      log.grant(at, person);
    }
    expect(log.waitMs(1_500, 'a')).toBe(0);
    expect(log.waitMs(1_500, 'c')).toBe(700);
    expect(log.waitMs(2_199, 'c')).toBe(1);
    expect(log.waitMs(2_200, 'c')).toBe(0);
    expect(log.figures()).toMatchObject({ granted: 2, firstAt: 1_000, lastAt: 1_200, most: 2 });
  });

  it('tells what is left, and when there is more', () => {
    const log = createRateLog({ count: 3, perMs: 1_000 }, { since: start });
    log.grant(1_000);
    log.grant(1_400);
    expect(log.left(1_500)).toEqual({ left: 1, renewedMs: 500 });
    log.grant(1_600);
    expect(log.left(1_600)).toEqual({ left: 0, renewedMs: 400 });
    expect(log.left(2_000)).toEqual({ left: 1, renewedMs: 400 });
    // One of ours leaves after 100 ms, and so many of the other client's have come by then that it makes no room.
    const shared = createRateLog({ count: 4, perMs: 1_000 }, { since: start, share: 0.5 });
    for (const at of [1_000, 1_400, 1_400, 1_400]) shared.grant(at);
    expect(shared.left(1_900)).toEqual({ left: 0, renewedMs: shared.waitMs(1_900) });
    expect(shared.waitMs(1_900)).toBe(500);
  });

  it('keeps a clock that goes back at the latest time it saw', () => {
    const log = createRateLog({ count: 2, perMs: 1_000 }, { since: start });
    log.grant(5_000);
    log.grant(4_000);
    expect(log.waitMs(4_000)).toBe(2_000);
    expect(log.waitMs(5_999)).toBe(1);
    expect(log.waitMs(6_000)).toBe(0);
    expect(log.figures()).toMatchObject({ firstAt: 5_000, lastAt: 5_000 });
  });
});

describe('another client', () => {
  it('takes its share at even times, the same whenever it is asked', () => {
    const crowd = createCrowd({ everyMs: 200, since: start });
    expect([1, 2, 5].map(crowd.timeOf)).toEqual([1_200, 1_400, 2_000]);
    expect([999, 1_000, 1_199, 1_200, 2_000, 11_000].map(crowd.upTo)).toEqual([0, 0, 0, 1, 5, 50]);
  });

  it('is counted by the very times that it names, where division would lose or win one', () => {
    // In floating point 19 × (50 / 0.95) is more than 1,000, though 1,000 / (50 / 0.95) is 19.
    for (const everyMs of [50 / 0.95, 200, 1_000 / 0.7, 60_000 / 7]) {
      const crowd = createCrowd({ everyMs, since: start });
      for (let n = 1; n <= 1_000; n += 1) {
        expect(crowd.upTo(crowd.timeOf(n))).toBe(n);
        expect(crowd.upTo(crowd.timeOf(n) - 1)).toBe(n - 1);
      }
    }
  });

  it('leaves about the other half to a client that takes whatever is free', () => {
    const log = createRateLog({ count: 10, perMs: 1_000 }, { since: start, share: 0.5 });
    for (let now = start; now < start + 60_000; now += 5) if (log.waitMs(now) === 0) log.grant(now);
    const { granted, crowd } = log.figures();
    expect(granted).toBeGreaterThan(60 * 5 - 5);
    expect(granted).toBeLessThan(60 * 5 + 15);
    expect(Math.abs(crowd - 60 * 5)).toBeLessThan(6);
  });
});
