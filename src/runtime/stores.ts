import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import type { Channel } from '../core/channel.ts';
import { type BudgetState, budgetStates } from '../limits/forecast.ts';
import { createPeriods } from '../limits/periods.ts';
import { scopesOf } from '../limits/scopes.ts';
import type { IngestDeps } from '../pipeline/ingest.ts';
import { createPacing, type Pacing } from '../pipeline/pacing.ts';
import { createRhythms, type Rhythms } from '../pipeline/rhythms.ts';
import { platforms } from '../platforms/index.ts';
import { openQueues, priorities, type Queues } from '../queue/queues.ts';
import { openTickQueue, type TickQueue } from '../queue/ticks.ts';
import { openWebhookQueue, type WebhookQueue } from '../queue/webhooks.ts';
import { type Alarms, openAlarms } from '../store/alarms.ts';
import { type Approvals, openApprovals } from '../store/approvals.ts';
import { type Articles, openArticles } from '../store/articles.ts';
import { openBudgets } from '../store/budgets.ts';
import { type Clock, openClock } from '../store/clock.ts';
import { type Deliveries, openDeliveries } from '../store/deliveries.ts';
import { type Digests, openDigests } from '../store/digests.ts';
import { type Evergreen, openEvergreen } from '../store/evergreen.ts';
import { openPauses, type Pauses } from '../store/pauses.ts';
import { openRates } from '../store/rates.ts';
import { openTallies, type Tallies } from '../store/tallies.ts';
import { openTicks, type Ticks } from '../store/ticks.ts';
import { accountOf, platformOf } from './lookup.ts';

/** Everything that is kept in Redis, through one connection and with its patience. */
export interface Stores {
  redis: Redis;
  clock: Clock;
  articles: Articles;
  deliveries: Deliveries;
  approvals: Approvals;
  digests: Digests;
  evergreen: Evergreen;
  pauses: Pauses;
  alarms: Alarms;
  pacing: Pacing;
  rhythms: Rhythms;
  /** How far the budgets are used, of all accounts. */
  budgets(): Promise<BudgetState[]>;
  queues: Queues;
  webhooks: WebhookQueue;
  /** What became of the schedules' ticks, and their queue. */
  ticks: Ticks;
  tickQueue: TickQueue;
  tallies: Tallies;
  ingest: IngestDeps;
}

const webhookIds = Object.values(platforms)
  .filter(({ webhook }) => webhook !== undefined)
  .map(({ id }) => id);

export function openStores(redis: Redis, config: Config): Stores {
  const { prefix } = config.redis;
  const limits = { ...config.limits, circuits: config.reliability.failuresToRest > 0 };
  const periods = createPeriods(config.timezone);
  const budgets = openBudgets(redis, prefix);
  const articles = openArticles(redis, prefix);
  const deliveries = openDeliveries(redis, prefix, config.reliability);
  const clock = openClock(redis);
  const recipientsOf = (channel: Channel) => platformOf(channel).recipients?.(channel);
  const alarms = openAlarms(redis, prefix);
  return {
    redis,
    clock,
    articles,
    deliveries,
    approvals: openApprovals(redis, prefix),
    digests: openDigests(redis, prefix),
    evergreen: openEvergreen(redis, prefix),
    pauses: openPauses(redis, prefix, alarms),
    alarms,
    pacing: createPacing({
      platform: platformOf,
      budgetOf: (account) => config.budgets[account],
      periods,
      now: clock.now,
      scopesOf: (channel, { article, recipient, priority }) =>
        scopesOf(limits, {
          platform: platformOf(channel),
          account: accountOf(config, channel.account),
          channel,
          article,
          breaking: priority === priorities.breaking,
          ...(recipient === undefined ? {} : { recipient }),
        }),
      rates: openRates(redis, prefix),
      marginMs: config.limits.marginMs,
    }),
    rhythms: createRhythms({ now: clock.now, recipientsOf }),
    async budgets() {
      const at = periods(clock.now());
      const states = Object.keys(config.accounts).map(async (account) => {
        const [day, month] = await Promise.all([budgets.spent(account, at.day), budgets.spent(account, at.month)]);
        const budget = config.budgets[account];
        return budgetStates({ account, budget, periods: at, now: clock.now() }, { day, month });
      });
      return (await Promise.all(states)).flat();
    },
    queues: openQueues(redis, { prefix, platforms: Object.keys(platforms), now: clock.now }),
    webhooks: openWebhookQueue(redis, prefix, webhookIds),
    ticks: openTicks(redis, prefix),
    tickQueue: openTickQueue(redis, prefix),
    tallies: openTallies(redis, prefix),
    ingest: {
      articles,
      deliveries,
      channels: config.channels,
      priorities: config.priorities,
      recipientsOf,
      compose: (article, channel) => platformOf(channel).compose(article, channel),
      isSandbox: (channel) => accountOf(config, channel.account).sandbox,
      now: clock.now,
    },
  };
}
