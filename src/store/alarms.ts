import type { Redis } from 'ioredis';
import type { Alarm, AlarmDetail } from '../core/alarms.ts';
import { loadScript } from './scripts.ts';

/** What people should know of, raised by whoever sees it. A reader tells it (`alarm-queue.ts`). */
export interface Alarms {
  /**
   * Raises an alarm: on record when it resolves. The same kind and subject is the same alarm, whoever raises it and how
   * often. `onceMs`: not again within so long.
   */
  raise(alarm: Alarm, options?: { onceMs?: number }): Promise<void>;
  /** What it was about is well again: that is told where the alarm was. Nothing happens where none was raised. */
  over(alarm: Pick<Alarm, 'kind' | 'subject'>): Promise<void>;
  /** Those raised in the last days, newest first. */
  recent(limit: number): Promise<AlarmRecord[]>;
  /** How often each kind was raised since this Redis began. */
  counts(): Promise<Record<string, number>>;
}

/** An alarm as it stands. Times are epoch ms. */
export interface AlarmRecord {
  kind: string;
  subject: string;
  detail: AlarmDetail;
  sinceMs: number;
  lastMs: number;
  /** How often it happened since it was last told. */
  untold: number;
  toldMs?: number;
  overMs?: number;
  /** When each target had it last, by name. */
  sent: Record<string, number>;
}

export const keptAlarmMs = 7 * 86_400_000;
const sentPrefix = 'sent:';

export function openAlarms(redis: Redis, prefix: string): Alarms {
  const run = loadScript(redis, 'alarm-raise', ['state-lists']);
  return {
    async raise({ kind, subject, detail }, { onceMs } = {}) {
      const fields = Object.entries(detail).flat();
      await run([prefix, 'raise', kind, subject, onceMs === undefined ? '' : Math.round(onceMs), ...fields]);
    },
    over: async ({ kind, subject }) => void (await run([prefix, 'over', kind, subject, ''])),
    async recent(limit) {
      const list = `${prefix}:alarms:recent`;
      await redis.zremrangebyscore(list, '-inf', Date.now() - keptAlarmMs);
      const ids = await redis.zrevrange(list, 0, limit - 1);
      const records = await Promise.all(ids.map((id) => redis.hgetall(`${prefix}:alarm:${id}`)));
      return records.filter(({ kind }) => kind !== undefined).map(toRecord);
    },
    async counts() {
      const counts = await redis.hgetall(`${prefix}:alarms:counts`);
      return Object.fromEntries(Object.entries(counts).map(([kind, count]) => [kind, Number(count)]));
    },
  };
}

/** The field of a record that holds when a target had it. */
export function sentField(target: string): string {
  return sentPrefix + target;
}

function toRecord(record: Record<string, string>): AlarmRecord {
  const sent = Object.entries(record).filter(([name]) => name.startsWith(sentPrefix));
  return {
    kind: record.kind ?? '',
    subject: record.subject ?? '',
    detail: JSON.parse(record.detail ?? '{}') as AlarmDetail,
    sinceMs: Number(record.since),
    lastMs: Number(record.last),
    untold: Number(record.untold ?? 0),
    ...(record.told === undefined ? {} : { toldMs: Number(record.told) }),
    ...(record.over === undefined ? {} : { overMs: Number(record.over) }),
    sent: Object.fromEntries(sent.map(([name, at]) => [name.slice(sentPrefix.length), Number(at)])),
  };
}
