import type { LimitScope } from './errors.ts';

/** Up to `count` in any `perMs`, wherever it begins. */
export interface Rate {
  count: number;
  perMs: number;
}

/** A limit that a platform sets to posting, as far as it is documented. */
export interface RateRule {
  /** Name in the config, such as `chat`. */
  id: string;
  /** For people, such as "messages to one group or channel". */
  about: string;
  /** What waits when the platform says "too fast" for it. */
  scope: LimitScope;
  /** Those that hold unless the config says otherwise. None: only what the platform tells as it answers. */
  rates: readonly Rate[];
  /** Counts different people, not messages. */
  unique?: boolean;
  /** Which requests count; absent: those that send. */
  acts?: readonly RateAct[];
}

/** A request that makes a message, changes one, or takes one away. */
export type RateAct = 'send' | 'edit' | 'remove';

/** What one delivery counts against. */
export interface RateScope {
  /** Which rule of the platform. */
  rule: string;
  /** Of whom: one bot, chat, user, person; the same key is the same limit in all processes. Holds no secret. */
  key: string;
  /** What the platform calls it; absent where it is no limit of the platform. */
  scope?: LimitScope;
  rates: readonly Rate[];
  /** Whose number is counted, where the rule counts different people; or which article, where it counts those. */
  unique?: string;
  /** It holds for deliveries that are later than this, newest first; with `turn` for all, and those go newest first. */
  lateMs?: number;
  /** It is the channel's own rhythm, one article after the other; what is too much waits, goes into a digest, or ends. */
  turn?: 'wait' | 'digest' | 'drop';
}

/** How a backlog is worked off: what is later than `afterMs` goes newest first, so many articles a window. */
export interface CatchUp {
  afterMs: number;
  /** None: as fast as the platform's limits permit. */
  rates: readonly Rate[];
}

/** What a platform's answer says of a limit, as it stands now. */
export interface Usage {
  rule: string;
  /** Requests that are left until `resetMs` from now. */
  remaining: number;
  limit: number;
  resetMs: number;
}

/** What an account may spend in one period; what is absent has no end. */
export interface Allowance {
  /** Publishing requests. */
  requests?: number;
  /** Messages to single people. */
  recipients?: number;
  /** In the currency of the prices. */
  money?: number;
}

/** What the publishing requests of one post spend: each one request and so many recipients, and of each its price. */
export interface Spending {
  requests: number;
  recipients: number;
  money: readonly number[];
}

/** What happens to a post that the budget does not cover. */
export type SpentPolicy = 'hold' | 'dropLink' | 'stop';

/** The budget of one account. */
export interface Budget {
  day: Allowance;
  month: Allowance;
  /** The share (0 to 1) that only breaking news may spend. */
  reserve: number;
  whenSpent: SpentPolicy;
  /** By the platform's own names, such as `link`, or a country's calling code. */
  prices: Readonly<Record<string, number>>;
}
