import type { Redis } from 'ioredis';
import { type Delivery, type DeliveryState, deliveryStates } from '../../core/delivery.ts';
import type { FanoutCounts, RecipientRow, RecipientStatus } from '../../core/fanout.ts';
import { type RecordFields, toDelivery } from '../records.ts';

/** As `fanout.lua` writes them. */
const recordSize = 16;
const stateNames = [
  'scheduled',
  'sending',
  'retryable',
  'published',
  'unconfirmed',
  'held',
  'rejected',
  'discarded',
  'cancelled',
] as const;
const statusNames = ['none', 'accepted', 'sent', 'delivered', 'read', 'failed'] as const;
/** Codes from here on are words. */
const wordsFrom = 4_000_000_000;

type Fields = Readonly<Record<string, string>>;

/** The numbers of a fan-out by its hash; undefined where there is none. */
export function toCounts(fields: Fields): FanoutCounts | undefined {
  if (fields.base === undefined) return undefined;
  const number = (name: string) => Number(fields[name] ?? 0);
  const held = number('n:held');
  const states = Object.fromEntries(deliveryStates.map((state) => [state, number(`n:${state}`)])) as Record<
    DeliveryState,
    number
  >;
  states.unconfirmed += held;
  const failures = Object.entries(fields).flatMap(([name, count]) => {
    if (!name.startsWith('f:') || Number(count) <= 0) return [];
    const code = name.slice(2);
    return [{ code: wordOf(fields, Number(code)), count: Number(count), reason: fields[`reason:${code}`] ?? null }];
  });
  return {
    total: number('total'),
    isCut: fields.cut === 'done',
    isDone: fields.ended !== undefined,
    states,
    held,
    statuses: {
      accepted: number('s:accepted'),
      sent: number('s:sent'),
      delivered: number('s:delivered'),
      read: number('s:read'),
      failed: number('s:failed'),
    },
    failures: failures.sort((one, other) => other.count - one.count),
    money: number('money') / 1_000_000,
    startedAt: new Date(Number(fields.base)).toISOString(),
    endedAt: fields.ended === undefined ? null : new Date(Number(fields.ended)).toISOString(),
  };
}

function wordOf(fields: Fields, number: number): string | null {
  if (number === 0) return null;
  return number < wordsFrom ? String(number) : (fields[`word:${number}`] ?? null);
}

/** The people of one batch, with how their deliveries stand. */
export async function readBatch(redis: Redis, prefix: string, id: string, batch: number): Promise<RecipientRow[]> {
  const key = `${prefix}:fanout:${id}`;
  const [fields, to, bytes, remoteIds] = await Promise.all([
    redis.hgetall(key),
    redis.hget(`${key}:${batch}`, 'to'),
    redis.getBuffer(`${key}:${batch}:s`),
    redis.hgetall(`${key}:${batch}:m`),
  ]);
  const base = Number(fields.base ?? 0);
  return (to === null || bytes === null ? [] : to.split('\n')).map((line, place) => {
    const record = bytes as Buffer;
    const at = place * recordSize;
    const name = stateNames[record.readUInt8(at)] ?? 'scheduled';
    const status = statusNames[record.readUInt8(at + 1)] ?? 'none';
    const hundredths = record.readUInt32BE(at + 8);
    const remoteId = remoteIds[place];
    return {
      id: `${id}.${batch}.${place}`,
      who: line.split('\t')[0]?.replace(/^-$/, '') ?? '',
      state: name === 'held' ? 'unconfirmed' : name,
      held: name === 'held',
      status: status === 'none' ? null : (status as RecipientStatus),
      attempts: record.readUInt8(at + 2),
      code: wordOf(fields, record.readUInt32BE(at + 4)),
      at: hundredths === 0 ? null : new Date(base + hundredths * 10).toISOString(),
      remoteId: remoteId === undefined ? null : `${remotePrefix}${remoteId}`,
    };
  });
}

/** Deliveries by their records, those of lists with how their people stand. */
export async function withLists(
  redis: Redis,
  prefix: string,
  rows: readonly (readonly [string, RecordFields])[],
): Promise<Delivery[]> {
  const lists = rows.filter(([, { list }]) => list === '1').map(([id]) => id);
  if (lists.length === 0) return rows.map(([id, record]) => toDelivery(id, record));
  // Both at the same moment: it may end in between.
  const both = redis.multi();
  for (const id of lists) both.hgetall(`${prefix}:delivery:${id}`).hgetall(`${prefix}:fanout:${id}`);
  const answers = ((await both.exec()) ?? []).map(([error, fields]) => {
    if (error) throw error;
    return fields as RecordFields;
  });
  const now = new Map(
    lists.map((id, index) => [id, [answers[index * 2] ?? {}, answers[index * 2 + 1] ?? {}] as const]),
  );
  return rows.map(([id, record]) => {
    const [fresh, fields] = now.get(id) ?? [];
    const list = fields && toCounts(fields);
    return fresh?.state && list ? { ...toDelivery(id, fresh), ...none, list } : toDelivery(id, record);
  });
}

/** A list has no message of its own. */
const none = { url: null, remoteId: null, parts: [], receipt: null };

/** Every message id of WhatsApp begins so; the rest of it is kept. */
export const remotePrefix = 'wamid.';
