import type { Redis } from 'ioredis';

/** An article that is gone at its source, and of which a person is asked. */
export interface AskedDeletion {
  article: string;
  /** Name of the source in the configuration. */
  source: string;
  /** ISO 8601. */
  at: string;
  reason: string;
}

/** What sources have deleted. */
export interface Deletions {
  /** Notes that an article is gone. Resolves to how many were in the last hour, this one included; safe to repeat. */
  note(article: string, nowMs: number): Promise<number>;
  ask(deletion: AskedDeletion): Promise<void>;
  /** Longest first. */
  asked(): Promise<AskedDeletion[]>;
  /** A person has decided. False where nobody was asked. */
  answered(article: string): Promise<boolean>;
}

const hourMs = 3_600_000;

export function openDeletions(redis: Redis, prefix: string): Deletions {
  const list = `${prefix}:deleted`;
  const asked = `${prefix}:deleted:asked`;
  return {
    async note(article, nowMs) {
      const [, , count] = (await redis
        .multi()
        .zadd(list, 'NX', nowMs, article)
        .zremrangebyscore(list, '-inf', nowMs - 2 * hourMs)
        .zcount(list, nowMs - hourMs, '+inf')
        .exec()) as [unknown, unknown, [Error | null, number]];
      return count[1];
    },
    async ask(deletion) {
      await redis.hsetnx(asked, deletion.article, JSON.stringify(deletion));
    },
    async asked() {
      const all = Object.values(await redis.hgetall(asked)).map((json) => JSON.parse(json) as AskedDeletion);
      return all.sort((one, other) => (one.at < other.at ? -1 : 1));
    },
    answered: async (article) => (await redis.hdel(asked, article)) === 1,
  };
}
