import { setTimeout as delay } from 'node:timers/promises';
import type { Runtime } from '../../src/runtime/open.ts';

/**
 * Resolves when the clock of this process is later than all that is in Redis. It knows the clock of all only as well as its
 * last reading of it: on a busy machine, some milliseconds behind.
 */
export async function clockAhead({ redis, clock }: Pick<Runtime, 'redis' | 'clock'>): Promise<void> {
  const [seconds = 0, micros = 0] = (await redis.time()).map(Number);
  const thenMs = seconds * 1_000 + micros / 1_000;
  while (clock.now() <= thenMs) await delay(2);
}
