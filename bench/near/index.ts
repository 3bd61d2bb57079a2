import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { contentHash } from '../../src/pipeline/dedupe.ts';
import { acceptOnce, type NearDeps } from '../../src/pipeline/near.ts';
import { type Articles, openArticles } from '../../src/store/articles.ts';
import { connectRedis } from '../../src/store/redis.ts';
import { likeness } from '../../src/text/likeness.ts';
import { profileOf } from '../../src/text/profile.ts';
import type { Ground } from '../ground.ts';
import { type Row, round } from '../measure.ts';
import { fillIndex, sizeOf, strangeStories } from './crowd.ts';
import { makePairs, type Pair } from './make-pairs.ts';
import type { Told } from './story.ts';

/** As the configuration has it unless it is set. */
const threshold = 0.55;
const prefix = 'bench-near';
const windowMs = 3 * 86_400_000;
/** Half of them with and half without looking for near-duplicates. */
const stories = 2_000;

/** Precision and recall on labelled pairs, beside those of equal texts. */
export function benchNearPairs(files: readonly string[]): Row[] {
  const own = ['pairs.jsonl', 'hand.jsonl'].map((name) => new URL(`./${name}`, import.meta.url));
  const pairs = (files.length > 0 ? files : own).flatMap(readPairs);
  const alike = pairs.map(({ a, b }) => likeness(profileOf(a), profileOf(b)) >= threshold);
  const equal = pairs.map(({ a, b }) => contentHash(a.title, a.paragraphs) === contentHash(b.title, b.paragraphs));
  const [ours, plain] = [scoreOf(pairs, alike), scoreOf(pairs, equal)];
  const wrong = (same: boolean) =>
    Object.entries(
      Object.groupBy(
        pairs.filter((pair, at) => pair.same === same && alike[at] !== same),
        (pair) => pair.kind,
      ),
    )
      .map(([kind, some]) => `${kind} ${some?.length}`)
      .join(' + ');
  const details = { pairs: pairs.length, same: pairs.filter(({ same }) => same).length, threshold };
  return [
    row('near-precision', ours.precision, plain.precision, {
      ...details,
      'taken for the same': wrong(false) || 'none',
    }),
    row('near-recall', ours.recall, plain.recall, { ...details, missed: wrong(true) || 'none' }),
  ];
}

function row(name: string, value: number, baseline: number, details: Row['details']): Row {
  const ratio = baseline === 0 ? null : round(value / baseline, 3);
  return {
    name,
    value: round(value, 4),
    unit: 'share',
    baseline: round(baseline, 4),
    ratio,
    better: 'higher',
    ...(details ? { details } : {}),
  };
}

/** Where nothing was taken for the same, nothing was taken wrongly. */
function scoreOf(pairs: readonly Pair[], said: readonly boolean[]): { precision: number; recall: number } {
  const found = pairs.filter((_, at) => said[at]);
  const right = found.filter(({ same }) => same).length;
  return {
    precision: found.length === 0 ? 1 : right / found.length,
    recall: right / Math.max(1, pairs.filter(({ same }) => same).length),
  };
}

function readPairs(file: string | URL): Pair[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.flatMap((line, at) => {
    if (line.trim() === '') return [];
    const pair = JSON.parse(line) as Partial<Pair>;
    if (!isTold(pair.a) || !isTold(pair.b) || typeof pair.same !== 'boolean') {
      throw new Error(
        `${file} line ${at + 1} is no pair: expected {"a": {"title", "paragraphs"}, "b": {…}, "same": true or false}.`,
      );
    }
    return [{ a: pair.a, b: pair.b, same: pair.same, kind: pair.kind ?? 'unnamed' }];
  });
}

function isTold(told: Partial<Told> | undefined): told is Told {
  return typeof told?.title === 'string' && Array.isArray(told.paragraphs);
}

/**
 * Articles a second against a seen-set, beside the same without looking for near-duplicates: of stories of all kinds, and of
 * reports of few templates, which must be compared with each other. And what the set takes.
 */
export async function benchNearStore(ground: Ground, seen: number): Promise<Row[]> {
  const redis = connectRedis(ground.redisUrl, { name: 'bench-near' });
  await redis.connect();
  try {
    const before = await sizeOf(redis);
    const began = performance.now();
    await fillIndex(redis, { prefix, seen, windowMs });
    const loadedMs = performance.now() - began;
    const bytes = (await sizeOf(redis)) - before;
    const articles = openArticles(redis, prefix);
    const strange = strangeStories(stories);
    await take(articles, strangeStories(50), 'skip', 'warm');
    const compare = async (name: string, told: readonly Told[], about: object = {}): Promise<Row> => {
      const half = Math.floor(told.length / 2);
      const near = await take(articles, told.slice(0, half), 'skip', `${name}-n`);
      const plain = await take(articles, told.slice(half), 'post', `${name}-p`);
      return {
        ...{ name, value: Math.round(near), unit: 'articles per second', baseline: Math.round(plain) },
        ...{ ratio: round(near / plain, 3), better: 'higher', details: { seen, articles: half, ...about } },
      };
    };
    const all = makePairs(77, 12).flatMap(({ a, b }) => [a, b]);
    const alike = [...new Map(all.map((told) => [contentHash(told.title, told.paragraphs), told])).values()];
    return [
      await compare('near-throughput', strange, { 'seconds to load': round(loadedMs / 1000) }),
      await compare('near-throughput-alike', alike),
      {
        ...{ name: 'near-bytes', value: Math.round(bytes / seen), unit: 'bytes per article' },
        ...{ baseline: null, ratio: null, better: 'lower', details: { seen } },
      },
    ];
  } finally {
    await clear(redis);
    redis.disconnect();
  }
}

/** How many a second. No deliveries: those cost the same on both sides. */
async function take(
  articles: Articles,
  stories: readonly Told[],
  near: 'skip' | 'post',
  name: string,
): Promise<number> {
  const deps: NearDeps = {
    articles,
    deliveries: { get: async () => [] },
    followUps: { links: async () => [], retracted: async () => undefined },
    duplicates: { near, threshold, windowMs },
    now: Date.now,
  };
  const began = performance.now();
  // As many at once as a busy API has.
  const left = [...stories.entries()];
  const workers = Array.from({ length: 20 }, async () => {
    for (let next = left.pop(); next; next = left.pop()) {
      const [at, told] = next;
      const hash = `${name}-${contentHash(told.title, told.paragraphs)}`;
      const about = { language: 'ar', direction: 'rtl' as const, images: [], tags: [], priority: 'normal' as const };
      await acceptOnce(deps, {
        article: { ...told, ...about, id: `${name}${at}`, version: 1 },
        ...{ deliveries: [], left: {}, urlHash: undefined, contentHash: hash },
      });
    }
  });
  await Promise.all(workers);
  return stories.length / ((performance.now() - began) / 1000);
}

async function clear(redis: Redis): Promise<void> {
  for await (const keys of redis.scanStream({ match: `${prefix}:*`, count: 1_000 })) {
    if ((keys as string[]).length > 0) await redis.unlink(...(keys as string[]));
  }
}
