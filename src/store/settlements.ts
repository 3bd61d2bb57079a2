import type { DeliveryState, Failure } from '../core/delivery.ts';
import type { Receipt } from '../core/post.ts';

/** A request that was answered: the scopes it was claimed with, its slot, and when the platform had it at the latest (epoch ms). */
export interface Sent {
  scopes: string;
  slotAt: number;
  arrivedAt: number;
}

/** What came of a claimed part. */
export type Settlement = {
  id: string;
  token: string;
  /** Account whose failures in a row are counted, and forgotten at a success; absent: nobody's. */
  circuit?: string;
  sent?: Sent;
} & (
  | {
      state: 'live';
      receipt: Receipt;
      part: number;
      total: number;
      /** Where the platform can be asked. */
      account?: string;
    }
  | {
      state: Extract<DeliveryState, 'retryable' | 'unconfirmed' | 'rejected' | 'discarded'>;
      failure: Failure;
      /** For `retryable`, and `unconfirmed` that is not held: not before so long. */
      waitMs?: number;
      /** False gives the attempt back (a wait that is nobody's fault). */
      spendAttempt?: boolean;
      held?: boolean;
    }
);

/** What a look at the platform has shown. */
export type Finding = { id: string; fence: string; account: string } & (
  | { outcome: 'found'; receipts: Receipt[] }
  /** Asked again after the wait; a trouble counts for nothing. */
  | { outcome: 'absent' | 'trouble'; waitMs: number; failure?: Failure }
  /** It is not there: sent after the wait. */
  | { outcome: 'retryable'; waitMs: number; failure?: Failure }
  | { outcome: 'rejected' | 'discarded' | 'held'; failure: Failure }
);

export type FindingReply =
  | { verdict: 'recorded'; state: DeliveryState }
  /** Something happened since; nothing was written. */
  | { verdict: 'lost' }
  /** What was found is the post of another delivery. */
  | { verdict: 'taken'; owner: string };

/** What a person says of a delivery that may be live. */
export type Resolution = { published: true; remoteId: string; url?: string } | { published: false };

/** What came of it: `refused` where it is not unconfirmed. */
export type ResolveReply = { verdict: 'resolved' | 'refused'; state: DeliveryState } | { verdict: 'missing' };
