import type { Redis } from 'ioredis';

/** Whether a restart of this Redis can lose what it has acknowledged. */
export interface Durability {
  /** True only where it is known that nothing is lost: written to disk at every write, and never promoted from a replica. */
  isDurable(): boolean;
}

/** Asks at every new connection. What a server hides (as managed ones do) counts as lossy. */
export function openDurability(redis: Redis): Durability {
  let durable = false;

  async function look(): Promise<void> {
    try {
      const [info, setting] = await Promise.all([redis.info(), redis.config('GET', 'appendfsync')]);
      const isOn = /^aof_enabled:1\r?$/m.test(info);
      const isOwn = /^master_replid2:0+\r?$/m.test(info) && /^role:master\r?$/m.test(info);
      durable = isOn && isOwn && (setting as string[])[1] === 'always';
    } catch {
      durable = false;
    }
  }

  if (redis.status === 'ready') void look();
  redis.on('ready', () => void look());
  return { isDurable: () => durable };
}
