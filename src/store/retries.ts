import type { DeliveryState } from '../core/delivery.ts';

/** What came of sending a delivery back: `refused` where it has not failed, or its record is newer than this program. */
export type RetryReply = { verdict: 'retried' | 'refused'; state: DeliveryState } | { verdict: 'missing' };

/** What `retry.lua` answers for one delivery. Throws where its record makes no sense. */
export function readRetry([verdict, detail = '']: string[]): RetryReply {
  switch (verdict) {
    case 'retried':
    case 'refused':
      return { verdict, state: detail as DeliveryState };
    case 'missing':
      return { verdict };
    default:
      throw new Error(`retry.lua: ${verdict}: ${detail}`);
  }
}
