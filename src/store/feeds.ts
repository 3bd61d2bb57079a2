import type { Redis } from 'ioredis';
import type { FeedSetting } from '../core/source.ts';
import { loadScript } from './scripts.ts';

/** What is known of a feed when its turn comes. */
export interface FeedTurn {
  token: string;
  etag?: string;
  lastModified?: string;
  /** It was read before: what is new is news. */
  isStarted: boolean;
  failures: number;
}

/** The turn is somebody else's, or the feed is not due: how long from now. */
export type NoTurn = { waitMs: number };

/** An item of a feed that was handed in, or only remembered. */
export interface SeenItem {
  /** Hash of what it said. */
  print: string;
  /** It was there at the first reading, and was not handed in. */
  remembered: boolean;
}

/** How a feed does, for people. Times are ISO 8601. */
export interface FeedState {
  id: string;
  lastAt: string | null;
  nextAt: string | null;
  /** Of the last poll that got something. */
  items: number;
  new: number;
  /** Why it cannot be read, since when, and how often in a row; null: it can. */
  error: string | null;
  failingSince: string | null;
  failures: number;
  /** WebSub: until when its hub tells us; null: it does not. */
  subscribedUntil: string | null;
}

/** What a WebSub hub was asked, and what it confirmed. */
export interface Subscription {
  hub: string;
  topic: string;
  secret: string;
  /** Epoch ms; absent: not confirmed yet. */
  untilMs?: number;
  askedMs: number;
}

/** Feeds: whose turn it is, what was seen, how they do. */
export interface Feeds {
  /** A changed address or pace makes the feed due at once. */
  claim(
    feed: string,
    token: string,
    leaseMs: number,
    asked: Pick<FeedSetting, 'url' | 'everyMs'>,
  ): Promise<FeedTurn | NoTurn>;
  /** Makes the turn longer; false where it is somebody else's by now. */
  extend(feed: string, token: string, leaseMs: number): Promise<boolean>;
  /** Ends the turn. `fields`: to be kept with the feed; an empty text removes one. */
  settle(feed: string, token: string, waitMs: number, fields: Record<string, string | number>): Promise<boolean>;
  /** The next look is now, whoever looks. */
  wake(feed: string): Promise<void>;
  seen(feed: string, keys: readonly string[]): Promise<(SeenItem | undefined)[]>;
  /** Notes items as seen today. */
  note(feed: string, items: readonly { key: string; item: SeenItem }[]): Promise<void>;
  /** Forgets items that were not in the feed for so many days. */
  forget(feed: string, days: number): Promise<void>;
  /** The items of the last poll in order, oldest first, as JSON. */
  list(feed: string): Promise<[key: string, url: string][]>;
  state(feed: string): Promise<FeedState>;
  subscription(feed: string): Promise<Subscription | undefined>;
  subscribe(feed: string, subscription: Subscription | undefined): Promise<void>;
  /** Feeds with a subscription, those that left the configuration among them. */
  subscribed(): Promise<string[]>;
  /** Channel on which wakings are told. */
  wakeChannel: string;
}

const dayMs = 86_400_000;

export function openFeeds(redis: Redis, prefix: string, now: () => number): Feeds {
  const runClaim = loadScript(redis, 'feed-claim', ['state-lists']);
  const runSettle = loadScript(redis, 'feed-settle', ['state-lists']);
  const key = (feed: string) => `${prefix}:feed:${feed}`;
  const seenKey = (feed: string) => `${key(feed)}:seen`;
  const subscriptions = `${prefix}:feed-subscriptions`;
  const wakeChannel = `${prefix}:feeds`;
  const today = () => Math.floor(now() / dayMs);
  const settle = async (
    feed: string,
    token: string,
    leaseMs: number | '',
    waitMs: number | '',
    fields: (string | number)[],
  ) => (await runSettle([prefix, feed, token, leaseMs, waitMs, ...fields])) === 1;

  return {
    wakeChannel,
    async claim(feed, token, leaseMs, { url, everyMs }) {
      const reply = (await runClaim([prefix, feed, token, leaseMs, `${everyMs} ${url}`])) as string[];
      const [verdict, first = '', second = '', third = '', fourth = '0'] = reply;
      if (verdict !== 'yours') return { waitMs: Number(first) };
      return {
        token,
        ...(first === '' ? {} : { etag: first }),
        ...(second === '' ? {} : { lastModified: second }),
        isStarted: third === '1',
        failures: Number(fourth),
      };
    },
    extend: (feed, token, leaseMs) => settle(feed, token, leaseMs, '', []),
    settle: (feed, token, waitMs, fields) => settle(feed, token, '', Math.round(waitMs), Object.entries(fields).flat()),
    async wake(feed) {
      await redis.hset(key(feed), 'wake', '1');
      await redis.publish(wakeChannel, feed);
    },
    async seen(feed, keys) {
      if (keys.length === 0) return [];
      return (await redis.hmget(seenKey(feed), ...keys)).map(readSeen);
    },
    async note(feed, items) {
      if (items.length === 0) return;
      const day = today();
      await redis.hset(
        seenKey(feed),
        ...items.flatMap((one) => [one.key, `${one.item.print}|${one.item.remembered ? 'r' : ''}|${day}`]),
      );
    },
    async forget(feed, days) {
      const before = today() - days;
      let cursor = '0';
      do {
        const [next, pairs] = await redis.hscan(seenKey(feed), cursor, 'COUNT', 1_000);
        cursor = next;
        const old: string[] = [];
        for (let at = 0; at < pairs.length; at += 2) {
          if (Number(String(pairs[at + 1]).split('|')[2]) < before) old.push(String(pairs[at]));
        }
        if (old.length > 0) await redis.hdel(seenKey(feed), ...old);
      } while (cursor !== '0');
    },
    list: async (feed) => JSON.parse((await redis.hget(key(feed), 'list')) ?? '[]') as [string, string][],
    async state(feed) {
      const [fields, subscription] = await Promise.all([redis.hgetall(key(feed)), redis.hget(subscriptions, feed)]);
      const iso = (text: string | undefined) => (text ? new Date(Number(text)).toISOString() : null);
      const { untilMs } = subscription ? (JSON.parse(subscription) as Subscription) : {};
      return {
        id: feed,
        lastAt: iso(fields.at),
        nextAt: iso(fields.next),
        items: Number(fields.items ?? 0),
        new: Number(fields.new ?? 0),
        error: fields.error ?? null,
        failingSince: iso(fields.failingSince),
        failures: Number(fields.failures ?? 0),
        subscribedUntil: untilMs === undefined || untilMs < now() ? null : new Date(untilMs).toISOString(),
      };
    },
    async subscription(feed) {
      const json = await redis.hget(subscriptions, feed);
      return json === null ? undefined : (JSON.parse(json) as Subscription);
    },
    async subscribe(feed, subscription) {
      if (subscription) await redis.hset(subscriptions, feed, JSON.stringify(subscription));
      else await redis.hdel(subscriptions, feed);
    },
    subscribed: () => redis.hkeys(subscriptions),
  };
}

function readSeen(text: string | null): SeenItem | undefined {
  if (text === null) return undefined;
  const [print = '', mark = ''] = text.split('|');
  return { print, remembered: mark === 'r' };
}
