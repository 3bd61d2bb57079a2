import type { DeliveryState } from '../core/delivery.ts';
import type { Receipt } from '../core/post.ts';

/**
 * How an end that nobody knows is settled: the platform is asked, or tells by itself; a person decides; or it is sent
 * again; or it is done again because that changes nothing.
 */
export type Way = 'find' | 'status' | 'hold' | 'resend' | 'repeat';

/** A claim on the next part of a delivery. */
export interface ClaimRequest {
  id: string;
  /** Fencing token of this attempt; the same for all parts of one attempt. */
  token: string;
  /** Hash of the composed post, kept as proof of what was said; `''` where none could be composed. */
  postHash: string;
  /** Parts of that post. */
  total: number;
  account: string;
  channel: string;
  staleAfterMs: number | undefined;
  way: Way;
  /** What it counts against, by `encodeScopes`; empty: nothing. */
  scopes: string;
  /** What it spends, a `Charge` as JSON; empty: nothing. */
  charge: string;
  /** Where the budget does not cover it: it waits, it ends, or that is told and nothing is written. */
  whenSpent: 'hold' | 'stop' | 'tell';
  /** When the channel is open, by `encodeHours`; empty: always. */
  hours: string;
  /** A person has to say yes first. */
  needsApproval: boolean;
  /** It goes into the channel's digest. */
  collects: boolean;
  /** Of a delivery that follows others: how it found them. */
  follows?: Found;
}

/** What whoever claims a delivery has found of those that it follows. */
export interface Found {
  /** How they stand: the claim compares it. */
  basis: string;
  /** How many steps there are. */
  steps: number;
  /** There is nothing to do, and why. */
  leave?: { code: string; reason: string };
}

/** When a channel is open, as the claim takes it. Times are epoch ms. */
export interface ChannelHours {
  /** It is open now, until then; absent: for ever, as far as one can see. */
  until?: number;
  /** It is closed now, for this reason. */
  closed?: string;
  /** When it opens next after that. */
  opensAt?: number;
  late: 'next' | 'digest' | 'drop';
}

export function encodeHours({ until, closed, opensAt, late }: ChannelHours): string {
  return [closed === undefined ? (until ?? '') : 0, opensAt ?? '', late, closed ?? 'outside its hours'].join('|');
}

/** Waits are milliseconds from now, by no clock of ours. */
export type ClaimReply =
  /** Ours for the lease; `parts` are live already. `postHash`: what is being said, from an earlier attempt where parts are live. `inMs`: its limits are free after so long, which is at `slotAt` (epoch ms). */
  | { verdict: 'claimed'; attempts: number; parts: Receipt[]; postHash: string; inMs: number; slotAt: number }
  /** May be live: find out, and record it by `reconcile` under this fence. */
  | ({ verdict: 'ask' } & Doubt)
  /** Another worker holds it. */
  | { verdict: 'leased'; waitMs: number }
  | { verdict: 'early'; waitMs: number }
  /** A limit is not free; it has a slot of its own then. `scope`: which, as in `RateScope.key`. */
  | { verdict: 'limited'; waitMs: number; scope: string }
  /** The budget does not cover it. `waitMs`: it looks again then; absent where it has ended. */
  | { verdict: 'spent'; waitMs: number | undefined; of: string; period: string }
  | { verdict: 'paused' }
  | { verdict: 'settled'; state: DeliveryState }
  /** Written by a newer version of this program, which alone understands it. */
  | { verdict: 'newer' }
  | { verdict: 'missing' };

/** An unconfirmed delivery, as far as it matters to whoever finds out. */
export interface Doubt {
  asks: number;
  /** Of this asking: what it finds is recorded only while nobody else asks. */
  fence: string;
  attempts: number;
  /** Those that are live for certain; the next one is in doubt. */
  parts: Receipt[];
  /** `''` where none is known. */
  postHash: string;
  /** Parts of the post in all. */
  total: number;
  /** When the first attempt began whose end nobody knows (epoch ms). */
  sinceMs: number;
  /** Absences seen so far. */
  looks: number;
  /** Code of the failure that left it in doubt, such as `duplicate`. */
  code: string;
}

/** What `claim.lua` answers for one delivery; an `Error` where the record makes no sense. */
export function readClaim([verdict, ...detail]: string[]): ClaimReply | Error {
  const [first = '', second = '[]', third = '', fourth = '0', fifth = '0'] = detail;
  switch (verdict) {
    case 'claimed':
      return {
        verdict,
        attempts: Number(first),
        parts: JSON.parse(second) as Receipt[],
        postHash: third,
        inMs: Number(fourth),
        slotAt: Number(fifth),
      };
    case 'spent':
      return { verdict, waitMs: first === '' ? undefined : Number(first), of: second, period: third };
    case 'limited':
      return { verdict, waitMs: Number(first), scope: second };
    case 'ask': {
      const [asks, attempts, parts = '[]', postHash = '', since, looks, code = '', total, fence = ''] = detail;
      return {
        verdict,
        asks: Number(asks),
        fence,
        attempts: Number(attempts),
        parts: JSON.parse(parts) as Receipt[],
        postHash,
        total: Number(total),
        sinceMs: Number(since),
        looks: Number(looks),
        code,
      };
    }
    case 'leased':
    case 'early':
      return { verdict, waitMs: Number(first) };
    case 'settled':
      return { verdict, state: first as DeliveryState };
    case 'paused':
    case 'newer':
    case 'missing':
      return { verdict };
    default:
      return new Error(`claim.lua: ${verdict}: ${first}`);
  }
}
