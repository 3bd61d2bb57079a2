import type { Redis } from 'ioredis';
import type { Delivery } from '../core/delivery.ts';
import type { Receipt } from '../core/post.ts';
import { readRecords } from './read-records.ts';
import { isWaiting, toDelivery } from './records.ts';
import { loadScript } from './scripts.ts';

/** A delivery that waits for a digest, and what it was planned for (epoch ms). */
export interface Gathered {
  delivery: Delivery;
  plannedMs: number;
}

/** What becomes of a gathered delivery: the digest tells it, or it ends for this reason. */
export interface Given {
  id: string;
  left?: { code: string; reason: string };
}

/** What became of the digest for one delivery that it tells. */
export interface Ended {
  id: string;
  /** Of the digest; absent where it was not posted, for `reason`. */
  receipt?: Receipt;
  reason?: string;
}

/** What channels have gathered for their digests, and the digests that are under way. */
export interface Digests {
  /** What a channel gathered up to `untilMs`, oldest first. */
  gathered(channel: string, untilMs: number): Promise<Gathered[]>;
  /** Gives it to a digest, an article that is stored. Doing it again changes nothing. */
  give(channel: string, digest: string, given: readonly Given[]): Promise<void>;
  /** Article ids of digests whose entries wait for what becomes of them. */
  open(): Promise<string[]>;
  /** Deliveries that a digest tells. */
  told(digest: string): Promise<Delivery[]>;
  /** Records what became of a digest; `isOver`: nothing more can come of it. */
  end(digest: string, ended: readonly Ended[], isOver: boolean): Promise<void>;
}

const maxAtOnce = 500;

export function openDigests(redis: Redis, prefix: string): Digests {
  const runGive = loadScript(redis, 'digest', ['state-lists', 'waiting']);
  const runEnd = loadScript(redis, 'digest-end', ['state-lists']);

  return {
    async gathered(channel, untilMs) {
      const ids = await redis.zrangebyscore(`${prefix}:gathered:${channel}`, '-inf', untilMs);
      const rows = await readRecords(redis, prefix, ids);
      return rows
        .filter(([, record]) => isWaiting(record, 'digest') && record.digest === undefined)
        .map(([id, record]) => ({ delivery: toDelivery(id, record), plannedMs: Number(record.planned) }));
    },
    async give(channel, digest, given) {
      for (let at = 0; at < given.length; at += maxAtOnce) {
        const args = given
          .slice(at, at + maxAtOnce)
          .flatMap(({ id, left }) => [id, left?.code ?? '', left?.reason ?? '']);
        await runGive([prefix, channel, digest, ...args]);
      }
    },
    open: () => redis.zrange(`${prefix}:digests`, '0', '-1'),
    async told(digest) {
      const ids = await redis.smembers(`${prefix}:told:${digest}`);
      return (await readRecords(redis, prefix, ids)).map(([id, record]) => toDelivery(id, record));
    },
    async end(digest, ended, isOver) {
      for (let at = 0; at === 0 || at < ended.length; at += maxAtOnce) {
        const last = at + maxAtOnce >= ended.length;
        const args = ended
          .slice(at, at + maxAtOnce)
          .flatMap(({ id, receipt, reason }) => [id, receipt ? JSON.stringify(receipt) : '', reason ?? '']);
        await runEnd([prefix, digest, isOver && last ? '1' : '', ...args]);
      }
    },
  };
}
