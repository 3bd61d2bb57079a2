import type { Failure } from '../../core/delivery.ts';
import type { DeliveryJob } from '../articles.ts';
import type { Sent } from '../settlements.ts';

/** Where the people of a fan-out come from. */
export type Source =
  /** Named in the configuration: a line each. */
  | { of: 'fixed'; people: string }
  /** Subscribers of an account. `topics`: bits of the article's in hex; absent: there are no topics. */
  | { of: 'people'; account: string; topics?: string; breaking: boolean }
  /** Whoever got these before. `held`: those too who may have got it. */
  | { of: 'follow'; follows: readonly string[]; held: boolean };

/** Places of what is said among the stored posts, by kind of message and the person's language. */
export interface Said {
  text?: number;
  default: number;
  languages: Record<string, number>;
}

/** What the messages of a fan-out say. */
export interface Variants {
  /** Hashes of the stored posts. */
  posts: string[];
  plain: Said;
  /** Of a correction or retraction: to those who have the message. */
  live?: Said;
}

export interface FanoutStart {
  id: string;
  article: string;
  version: number;
  channel: string;
  account: string;
  /** JSON of `Variants`. */
  variants: string;
  source: Source;
  /** Job of a batch, without its number and time. */
  job: Omit<DeliveryJob, 'due' | 'batch'>;
}

/** What a claim of a batch goes by, as `claim.lua` takes it. Times are epoch ms, waits ms. */
export interface BatchRules {
  account: string;
  channel: string;
  article: string;
  version: number;
  act?: string;
  priority: number;
  staleAfter?: number;
  hours: string;
  /** Limits that all messages share. */
  scopes: string;
  /** What the key of a person's own limit begins with, and its windows; likewise the limit of different people. */
  pair?: [string, number[][]];
  unique?: [string, number[][]];
  bill: { account: string; day: string; month: string; prices: Record<string, number> };
  /** A charge as budgets.lua takes it. */
  charge: object;
  whenSpent: 'hold' | 'stop';
  mode: 'template' | 'text' | 'window';
}

export interface BatchRequest {
  delivery: string;
  batch: number;
  /** Of this claim alone: below 2^32. Who asks again with it gets the same people. */
  fence: number;
  /** People at most. */
  most: number;
  leaseMs: number;
  quarantineMs: number;
  maxAttempts: number;
  way: 'status' | 'hold' | 'resend';
  by: BatchRules;
}

/** One person who may be written to now. */
export interface Claimed {
  place: number;
  /** Digits of a phone number, or the platform's id of the person. */
  who: string;
  /** Which of `Variants.posts`. */
  variant: number;
  /** This one included. */
  attempts: number;
  inMs: number;
  slotAt: number;
  /** The person has the message that this is about. */
  isCorrection: boolean;
  /** Remote id of that message. */
  corrects?: string;
}

export type BatchClaim =
  /** `waitMs`: there may be more then. */
  | { verdict: 'go'; waitMs: number; claimed: Claimed[] }
  | { verdict: 'wait'; waitMs: number; why: string }
  | { verdict: 'paused'; waitMs: number }
  /** Nothing is left to do. */
  | { verdict: 'done' }
  | { verdict: 'gone' };

/** What came of one message. */
export type Outcome = {
  delivery: string;
  batch: number;
  place: number;
  fence: number;
  /** Account whose failures count. */
  circuit: string;
  sent?: Sent;
} & (
  | { state: 'published'; remoteId: string; status: string }
  | {
      state: 'retryable' | 'unconfirmed' | 'held' | 'rejected' | 'discarded';
      failure: Failure;
      waitMs?: number;
      spendAttempt?: boolean;
      /** The person's window is over: the next attempt takes the template. */
      windowIsOver?: boolean;
    }
);
