import type { Redis } from 'ioredis';
import { type Delivery, type DeliveryState, deliveryStates, type Failure } from '../core/delivery.ts';
import type { Receipt } from '../core/post.ts';
import { batch, loadScript } from './scripts.ts';

/** A claim on one part of a delivery. */
export interface ClaimRequest {
  id: string;
  /** Fencing token of this attempt; the same for all parts of one attempt. */
  token: string;
  part: number;
  /** Hash of the composed post, kept as proof of what was said. */
  postHash: string;
  account: string;
  channel: string;
  staleAfterMs: number | undefined;
  /** True where an attempt whose end nobody knows may be repeated (the channel prefers a double to a gap). */
  resend: boolean;
}

export type ClaimReply =
  /** Ours until `untilMs` (Redis' clock); `parts` are live already. */
  | { verdict: 'claimed'; attempts: number; parts: Receipt[]; untilMs: number }
  /** Another worker holds it until then. */
  | { verdict: 'leased'; untilMs: number }
  | { verdict: 'early'; dueMs: number }
  | { verdict: 'paused'; reason: string }
  /** A worker died while sending it; it is `unconfirmed` now. */
  | { verdict: 'expired' }
  | { verdict: 'settled'; state: DeliveryState }
  | { verdict: 'missing' };

/** What came of a claimed part. `part`: live, and more parts follow. */
export interface Settlement {
  id: string;
  token: string;
  state: DeliveryState | 'part';
  receipt?: Receipt;
  failure?: Failure;
  /** For `retryable`: not before this (epoch ms). */
  dueMs?: number;
  /** False gives the attempt back (a wait that is nobody's fault). */
  spendAttempt?: boolean;
}

/** Delivery records: the truth about what was sent. */
export interface Deliveries {
  claim(request: ClaimRequest): Promise<ClaimReply>;
  /** The state afterwards, or `lost` where another attempt owns the record by now (then nothing was written). */
  settle(settlement: Settlement): Promise<DeliveryState | 'lost'>;
  get(ids: readonly string[]): Promise<Delivery[]>;
  /** Newest first. */
  list(state: DeliveryState, limit: number): Promise<Delivery[]>;
  counts(): Promise<Record<DeliveryState, number>>;
  /** Waiting deliveries (`scheduled`, then `retryable`) that were due before `beforeMs`: a page of them, oldest first. */
  overdue(beforeMs: number, limit: number, offset?: number): Promise<StoredDelivery[]>;
  /** `sending` deliveries whose lease ended before `beforeMs`: a page of them, oldest first. */
  expired(beforeMs: number, limit: number, offset?: number): Promise<StoredDelivery[]>;
}

/** What a queue job needs to know of a stored delivery. */
export interface StoredDelivery {
  id: string;
  article: string;
  version: number;
  channel: string;
  platform: string;
  recipient?: string;
  priority: number;
  dueMs: number;
}

export function openDeliveries(redis: Redis, prefix: string, leaseMs: number): Deliveries {
  const runClaim = loadScript(redis, 'claim', ['state-lists']);
  const runSettle = loadScript(redis, 'settle', ['state-lists']);
  const key = (id: string) => `${prefix}:delivery:${id}`;

  const claim = batch<ClaimRequest, ClaimReply>(async (requests) => {
    const args: (string | number)[] = [prefix, leaseMs];
    for (const r of requests) {
      args.push(r.id, r.token, r.part, r.postHash, r.account, r.channel, r.staleAfterMs ?? '', r.resend ? '1' : '0');
    }
    return ((await runClaim(args)) as string[][]).map(readClaim);
  });

  const settle = batch<Settlement, DeliveryState | 'lost'>(async (settlements) => {
    const args: (string | number)[] = [prefix];
    for (const s of settlements) {
      args.push(s.id, s.token, s.state, s.receipt ? JSON.stringify(s.receipt) : '');
      args.push(s.failure ? JSON.stringify(s.failure) : '', s.dueMs ?? '', s.spendAttempt === false ? '0' : '1');
    }
    return (await runSettle(args)) as (DeliveryState | 'lost')[];
  });

  async function read(ids: readonly string[]): Promise<[string, Record<string, string>][]> {
    if (ids.length === 0) return [];
    const pipeline = redis.pipeline();
    for (const id of ids) pipeline.hgetall(key(id));
    const answers = (await pipeline.exec()) ?? [];
    const rows: [string, Record<string, string>][] = [];
    for (const [index, [error, record]] of answers.entries()) {
      if (error) throw error;
      const fields = record as Record<string, string>;
      if (fields.state) rows.push([ids[index] as string, fields]);
    }
    return rows;
  }

  const dueBefore = async (states: DeliveryState[], beforeMs: number, limit: number, offset = 0) => {
    const ids: string[] = [];
    let skip = offset;
    for (const state of states) {
      const key = `${prefix}:state:${state}`;
      const room = limit - ids.length;
      if (room > 0) ids.push(...(await redis.zrangebyscore(key, '-inf', beforeMs, 'LIMIT', skip, room)));
      skip = Math.max(0, skip - (await redis.zcount(key, '-inf', beforeMs)));
    }
    return (await read(ids)).map(([id, record]) => toStored(id, record));
  };

  return {
    claim,
    settle,
    get: async (ids) => (await read(ids)).map(([id, record]) => toDelivery(id, record)),
    async list(state, limit) {
      const ids = await redis.zrevrange(`${prefix}:state:${state}`, 0, limit - 1);
      return (await read(ids)).map(([id, record]) => toDelivery(id, record));
    },
    async counts() {
      const numbers = await Promise.all(deliveryStates.map((state) => redis.zcard(`${prefix}:state:${state}`)));
      return Object.fromEntries(deliveryStates.map((state, index) => [state, numbers[index]])) as Record<
        DeliveryState,
        number
      >;
    },
    overdue: (beforeMs, limit, offset) => dueBefore(['scheduled', 'retryable'], beforeMs, limit, offset),
    expired: (beforeMs, limit, offset) => dueBefore(['sending'], beforeMs, limit, offset),
  };
}

function readClaim([verdict, ...detail]: string[]): ClaimReply {
  switch (verdict) {
    case 'claimed':
      return {
        verdict,
        attempts: Number(detail[0]),
        parts: JSON.parse(detail[1] ?? '[]') as Receipt[],
        untilMs: Number(detail[2]),
      };
    case 'leased':
      return { verdict, untilMs: Number(detail[0]) };
    case 'early':
      return { verdict, dueMs: Number(detail[0]) };
    case 'paused':
      return { verdict, reason: detail[0] ?? '' };
    case 'settled':
      return { verdict, state: detail[0] as DeliveryState };
    case 'expired':
    case 'missing':
      return { verdict };
    default:
      throw new Error(`claim.lua answered ${verdict}`);
  }
}

function toStored(id: string, record: Record<string, string>): StoredDelivery {
  return {
    id,
    article: record.article ?? '',
    version: Number(record.version),
    channel: record.channel ?? '',
    platform: record.platform ?? '',
    ...(record.recipient ? { recipient: record.recipient } : {}),
    priority: Number(record.priority),
    dueMs: Number(record.due),
  };
}

/** Failures written by Lua carry epoch milliseconds. */
function readFailure(json: string): Failure {
  const failure = JSON.parse(json) as Failure;
  return { ...failure, at: new Date(failure.at).toISOString() };
}

function toDelivery(id: string, record: Record<string, string>): Delivery {
  const receipts = JSON.parse(record.parts ?? '[]') as Receipt[];
  const first = receipts[0] ?? null;
  const { dueMs, priority: _priority, ...stored } = toStored(id, record);
  return {
    ...stored,
    state: record.state as DeliveryState,
    held: record.held === '1',
    dueAt: new Date(dueMs).toISOString(),
    attempts: Number(record.attempts),
    url: first?.url ?? null,
    remoteId: first?.remoteId ?? null,
    parts: receipts.map(({ remoteId, url }) => ({ remoteId, url: url ?? null })),
    receipt: first,
    failure: record.failure ? readFailure(record.failure) : null,
    sandbox: record.sandbox === '1',
  };
}
