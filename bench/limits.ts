import { randomUUID } from 'node:crypto';
import type { RateScope } from '../src/core/limits.ts';
import type { ClaimRequest } from '../src/store/claims.ts';
import { type Deliveries, openDeliveries } from '../src/store/deliveries.ts';
import { encodeScopes } from '../src/store/rates.ts';
import { connectRedis } from '../src/store/redis.ts';
import type { Ground } from './ground.ts';
import { percentile, type Row, round } from './measure.ts';

const samples = 3_000;
const settings = { leaseMs: 60_000, quarantineMs: 1_000, maxAttempts: 8 };

/**
 * A claim that checks and takes three limits, with 100,000 scopes in use beside the same with 10; one at a time. Without
 * waiting for the disk, which is the ledger's.
 */
export async function benchLimiterCheck(ground: Ground): Promise<Row[]> {
  const redis = connectRedis(ground.redisUrl, { name: 'bench-limits' });
  await redis.connect();
  const before = ((await redis.config('GET', 'appendfsync')) as string[])[1] ?? 'always';
  try {
    await redis.config('SET', 'appendfsync', 'everysec');
    const [few, many] = [await measure(10), await measure(100_000)];
    return [
      {
        name: 'limiter-check',
        value: round(many.p50, 3),
        unit: 'ms',
        baseline: round(few.p50, 3),
        ratio: round(many.p50 / few.p50, 3),
        better: 'lower',
        details: {
          p99: round(many.p99, 3),
          'without limits': round(many.bare, 3),
          'more than that': round(many.added, 3),
        },
      },
    ];
  } finally {
    await redis.config('SET', 'appendfsync', before);
    redis.disconnect();
  }

  async function measure(size: number): Promise<{ p50: number; p99: number; bare: number; added: number }> {
    const prefix = `bench-limits-${randomUUID().slice(0, 8)}`;
    const ledger = openDeliveries(redis, prefix, settings);
    const scopes = Array.from({ length: size }, (_, n) => scopesOf(n));
    await fill(ledger, prefix, scopes);
    const [without, limited]: [number[], number[]] = [[], []];
    for (let n = 0; n < samples; n += 1) {
      await time(without, ledger, prefix, '');
      await time(limited, ledger, prefix, scopes[(n * 7_919) % size] ?? '');
    }
    await forget(prefix);
    const [bare, p50] = [percentile(without, 0.5), percentile(limited, 0.5)];
    return { p50, p99: percentile(limited, 0.99), bare, added: p50 - bare };
  }

  async function time(into: number[], ledger: Deliveries, prefix: string, scopes: string): Promise<void> {
    const id = await waiting(prefix);
    const before = performance.now();
    const reply = await ledger.claim(claimOf(id, scopes));
    into.push(performance.now() - before);
    if (reply.verdict !== 'claimed') throw new Error(`a claim answered ${reply.verdict}`);
  }

  /** A record that waits, as acceptance leaves it. */
  async function waiting(prefix: string): Promise<string> {
    const id = randomUUID();
    const now = Date.now() - 60_000;
    const record = { state: 'scheduled', due: now, planned: now, attempts: 0, priority: 10, schema: 2 };
    await redis.hset(`${prefix}:delivery:${id}`, record);
    return id;
  }

  /** Every scope has been used before. */
  async function fill(ledger: Deliveries, prefix: string, all: readonly string[]): Promise<void> {
    for (let from = 0; from < all.length; from += 200) {
      const group = all.slice(from, from + 200);
      const ids = await Promise.all(group.map(() => waiting(prefix)));
      await Promise.all(ids.map((id, at) => ledger.claim(claimOf(id, group[at] ?? ''))));
    }
  }

  async function forget(prefix: string): Promise<void> {
    for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1_000 })) {
      if ((keys as string[]).length > 0) await redis.unlink(...(keys as string[]));
    }
  }
}

/** Like those of a chat on Telegram: of the bot, the chat and the group. */
function scopesOf(n: number): string {
  const scope = (rule: string, key: string, count: number, perMs: number): RateScope => ({
    ...{ rule, key: `${rule}:${key}`, scope: 'chat', rates: [{ count, perMs }] },
  });
  const bot = String(n % 100);
  const rates = [
    scope('account', bot, 1_000_000, 1_000),
    scope('chat', `${n}`, 1_000, 1),
    scope('group', `${n}`, 1_000, 1),
  ];
  return encodeScopes(rates, 0);
}

const claimOf = (id: string, scopes: string): ClaimRequest => ({
  ...{ id, token: id, postHash: 'h', total: 1, account: 'a', channel: 'c', staleAfterMs: undefined, way: 'hold' },
  ...{ scopes, charge: '', whenSpent: 'hold', hours: '', needsApproval: false, collects: false },
});
