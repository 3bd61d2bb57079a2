import type { Redis } from 'ioredis';
import type { Config } from '../config/config.ts';
import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import type { Quickest } from '../core/quickest.ts';
import type { Spent } from '../limits/budgets.ts';
import { type BudgetState, budgetStates } from '../limits/forecast.ts';
import { createPeriods } from '../limits/periods.ts';
import { fanoutScopesOf, scopesOf } from '../limits/scopes.ts';
import { createCrowds, type Estimate, estimateList } from '../pipeline/fanout/estimate.ts';
import type { IngestDeps } from '../pipeline/ingest.ts';
import { createIntake, type Intake } from '../pipeline/intake.ts';
import { createPacing, type Pacing, type PacingDeps } from '../pipeline/pacing.ts';
import type { RetractDeps } from '../pipeline/retract.ts';
import { createRhythms, type Rhythms } from '../pipeline/rhythms.ts';
import { platforms } from '../platforms/index.ts';
import { type AnswerQueue, openAnswerQueue } from '../queue/answers.ts';
import { openQueues, priorities, type Queues } from '../queue/queues.ts';
import { openTickQueue, type TickQueue } from '../queue/ticks.ts';
import { openWebhookQueue, type WebhookQueue } from '../queue/webhooks.ts';
import { type Alarms, openAlarms } from '../store/alarms.ts';
import { type Approvals, openApprovals } from '../store/approvals.ts';
import { type Articles, openArticles } from '../store/articles.ts';
import { openBudgets } from '../store/budgets.ts';
import { type Clock, openClock } from '../store/clock.ts';
import { type Deletions, openDeletions } from '../store/deletions.ts';
import { type Deliveries, openDeliveries } from '../store/deliveries.ts';
import { type Digests, openDigests } from '../store/digests.ts';
import { type Evergreen, openEvergreen } from '../store/evergreen.ts';
import { type Fanouts, openFanouts } from '../store/fanout/index.ts';
import { type FeedState, type Feeds, openFeeds } from '../store/feeds.ts';
import { type FollowUps, openFollowUps } from '../store/follow-ups.ts';
import { openPauses, type Pauses } from '../store/pauses.ts';
import { openRates } from '../store/rates.ts';
import { openReconsider } from '../store/reconsider.ts';
import { openSourceKeys } from '../store/source-keys.ts';
import { type Answered, openAnswered } from '../store/subscribers/answered.ts';
import { openSubscribers, type Subscribers } from '../store/subscribers/index.ts';
import { openTallies, type Tallies } from '../store/tallies.ts';
import { openTicks, type Ticks } from '../store/ticks.ts';
import { accountOf, needsPicture, platformOf } from './lookup.ts';

/** What the rules of publishing work on, all of it kept in Redis. */
export interface Ledger {
  clock: Clock;
  articles: Articles;
  deliveries: Deliveries;
  approvals: Approvals;
  digests: Digests;
  evergreen: Evergreen;
  pauses: Pauses;
  alarms: Alarms;
  /** By the configuration that holds when it is asked for; likewise `ingest`. */
  readonly pacing: Pacing;
  rhythms: Rhythms;
  /** How far the budgets are used, of all accounts. */
  budgets(): Promise<BudgetState[]>;
  readonly ingest: IngestDeps;
  /** Likewise: what corrections and retractions work on. */
  readonly retract: RetractDeps;
  followUps: FollowUps;
  fanouts: Fanouts;
  /** What is gone at its source. */
  deletions: Deletions;
  /** Where sources hand in what they find. */
  intake: Intake;
}

/** Everything that is kept in Redis, through one connection and with its patience. */
export interface Stores extends Ledger {
  redis: Redis;
  queues: Queues;
  webhooks: WebhookQueue;
  /** Who subscribed to what, which of their messages are answered, and the answers that wait. */
  people: Subscribers;
  answered: Answered;
  answers: AnswerQueue;
  /** Who would get an article by the list of a channel now, and what that would cost. */
  estimate: Estimate;
  /** What became of the schedules' ticks, and their queue. */
  ticks: Ticks;
  tickQueue: TickQueue;
  tallies: Tallies;
  feeds: Feeds;
  /** How the feeds of the configuration that holds do. */
  feedStates(): Promise<(FeedState & { url: string })[]>;
  /** Has everything judged anew that waits because of the configuration. Resolves to how many deliveries that were. */
  reconsider(): Promise<number>;
}

const webhookIds = Object.values(platforms)
  .filter(({ webhook }) => webhook !== undefined)
  .map(({ id }) => id);

const recipientsOf = (channel: Channel) => platformOf(channel).recipients?.(channel);

function peopleIn(channel: Channel): number {
  const audience = platformOf(channel).audience?.(channel);
  if (audience === 'subscribers') return Number.POSITIVE_INFINITY;
  return (audience?.people ?? recipientsOf(channel))?.length ?? 0;
}

/** `current` gives the configuration that holds now: what goes by it does so from the next call on. */
export function openStores(redis: Redis, current: () => Config): Stores {
  const { prefix } = current().redis;
  const clock = openClock(redis);
  const reconsider = openReconsider(redis, prefix);
  const feeds = openFeeds(redis, prefix, clock.now);
  const ledger = openLedger(redis, current, clock);
  const people = openSubscribers(redis, prefix);
  const crowds = createCrowds(people, clock.now);
  // No copy: parts of the ledger are looked up at each call.
  return Object.assign(ledger, {
    redis,
    queues: openQueues(redis, { prefix, platforms: Object.keys(platforms), now: clock.now }),
    webhooks: openWebhookQueue(redis, prefix, webhookIds),
    people,
    estimate(channel: Channel, article: Article, post: Spent) {
      const account = accountOf(current(), channel.account);
      const platform = platformOf(channel);
      const subscriptions = platform.subscriptions?.(account);
      return estimateList({ platform, subscriptions, crowds, cost: ledger.pacing.cost }, channel, article, post);
    },
    answered: openAnswered(redis, prefix),
    answers: openAnswerQueue(redis, prefix, webhookIds),
    ticks: openTicks(redis, prefix),
    tickQueue: openTickQueue(redis, prefix),
    tallies: openTallies(redis, prefix),
    feeds,
    feedStates: () =>
      Promise.all(Object.entries(current().feeds).map(async ([id, { url }]) => ({ ...(await feeds.state(id)), url }))),
    reconsider: () => reconsider(clock.now()),
  });
}

/** The ledger on a clock of one's own: that of Redis, or a simulated one. */
export function openLedger(redis: Redis, current: () => Config, clock: Clock): Ledger {
  const { prefix } = current().redis;
  const budgets = openBudgets(redis, prefix);
  const articles = openArticles(redis, prefix);
  const deliveries = openDeliveries(redis, prefix, () => current().reliability);
  const followUps = openFollowUps(redis, prefix);
  const fanouts = openFanouts(redis, prefix, () => current().reliability);
  const evergreen = openEvergreen(redis, prefix);
  const deletions = openDeletions(redis, prefix);
  const quickest = new Map<string, Quickest>();
  const rates = openRates(redis, prefix);
  const underConfig = perConfig(current, (config) => {
    const periods = createPeriods(config.timezone);
    const ingest = ingestDeps(config, { articles, deliveries, followUps, now: clock.now });
    return {
      periods,
      pacing: createPacing(pacingDeps(config, { periods, now: clock.now, rates }), quickest),
      ingest,
      retract: { ...ingest, followUps, evergreen },
    };
  });
  const alarms = openAlarms(redis, prefix);
  return {
    clock,
    articles,
    deliveries,
    followUps,
    fanouts,
    deletions,
    intake: createIntake({
      article: () => underConfig().retract,
      keys: openSourceKeys(redis, prefix),
      deletions,
      alarms,
      deletionsPerHour: () => current().deletions.perHour,
    }),
    get retract() {
      return underConfig().retract;
    },
    approvals: openApprovals(redis, prefix),
    digests: openDigests(redis, prefix),
    evergreen,
    pauses: openPauses(redis, prefix, alarms),
    alarms,
    get pacing() {
      return underConfig().pacing;
    },
    rhythms: createRhythms({ now: clock.now, peopleIn }),
    async budgets() {
      const config = current();
      const at = underConfig().periods(clock.now());
      const states = Object.keys(config.accounts).map(async (account) => {
        const [day, month] = await Promise.all([budgets.spent(account, at.day), budgets.spent(account, at.month)]);
        const budget = config.budgets[account];
        return budgetStates({ account, budget, periods: at, now: clock.now() }, { day, month });
      });
      return (await Promise.all(states)).flat();
    },
    get ingest() {
      return underConfig().ingest;
    },
  };
}

/** Makes something of the configuration once, and again when there is another one. */
function perConfig<T>(current: () => Config, make: (config: Config) => T): () => T {
  let of = current();
  let made = make(of);
  return () => {
    if (of !== current()) {
      of = current();
      made = make(of);
    }
    return made;
  };
}

function pacingDeps(config: Config, given: Pick<PacingDeps, 'periods' | 'now' | 'rates'>): PacingDeps {
  const limits = { ...config.limits, circuits: config.reliability.failuresToRest > 0 };
  return {
    ...given,
    platform: platformOf,
    budgetOf: (account) => config.budgets[account],
    scopesOf: (channel, { article, recipient, priority }, act) =>
      scopesOf(limits, {
        ...(act === undefined ? {} : { act }),
        platform: platformOf(channel),
        account: accountOf(config, channel.account),
        channel,
        article,
        list: platformOf(channel).audience?.(channel) !== undefined,
        breaking: priority === priorities.breaking,
        ...(recipient === undefined ? {} : { recipient }),
      }),
    fanoutScopesOf: (channel) =>
      fanoutScopesOf(limits, { platform: platformOf(channel), account: accountOf(config, channel.account), channel }),
    marginMs: config.limits.marginMs,
  };
}

function ingestDeps(
  config: Config,
  given: Pick<IngestDeps, 'articles' | 'deliveries' | 'followUps' | 'now'>,
): IngestDeps {
  return {
    ...given,
    channels: config.channels,
    priorities: config.priorities,
    duplicates: config.duplicates,
    recipientsOf,
    needsPicture,
    compose: (article, channel) => platformOf(channel).compose(article, channel),
    isSandbox: (channel) => accountOf(config, channel.account).sandbox,
  };
}
