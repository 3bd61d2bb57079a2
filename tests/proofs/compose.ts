import { isDeepStrictEqual, parseArgs } from 'node:util';
import type { Article } from '../../src/core/article.ts';
import type { Channel } from '../../src/core/channel.ts';
import { RejectedError } from '../../src/core/errors.ts';
import type { Post } from '../../src/core/post.ts';
import { platforms } from '../../src/platforms/index.ts';
import { generateStories } from './articles.ts';
import { judge, promises } from './judge.ts';
import { type Entry, readLines, readSamples, toEntry } from './load.ts';
import { type Check, createTally, type Proof, type Sample, type Tally, UsageError, type Verdict } from './proof.ts';
import { type Setting, settings } from './settings.ts';

export type Compose = (article: Article, channel: Channel) => Post;

/** Composing an article for one channel of each platform, in milliseconds at most. */
const slowestMs = 250;
/** As many articles as the promise is made for. */
const usualCount = 2_000;

/** Composes generated articles, the project's samples or those of files for every setting, and judges each post. */
export const proveCompose: Proof = {
  about: 'Posts are within every limit, whole, verbatim, and read rightly from right to left.',
  usage: '[--file F.jsonl]… [--count N]',
  async run(args, seed) {
    const { files, count } = readOptions(args);
    const entries =
      files.length > 0
        ? files.flatMap(readLines).slice(0, count ?? Number.POSITIVE_INFINITY)
        : [...readSamples(), ...generateStories(count ?? usualCount, seed).map(toEntry)];
    return proveEntries(entries, { seed });
  },
};

function readOptions(args: string[]): { files: string[]; count: number | undefined } {
  try {
    const { values } = parseArgs({
      args,
      options: { file: { type: 'string', multiple: true, default: [] }, count: { type: 'string' } },
    });
    if (values.count !== undefined && !/^[1-9]\d{0,6}$/.test(values.count)) {
      throw new UsageError(`--count takes a number, got "${values.count}".`);
    }
    return { files: values.file, count: values.count === undefined ? undefined : Number(values.count) };
  } catch (error) {
    if (error instanceof UsageError || !(error instanceof TypeError)) throw error;
    throw new UsageError(`${error.message}\nUsage: npm run prove -- compose ${proveCompose.usage} [--seed N] [--json]`);
  }
}

export interface EntriesOptions {
  seed: number;
  /** What composes; by default the platforms themselves. */
  compose?: Compose;
}

const byPlatform: Compose = (article, channel) => {
  const platform = platforms[channel.platform];
  if (!platform) throw new Error(`There is no platform ${channel.platform}.`);
  return platform.compose(article, channel);
};

/** Judges every post made from these articles. */
export function proveEntries(entries: readonly Entry[], { seed, compose = byPlatform }: EntriesOptions): Verdict {
  const started = performance.now();
  const tally = createTally([...promises, 'deterministic', 'never-throws']);
  const times: { ms: number; name: string }[] = [];
  let posts = 0;
  for (const { name, article } of entries) {
    const ms = timeUsual(article, compose);
    if (ms !== undefined) times.push({ ms, name });
    for (const setting of settings) posts += judgeOne({ name, article }, setting, compose, tally);
  }
  const time = timing(times);
  const checks = [...tally.checks(), time.check];
  return {
    name: 'compose',
    seed,
    ok: checks.every(({ ok }) => ok),
    checks,
    facts: {
      articles: entries.length,
      posts,
      ...time.facts,
      seconds: Math.round((performance.now() - started) / 1000),
    },
  };
}

/** Composes twice and judges; returns the number of posts. */
function judgeOne({ name, article }: Entry, setting: Setting, compose: Compose, tally: Tally): number {
  const { channel } = setting;
  const fail = (promise: string, what: string) => tally.fail(promise, { article: name, channel: channel.id, what });
  try {
    const post = compose(article, channel);
    judge(article, setting, post, fail);
    if (!isDeepStrictEqual(compose(structuredClone(article), structuredClone(channel)), post)) {
      fail('deterministic', 'a second run gave another post');
    }
    return 1;
  } catch (error) {
    if (isRefusedSummary(error, article)) return 0;
    fail(
      'never-throws',
      error instanceof Error ? (error.stack ?? error.message).split('\n').slice(0, 3).join(' ') : String(error),
    );
    return 0;
  }
}

/** The editor's own words are used as they are or refused. */
function isRefusedSummary(error: unknown, { summary, texts }: Article): boolean {
  return (
    (summary !== undefined || texts !== undefined) && error instanceof RejectedError && error.code === 'text-too-long'
  );
}

const usual = settings.filter(({ channel }) => channel.id === channel.platform);

/** The better of two fresh runs over the usual channels: a machine that is busy with something else is not the program's fault. */
function timeUsual(article: Article, compose: Compose): number | undefined {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 2; run += 1) {
    const fresh = structuredClone(article);
    const start = performance.now();
    try {
      for (const { channel } of usual) compose(fresh, channel);
    } catch {
      return undefined;
    }
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

function timing(times: { ms: number; name: string }[]): { check: Check; facts: Record<string, number> } {
  const sorted = times.toSorted((one, other) => one.ms - other.ms);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  const rounded = (ms = 0) => Math.round(ms * 100) / 100;
  const slow = sorted.filter(({ ms }) => ms > slowestMs).slice(-5);
  const samples: Sample[] = slow.map(({ ms, name }) => ({
    article: name,
    what: `${rounded(ms)} ms for the four platforms`,
  }));
  const value = rounded(sorted.at(-1)?.ms);
  return {
    check: { name: 'slowest-ms', value, aim: slowestMs, ok: value <= slowestMs, samples },
    facts: { p50Ms: rounded(at(0.5)?.ms), p99Ms: rounded(at(0.99)?.ms), maxMs: value },
  };
}
