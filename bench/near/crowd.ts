import type { Redis } from 'ioredis';
import { grammars, chanceOf } from './story.ts';

/** Marks of each article, as many as text/sketch.ts takes of a whole article. */
const marks = 22;
/** Of each article's marks so many are of phrases that many articles have. */
const usual = 4;
const usualPhrases = 200_000;
const batch = 1_000;

/**
 * Lists `seen` articles of the last three days in the index of near-duplicates, as near.lua lists them one by one. They
 * have no texts: what is measured is how quickly others find that none of them is like them.
 */
export async function fillIndex(
  redis: Redis,
  { prefix, seen, windowMs }: { prefix: string; seen: number; windowMs: number },
): Promise<void> {
  const dayMs = 86_400_000;
  const today = Math.floor(Date.now() / dayMs);
  const days = Math.ceil(windowMs / dayMs);
  const chance = chanceOf(grammars.length);
  for (let back = 0; back < days; back += 1) {
    const day = today - back;
    const count = Math.floor(seen / days) + (back === 0 ? seen % days : 0);
    await fillDay(redis, { prefix: `${prefix}:near:${day}`, count, chance, name: `seen${back}-` });
    await redis.set(`${prefix}:near:${day}:count`, count);
  }
}

async function fillDay(
  redis: Redis,
  { prefix, count, chance, name }: { prefix: string; count: number; chance: ReturnType<typeof chanceOf>; name: string },
): Promise<void> {
  const buckets: number[][] = Array.from({ length: 0x10000 }, () => []);
  for (let number = 1; number <= count; number += 1) {
    for (let at = 0; at < marks; at += 1) {
      const mark =
        at < usual ? Math.imul(1 + chance.below(usualPhrases), 0x9e3779b1) >>> 0 : chance.below(0xffffffff);
      buckets[mark >>> 16]?.push(mark, number);
    }
  }
  await pipelined(redis, buckets.length, (pipeline, at) => {
    const entries = buckets[at] as number[];
    if (entries.length === 0) return;
    const bytes = Buffer.alloc(entries.length * 4);
    for (const [index, value] of entries.entries()) bytes.writeUInt32BE(value, index * 4);
    const key = `${prefix}:${at.toString(16).padStart(4, '0')}`;
    // As it grows there, with room to grow on.
    pipeline.set(key, bytes.subarray(0, bytes.length - 8));
    pipeline.append(key, bytes.subarray(bytes.length - 8));
    pipeline.expire(key, 5 * 86_400);
  });
  await pipelined(redis, Math.floor(count / 64) + 1, (pipeline, chunk) => {
    const fields: string[] = [];
    for (let number = Math.max(1, chunk * 64); number < Math.min(count + 1, chunk * 64 + 64); number += 1) {
      fields.push(String(number % 64), `a${name}${String(number).padStart(14, '0')}`);
    }
    if (fields.length > 0) pipeline.hset(`${prefix}:ids:${chunk}`, ...fields).expire(`${prefix}:ids:${chunk}`, 5 * 86_400);
  });
}

async function pipelined(
  redis: Redis,
  count: number,
  add: (pipeline: ReturnType<Redis['pipeline']>, at: number) => void,
): Promise<void> {
  for (let from = 0; from < count; from += batch) {
    const pipeline = redis.pipeline();
    for (let at = from; at < Math.min(count, from + batch); at += 1) add(pipeline, at);
    await pipeline.exec();
  }
}

/** Memory of what is stored (bytes). */
export async function sizeOf(redis: Redis): Promise<number> {
  const stats = (await redis.call('MEMORY', 'STATS')) as (string | number)[];
  return Number(stats[stats.indexOf('dataset.bytes') + 1]) + overheadOf(stats);
}

/** Of the keys themselves. */
function overheadOf(stats: readonly (string | number | (string | number)[])[]): number {
  const main = stats.find((_, at) => stats[at - 1] === 'db.0');
  if (!Array.isArray(main)) return 0;
  return main.reduce((sum: number, value) => (typeof value === 'number' ? sum + value : sum), 0);
}
