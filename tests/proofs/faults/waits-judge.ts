import type { Delivery } from '../../../src/core/delivery.ts';
import type { BudgetState } from '../../../src/limits/forecast.ts';
import type { SandboxPost } from '../../../src/sandbox/index.ts';
import type { Tally } from '../proof.ts';
import type { Accepted } from './feed.ts';
import { isSame, isWhole } from './judge.ts';
import { numbersIn } from './numbers.ts';
import { accountIds, priceOf, type WaitingTarget, waitingTargets } from './waits-topology.ts';
import { claimKey, type Records, type Told } from './waits-watch.ts';

export const waitsChecks = [
  'lost',
  'sent twice',
  'held without a fault',
  'wait lost',
  'sent too fast',
  'spent too little',
  'spent too much',
  'status differs',
] as const;

/** What an account has spent, by the program's word or by the sandbox's; money in millionths. */
export type Amounts = { requests: number; recipients: number; money: number };

export interface WaitsEvidence {
  articles: readonly Accepted[];
  deliveries: ReadonlyMap<string, Delivery>;
  posts: Readonly<Record<string, readonly SandboxPost[]>>;
  records: Records;
  /** Requests that broke a limit, by platform. */
  refused: Readonly<Record<string, number>>;
  /** What Redis counts, of all days and of all months, by account. */
  spent: ReadonlyMap<string, { days: Amounts; months: Amounts }>;
  /** What `munadi status` tells; undefined where it was not asked. */
  budgets: readonly BudgetState[] | undefined;
}

export type Fates = Record<string, { deliveries: number; published: number; held: number }>;

/** Judges by what the sandbox accepted, and when requests left. */
export function judgeWaits(evidence: WaitsEvidence, tally: Tally): { fates: Fates; unnoted: number } {
  const { fates, least, most } = judgePosts(evidence, tally);
  for (const [platform, count] of Object.entries(evidence.refused)) {
    for (let n = 0; n < count; n += 1) tally.fail('sent too fast', { article: `${platform} ${n}`, what: platform });
  }
  judgeSpending(evidence, { least, most }, tally);
  return { fates, unnoted: judgeWaitsKept(evidence.records, evidence.articles, tally) };
}

function judgePosts({ articles, deliveries, posts, records }: WaitsEvidence, tally: Tally) {
  const fates: Fates = {};
  const zeros = () => new Map(accountIds.map((id) => [id, { requests: 0, recipients: 0, money: 0 }]));
  const [least, most] = [zeros(), zeros()];
  const found = Map.groupBy(
    Object.values(posts).flat(),
    ({ platform, target, text }) => `${platform} ${target} ${numbersIn(text)[0]?.article}`,
  );
  for (const { number, deliveries: given } of articles) {
    for (const { id, channel, platform, recipient } of given) {
      const target = waitingTargets.find((one) => one.channel === channel && one.recipient === recipient);
      if (!target) throw new Error(`The proof has no channel ${channel}.`);
      const own = found.get(`${platform} ${target.target} ${number}`) ?? [];
      const delivery = deliveries.get(id);
      const sample = { article: `article ${number}`, channel: target.target };
      const said = `${delivery?.state ?? 'gone'}${delivery?.held ? ', held' : ''}; ${own.length} posts`;
      fates[platform] ??= { deliveries: 0, published: 0, held: 0 };
      const fate = fates[platform];
      fate.deliveries += 1;
      for (const post of own) {
        for (const amounts of [least, most]) add(amounts, target, post.link !== undefined);
      }
      if (own.some((post, at) => own.slice(0, at).some((other) => isSame(post, other)))) {
        tally.fail('sent twice', { ...sample, what: said });
      }
      if (delivery?.state === 'published' && isWhole(delivery, own, target)) {
        fate.published += 1;
        continue;
      }
      const canBeAsked = platform === 'x' || platform === 'facebook';
      if (!delivery?.held || delivery.state !== 'unconfirmed' || canBeAsked) {
        tally.fail('lost', { ...sample, what: `${said}; ${delivery?.failure?.reason ?? ''}` });
        continue;
      }
      fate.held += 1;
      // One that may be live stays spent.
      if (own.length === 0) add(most, target, false);
      if (records.doubtful.has(id) || records.doubtful.has(`${number} ${target.target}`)) continue;
      tally.fail('held without a fault', { ...sample, what: `${said}; ${delivery.failure?.reason ?? ''}` });
    }
  }
  return { fates, least, most };
}

function add(amounts: ReadonlyMap<string, Amounts>, target: WaitingTarget, hasLink: boolean): void {
  const of = amounts.get(target.account);
  if (!of) return;
  of.requests += 1;
  if (target.recipient !== undefined) of.recipients += 1;
  of.money += Math.round(priceOf(target, hasLink) * 1_000_000);
}

type Bounds = { least: ReadonlyMap<string, Amounts>; most: ReadonlyMap<string, Amounts> };

function judgeSpending({ spent, budgets }: WaitsEvidence, { least, most }: Bounds, tally: Tally): void {
  for (const account of accountIds) {
    const [low, high] = [least.get(account), most.get(account)];
    const counted = spent.get(account);
    for (const kind of ['requests', 'recipients', 'money'] as const) {
      for (const period of ['days', 'months'] as const) {
        const value = counted?.[period][kind] ?? 0;
        const what = `${value} ${kind}; ${low?.[kind]} accepted, ${(high?.[kind] ?? 0) - (low?.[kind] ?? 0)} in doubt`;
        const sample = { article: `${account} ${kind} ${period}`, what };
        if (value < (low?.[kind] ?? 0)) tally.fail('spent too little', sample);
        if (value > (high?.[kind] ?? 0)) tally.fail('spent too much', sample);
      }
      if (!budgets) continue;
      const told = budgets.find((one) => one.account === account && one.of === kind && one.period === 'month');
      const value = kind === 'money' ? Math.round((told?.spent ?? 0) * 1_000_000) : (told?.spent ?? 0);
      if (value === (counted?.months[kind] ?? 0)) continue;
      tally.fail('status differs', { article: account, what: `${kind}: ${value}, ${counted?.months[kind]} in Redis` });
    }
  }
}

/** Between an answer and the instant at which Redis has it, no more passes than this, where it cannot be seen. */
const unseenMs = 1_000;
/** Timers fire a little early. */
const earlyMs = 5;

/** Requests that were claimed after a wait was on record, and left before it was over. Resolves to waits nobody could record. */
function judgeWaitsKept(records: Records, articles: readonly Accepted[], tally: Tally): number {
  const idOf = new Map(
    articles.flatMap(({ number, deliveries }) =>
      deliveries.map(({ id, channel, recipient }) => [`${number} ${channel} ${recipient ?? ''}`, id] as const),
    ),
  );
  let unnoted = 0;
  for (const told of records.told) {
    const since = notedAt(told, records);
    if (since === undefined) unnoted += 1;
    else if (since === Number.POSITIVE_INFINITY) {
      tally.fail('wait lost', { article: told.process, channel: told.target.target, what: 'never put on record' });
    }
    for (const { process, target, article, at } of records.sent) {
      if (target !== told.target || since === undefined || at <= since || at >= told.at + told.waitMs - earlyMs)
        continue;
      const id = idOf.get(`${article} ${target.channel} ${target.recipient ?? ''}`) ?? '';
      const claims = records.claims.get(claimKey(process, id)) ?? [];
      const claimedAt = claims.filter((one) => one <= at).at(-1) ?? at - unseenMs;
      // What was under way already could not know.
      if (claimedAt <= since) continue;
      const what = `sent ${Math.round(at - told.at)} ms after ${told.process} was told to wait ${told.waitMs} ms`;
      tally.fail('wait lost', { article: `article ${article}`, channel: target.target, what });
    }
  }
  return unnoted;
}

/** When Redis had it; undefined where whoever was told died before, infinity where it lived and said nothing. */
function notedAt({ process, at, notedAt }: Told, { deaths }: Records): number | undefined {
  if (notedAt !== undefined) return notedAt;
  const died = deaths.get(process) ?? Number.POSITIVE_INFINITY;
  if (process.startsWith('service')) return died > at + unseenMs ? at + unseenMs : undefined;
  return died === Number.POSITIVE_INFINITY ? died : undefined;
}
