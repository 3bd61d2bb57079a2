import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Telling } from '../../src/core/alarms.ts';
import { type Installation, openInstallation } from '../support/installation.ts';

/** The scripts themselves, on a clock of the test: dedupe is decided in them. */

const folder = resolve(import.meta.dirname, '../../src/store');
const read = (name: string) => readFileSync(join(folder, `${name}.lua`), 'utf8');
const clock = /^local time = redis\.call\('TIME'\)$/m;
let at: Installation;
let prefix = '';
let serial = 0;

beforeAll(async () => {
  at = await openInstallation();
  expect(read('state-lists')).toMatch(clock);
});
afterAll(() => at.close());

function scriptOf(name: string): string {
  const ticks =
    "local time = { math.floor(redis.call('GET', ARGV[1] .. ':now') / 1000), redis.call('GET', ARGV[1] .. ':now') % 1000 * 1000 }";
  return [read('state-lists').replace(clock, ticks), read(name)].join('\n');
}
const raiseScript = scriptOf('alarm-raise');
const takeScript = scriptOf('alarm-take');

type Step = 'raise' | 'over' | number;
interface Run {
  steps: Step[];
  dedupeMs: number;
  lasts: boolean;
}

/** What is told, and when, on a clock that starts at zero; a number lets so many ms pass, looked at every second. */
async function play({ steps, dedupeMs, lasts }: Run): Promise<{ atMs: number; telling: Telling }[]> {
  const { redis } = at.runtime;
  serial += 1;
  prefix = `rules-${serial}`;
  const told: { atMs: number; telling: Telling }[] = [];
  // Times of day one, as records begin at nothing.
  let now = 1_000_000;
  const look = async () => {
    await redis.set(`${prefix}:now`, now);
    const fresh = await redis.zrangebyscore(`${prefix}:alarms:new`, '-inf', now);
    for (const id of fresh)
      await redis.eval(takeScript, 0, prefix, id, dedupeMs, 'wake', lasts ? '1' : '', 'desk', now);
    if (fresh.length === 0) return;
    const queued = await redis.zrange(`${prefix}:alarms:to:desk`, 0, '-1');
    for (const raw of queued) told.push({ atMs: now, telling: JSON.parse(raw) as Telling });
    await redis.del(`${prefix}:alarms:to:desk`);
  };
  for (const step of [...steps, dedupeMs + 1_000]) {
    if (typeof step === 'number') {
      for (const until = now + step; now < until; now = Math.min(until, now + 1_000)) await look();
      continue;
    }
    await redis.set(`${prefix}:now`, now);
    await redis.eval(
      raiseScript,
      0,
      prefix,
      step,
      'circuit',
      'x-main',
      '',
      ...(step === 'raise' ? ['account', 'x'] : []),
    );
  }
  await look();
  return told;
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Step>('raise') },
  { weight: 2, arbitrary: fc.constant<Step>('over') },
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 20_000 }) },
);
const run = fc.record({
  steps: fc.array(step, { maxLength: 14 }),
  dedupeMs: fc.integer({ min: 1_000, max: 15_000 }),
  lasts: fc.boolean(),
});

describe('whatever happens, and whenever', () => {
  it('the same alarm is told once in its time, nothing is lost, and each end is told once', async () => {
    await fc.assert(
      fc.asyncProperty(run, async (given) => {
        const told = await play(given);
        const raised = given.steps.filter((one) => one === 'raise').length;
        const ends = told.filter(({ telling }) => telling.overMs !== undefined);
        // What only says that it is over was told in time before.
        const alarms = told.filter(({ telling }, index) => {
          const before = told[index - 1]?.telling;
          return telling.overMs === undefined || before === undefined || before.overMs !== undefined;
        });
        for (const [index, { atMs }] of alarms.entries()) {
          const before = alarms[index - 1];
          if (before) expect(atMs - before.atMs).toBeGreaterThanOrEqual(given.dedupeMs);
        }
        if (raised > 0) expect(told.length).toBeGreaterThan(0);
        else expect(told).toEqual([]);
        const counted = told.reduce((sum, { telling }) => sum + telling.count, 0);
        expect(counted).toBeGreaterThanOrEqual(raised);
        // A telling that only says that it is over counts one that never happened.
        expect(counted - raised).toBeLessThanOrEqual(ends.length);
        const last = given.steps.findLast((one) => typeof one !== 'number');
        if (raised > 0 && last === 'over') expect(told.at(-1)?.telling.overMs).toBeDefined();
        if (last === 'raise') expect(told.at(-1)?.telling.overMs).toBeUndefined();
        for (const { telling } of told) expect(telling.detail).toEqual({ account: 'x' });
        expect(new Set(told.map(({ telling }) => telling.id)).size).toBe(told.length);
      }),
      { numRuns: 40 },
    );
  });

  it('tells at once, again with the count after the time, and then no more', async () => {
    const told = await play({ steps: ['raise', 2_000, 'raise', 'raise', 30_000], dedupeMs: 10_000, lasts: false });
    expect(told.map(({ atMs, telling }) => [atMs - 1_000_000, telling.count, telling.again])).toEqual([
      [0, 1, false],
      [10_000, 2, false],
    ]);
  });
});
