import type { DeliveryState } from './delivery-state.ts';

export type RecipientStatus = 'accepted' | 'sent' | 'delivered' | 'read' | 'failed';

/** How the deliveries of one article to a list of people stand. */
export interface FanoutCounts {
  /** People, as far as the list is cut into batches. */
  total: number;
  /** The list is cut to its end. */
  isCut: boolean;
  /** Nothing waits, is being sent or is being settled any more. */
  isDone: boolean;
  states: Record<DeliveryState, number>;
  /** Among `unconfirmed`: those that wait for a person to say. */
  held: number;
  /** The newest that the platform told of those that it took. */
  statuses: Record<RecipientStatus, number>;
  /** Why deliveries have failed or were left out, most frequent first. */
  failures: { code: string | null; count: number; reason: string | null }[];
  /** What it has cost so far, in the currency of the prices. */
  money: number;
  /** ISO 8601. */
  startedAt: string;
  endedAt: string | null;
}

/** One person's delivery of a fan-out. */
export interface RecipientRow {
  /** `DELIVERY.BATCH.PLACE`. */
  id: string;
  /** Digits of a phone number, or the platform's id of the person; empty: erased. */
  who: string;
  state: DeliveryState;
  held: boolean;
  status: RecipientStatus | null;
  attempts: number;
  /** Why it has failed or was left out. */
  code: string | null;
  /** When it is due, its claim ends, or the newest was told of it; ISO 8601. */
  at: string | null;
  remoteId: string | null;
}

/** The place of a person's delivery: `DELIVERY.BATCH.PLACE`. */
export interface Place {
  delivery: string;
  batch: number;
  place: number;
}

/** The place that an id names; undefined: it is none of a fan-out. */
export function placeIn(id: string): Place | undefined {
  const [, delivery, batch, place] = /^([^.]+)\.(\d{1,9})\.(\d{1,9})$/.exec(id) ?? [];
  return delivery === undefined ? undefined : { delivery, batch: Number(batch), place: Number(place) };
}
