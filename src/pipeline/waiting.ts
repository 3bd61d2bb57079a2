import type { Delivery } from '../core/delivery.ts';

/** Why a delivery waits until it is due, in words; undefined where only its turn is to come. */
export function reasonToWait({
  state,
  waitsFor,
  failure,
}: Pick<Delivery, 'state' | 'waitsFor' | 'failure'>): string | undefined {
  if (waitsFor !== undefined) return waitsFor;
  return state === 'retryable' && failure ? `another attempt: ${failure.reason}` : undefined;
}
