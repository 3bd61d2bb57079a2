import type { Redis } from 'ioredis';
import type { Delivery, DeliveryState } from '../core/delivery.ts';
import { readRecords } from './read-records.ts';
import { isWaiting, toDelivery } from './records.ts';
import { loadScript } from './scripts.ts';

/** What came of a yes or no: `refused` where the delivery does not wait any more, or its record is newer than this program. */
export type ApprovalReply =
  | { verdict: 'approved' | 'rejected' | 'refused'; state: DeliveryState }
  | { verdict: 'missing' };

/** Deliveries that wait for a person to say yes. */
export interface Approvals {
  /** Says yes or no, to each in one atomic step; replies are in the order of `ids`. Rejects where a record makes no sense. */
  decide(ids: readonly string[], word: 'yes' | 'no'): Promise<ApprovalReply[]>;
  /** Longest first. */
  list(limit: number): Promise<Delivery[]>;
}

export function openApprovals(redis: Redis, prefix: string): Approvals {
  const runApprove = loadScript(redis, 'approve', ['state-lists', 'waiting']);
  return {
    async decide(ids, word) {
      if (ids.length === 0) return [];
      return ((await runApprove([prefix, word, ...ids])) as string[][]).map(readReply);
    },
    async list(limit) {
      const asked = await redis.zrange(`${prefix}:approvals`, '0', '-1');
      // One that has ended otherwise may be listed still.
      const rows = (await readRecords(redis, prefix, asked)).filter(([, record]) => isWaiting(record, 'approval'));
      return rows.slice(0, limit).map(([id, record]) => toDelivery(id, record));
    },
  };
}

function readReply([verdict, detail = '']: string[]): ApprovalReply {
  if (verdict === 'missing') return { verdict };
  if (verdict === 'approved' || verdict === 'rejected' || verdict === 'refused')
    return { verdict, state: detail as DeliveryState };
  throw new Error(`approve.lua: ${verdict}: ${detail}`);
}
