import type { Delivery } from '../core/delivery.ts';
import { listWords, shareDone } from '../desk/list-words.ts';
import { placeOf, printError, stateOf, table } from './print.ts';

/** Deliveries as a table, a line each. */
export function deliveryRows(deliveries: readonly Delivery[]): string {
  return table(
    deliveries.map(({ channel, state, held, sandbox, url, recipient, failure, dueAt, waitsFor, list }) => [
      `  ${channel}`,
      recipient ?? '',
      placeOf(sandbox),
      stateOf(held, state),
      (list && listWords(list)) ??
        url ??
        failure?.reason ??
        (state === 'scheduled' ? (waitsFor ? `waits for ${waitsFor}` : `due ${dueAt}`) : ''),
    ]),
  );
}

/** Tells on standard error that a delivery has moved on; of one to a list, how far it is. */
export function tellProgress(delivery: Delivery): void {
  const { channel, recipient, state, held, failure, list } = delivery;
  if (list) {
    tellList(channel, delivery);
    return;
  }
  if (state === 'scheduled' || state === 'sending') return;
  const name = recipient ? `${channel} ${recipient}` : channel;
  printError(`${name}: ${held ? 'held, may be live' : state}${failure ? ` – ${failure.reason}` : ''}`);
}

const width = 24;
/** Tenths that were told of a list where lines cannot be written over. */
const toldOf = new Map<string, number>();

function tellList(channel: string, { id, list }: Delivery): void {
  if (!list) return;
  const share = shareDone(list);
  if (process.stderr.isTTY) {
    const filled = Math.round(share * width);
    const bar = `${'█'.repeat(filled)}${'░'.repeat(width - filled)}`;
    process.stderr.write(`\r\u001B[K${channel} ${bar} ${listWords(list)}${list.isDone ? '\n' : ''}`);
    return;
  }
  const tenth = list.isDone ? 11 : Math.floor(share * 10);
  if (toldOf.get(id) === tenth) return;
  toldOf.set(id, tenth);
  printError(`${channel}: ${Math.floor(share * 100)} % – ${listWords(list)}`);
}
