import type { Redis } from 'ioredis';
import { pagesOf } from './pages.ts';
import { loadScript } from './scripts.ts';

/**
 * After a change of the configuration: what is due after `fromMs` and waits because of it (a timetable, a gap or cap, a
 * budget, a digest, a person's yes) is judged anew, at once; a page at a time, each delivery in one atomic step. Resolves
 * to how many deliveries that were. May be repeated.
 */
export function openReconsider(redis: Redis, prefix: string): (fromMs: number) => Promise<number> {
  const run = loadScript(redis, 'reconsider', ['state-lists', 'waiting']);
  return async (fromMs) => {
    let found = 0;
    for (const state of ['scheduled', 'retryable']) {
      for await (const ids of pagesOf(redis, `${prefix}:state:${state}`, fromMs)) {
        found += Number(await run([prefix, ...ids]));
      }
    }
    return found;
  };
}
