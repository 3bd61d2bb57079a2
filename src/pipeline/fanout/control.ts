import type { Delivery } from '../../core/delivery.ts';
import { InputError } from '../../core/errors.ts';
import type { Deliveries } from '../../store/deliveries.ts';
import type { Fanouts } from '../../store/fanout/index.ts';

export interface ControlDeps {
  deliveries: Pick<Deliveries, 'get'>;
  fanouts: Pick<Fanouts, 'cancel' | 'resolve' | 'retry'>;
}

/**
 * Stops a delivery to a list: nobody who waits is written to any more. Safe to repeat. Throws `InputError`: 404 where
 * there is no such delivery, 409 where it is none to a list, or has not begun.
 */
export async function cancelList(
  { deliveries, fanouts }: ControlDeps,
  id: string,
): Promise<{ delivery: Delivery; left: number }> {
  const [before] = await deliveries.get([id]);
  if (!before) throw new InputError(`There is no delivery "${id}".`, { code: 'not-found', status: 404 });
  const left = await fanouts.cancel(id);
  if (left === undefined) {
    const waits = before.state === 'scheduled' || before.state === 'retryable';
    const remedy = waits ? ` Say no to it with "reject ${id}".` : '';
    const told = `Delivery "${id}" (${before.channel}) is ${before.state}, and goes to no list that has begun.${remedy}`;
    throw new InputError(told, { code: 'no-list', status: 409 });
  }
  const [delivery = before] = await deliveries.get([id]);
  return { delivery, left };
}
