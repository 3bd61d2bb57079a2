import type { Redis } from 'ioredis';
import { platforms } from '../src/platforms/index.ts';
import type { Runtime } from '../src/runtime/open.ts';
import type { Deliveries } from '../src/store/deliveries.ts';
import { connectRedis } from '../src/store/redis.ts';
import type { Ground } from './ground.ts';
import { percentile, type Row, round } from './measure.ts';
import { runPipeline } from './pipeline.ts';

/** The one with the quickest client whose posts can be looked up: there the ledger does most, beside the least. */
const platform = 'facebook';
const fsyncs = ['always', 'everysec'];
const run = { platform, concurrency: 50, perArticle: 100 };

/** The worker with its ledger beside the same worker without one, on the same Redis, for each `appendfsync`. */
export async function benchLedgerCost(
  ground: Ground,
  { deliveries, rounds }: { deliveries: number; rounds: number },
): Promise<Row[]> {
  const redis = connectRedis(ground.redisUrl, { name: 'bench-ledger' });
  await redis.connect();
  const before = ((await redis.config('GET', 'appendfsync')) as string[])[1] ?? 'always';
  const rows: Row[] = [];
  try {
    for (const fsync of fsyncs) {
      await redis.config('SET', 'appendfsync', fsync);
      rows.push(await compareLedger(ground, fsync, { deliveries, pairs: 2 * rounds + 1 }));
    }
  } finally {
    await redis.config('SET', 'appendfsync', before);
    redis.disconnect();
  }
  return rows;
}

async function compareLedger(
  ground: Ground,
  fsync: string,
  { deliveries, pairs }: { deliveries: number; pairs: number },
): Promise<Row> {
  const measure = async (ledger: (own: Deliveries) => Deliveries, count = deliveries) => {
    await ground.reset();
    return runPipeline(ground, { ...run, deliveries: count, ledger });
  };
  const own = (deliveries: Deliveries) => deliveries;
  for (const ledger of [own, withoutLedger]) await measure(ledger, 500);
  const withIt: number[] = [];
  const without: number[] = [];
  // In turn, and each first as often as the other: a machine that slows down strikes both alike.
  for (let pair = 0; pair < pairs; pair += 1) {
    if (pair % 2 === 0) withIt.push(await measure(own));
    without.push(await measure(withoutLedger));
    if (pair % 2 === 1) withIt.push(await measure(own));
  }
  const [value, baseline] = [percentile(withIt, 0.5), percentile(without, 0.5)];
  const ratios = withIt.map((rate, pair) => rate / (without[pair] ?? Number.NaN));
  return {
    name: `ledger-cost-${fsync}`,
    value: Math.round(value),
    unit: 'per second',
    baseline: Math.round(baseline),
    ratio: round(value / baseline, 3),
    better: 'higher',
    details: {
      'median of the pairs': round(percentile(ratios, 0.5), 3),
      lowest: round(Math.min(...ratios), 3),
      highest: round(Math.max(...ratios), 3),
      pairs,
    },
  };
}

/** Grants every claim and believes every outcome, in memory. */
function withoutLedger(own: Deliveries): Deliveries {
  return {
    ...own,
    claim: async ({ postHash }) => ({ verdict: 'claimed', attempts: 1, parts: [], postHash, inMs: 0, slotAt: 0 }),
    async settle(settlement) {
      if (settlement.state !== 'live') return settlement.state;
      return settlement.part + 1 < settlement.total ? 'sending' : 'published';
    },
  };
}

/** What of a delivery's keys is not about the stored article, its posts and the queue. */
const kept = /^(delivery:|state:|remote:|held$|asking$|alarms$|article:.*:deliveries$)/;
const sample = 1_000;

/** Memory of a finished delivery beside the stored post: its record, and its share in all lists. The worst platform's. */
export async function benchLedgerBytes(ground: Ground): Promise<Row[]> {
  const details: Record<string, number> = {};
  for (const id of Object.keys(platforms)) {
    await ground.reset();
    await runPipeline(ground, {
      ...run,
      platform: id,
      deliveries: sample,
      async after({ redis, config }: Runtime) {
        const bytes = await memoryOf(redis, config.redis.prefix);
        for (const [what, sum] of Object.entries(bytes)) details[`${id} ${what}`] = Math.round(sum / sample);
      },
    });
  }
  const totals = Object.keys(platforms).map((id) => details[`${id} in all`] ?? Number.NaN);
  const value = Math.max(...totals);
  return [
    {
      name: 'ledger-bytes',
      value,
      unit: 'bytes',
      baseline: 1_024,
      ratio: round(value / 1_024, 3),
      better: 'lower',
      details,
    },
  ];
}

async function memoryOf(redis: Redis, prefix: string): Promise<Record<string, number>> {
  const keys = (await redis.keys(`${prefix}:*`)).filter((key) => kept.test(key.slice(prefix.length + 1)));
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.memory('USAGE', key, 'SAMPLES', 0);
  const sizes = ((await pipeline.exec()) ?? []).map(([, bytes]) => Number(bytes));
  const sum = (isWanted: (key: string) => boolean) =>
    keys.reduce((total, key, at) => total + (isWanted(key) ? (sizes[at] ?? 0) : 0), 0);
  const isRecord = (key: string) => key.startsWith(`${prefix}:delivery:`);
  return { 'in all': sum(() => true), record: sum(isRecord) };
}
