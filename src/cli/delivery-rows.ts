import type { Delivery } from '../core/delivery.ts';
import { placeOf, printError, stateOf, table } from './print.ts';

/** Deliveries as a table, a line each. */
export function deliveryRows(deliveries: readonly Delivery[]): string {
  return table(
    deliveries.map(({ channel, state, held, sandbox, url, recipient, failure, dueAt, waitsFor }) => [
      `  ${channel}`,
      recipient ?? '',
      placeOf(sandbox),
      stateOf(held, state),
      url ?? failure?.reason ?? (state === 'scheduled' ? (waitsFor ? `waits for ${waitsFor}` : `due ${dueAt}`) : ''),
    ]),
  );
}

/** Tells on standard error that a delivery has moved on. */
export function tellProgress({ channel, recipient, state, held, failure }: Delivery): void {
  if (state === 'scheduled' || state === 'sending') return;
  const name = recipient ? `${channel} ${recipient}` : channel;
  printError(`${name}: ${held ? 'held, may be live' : state}${failure ? ` – ${failure.reason}` : ''}`);
}
