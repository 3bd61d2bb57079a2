import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { Priority } from '../../src/core/article.ts';
import type { PlayedDelivery } from '../../src/pipeline/simulate.ts';
import { openPassingRedis, type PassingRedis } from '../../src/runtime/passing-redis.ts';
import { openSimulation } from '../../src/runtime/simulation.ts';
import type { GivenChannel } from '../proofs/year/plan.ts';
import { configOf } from '../proofs/year/play.ts';
import { draftArticle } from '../support/installation.ts';

let place: PassingRedis;

beforeAll(async () => {
  place = await openPassingRedis({ redis: { prefix: 'munadi' } });
});
afterAll(() => place.close());

const day = (time: string) => Date.parse(`2026-11-28T${time}:00Z`);
let serial = 0;

/** Of different stories. */
const titles = ['Ferries return to the northern islands', 'Court frees two reporters', 'Wheat harvest beats forecasts'];

interface DayOptions {
  /** The channel rests until then. */
  until?: string;
  digestCron?: string;
}

/** A day of `telegram-one`. Resolves to what was posted, each with the minute, and what became of all. */
async function playChannel(
  change: Partial<GivenChannel>,
  articles: { id: string; at: string | number; priority?: Priority }[],
  { until, ...more }: DayOptions = {},
): Promise<{ posted: string[]; times: number[]; deliveries: PlayedDelivery[] }> {
  serial += 1;
  const channel = { id: 'telegram-one', account: 'telegram-main', chat: '@one_channel', catchUp: { rate: '6/10m' } };
  const given = { timezone: 'UTC', weekend: ['sat', 'sun'], holidays: [], limited: true, ...more };
  const config: Config = configOf({ ...given, channels: [{ ...channel, ...change }] }, `day-${serial}`);
  const redis = place.redis.duplicate();
  await redis.connect();
  const posted: { delivery: string; atMs: number }[] = [];
  const simulation = await openSimulation(redis, config, {
    fromMs: day('00:00'),
    onSend: ({ deliveryId }, atMs) => void posted.push({ delivery: deliveryId, atMs }),
  });
  if (until !== undefined) {
    await simulation.ledger.pauses.pauseChannel('telegram-one', 'an outage');
    simulation.time.at(day(until), -1, async () => {
      await simulation.ledger.pauses.resume('channel', 'telegram-one');
    });
  }
  simulation.arrive(
    articles.map(({ id, at, priority = 'normal' }, index) => {
      const story = { title: titles[index] ?? `${id} again`, language: 'en', direction: 'ltr' } as const;
      return {
        atMs: typeof at === 'number' ? at : day(at),
        draft: draftArticle({ ...story, paragraphs: [], id, priority }),
      };
    }),
  );
  const { deliveries } = await simulation.play(day('00:00') + 86_400_000);
  redis.disconnect();
  const articleOf = new Map(deliveries.map(({ delivery, article }) => [delivery, article]));
  const minuteOf = (atMs: number) => new Date(atMs).toISOString().slice(11, 16);
  return {
    posted: posted.map(({ delivery, atMs }) => `${minuteOf(atMs)} ${articleOf.get(delivery)}`),
    times: posted.map(({ atMs }) => atMs),
    deliveries,
  };
}

const playDay = async (...given: Parameters<typeof playChannel>) => (await playChannel(...given)).posted;

describe('a channel with a pace of its own', () => {
  it('posts as articles were due, breaking news next and low last', async () => {
    const articles: { id: string; at: string; priority?: Priority }[] = [
      { id: 'first', at: '09:00' },
      { id: 'second', at: '09:01' },
      { id: 'low', at: '09:01', priority: 'low' },
      { id: 'third', at: '09:02' },
      { id: 'urgent', at: '09:03', priority: 'breaking' },
    ];
    expect(await playDay({ gap: '30m' }, articles)).toEqual([
      '09:00 first',
      '09:30 urgent',
      '10:00 second',
      '10:30 third',
      '11:00 low',
    ]);
  });

  it('uses its caps up', async () => {
    const at = ['09:00', '09:10', '09:20', '09:30', '09:40', '09:50'];
    const articles = at.map((time, index) => ({ id: `a${index}`, at: time }));
    expect(await playDay({ caps: { hour: 2, rest: 'wait' } }, articles)).toEqual([
      '09:00 a0',
      '09:10 a1',
      '10:00 a2',
      '10:10 a3',
      '11:00 a4',
      '11:10 a5',
    ]);
  });

  it('works off a backlog newest first, after what is new', async () => {
    const articles = [
      { id: 'older', at: '06:00' },
      { id: 'old', at: '06:10' },
      { id: 'newest', at: '06:20' },
      { id: 'new', at: '07:05' },
    ];
    expect(await playDay({ gap: '30m' }, articles, { until: '07:00' })).toEqual([
      '07:00 newest',
      '07:30 new',
      '08:00 old',
      '08:30 older',
    ]);
  });
});

describe('a backlog within a limit of 20 a minute', () => {
  // Five in a quarter of a minute: of eighty, the last comes in the sixteenth quarter, at most four fifths into it.
  const mostMs = 15 * 15_010 + 12_100;

  it.each([0, 300, 1_000, 1_700, 2_500])('uses it up where articles come %i ms apart', async (apartMs) => {
    const articles = Array.from({ length: 80 }, (_, n) => ({ id: `b${n}`, at: day('09:00') + n * apartMs }));
    const { times } = await playChannel({ catchUp: { rate: 'none' } }, articles);
    expect(times).toHaveLength(80);
    expect(mostMs / ((times.at(-1) ?? 0) - (times[0] ?? 0))).toBeGreaterThan(0.99);
    for (const [index, at] of times.slice(20).entries()) {
      expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(60_000);
    }
  });
});

describe('a channel that gathers', () => {
  it('posts its digest when that is due, and what it told ends with it', async () => {
    const articles = ['06:00', '07:00', '11:00'].map((at, index) => ({ id: `told-${index}`, at }));
    const { posted, deliveries } = await playChannel({ collect: true }, articles, { digestCron: '0 9 * * *' });
    expect(posted).toEqual([expect.stringMatching(/^09:00 digest-best-telegram-one-\d+$/)]);
    expect(deliveries.map(({ article, outcome }) => `${article.slice(0, 6)} ${outcome}`).sort()).toEqual([
      'digest published',
      'told-0 published',
      'told-1 published',
      'told-2 waiting',
    ]);
    const told = deliveries.filter(({ outcome, article }) => outcome === 'published' && article.startsWith('told'));
    expect(told.map(({ waits }) => waits.at(-1)?.reason)).toEqual(Array(2).fill('the next digest of its channel'));
  });
});
