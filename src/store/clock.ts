import type { Redis } from 'ioredis';

/** The clock of all processes: that of Redis. Epoch milliseconds. */
export interface Clock {
  /** By the last comparison; goes on evenly, whatever is done to this machine's own clock. */
  now(): number;
  /** Compares with Redis. */
  sync(): Promise<void>;
}

const syncMs = 10_000;
/** The quickest of so many answers counts: one that was long under way tells little. */
const samples = 3;

/** Compares at once, at every new connection and every few seconds. Until the first comparison, this machine's clock counts. */
export function openClock(redis: Redis): Clock {
  let offset = Date.now() - performance.now();

  async function sync(): Promise<void> {
    let best = Number.POSITIVE_INFINITY;
    for (let sample = 0; sample < samples; sample += 1) {
      const before = performance.now();
      const [seconds, micros] = (await redis.time()) as unknown as [string, string];
      const tookMs = performance.now() - before;
      if (tookMs >= best) continue;
      best = tookMs;
      offset = Number(seconds) * 1000 + Number(micros) / 1000 - (before + tookMs / 2);
    }
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
