import type { Redis } from 'ioredis';

/** When an article was first accepted (ISO 8601); null where it is not stored. */
export async function readAcceptedAt(redis: Redis, prefix: string, article: string): Promise<string | null> {
  const score = await redis.zscore(`${prefix}:articles`, article);
  return score === null ? null : new Date(Number(score)).toISOString();
}
