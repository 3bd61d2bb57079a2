import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLimits } from '../../../src/sandbox/limits.ts';
import { createRateLog } from '../../../src/sandbox/rates.ts';

const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 });

describe('a sliding window', () => {
  it('never holds more than its number, wherever it begins, and refuses no request that would fit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 100, max: 2_000 }), gaps, (count, perMs, steps) => {
        const log = createRateLog({ count, perMs }, 0);
        const granted: number[] = [];
        let now = 1_000;
        for (const step of steps) {
          now += step;
          const within = granted.filter((at) => at > now - perMs).length;
          const wait = log.waitMs(now, '');
          expect(wait > 0).toBe(within >= count);
          if (wait > 0) {
            // After just that time it fits.
            expect(granted.filter((at) => at > now + wait - perMs).length).toBeLessThan(count);
          } else {
            log.grant(now, '');
            granted.push(now);
          }
        }
        expect(log.figures).toMatchObject({ granted: granted.length, firstAt: granted[0], lastAt: granted.at(-1) });
        expect(log.figures.most).toBeLessThanOrEqual(count);
      }),
    );
  });

  it('counts people once', () => {
    const log = createRateLog({ count: 2, perMs: 1_000, unique: true }, 0);
    for (const person of ['a', 'b', 'a', 'a']) {
      expect(log.waitMs(1, person)).toBe(0);
      log.grant(1, person);
    }
    expect(log.waitMs(500, 'c')).toBe(501);
    expect(log.waitMs(1_001, 'c')).toBe(0);
  });

  it('is shared with another client that takes its part evenly', () => {
    const log = createRateLog({ count: 10, perMs: 1_000 }, 0.5);
    let granted = 0;
    for (let now = 1_000; now < 11_000; now += 10) {
      if (log.waitMs(now, '') > 0) continue;
      log.grant(now, '');
      granted += 1;
    }
    expect(granted).toBeGreaterThan(48);
    expect(granted).toBeLessThan(62);
    expect(log.figures.most).toBeLessThanOrEqual(10);
  });
});

describe('limits of a platform', () => {
  const limits = () => createLimits({ chat: { rates: ['1/1s', '3/10s'] }, bot: { rates: ['30/1s'] } });
  const of = (chat: string) => ({ chat: { scope: chat }, bot: { scope: 'one' } });

  it('are off until they are switched on, and say which is used up longest', () => {
    const own = limits();
    expect(own.check(of('a'), 1)).toBeUndefined();
    expect(own.put({ on: true })).toBeUndefined();
    for (const now of [1_000, 2_000, 3_000]) {
      expect(own.check(of('a'), now)).toBeUndefined();
      own.grant(of('a'), now);
    }
    expect(own.check(of('a'), 3_500)).toEqual({ rate: 'chat', waitMs: 7_500 });
    expect(own.check(of('b'), 3_500)).toBeUndefined();
    expect(own.figures()).toMatchObject({
      ...{ on: true, requests: 5, refused: 1 },
      scopes: [
        { rate: 'chat', count: 1, granted: 3, refused: 1, most: 1, used: 1 },
        { rate: 'chat', count: 3, granted: 3, refused: 1, most: 3 },
        { rate: 'bot', granted: 3, refused: 0 },
        { rate: 'chat', granted: 0 },
        { rate: 'chat', granted: 0 },
      ],
    });
  });

  it('take other rates, and name what is wrong with them', () => {
    const own = limits();
    expect(own.put({ on: true, rates: { chat: ['2/5s'] } })).toBeUndefined();
    for (const given of [
      {},
      { on: 1 },
      { on: true, rates: { chat: ['2 a second'] } },
      { on: true, rates: { group: ['1/1s'] } },
    ]) {
      expect(own.put(given)).toHaveLength(1);
    }
  });
});
