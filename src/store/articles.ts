import type { Redis } from 'ioredis';
import type { Article } from '../core/article.ts';
import type { FollowAct } from '../core/delivery.ts';
import type { Post } from '../core/post.ts';
import { loadScript } from './scripts.ts';

/** What the queue needs to find a delivery again: ids only. Also the outbox entry. */
export interface DeliveryJob {
  delivery: string;
  article: string;
  version: number;
  channel: string;
  platform: string;
  recipient?: string;
  /** Lower goes first; see `queue/queues.ts`. */
  priority: number;
  /** Epoch ms. */
  due: number;
  /** What it does where it is no plain post. */
  act?: FollowAct;
  /** Which batch of the delivery's fan-out. */
  batch?: number;
  /** Its job is there already, and is to come at `due` instead. */
  wake?: boolean;
}

/** A delivery that is about to be stored. */
export interface PlannedDelivery extends DeliveryJob {
  sandbox: boolean;
  /** What it waits for until it is due; see `records.ts`. */
  waits?: string;
  /** Not before this, by the wish of whoever gave it (epoch ms). */
  wish?: number;
  /** Deliveries that it follows, where it has an `act`. */
  follows?: readonly string[];
}

export interface Acceptance {
  article: Article;
  /** Absent for a story as it came. */
  kind?: 'digest' | 'reshare';
  /** Id of the article that it repeats: where that was retracted, the verdict is `conflict`. */
  repeats?: string;
  deliveries: PlannedDelivery[];
  /** Why the other channels do not take it, by channel. */
  left: Record<string, string>;
  /** Hash of the canonical URL, where the article has one. */
  urlHash: string | undefined;
  contentHash: string;
  /** `Idempotency-Key` and the hash of the request it came with. */
  idempotency?: { keyHash: string; requestHash: string };
  /** How articles of much the same text find each other; without it, this one is not compared, and not with later ones. */
  near?: {
    /** Marks of the text, eight hex digits each. */
    sketch: string;
    windowMs: number;
    /** Articles that it was compared with; `all`: no more are to be. */
    compared: readonly string[] | 'all';
  };
  /** It is not to be stored, but known as a near-duplicate of this one. */
  twin?: Twin & { at: string };
}

/** An article that tells the same as another one. */
export interface Twin {
  article: string;
  /** 0 to 1. */
  likeness: number;
}

/** One that was not accepted since another one tells the same. */
export interface SkippedTwin {
  /** The id that it would have had. */
  id: string;
  title: string;
  url?: string;
  source?: string;
  likeness: number;
  /** ISO 8601. */
  at: string;
}

export type AcceptReply =
  | {
      verdict: 'new' | 'duplicate' | 'replayed' | 'conflict';
      article: string;
      /** Of a duplicate whose text is not quite the same. */
      likeness?: number;
    }
  /** Nothing was stored: these may tell the same, and it was not compared with them yet. */
  | { verdict: 'near'; candidates: { id: string; version: number }[] };

const idempotencyTtlMs = 48 * 60 * 60 * 1000;

/** Stored articles, what is known of each, and the outbox of deliveries that have no queue job yet. */
export interface Articles {
  /** Stores article, deliveries and outbox entries in one atomic step, unless the article is known, or may be. */
  accept(acceptance: Acceptance): Promise<AcceptReply>;
  /**
   * Adds deliveries to a stored article; those that exist already are left alone. `changed`: the article has another
   * version by now, and nothing was added.
   */
  extend(deliveries: PlannedDelivery[]): Promise<'extended' | 'changed'>;
  get(id: string, version?: number): Promise<Article | undefined>;
  /** Id of the article with this hash of its canonical URL. */
  byUrl(urlHash: string): Promise<string | undefined>;
  /** When it was accepted (ISO 8601); undefined where it is not stored. */
  acceptedAt(id: string): Promise<string | undefined>;
  /** Why channels did not take it when it was accepted, by channel. */
  left(id: string): Promise<Record<string, string>>;
  /** Nothing of it is sent before `untilMs` (epoch ms; undefined: it may go) any more. False where it is not stored. */
  embargo(id: string, untilMs: number | undefined): Promise<boolean>;
  /** Ids of the article's deliveries, in plan order. */
  deliveryIds(id: string): Promise<string[]>;
  /** Newest first. */
  list(limit: number): Promise<string[]>;
  /** Keeps a composed post beside its article, once. */
  keepPost(article: string, hash: string, post: Post): Promise<void>;
  /** A post that was kept. */
  post(article: string, hash: string): Promise<Post | undefined>;
  /** The first answer given under an idempotency key. */
  answer(keyHash: string): Promise<string | undefined>;
  /** Keeps an answer unless there is one; resolves to the one that is kept. */
  keepAnswer(keyHash: string, answer: string): Promise<string>;
  /** Oldest outbox entries, and taking them off once they have a job. */
  outbox(limit: number): Promise<string[]>;
  outboxDone(entries: string[]): Promise<void>;
  /** Articles of much the same text as this newest version find it, too. */
  listNear(id: string, sketch: string, windowMs: number): Promise<void>;
  /** What was not accepted because of this article, oldest first. */
  skippedTwins(id: string): Promise<SkippedTwin[]>;
  /** The article because of which the one with this id was not accepted. */
  skippedFor(id: string): Promise<string | undefined>;
  /** Forgets articles accepted before `beforeMs` all of whose deliveries are final. Returns how many. */
  prune(beforeMs: number): Promise<number>;
}

export function openArticles(redis: Redis, prefix: string): Articles {
  const runAccept = loadScript(redis, 'accept', ['state-lists', 'near']);
  const runListNear = loadScript(redis, 'list-near', ['state-lists', 'near']);
  const runExtend = loadScript(redis, 'extend', ['state-lists']);
  const runPrune = loadScript(redis, 'prune');
  const runEmbargo = loadScript(redis, 'embargo', ['state-lists', 'waiting']);
  const key = (id: string) => `${prefix}:article:${id}`;

  return {
    async accept({ article, kind, repeats, deliveries, left, urlHash, contentHash, idempotency, near, twin }) {
      const args: (string | number)[] = [prefix, article.id, JSON.stringify(article), urlHash ?? '', contentHash];
      args.push(idempotency?.keyHash ?? '', idempotency?.requestHash ?? '', idempotencyTtlMs);
      args.push(JSON.stringify(left), embargoOf(article), `${kind ?? ''}${repeats === undefined ? '' : `:${repeats}`}`);
      args.push(
        near?.sketch ?? '',
        near?.windowMs ?? 0,
        near === undefined || near.compared === 'all' ? '' : JSON.stringify(near.compared),
      );
      args.push(twin?.article ?? '', twin ? JSON.stringify(skipped(article, twin)) : '', article.follows ?? '');
      for (const delivery of deliveries) args.push(...record(delivery));
      const [verdict, ...rest] = (await runAccept(args)) as [AcceptReply['verdict'], ...string[]];
      if (verdict === 'near')
        return { verdict, candidates: inTwos(rest).map(([id, version]) => ({ id, version: Number(version) })) };
      const [id = '', about] = rest;
      return { verdict, article: id, ...(about ? { likeness: (JSON.parse(about) as SkippedTwin).likeness } : {}) };
    },
    extend: async (deliveries) => (await runExtend([prefix, ...deliveries.flatMap(record)])) as 'extended' | 'changed',
    async get(id, version) {
      const field = version ?? (await redis.hget(key(id), 'version'));
      if (field === null) return undefined;
      const [json, embargo] = await redis.hmget(key(id), `v${field}`, 'embargo');
      return json ? withEmbargo(JSON.parse(json) as Article, embargo) : undefined;
    },
    byUrl: async (urlHash) => (await redis.get(`${prefix}:url:${urlHash}`)) ?? undefined,
    async acceptedAt(id) {
      const score = await redis.zscore(`${prefix}:articles`, id);
      return score === null ? undefined : new Date(Number(score)).toISOString();
    },
    left: async (id) => JSON.parse((await redis.hget(key(id), 'left')) ?? '{}') as Record<string, string>,
    embargo: async (id, untilMs) => (await runEmbargo([prefix, id, untilMs ?? ''])) === 1,
    deliveryIds: (id) => redis.lrange(`${key(id)}:deliveries`, 0, -1),
    list: (limit) => redis.zrevrange(`${prefix}:articles`, 0, limit - 1),
    async keepPost(article, hash, post) {
      await redis.hsetnx(key(article), `post:${hash}`, JSON.stringify(post));
    },
    async post(article, hash) {
      const json = await redis.hget(key(article), `post:${hash}`);
      return json === null ? undefined : (JSON.parse(json) as Post);
    },
    answer: async (keyHash) => (await redis.hget(`${prefix}:idempotency:${keyHash}`, 'answer')) ?? undefined,
    async keepAnswer(keyHash, answer) {
      const key = `${prefix}:idempotency:${keyHash}`;
      await redis.hsetnx(key, 'answer', answer);
      return (await redis.hget(key, 'answer')) ?? answer;
    },
    outbox: (limit) => redis.zrangebyscore(`${prefix}:outbox`, '-inf', '+inf', 'LIMIT', 0, limit),
    async outboxDone(entries) {
      await redis.zrem(`${prefix}:outbox`, ...entries);
    },
    async listNear(id, sketch, windowMs) {
      await runListNear([prefix, id, sketch, windowMs]);
    },
    async skippedTwins(id) {
      const all = Object.values(await redis.hgetall(`${key(id)}:near`)).map((json) => JSON.parse(json) as SkippedTwin);
      return all.sort((one, other) => (one.at < other.at ? -1 : 1));
    },
    skippedFor: async (id) => (await redis.get(`${prefix}:near:of:${id}`)) ?? undefined,
    async prune(beforeMs) {
      let pruned = 0;
      let offset = 0;
      for (;;) {
        const page = await redis.zrangebyscore(`${prefix}:articles`, '-inf', beforeMs, 'LIMIT', offset, 100);
        if (page.length === 0) return pruned;
        const [gone = 0, isMore] = (await runPrune([prefix, batchesACall, ...page])) as number[];
        pruned += gone;
        if (!isMore) offset += page.length - gone;
      }
    },
  };
}

function inTwos(items: readonly string[]): [string, string][] {
  return items.flatMap((item, at) => (at % 2 === 0 ? [[item, items[at + 1] ?? ''] as [string, string]] : []));
}

function skipped({ id, title, url, source }: Article, { likeness, at }: NonNullable<Acceptance['twin']>): SkippedTwin {
  const from = { ...(url === undefined ? {} : { url }), ...(source === undefined ? {} : { source }) };
  return { id, title, ...from, likeness, at };
}

/** As the claim compares it (epoch ms); empty: none. */
function embargoOf({ embargoUntil }: Article): string {
  return embargoUntil === undefined ? '' : String(Date.parse(embargoUntil));
}

/** The embargo that holds now, which may have been moved since. */
function withEmbargo(article: Article, embargo: string | null | undefined): Article {
  if (typeof embargo !== 'string' || embargoOf(article) === embargo) return article;
  const { embargoUntil: _before, ...rest } = article;
  return embargo ? { ...rest, embargoUntil: new Date(Number(embargo)).toISOString() } : rest;
}

function record(delivery: PlannedDelivery): string[] {
  const { sandbox, waits, wish, follows, ...job } = delivery;
  const fields = { ...job, sandbox, waits, wish, follows };
  return [delivery.delivery, JSON.stringify(fields), JSON.stringify(job)];
}

/** Redis does nothing else for some milliseconds. */
const batchesACall = 500;
