import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createHands, type Hands } from '../../../src/queue/hands.ts';

/** Sixteen steps are looked at together. */
const steps = (hands: Hands, rounds: number, ms: number) => {
  for (let n = 0; n < rounds * 16; n += 1) hands.took(ms);
};

function open(most: number) {
  const told: number[] = [];
  let now = 0;
  const hands = createHands(
    most,
    (inHand) => told.push(inHand),
    () => now,
  );
  return { hands, told, last: () => told.at(-1) as number, pass: (ms: number) => (now += ms) };
}

describe('how many deliveries are in hand', () => {
  it('begins with few, and soon reaches the most where nothing is busy', () => {
    const { hands, told, last } = open(50);
    expect(last()).toBe(2);
    steps(hands, 5, 3);
    expect(last()).toBe(50);
    expect(told.toSorted((a, b) => a - b)).toEqual(told);
  });

  it('begins with the most where all that is queued fits, unless all is busy by then', () => {
    const { hands, last } = open(50);
    hands.found(51);
    expect(last()).toBe(2);
    hands.found(50);
    expect(last()).toBe(50);
    const other = open(50);
    steps(other.hands, 1, 2);
    steps(other.hands, 1, 40);
    other.hands.found(0);
    expect(other.last()).toBe(5);
  });

  it('falls while steps take longer than they need, and grows slowly again after that', () => {
    const { hands, last } = open(50);
    steps(hands, 6, 2);
    steps(hands, 1, 40);
    expect(last()).toBe(35);
    steps(hands, 10, 40);
    expect(last()).toBe(5);
    steps(hands, 1, 2);
    expect(last()).toBe(7);
  });

  it('goes by what a step takes at its quickest here, wherever Redis is', () => {
    const { hands, last } = open(50);
    steps(hands, 6, 60);
    expect(last()).toBe(50);
    steps(hands, 6, 100);
    expect(last()).toBe(50);
    steps(hands, 1, 140);
    expect(last()).toBe(35);
  });

  it('forgets after a while how quick it once was', () => {
    const { hands, last, pass } = open(50);
    steps(hands, 6, 1);
    steps(hands, 20, 20);
    expect(last()).toBe(5);
    for (let n = 0; n < 2; n += 1) {
      pass(31_000);
      hands.took(20);
    }
    steps(hands, 30, 20);
    expect(last()).toBe(50);
  });

  it('does not count what only waits, whether that ends well or not', async () => {
    const { hands, last } = open(50);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const other = Promise.withResolvers<string>();
    const [one, two] = [hands.idle(promise), hands.idle(other.promise)];
    expect(last()).toBe(4);
    resolve('done');
    expect(await one).toBe('done');
    expect(last()).toBe(3);
    other.reject(new Error('away'));
    await expect(two).rejects.toThrow('away');
    expect(last()).toBe(2);
    reject(undefined);
  });

  it('is never more than the most, and never none', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.array(fc.integer({ min: 0, max: 500 })), (most, times) => {
        const { hands, told } = open(most);
        for (const ms of times) steps(hands, 1, ms);
        for (const inHand of told) {
          expect(inHand).toBeGreaterThanOrEqual(1);
          expect(inHand).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  it('is another number at once where the most is another one', () => {
    const { hands, last } = open(50);
    hands.found(0);
    hands.allow(10);
    expect(last()).toBe(10);
    hands.allow(30);
    expect(last()).toBe(30);
    const other = open(50);
    steps(other.hands, 1, 2);
    steps(other.hands, 1, 40);
    other.hands.allow(100);
    expect(other.last()).toBe(5);
    steps(other.hands, 60, 2);
    expect(other.last()).toBe(100);
  });
});
