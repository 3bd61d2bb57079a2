import type { FailureClass } from './errors.ts';
import type { Receipt } from './post.ts';

export const deliveryStates = [
  'scheduled',
  'sending',
  'retryable',
  'published',
  'unconfirmed',
  'rejected',
  'discarded',
  'cancelled',
] as const;

/**
 * - `scheduled`: accepted, due at `dueAt`.
 * - `sending`: claimed by a worker under a lease.
 * - `retryable`: was not posted, will be tried again at `dueAt`.
 * - `published`: the platform accepted it.
 * - `unconfirmed`: may be live; with `held`, a person decides.
 * - `rejected`: refused for good.
 * - `discarded`: attempts or `staleAfter` used up.
 * - `cancelled`: retracted, or by an operator.
 */
export type DeliveryState = (typeof deliveryStates)[number];

/** The states that no worker leaves by itself. */
export const finalStates: ReadonlySet<DeliveryState> = new Set(['published', 'rejected', 'discarded', 'cancelled']);

/** Why the last attempt failed. */
export interface Failure {
  class: FailureClass | 'discarded';
  code: string | null;
  reason: string;
  at: string;
}

/** One article version to one channel (WhatsApp: to one recipient), as commands and the API show it. */
export interface Delivery {
  id: string;
  /** Article id. */
  article: string;
  version: number;
  channel: string;
  platform: string;
  recipient?: string;
  state: DeliveryState;
  held: boolean;
  /** ISO 8601. */
  dueAt: string;
  attempts: number;
  url: string | null;
  remoteId: string | null;
  parts: { remoteId: string; url: string | null }[];
  receipt: Receipt | null;
  failure: Failure | null;
  sandbox: boolean;
}
