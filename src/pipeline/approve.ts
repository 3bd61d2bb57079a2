import type { Delivery } from '../core/delivery.ts';
import type { Approvals } from '../store/approvals.ts';
import type { Deliveries } from '../store/deliveries.ts';

/** What came of a yes or no, and the delivery as it is afterwards. `refused`: nothing was changed. */
export interface Decided {
  verdict: 'approved' | 'rejected' | 'refused';
  delivery: Delivery;
}

/** A person says yes or no to deliveries. Those that are not stored are left out. */
export async function decideDeliveries(
  { approvals, deliveries }: { approvals: Pick<Approvals, 'decide'>; deliveries: Pick<Deliveries, 'get'> },
  ids: readonly string[],
  word: 'yes' | 'no',
): Promise<Decided[]> {
  const asked = [...new Set(ids)];
  const replies = await approvals.decide(asked, word);
  const after = new Map((await deliveries.get(asked)).map((delivery) => [delivery.id, delivery]));
  return asked.flatMap((id, index) => {
    const [reply, delivery] = [replies[index], after.get(id)];
    return !reply || reply.verdict === 'missing' || !delivery ? [] : [{ verdict: reply.verdict, delivery }];
  });
}

/** Why nobody can say yes or no to it, for people. */
export function decisionRefusal({ id, state }: Delivery): string {
  const about = `Delivery "${id}" is ${state}`;
  if (state === 'published') return `${about}: it is on the channel already.`;
  if (state === 'sending' || state === 'unconfirmed') return `${about}: it is on its way, or may be live.`;
  if (state === 'scheduled' || state === 'retryable')
    return `${about}, and live in part or written by a newer version of Munadi: it goes on by itself.`;
  return `${about}: it waits for nobody any more. "retry ${id}" sends it again.`;
}
