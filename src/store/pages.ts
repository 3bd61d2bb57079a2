import type { Redis } from 'ioredis';

/**
 * The members of a sorted list from the score `from` on, lowest first, a page at a time. Members that leave the list
 * meanwhile hide no others, except among those with the very score at which a page ends.
 */
export async function* pagesOf(redis: Redis, list: string, from: number, size = 200): AsyncGenerator<string[]> {
  let score = String(from);
  let skip = 0;
  for (;;) {
    const page = await redis.zrangebyscore(list, score, '+inf', 'WITHSCORES', 'LIMIT', skip, size);
    const ids = page.filter((_, index) => index % 2 === 0);
    if (ids.length > 0) yield ids;
    if (ids.length < size) return;
    const last = page.at(-1) ?? score;
    const withLast = page.filter((text, index) => index % 2 === 1 && text === last).length;
    skip = last === score ? skip + withLast : withLast;
    score = last;
  }
}
