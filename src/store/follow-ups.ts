import type { Redis } from 'ioredis';
import type { Article } from '../core/article.ts';
import type { DeliveryState, FollowAct } from '../core/delivery.ts';
import type { Receipt } from '../core/post.ts';
import type { DeliveryJob } from './articles.ts';
import { readRecords } from './read-records.ts';
import type { RecordFields } from './records.ts';
import { loadScript } from './scripts.ts';

/** A delivery that is about to be stored, which follows others. */
export interface Follower extends Omit<DeliveryJob, 'due' | 'act'> {
  act: FollowAct;
  /** Deliveries of the same channel (and person), oldest first. */
  follows: readonly string[];
  sandbox: boolean;
}

/** A delivery as those see it that follow it. */
export interface Link {
  id: string;
  article: string;
  version: number;
  act?: FollowAct;
  state: DeliveryState;
  held: boolean;
  /** Of each step that is done. */
  parts: Receipt[];
  /** Hash of what was said; empty: nothing was. */
  postHash: string;
  /** Why it ended otherwise; empty: no code. */
  code: string;
  /** Article id of the digest that told it; empty: none. */
  digest: string;
}

/** One of the deliveries of an article. */
export interface OwnLink extends Link {
  channel: string;
  platform: string;
  recipient?: string;
  sandbox: boolean;
  failure?: { code: string | null; reason: string };
}

/** A delivery that follows others, and those. */
export interface Chain {
  own: Link;
  /** Oldest first. */
  before: Link[];
  /** How they stand, as the claim compares it. */
  basis: string;
}

export interface Correction {
  article: Article;
  /** How many deliveries the article has, as far as the followers know. */
  known: number;
  urlHash: string | undefined;
  contentHash: string;
  /** Absent: the embargo stays as it is. */
  embargoMs?: number;
  followers: Follower[];
}

/** `changed`: it has another version or other deliveries by now; nothing was written. */
export type CorrectReply = 'corrected' | 'changed' | 'retracted' | 'missing';
export type RetractReply = 'retracted' | 'already' | 'changed' | 'missing';

/** New versions of articles, and their withdrawal, each in one atomic step. */
export interface FollowUps {
  /** The version before is `article.version - 1`. */
  correct(correction: Correction): Promise<CorrectReply>;
  retract(article: string, about: { known: number; why: string; followers: Follower[] }): Promise<RetractReply>;
  /** Undefined where it is not stored, or follows nothing. */
  chain(id: string): Promise<Chain | undefined>;
  /** All deliveries of an article, in the order in which they were planned. */
  links(article: string): Promise<OwnLink[]>;
  /** When the article was retracted (ISO 8601), and why; undefined: it was not. */
  retracted(article: string): Promise<{ at: string; why: string } | undefined>;
  /** Retracted articles of whose digests and repetitions nobody has said that they are looked after. */
  unfinished(): Promise<string[]>;
  finished(article: string): Promise<void>;
}

export function openFollowUps(redis: Redis, prefix: string): FollowUps {
  const runCorrect = loadScript(redis, 'correct', ['state-lists', 'waiting']);
  const runRetract = loadScript(redis, 'retract', ['state-lists', 'waiting']);
  return {
    async correct({ article, known, urlHash, contentHash, embargoMs, followers }) {
      const about = [prefix, article.id, article.version - 1, known, JSON.stringify(article)];
      const args = [...about, urlHash ?? '', contentHash, embargoMs ?? '', ...followers.flatMap(fieldsOf)];
      return (await runCorrect(args)) as CorrectReply;
    },
    async retract(article, { known, why, followers }) {
      return (await runRetract([prefix, article, known, why, ...followers.flatMap(fieldsOf)])) as RetractReply;
    },
    async chain(id) {
      const [row] = await readRecords(redis, prefix, [id]);
      const follows = row?.[1].follows;
      if (!row || !follows) return undefined;
      const before = (await readRecords(redis, prefix, JSON.parse(follows) as string[])).map(toLink);
      return { own: toLink(row), before, basis: before.map(basisOf).join(' ') };
    },
    async links(article) {
      const ids = await redis.lrange(`${prefix}:article:${article}:deliveries`, 0, -1);
      return (await readRecords(redis, prefix, ids)).map((row) => ({ ...toLink(row), ...placeOf(row[1]) }));
    },
    async retracted(article) {
      const [at, why] = await redis.hmget(`${prefix}:article:${article}`, 'retracted', 'retractedWhy');
      return at ? { at: new Date(Number(at)).toISOString(), why: why ?? '' } : undefined;
    },
    unfinished: () => redis.zrange(`${prefix}:retracting`, '0', '99'),
    async finished(article) {
      await redis.zrem(`${prefix}:retracting`, article);
    },
  };
}

function fieldsOf({ follows, sandbox, ...job }: Follower): string[] {
  return [job.delivery, JSON.stringify({ ...job, follows, sandbox }), JSON.stringify({ ...job, due: 0 })];
}

/** The same as in follow.lua. */
function basisOf({ id, state, held, parts }: Link): string {
  return `${id}:${state}:${held ? '1' : ''}:${parts.length}`;
}

function placeOf(record: RecordFields) {
  const { channel = '', platform = '', recipient, sandbox, failure } = record;
  return {
    channel,
    platform,
    ...(recipient ? { recipient } : {}),
    sandbox: sandbox === '1',
    ...(failure ? { failure: JSON.parse(failure) as { code: string | null; reason: string } } : {}),
  };
}

function toLink([id, record]: [string, RecordFields]): Link {
  return {
    id,
    article: record.article ?? '',
    version: Number(record.version),
    ...(record.act ? { act: record.act as FollowAct } : {}),
    state: record.state as DeliveryState,
    held: record.state === 'unconfirmed' && record.held === '1',
    parts: JSON.parse(record.parts ?? '[]') as Receipt[],
    postHash: record.post ?? '',
    code: record.failure ? String((JSON.parse(record.failure) as { code?: string }).code ?? '') : '',
    digest: record.digest ?? '',
  };
}
