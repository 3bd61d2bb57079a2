import type { Redis } from 'ioredis';

/**
 * Sets a connection off, for a worker of BullMQ. That one awaits the first try of a connection that has not begun, and
 * where it fails gives up for good: it takes no job as long as its process lives. What is on its way already it waits for,
 * however many tries it takes. The copy that it makes for itself, to be told of new jobs, sets off likewise.
 */
export function setOff(redis: Redis): Redis {
  redis.options.lazyConnect = false;
  // Whether it succeeds is seen by whoever uses it.
  if (redis.status === 'wait') redis.connect().catch(() => {});
  return redis;
}
