import type { Redis } from 'ioredis';
import { type Chance, chanceOf, type Told } from './story.ts';

/** Marks of each article, as many as text/sketch.ts takes of a whole article. */
const marks = 22;
/** Of each article's marks so many are of phrases that many articles have. */
const usual = 4;
const usualPhrases = 200_000;
const buckets = 0x10000;
const keptSeconds = 5 * 86_400;
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
  for (let back = 0; back < days; back += 1) {
    const count = Math.floor(seen / days) + (back === 0 ? seen % days : 0);
    await fillDay(redis, `${prefix}:near:${today - back}`, { count, name: `seen${back}-` });
    await redis.set(`${prefix}:near:${today - back}:count`, count);
  }
}

async function fillDay(redis: Redis, prefix: string, { count, name }: { count: number; name: string }): Promise<void> {
  const chance = chanceOf(count);
  const phrasesOf: number[][] = Array.from({ length: buckets }, () => []);
  for (let phrase = 1; phrase <= usualPhrases; phrase += 1) {
    const mark = Math.imul(phrase, 0x9e3779b1) >>> 0;
    phrasesOf[mark >>> 16]?.push(mark);
  }
  const each = Math.round((count * (marks - usual)) / buckets);
  await pipelined(redis, buckets, (pipeline, bucket) => {
    const entries = (phrasesOf[bucket] ?? []).flatMap((mark) =>
      Array.from({ length: Math.round((count * usual) / usualPhrases) }, () => mark),
    );
    for (let at = 0; at < each; at += 1) entries.push(bucket * buckets + chance.below(buckets));
    if (entries.length === 0) return;
    const bytes = Buffer.alloc(entries.length * 8);
    for (const [at, mark] of entries.entries()) {
      bytes.writeUInt32LE(mark, at * 8);
      bytes.writeUInt32BE(1 + chance.below(count), at * 8 + 4);
    }
    const key = `${prefix}:${bucket.toString(16).padStart(4, '0')}`;
    // As it grows there, with room to grow on.
    pipeline.set(key, bytes.subarray(0, bytes.length - 8));
    pipeline.append(key, bytes.subarray(bytes.length - 8));
    pipeline.expire(key, keptSeconds);
  });
  await pipelined(redis, Math.floor(count / 64) + 1, (pipeline, chunk) => {
    const fields: string[] = [];
    for (let number = Math.max(1, chunk * 64); number < Math.min(count + 1, chunk * 64 + 64); number += 1) {
      fields.push(String(number % 64), `${name}${String(number).padStart(14, '0')}`);
    }
    if (fields.length === 0) return;
    pipeline.hset(`${prefix}:ids:${chunk}`, ...fields);
    pipeline.expire(`${prefix}:ids:${chunk}`, keptSeconds);
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

/** Stories of made-up words, as different from each other as real ones: some words are everywhere, most are rare. */
export function strangeStories(count: number): Told[] {
  const chance = chanceOf(count);
  const letters = 'ابتثجحخدذرزسشصضطظعغفقكلمنهي';
  const vocabulary = Array.from({ length: 20_000 }, () => {
    return Array.from({ length: 3 + chance.below(5) }, () => letters[chance.below(letters.length)]).join('');
  });
  const text = (words: number) => Array.from({ length: words }, () => wordOf(vocabulary, chance)).join(' ');
  return Array.from({ length: count }, () => ({
    title: text(9),
    paragraphs: Array.from({ length: 8 }, () => `${text(30)}.`),
  }));
}

function wordOf(vocabulary: readonly string[], chance: Chance): string {
  const rank = Math.floor(vocabulary.length ** (chance.below(10_000) / 10_000)) - 1;
  return vocabulary[rank] as string;
}
