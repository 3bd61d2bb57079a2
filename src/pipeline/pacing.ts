import type { Channel } from '../core/channel.ts';
import type { RateLimitedError } from '../core/errors.ts';
import type { Budget, RateAct, RateScope, Usage } from '../core/limits.ts';
import type { Platform } from '../core/platform.ts';
import { createQuickest, type Quickest } from '../core/quickest.ts';
import { chargeOf, inMillionths, type Spent, spendingOf } from '../limits/budgets.ts';
import type { Periods } from '../limits/periods.ts';
import type { DeliveryJob } from '../store/articles.ts';
import type { Sent } from '../store/deliveries.ts';
import type { BatchRules } from '../store/fanout/index.ts';
import { encodeScopes, encodeWindows, type Rates } from '../store/rates.ts';

/** What of a delivery the limits go by. */
type Subject = Pick<DeliveryJob, 'article' | 'recipient' | 'priority'>;

export interface PacingDeps {
  platform: (channel: Channel) => Platform;
  budgetOf(account: string): Budget | undefined;
  /** Of the time zone that is set. */
  periods: (atMs: number) => Periods;
  /** The clock of all processes (epoch ms). */
  now: () => number;
  /** What a delivery of this channel counts against. */
  scopesOf(channel: Channel, job: Subject, act?: RateAct): RateScope[];
  /** What the messages of its fan-outs count against; see `fanoutScopesOf`. */
  fanoutScopesOf(channel: Channel): { shared: RateScope[]; person?: RateScope; people?: RateScope };
  rates: Rates;
  /** How much longer than it is each window is taken to be. */
  marginMs: number;
}

/** The limits of one platform's deliveries: what they count against, and what the platform says of it. */
export interface Pacing {
  /** What a request counts against, `send` unless said otherwise; as the claim takes it. */
  scopes(channel: Channel, job: Subject, act?: RateAct): string;
  /** What each step spends, and what happens where the budget does not cover it; as the claim takes it. */
  charge(
    channel: Channel,
    recipient: string | undefined,
    post: Spent,
  ): { charge: string; whenSpent: 'hold' | 'stop' | 'tell' };
  /** What the messages of a fan-out count against and spend, as its claim takes it. */
  fanout(channel: Channel): Pick<BatchRules, 'scopes' | 'pair' | 'unique' | 'bill' | 'charge' | 'whenSpent'>;
  /** What a post costs, in the currency of the prices; 0 where none are known. */
  cost(channel: Channel, recipient: string | undefined, post: Spent): number;
  /** The same channel without links, where the budget wants that and it is cheaper. */
  cheaper(channel: Channel): Channel | undefined;
  /** The platform asked to wait: so does everything else in the same scope, in all processes. */
  refused(channel: Channel, job: Subject, error: RateLimitedError, act?: RateAct): Promise<void>;
  /**
   * When the platform had a request at the latest, which is answered now: later than its slot by as much as it took longer
   * than usual. `askedAt`: when its claim was made (`performance.now`).
   */
  sent(channel: Channel, scopes: string, claimed: { slotAt: number; inMs: number; askedAt: number }): Sent | undefined;
  /** Erases people, by the names that platforms know them by, from what the lists of a channel count against. */
  forget(channel: Channel, names: readonly string[]): Promise<void>;
  /** What an answer says of what is left. */
  observe(channel: Channel, job: Subject, usage: Usage, act?: RateAct): void;
}

/**
 * What an account's requests take at their quickest is known after so many over such a while (the first come all at once,
 * from a process that has just started), and forgotten later.
 */
const fewAnswers = 64;
const shortWhileMs = 20_000;
const quickestForMs = 600_000;

/** `quickest`: what is known of each account's requests; may be kept from one pacing to the next. */
export function createPacing(deps: PacingDeps, quickest = new Map<string, Quickest>()): Pacing {
  const { scopesOf, rates, marginMs } = deps;

  const cheaper = (channel: Channel) =>
    deps.budgetOf(channel.account)?.whenSpent === 'dropLink'
      ? deps.platform(channel).pricing?.cheaper?.(channel)
      : undefined;

  const spending = (channel: Channel, recipient: string | undefined, post: Spent) => {
    const prices = deps.budgetOf(channel.account)?.prices ?? {};
    return spendingOf(deps.platform(channel), { post, recipient, prices });
  };

  return {
    cheaper,
    cost: (...of) => spending(...of).money.reduce((sum, price) => sum + price, 0),
    charge(channel, recipient, post) {
      // Its messages spend each for itself.
      if (deps.platform(channel).audience?.(channel)) return { charge: '', whenSpent: 'hold' };
      const budget = deps.budgetOf(channel.account);
      const now = deps.now();
      const charge = chargeOf(
        { account: channel.account, budget, periods: deps.periods(now), now },
        spending(channel, recipient, post),
      );
      const whenSpent = cheaper(channel) ? 'tell' : budget?.whenSpent === 'stop' ? 'stop' : 'hold';
      return { charge: JSON.stringify(charge), whenSpent };
    },
    fanout(channel) {
      const { shared, person, people } = deps.fanoutScopesOf(channel);
      const budget = deps.budgetOf(channel.account);
      const now = deps.now();
      const charge = chargeOf(
        { account: channel.account, budget, periods: deps.periods(now), now },
        { requests: 1, recipients: 1, money: [] },
      );
      const { account, day, month } = charge;
      const windows = ({ rates: given }: RateScope) => encodeWindows(given, marginMs);
      return {
        scopes: encodeScopes(shared, marginMs),
        ...(person ? { pair: [person.key, windows(person)] } : {}),
        ...(people ? { unique: [people.key, windows(people)] } : {}),
        bill: { account, day, month, prices: inMillionths(budget?.prices ?? {}) },
        charge,
        whenSpent: budget?.whenSpent === 'stop' ? 'stop' : 'hold',
      };
    },
    sent({ account }, scopes, { slotAt, inMs, askedAt }) {
      if (scopes === '') return undefined;
      const known = quickest.get(account) ?? createQuickest(quickestForMs);
      quickest.set(account, known);
      const tookMs = performance.now() - askedAt - inMs;
      known.add(tookMs);
      const isKnown = known.count() >= fewAnswers && known.ageMs() >= shortWhileMs;
      const lateMs = tookMs - (isKnown ? known.ms() : 0);
      // The windows are longer by the margin already.
      return { scopes, slotAt, arrivedAt: slotAt + Math.max(0, lateMs - marginMs) };
    },
    scopes: (channel, job, act) => encodeScopes(scopesOf(channel, job, act), marginMs),
    async refused(channel, job, { scope: name, retryAfterMs, message }, act) {
      const own = scopesOf(channel, job, act).filter(({ scope }) => scope === name);
      await Promise.all(own.map((scope) => rates.refused(scope, retryAfterMs, message)));
    },
    async forget(channel, names) {
      const { person, people } = deps.fanoutScopesOf(channel);
      await rates.forget(names, { person, people });
    },
    observe(channel, job, usage, act) {
      const scope = scopesOf(channel, job, act).find(({ rule }) => rule === usage.rule);
      // What is lost here is told again by the next answer.
      if (scope) rates.observed(scope, usage).catch(() => {});
    },
  };
}
