import { type Delivery, failedStates, isLeftOut, returnableStates } from '../core/delivery.ts';
import type { Deliveries } from '../store/deliveries.ts';
import type { Fanouts } from '../store/fanout/index.ts';
import type { RetryFilter } from './retry-filter.ts';

/** What came of sending a delivery back, and the delivery as it is afterwards. `refused`: nothing was changed. */
export interface Retried {
  verdict: 'retried' | 'refused';
  delivery: Delivery;
}

/** The failed deliveries that a filter means, each of its states oldest first. Reads page by page, up to its limit. */
export async function findFailed(deliveries: Pick<Deliveries, 'failed'>, filter: RetryFilter): Promise<Delivery[]> {
  const found: Delivery[] = [];
  for (const state of filter.state ? [filter.state] : failedStates) {
    for await (const page of deliveries.failed(state, filter.sinceMs ?? 0)) {
      for (const delivery of page) {
        if (found.length >= filter.limit) return found;
        if (isMeant(delivery, filter)) found.push(delivery);
      }
    }
  }
  return found;
}

/** What a rule of its channel left out is meant only by its code. */
function isMeant(delivery: Delivery, filter: RetryFilter): boolean {
  const { channel, platform, failure } = delivery;
  return (
    (filter.code !== undefined || !isLeftOut(delivery)) &&
    (filter.channel === undefined || filter.channel === channel) &&
    (filter.platform === undefined || filter.platform === platform) &&
    (filter.code === undefined || filter.code === failure?.code)
  );
}

/**
 * Sends deliveries back that ended without being posted: they are composed anew by the worker and go on at their first
 * part that is not live. Of one to a list, those of its people are meant that failed. Those that are not stored are left
 * out.
 */
export async function retryDeliveries(
  {
    deliveries,
    fanouts,
  }: { deliveries: Pick<Deliveries, 'get' | 'retry'>; fanouts: Pick<Fanouts, 'retry' | 'counts'> },
  ids: readonly string[],
): Promise<Retried[]> {
  const all = [...new Set(ids)];
  const counts = await fanouts.counts(all);
  const lists = all.filter((_, index) => counts[index] !== undefined);
  const again = new Map(await Promise.all(lists.map(async (id) => [id, await fanouts.retry(id)] as const)));
  const asked = all.filter((id) => !again.has(id));
  const replies = await deliveries.retry(asked);
  const ofLists = await deliveries.get(lists);
  const after = new Map((await deliveries.get(asked)).map((delivery) => [delivery.id, delivery]));
  const single = asked.flatMap((id, index): Retried[] => {
    const [reply, delivery] = [replies[index], after.get(id)];
    return !reply || reply.verdict === 'missing' || !delivery ? [] : [{ verdict: reply.verdict, delivery }];
  });
  return [
    ...single,
    ...ofLists.map((delivery): Retried => ({ verdict: again.get(delivery.id) ? 'retried' : 'refused', delivery })),
  ];
}

/** What would come of it. */
export function wouldRetry(delivery: Delivery): Retried['verdict'] {
  return returnableStates.has(delivery.state) ? 'retried' : 'refused';
}

/** Why a delivery was not sent back, for people. */
export function retryRefusal({ id, state, failure, list }: Delivery): string {
  if (failure?.code === 'retracted') return `Delivery "${id}" is cancelled: its article was retracted.`;
  if (failure?.code === 'superseded')
    return `Delivery "${id}" is cancelled: its article has a newer version, which has a delivery of its own.`;
  if (returnableStates.has(state))
    return `Delivery "${id}" is not sent again: its article was retracted or corrected since, or it was written by a newer version of Munadi.`;
  const about = `Delivery "${id}" is ${state}`;
  if (list)
    return `${about}: none of its people is rejected or discarded, or its article was retracted or corrected since, or it was cancelled and has not come to its end.`;
  if (state === 'published') return `${about}: it is on the channel, and nothing is sent twice.`;
  if (state === 'unconfirmed')
    return `${about}: it may be live. Look at the channel, then settle it with "resolve ${id}".`;
  return `${about}: it is on its way by itself.`;
}
