import { type DeliveryState, deliveryStates } from './delivery-state.ts';
import type { FailureClass } from './errors.ts';
import type { FanoutCounts } from './fanout.ts';
import type { Receipt } from './post.ts';

export { type DeliveryState, deliveryStates };

/** The states that no worker leaves by itself. */
export const finalStates: ReadonlySet<DeliveryState> = new Set(['published', 'rejected', 'discarded', 'cancelled']);

/**
 * Where a delivery may go from each state; nothing else is written, whoever asks. From `rejected`, `discarded` and
 * `cancelled` to `retryable` only by an operator; from `published` only of a retraction, where one more message turns up.
 */
export const transitions: Readonly<Record<DeliveryState, readonly DeliveryState[]>> = {
  scheduled: ['sending', 'published', 'unconfirmed', 'discarded', 'cancelled'],
  sending: ['sending', 'published', 'retryable', 'unconfirmed', 'rejected', 'discarded', 'cancelled'],
  retryable: ['sending', 'published', 'unconfirmed', 'rejected', 'discarded', 'cancelled'],
  unconfirmed: ['unconfirmed', 'published', 'retryable', 'rejected', 'discarded', 'cancelled'],
  published: ['rejected', 'retryable'],
  rejected: ['retryable'],
  discarded: ['published', 'retryable'],
  cancelled: ['published', 'retryable'],
};

/** The states that an operator may send back. */
export const returnableStates: ReadonlySet<DeliveryState> = new Set(['rejected', 'discarded', 'cancelled']);

/** The states of what was to be posted and was not. */
export const failedStates = ['rejected', 'discarded'] as const;
export type FailedState = (typeof failedStates)[number];

export function hasFailed({ state }: Pick<Delivery, 'state'>): boolean {
  return failedStates.some((one) => one === state);
}

/** Codes of what ended because its channel is set so, or because nothing was to be done. */
const codesByRule: readonly (string | null | undefined)[] = [
  ...['closed', 'cap', 'digest', 'folded', 'nobody'],
  // Of what follows a post: there is nothing to change, or nothing is changed here.
  ...['unchanged', 'left', 'not-live', 'in-digest'],
];

/** Nothing went wrong: a rule of its channel left it out. */
export function isLeftOut({ state, failure }: Pick<Delivery, 'state' | 'failure'>): boolean {
  return state === 'discarded' && codesByRule.includes(failure?.code);
}

/**
 * What a delivery does that follows others of its channel: `correct` carries a new version to where the old one is,
 * `retract` takes the article away, `followUp` is a further story that replies to an earlier one. Its `published` means:
 * done.
 */
export type FollowAct = 'correct' | 'retract' | 'followUp';

/** One step of a delivery's way. */
export interface HistoryEntry {
  /** ISO 8601. */
  at: string;
  /** Number of the attempt. */
  attempt: number;
  /**
   * `sending`: claimed part `part` of the post with hash `post`. `part`: that part is live. A state: it went there. `looked`:
   * the platform was asked, and does not show it. `status`: what the platform told later. `resolved`: by a person.
   * `approved`: a person said yes.
   * `retried`: sent back by a person, to go on at part `part`; `remoteId` is what had gone out and did not arrive.
   */
  event: DeliveryState | 'part' | 'looked' | 'status' | 'resolved' | 'retried' | 'approved';
  part?: number;
  /** Hash of the post that was said; `articles.post` has it. */
  post?: string;
  remoteId?: string;
  code?: string;
  /** What came back, in words. */
  reason?: string;
}

/** Why the last attempt failed. */
export interface Failure {
  class: FailureClass | 'discarded' | 'cancelled';
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
  /** Absent for a plain post. */
  act?: FollowAct;
  state: DeliveryState;
  held: boolean;
  /** ISO 8601. */
  dueAt: string;
  /** What it waits for until then, in words: a limit, a budget, an account that fails. */
  waitsFor?: string;
  attempts: number;
  url: string | null;
  remoteId: string | null;
  parts: { remoteId: string; url: string | null }[];
  receipt: Receipt | null;
  failure: Failure | null;
  sandbox: boolean;
  /** Where it goes to a list of people: how their deliveries stand. */
  list?: FanoutCounts;
}
