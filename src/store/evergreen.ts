import type { Redis } from 'ioredis';
import type { Article } from '../core/article.ts';

/** How often an article was shared again on a channel, and when last (epoch ms). */
export interface Reshared {
  times: number;
  lastMs: number;
}

/** Articles that may be shared again, which are kept beyond the retention. */
export interface Evergreen {
  /**
   * Looks at what was accepted since it looked last (with the same `key`, which stands for the rule), and keeps those for
   * which the rule holds.
   */
  look(key: string, isMeant: (article: Article) => boolean): Promise<void>;
  /** Article ids, oldest first. */
  list(): Promise<string[]>;
  /** Lets articles go: they are forgotten with the rest. */
  release(ids: readonly string[]): Promise<void>;
  reshared(channel: string, article: string): Promise<Reshared | undefined>;
  /** Notes it; an older note of more times stays. */
  note(channel: string, article: string, reshared: Reshared): Promise<void>;
}

const page = 200;

export function openEvergreen(redis: Redis, prefix: string): Evergreen {
  const list = `${prefix}:evergreen`;
  const looked = `${prefix}:evergreen:looked`;
  const sharedKey = (channel: string) => `${prefix}:reshared:${channel}`;

  async function reshared(channel: string, article: string): Promise<Reshared | undefined> {
    const [times, lastMs] = (await redis.hget(sharedKey(channel), article))?.split('|') ?? [];
    return times === undefined ? undefined : { times: Number(times), lastMs: Number(lastMs) };
  }

  return {
    async look(key, isMeant) {
      let since = (await redis.hget(looked, key)) ?? '-inf';
      for (;;) {
        const rows = await redis.zrangebyscore(`${prefix}:articles`, since, '+inf', 'WITHSCORES', 'LIMIT', 0, page);
        const scores = new Map<string, string>();
        for (let at = 0; at < rows.length; at += 2) scores.set(String(rows[at]), String(rows[at + 1]));
        for (const [id, score] of scores) {
          const [kind, version] = await redis.hmget(`${prefix}:article:${id}`, 'kind', 'version');
          const json = await redis.hget(`${prefix}:article:${id}`, `v${version ?? 1}`);
          if (json && !kind && isMeant(JSON.parse(json) as Article)) await redis.zadd(list, score, id);
        }
        const last = [...scores.values()].at(-1);
        if (last !== undefined) await redis.hset(looked, key, last);
        // The last one is looked at again: another may have come in the same moment.
        if (scores.size < page || last === since) return;
        since = last ?? since;
      }
    },
    list: () => redis.zrange(list, '0', '-1'),
    async release(ids) {
      if (ids.length > 0) await redis.zrem(list, ...ids);
    },
    reshared,
    async note(channel, article, { times, lastMs }) {
      const before = await reshared(channel, article);
      if (!before || before.times < times) await redis.hset(sharedKey(channel), article, `${times}|${lastMs}`);
    },
  };
}
