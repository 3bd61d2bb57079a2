import type { Redis } from 'ioredis';
import type { Severity, Telling } from '../core/alarms.ts';
import { keptAlarmMs, sentField } from './alarms.ts';
import { loadScript } from './scripts.ts';

/** The reader's side of the alarms: what is to be told, and to whom. Times are epoch ms. */
export interface AlarmQueue {
  /** True while this reader is the one over all processes; asked again well within `leaseMs`. */
  lead(reader: string, leaseMs: number): Promise<boolean>;
  /** Lets another reader take over at once. */
  leave(reader: string): Promise<void>;
  /** Ids of alarms to be looked at by now. */
  fresh(nowMs: number): Promise<string[]>;
  /** Queues an alarm for its targets, unless it was told within `dedupeMs`; what is off is forgotten. */
  take(id: string, how: { dedupeMs: number; severity: Severity; lasts: boolean; targets: TargetTime[] }): Promise<void>;
  /** What is to be told to a target, that which is due first in front; with `dueBy`, only what is due by then. */
  queued(target: string, dueBy?: number): Promise<Queued[]>;
  /** It was told: gone from the queue, and the target works. */
  delivered(target: string, queued: readonly Queued[], nowMs: number): Promise<void>;
  /** It could not be told: again at `untilMs`. Resolves to since when it fails, and how often. */
  failed(target: string, failure: { error: string; nowMs: number; untilMs: number }): Promise<TargetTrouble>;
  /** Why and since when a target fails; undefined where it does not. */
  trouble(target: string): Promise<TargetTrouble | undefined>;
  /** Articles of breaking news that were due by then and are not known to be live, newest first, with when they were due. */
  watched(dueBy: number): Promise<{ article: string; sinceMs: number }[]>;
  /** It is due at another time. */
  watchFrom(article: string, dueMs: number): Promise<void>;
  unwatch(article: string): Promise<void>;
}

export interface TargetTime {
  target: string;
  dueMs: number;
}

/** A telling as it stands in a queue. */
export interface Queued {
  telling: Telling;
  dueMs: number;
  /** The member itself. */
  raw: string;
}

export interface TargetTrouble {
  error: string;
  sinceMs: number;
  untilMs: number;
  times: number;
}

/** So many are told, looked at or watched at once. */
const most = 100;

export function openAlarmQueue(redis: Redis, prefix: string): AlarmQueue {
  const runTake = loadScript(redis, 'alarm-take', ['state-lists']);
  const leader = `${prefix}:alarms:reader`;
  const queue = (target: string) => `${prefix}:alarms:to:${target}`;
  const state = (target: string) => `${prefix}:alarms:target:${target}`;

  async function trouble(target: string): Promise<TargetTrouble | undefined> {
    const { error, since, until, times } = await redis.hgetall(state(target));
    if (error === undefined) return undefined;
    return { error, sinceMs: Number(since), untilMs: Number(until), times: Number(times) };
  }

  return {
    async lead(reader, leaseMs) {
      if ((await redis.set(leader, reader, 'PX', leaseMs, 'NX')) !== null) return true;
      return (await redis.get(leader)) === reader && (await redis.pexpire(leader, leaseMs)) === 1;
    },
    async leave(reader) {
      if ((await redis.get(leader)) === reader) await redis.del(leader);
    },
    fresh: (nowMs) => redis.zrangebyscore(`${prefix}:alarms:new`, '-inf', nowMs, 'LIMIT', 0, most),
    async take(id, { dedupeMs, severity, lasts, targets }) {
      const times = targets.flatMap(({ target, dueMs }) => [target, Math.round(dueMs)]);
      await runTake([prefix, id, dedupeMs, severity, lasts ? '1' : '', ...times]);
    },
    async queued(target, dueBy) {
      const until = dueBy === undefined ? '+inf' : dueBy;
      const found = await redis.zrangebyscore(queue(target), '-inf', until, 'WITHSCORES', 'LIMIT', 0, most);
      return found.flatMap((raw, index) =>
        index % 2 === 0 ? [{ raw, telling: JSON.parse(raw) as Telling, dueMs: Number(found[index + 1]) }] : [],
      );
    },
    async delivered(target, queued, nowMs) {
      const all = redis.multi();
      for (const { raw, telling } of queued) {
        all.zrem(queue(target), raw);
        const record = `${prefix}:alarm:${telling.kind} ${telling.subject}`;
        all.hset(record, sentField(target), nowMs).pexpire(record, keptAlarmMs);
      }
      await all.del(state(target)).exec();
    },
    async failed(target, { error, nowMs, untilMs }) {
      const key = state(target);
      await redis
        .multi()
        .hsetnx(key, 'since', nowMs)
        .hincrby(key, 'times', 1)
        .hset(key, 'error', error, 'until', untilMs)
        .pexpire(key, keptAlarmMs)
        .exec();
      return (await trouble(target)) ?? { error, sinceMs: nowMs, untilMs, times: 1 };
    },
    trouble,
    async watched(dueBy) {
      const list = `${prefix}:alarms:watch`;
      const found = await redis.zrevrangebyscore(list, dueBy, '-inf', 'WITHSCORES', 'LIMIT', 0, most);
      return found.flatMap((article, index) =>
        index % 2 === 0 ? [{ article, sinceMs: Number(found[index + 1]) }] : [],
      );
    },
    watchFrom: async (article, dueMs) => void (await redis.zadd(`${prefix}:alarms:watch`, 'XX', dueMs, article)),
    unwatch: async (article) => void (await redis.zrem(`${prefix}:alarms:watch`, article)),
  };
}
