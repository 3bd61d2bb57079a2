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
 * - `cancelled`: retracted, by an operator, or because the person wants no more messages.
 */
export type DeliveryState = (typeof deliveryStates)[number];
