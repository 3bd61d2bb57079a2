import type { Redis } from 'ioredis';

/** Which article a source means by what it calls its own. */
export interface SourceKeys {
  /** Article id; undefined where that source has handed in none by that key. */
  articleOf(source: string, key: string): Promise<string | undefined>;
  /** Notes it, for as long as articles may be kept. */
  note(source: string, key: string, article: string): Promise<void>;
}

const keptMs = 400 * 86_400_000;

export function openSourceKeys(redis: Redis, prefix: string): SourceKeys {
  const name = (source: string, key: string) => `${prefix}:source:${JSON.stringify([source, key])}`;
  return {
    articleOf: async (source, key) => (await redis.get(name(source, key))) ?? undefined,
    async note(source, key, article) {
      await redis.set(name(source, key), article, 'PX', keptMs);
    },
  };
}
