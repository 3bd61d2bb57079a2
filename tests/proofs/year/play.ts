import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { stringify } from 'yaml';
import type { Config } from '../../../src/config/config.ts';
import { checkText } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';
import { UnavailableError } from '../../../src/core/errors.ts';
import type { Arrival, Played } from '../../../src/pipeline/simulate.ts';
import { openSimulation } from '../../../src/runtime/simulation.ts';
import { clearPrefix } from '../../../src/store/redis.ts';
import { createRandom } from '../random.ts';
import type { Sent } from './judge.ts';
import { type GivenArticle, type GivenConfig, gathers, type Year } from './plan.ts';

/** Long enough for what waits at the end of the year. */
const afterMs = 400 * 86_400_000;

/** A word of the newsroom at the same instant goes before deliveries. */
const beforeDeliveries = -1;

/** Plays a year through the rules of the program. */
export async function playYear(server: Redis, year: Year): Promise<{ sent: Sent[]; played: Played }> {
  const prefix = `year-${year.seed}`;
  const sent: Sent[] = [];
  const failures = createRandom(year.seed);
  const redis = server.duplicate();
  await redis.connect();
  const simulation = await openSimulation(redis, configOf(year.config, prefix), {
    fromMs: year.fromMs,
    onSend({ deliveryId, channel, recipient, part }, atMs) {
      if (failures.chance(year.failing)) throw new UnavailableError('the platform is busy');
      const article = articleOf.get(deliveryId) ?? '';
      sent.push({ delivery: deliveryId, article, channel: channel.id, recipient, part, atMs });
    },
  });
  const articleOf = new Map<string, string>();
  try {
    simulation.arrive(year.articles.map(arrivalOf));
    for (const { id, moves } of year.articles) {
      for (const { atMs, untilMs } of moves) {
        simulation.time.at(atMs, beforeDeliveries, async () => {
          await simulation.ledger.articles.embargo(id, untilMs);
          await simulation.relay();
        });
      }
    }
    const played = await simulation.play(year.toMs + afterMs);
    for (const { delivery, article } of played.deliveries) articleOf.set(delivery, article);
    return { sent: sent.map((one) => ({ ...one, article: articleOf.get(one.delivery) ?? '' })), played };
  } finally {
    await clearPrefix(redis, prefix);
    redis.disconnect();
  }
}

function arrivalOf({ id, atMs, priority, embargoMs }: GivenArticle): Arrival {
  return {
    atMs,
    draft: {
      id,
      // Nothing like the others: no digest is to fold them.
      title: `Bulletin ${id} ${createHash('sha256').update(id).digest('hex').match(/.{8}/g)?.join(' ')}`,
      paragraphs: [],
      language: 'en',
      direction: 'ltr',
      images: [],
      tags: [],
      priority,
      ...(embargoMs === undefined ? {} : { embargoUntil: new Date(embargoMs).toISOString() }),
    },
  };
}

/** As an operator would write it. */
export function configOf({ timezone, weekend, holidays, channels, ...rest }: GivenConfig, prefix: string): Config {
  const { budget, chatPerHour, limited, digestCron } = rest;
  const gathering = channels.filter(gathers).map(({ id }) => id);
  const platforms = [...new Set(channels.map(({ account }) => account.replace('-main', '')))];
  const settings = {
    timezone,
    weekend,
    holidays,
    redis: { prefix },
    accounts: Object.fromEntries(platforms.map((platform) => [`${platform}-main`, { platform }])),
    channels: channels.map((channel) => ({
      ...channel,
      ...(channel.recipients ? { template: { name: 'news', language: 'en' } } : {}),
    })),
    ...(digestCron !== undefined && gathering.length > 0
      ? { schedules: [{ id: 'best', cron: digestCron, action: 'digest', channels: gathering }] }
      : {}),
    limits: { enabled: limited, ...(chatPerHour === undefined ? {} : { telegram: { chat: `${chatPerHour}/1h` } }) },
    budgets:
      budget && platforms.includes('x')
        ? { 'x-main': { day: { requests: budget.requests }, whenSpent: budget.whenSpent } }
        : {},
  };
  const text = stringify(settings, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
  const { config, problems } = checkText(text, { file: 'year.yaml', env: {} });
  if (!config) throw new Error(`${problems.map(formatProblem).join('\n')}\n${text}`);
  return config;
}
