import type { Failure } from '../../core/delivery.ts';
import type { DeliveryJob } from '../articles.ts';
import type { Sent } from '../settlements.ts';
import { remotePrefix } from './read.ts';

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

/** All batches of a list that rests look now and then whether it goes on: few of them soon. */
const longestPauseMs = 10_000;

/**
 * The longest wait that is taken from a reply: what changes in between (the article is withdrawn, say) is seen then. All
 * batches of a list together look some seventeen times a second at most.
 */
const longestWaitMs = 600_000;
const soonestMs = 10_000;
const aBatchMs = 60;

/** A reply of claim.lua. */
export function readClaim([verdict, wait = '0', why = '', ...rest]: string[]): BatchClaim {
  const waitMs = Math.min(longestWaitMs, Number(wait));
  switch (verdict) {
    case 'go':
      return { verdict, waitMs, claimed: inEights([why, ...rest]) };
    case 'wait':
      if (why.startsWith('fault')) throw new Error(`fanout/claim.lua: ${why}`);
      return { verdict, waitMs: Math.min(waitMs, soonestMs + Number(rest[0] ?? 0) * aBatchMs), why };
    case 'paused':
      return { verdict, waitMs: Math.min(longestPauseMs, 1_000 + Number(wait) * 10) };
    case 'done':
    case 'gone':
      return { verdict };
    default:
      throw new Error(`fanout/claim.lua: ${verdict}`);
  }
}

function inEights(values: readonly string[]): Claimed[] {
  const all: Claimed[] = [];
  for (let at = 0; at + 7 < values.length; at += 8) {
    const [place, who = '', variant, attempts, inMs, slotAt, corrects = '', remoteId = ''] = values.slice(at, at + 8);
    all.push({
      place: Number(place),
      who,
      variant: Number(variant),
      attempts: Number(attempts),
      inMs: Number(inMs),
      slotAt: Number(slotAt),
      isCorrection: corrects !== '',
      ...(remoteId === '' ? {} : { corrects: `${remotePrefix}${remoteId}` }),
    });
  }
  return all;
}
