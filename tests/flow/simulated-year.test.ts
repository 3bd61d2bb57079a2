import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPassingRedis, type PassingRedis } from '../../src/runtime/passing-redis.ts';
import { judgeYear } from '../proofs/year/judge.ts';
import { planYear } from '../proofs/year/plan.ts';
import { playYear } from '../proofs/year/play.ts';

/**
 * A year of minutes under random configurations, judged by clocks on the wall. Longer: MUNADI_YEARS=500 for so many, and
 * MUNADI_YEAR_SEED for the first of their seeds.
 */
const years = Number(process.env.MUNADI_YEARS ?? 2);
const firstSeed = Number(process.env.MUNADI_YEAR_SEED ?? Date.now() % 1_000_000);
const articles = 80;

let place: PassingRedis;

beforeAll(async () => {
  place = await openPassingRedis({ redis: { prefix: 'munadi' } });
});
afterAll(() => place.close());

describe('a year of posts', () => {
  it.each(Array.from({ length: years }, (_, index) => firstSeed + index))(
    'goes by its timetables, embargoes, gaps and caps, and each article ends once on each channel (seed %i)',
    async (seed) => {
      const year = planYear(seed, articles);
      const { sent, played } = await playYear(place.redis, year);
      const faults = judgeYear(year, sent, played.deliveries);
      expect(faults.slice(0, 10), JSON.stringify(year.config)).toEqual([]);
      expect(sent.length).toBeGreaterThan(0);
    },
  );
});
