import type { Redis } from 'ioredis';

/** Whether a restart of this Redis can lose what it has acknowledged. */
export interface Durability {
  /**
   * `1` only where it is known that nothing is lost: written to disk at every write, and never promoted from a replica.
   * `0` where it may be, also where a server (as managed ones do) hides it. Empty until somebody has looked.
   */
  known(): '' | '0' | '1';
}

const lookMs = 10_000;

/**
 * Looks at every new connection, and every few seconds, since the setting may change. Leaves a mark of the run of Redis
 * before anything is claimed, by which a restart is noticed. After a restart it has the append-only file written anew:
 * where Redis died in the middle of a transaction it leaves half of it in the file, and replays that at the next start.
 */
export function openDurability(redis: Redis, prefix: string): Durability {
  let durable: '' | '0' | '1' = '';
  const epoch = `${prefix}:epoch`;

  async function look(): Promise<void> {
    let run: string | undefined;
    let isOn = false;
    try {
      const info = await redis.info();
      run = /^run_id:(\w+)/m.exec(info)?.[1];
      isOn = /^aof_enabled:1\r?$/m.test(info);
      const isOwn = /^master_replid2:0+\r?$/m.test(info) && /^role:master\r?$/m.test(info);
      const setting = (await redis.config('GET', 'appendfsync')) as string[];
      durable = isOn && isOwn && setting[1] === 'always' ? '1' : '0';
    } catch {
      // The connection is gone, or the server does not say.
      durable = redis.status === 'ready' ? '0' : '';
    }
    if (run === undefined || redis.status !== 'ready') return;
    await redis.hsetnx(epoch, 'run', run);
    if (durable === '0') await redis.hset(epoch, 'durable', durable);
    else await redis.hsetnx(epoch, 'durable', durable);
    if (!isOn || (await redis.hget(epoch, 'rewritten')) === run) return;
    await redis.bgrewriteaof();
    await redis.hset(epoch, 'rewritten', run);
  }

  const quietly = () => void look().catch(() => {});
  if (redis.status === 'ready') quietly();
  redis.on('ready', () => {
    durable = '';
    quietly();
  });
  const timer = setInterval(() => {
    if (redis.status === 'ready') quietly();
  }, lookMs);
  timer.unref();
  redis.once('end', () => clearInterval(timer));
  return { known: () => durable };
}
