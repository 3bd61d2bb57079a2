import type { FanoutCounts } from '../core/fanout.ts';

const number = new Intl.NumberFormat('en');

/** How far a list is, from 0 to 1. */
export function shareDone({ total, isDone, states }: FanoutCounts): number {
  if (isDone) return 1;
  const open = states.scheduled + states.sending + states.retryable;
  return total === 0 ? 0 : Math.max(0, total - open) / total;
}

/** How the deliveries of a list stand, in a line: `1,000 people: 950 published (400 delivered, 100 read), 3 rejected`. */
export function listWords({ total, isCut, states, held, statuses, failures, money }: FanoutCounts): string {
  const told = [
    [statuses.delivered, 'delivered'],
    [statuses.read, 'read'],
  ] as const;
  const seen = told.flatMap(([count, name]) => (count > 0 ? [`${number.format(count)} ${name}`] : []));
  const rows = [
    [states.scheduled + states.retryable, 'waiting'],
    [states.sending, 'being sent'],
    [states.published, seen.length > 0 ? `published (${seen.join(', ')})` : 'published'],
    [states.unconfirmed - held, 'being settled'],
    [held, 'held: may have got it'],
    [states.rejected, 'rejected'],
    [states.discarded, 'discarded'],
    [states.cancelled, 'cancelled'],
  ] as const;
  const parts = rows.flatMap(([count, name]) => (count > 0 ? [`${number.format(count)} ${name}`] : []));
  const why = failures.flatMap(({ code, count }) => (code === null ? [] : [`${code}: ${number.format(count)}`]));
  return [
    `${number.format(total)} ${total === 1 ? 'person' : 'people'}${isCut ? '' : ' so far'}: ${parts.join(', ') || 'nobody'}`,
    ...(why.length > 0 ? [`because of ${why.slice(0, 4).join(', ')}`] : []),
    ...(money > 0 ? [`costs ${money.toFixed(2)}`] : []),
  ].join('; ');
}
