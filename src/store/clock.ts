import type { Redis } from 'ioredis';

/** The clock of all processes: that of Redis. Epoch milliseconds. */
export interface Clock {
  /** By the last comparison; goes on evenly, whatever is done to this machine's own clock. */
  now(): number;
  /** Compares with Redis. */
  sync(): Promise<void>;
}

const syncMs = 10_000;

/** Compares at once, at every new connection and every few seconds. Until the first comparison, this machine's clock counts. */
export function openClock(redis: Redis): Clock {
  let offset = Date.now() - performance.now();

  async function sync(): Promise<void> {
    const before = performance.now();
    const [seconds, micros] = (await redis.time()) as unknown as [string, string];
    const middle = (before + performance.now()) / 2;
    offset = Number(seconds) * 1000 + Number(micros) / 1000 - middle;
  }

  const quietly = () => void sync().catch(() => {});
  if (redis.status === 'ready') quietly();
  redis.on('ready', quietly);
  const timer = setInterval(() => {
    if (redis.status === 'ready') quietly();
  }, syncMs);
  timer.unref();
  redis.once('end', () => clearInterval(timer));
  return { now: () => Math.round(performance.now() + offset), sync };
}
