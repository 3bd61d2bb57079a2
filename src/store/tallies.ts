import type { Redis } from 'ioredis';
import type { DeliveryState } from '../core/delivery.ts';

/** Counts deliveries by channel. */
export interface Tallies {
  /** Those in a state, by when they got there: from one instant (epoch ms) to before the other; by default all. Retractions do not count. */
  inState(state: DeliveryState, fromMs?: number, untilMs?: number): Promise<Record<string, number>>;
  /** Those that wait for a person. */
  held(): Promise<Record<string, number>>;
}

const pageSize = 500;

export function openTallies(redis: Redis, prefix: string): Tallies {
  async function count(list: string, from: number | string, until: string): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (let offset = 0; ; offset += pageSize) {
      const ids = await redis.zrangebyscore(`${prefix}:${list}`, from, until, 'LIMIT', offset, pageSize);
      const rows = await Promise.all(ids.map((id) => redis.hmget(`${prefix}:delivery:${id}`, 'channel', 'act')));
      for (const [channel, act] of rows) if (channel && act !== 'retract') counts[channel] = (counts[channel] ?? 0) + 1;
      if (ids.length < pageSize) return counts;
    }
  }

  return {
    inState: (state, fromMs, untilMs) =>
      count(`state:${state}`, fromMs ?? '-inf', untilMs === undefined ? '+inf' : `(${untilMs}`),
    held: () => count('held', '-inf', '+inf'),
  };
}
