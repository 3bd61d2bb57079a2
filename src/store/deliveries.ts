import type { Redis } from 'ioredis';
import {
  type Delivery,
  type DeliveryState,
  deliveryStates,
  type FailedState,
  type FollowAct,
  type HistoryEntry,
} from '../core/delivery.ts';
import type { StatusReport } from '../core/platform.ts';
import { type ClaimReply, type ClaimRequest, readClaim } from './claims.ts';
import { openDurability } from './durability.ts';
import { withLists } from './fanout/read.ts';
import { pagesOf } from './pages.ts';
import { readRecords } from './read-records.ts';
import { type StoredDelivery, toHistory, toStored } from './records.ts';
import { type RetryReply, readRetry } from './retries.ts';
import { batch, loadScript } from './scripts.ts';
import type { Finding, FindingReply, Resolution, ResolveReply, Sent, Settlement } from './settlements.ts';

export type { Finding, FindingReply, Resolution, ResolveReply, Sent, Settlement, StoredDelivery };

/** Little of a delivery. `waits`: what it waits for, as in its record; empty: nothing. */
export interface Outline {
  id: string;
  channel: string;
  /** Absent for a plain post. */
  act?: FollowAct;
  state: DeliveryState;
  dueMs: number;
  waits: string;
  attempts: number;
}

/** Delivery records: the truth about what was sent. */
export interface Deliveries {
  claim(request: ClaimRequest): Promise<ClaimReply>;
  /**
   * The state afterwards, or `lost` where nothing was written: another attempt owns the record by now. That a part is
   * live is also taken from an attempt that has lost its claim, unless another one is sending.
   */
  settle(settlement: Settlement): Promise<DeliveryState | 'lost'>;
  /** Records what a look at the platform has shown; by the fence of the asking, once. */
  reconcile(finding: Finding): Promise<FindingReply>;
  /** Settles what is unconfirmed (held or not) by a person's word: published, or sent again at once. */
  resolve(id: string, resolution: Resolution): Promise<ResolveReply>;
  /**
   * Sends those back that ended without being posted: due now (or when an embargo ends), with all their attempts. The
   * replies are in the order of `ids`. Rejects where a record makes no sense, after the others are sent back.
   */
  retry(ids: readonly string[]): Promise<RetryReply[]>;
  /**
   * What the platform told later: moves forward only, however often and in whatever order it is told. Rejects where a
   * record is newer than this program, after the others are written.
   */
  report(reports: readonly StatusReport[]): Promise<void>;
  get(ids: readonly string[]): Promise<Delivery[]>;
  /** Little of many: those that are stored, in the order of `ids`. */
  outline(ids: readonly string[]): Promise<Outline[]>;
  /** Oldest first; long ones without their beginning. */
  history(id: string): Promise<HistoryEntry[]>;
  /** Newest first. */
  list(state: DeliveryState, limit: number): Promise<Delivery[]>;
  /** Those that ended so at or after `sinceMs`, oldest first, a page at a time. */
  failed(state: FailedState, sinceMs: number): AsyncGenerator<Delivery[]>;
  /** Those that wait for a person, longest first. */
  held(limit: number): Promise<Delivery[]>;
  counts(): Promise<Record<DeliveryState, number>>;
  /** How many wait for a person, and since when the first (epoch ms). */
  heldCount(): Promise<{ held: number; sinceMs: number | undefined }>;
  /** Waiting deliveries (`scheduled`, then `retryable`) that were due before `beforeMs`: a page of them, oldest first. */
  overdue(beforeMs: number, limit: number, offset?: number): Promise<StoredDelivery[]>;
  /** `sending` deliveries whose lease ended before `beforeMs`: a page of them, oldest first. */
  expired(beforeMs: number, limit: number, offset?: number): Promise<StoredDelivery[]>;
  /** Unconfirmed ones about which the platform should have been asked before `beforeMs`: a page of them, oldest first. */
  unasked(beforeMs: number, limit: number, offset?: number): Promise<StoredDelivery[]>;
}

export interface LedgerSettings {
  leaseMs: number;
  quarantineMs: number;
  maxAttempts: number;
  /** Failures in a row after which an account rests, and for how long at first; 0: never. */
  failuresToRest?: number;
  restMs?: number;
}

/** So many are sent back in one step; others wait for it. */
const maxRetries = 100;

/** `settings` may be a function that gives those that hold now. */
export function openDeliveries(
  redis: Redis,
  prefix: string,
  settings: LedgerSettings | (() => LedgerSettings),
): Deliveries {
  const current = typeof settings === 'function' ? settings : () => settings;
  const script = (name: string) => loadScript(redis, name, ['state-lists', 'budgets']);
  const runReconcile = script('reconcile');
  const runSettle = loadScript(redis, 'settle', ['state-lists', 'scopes', 'turns', 'limits', 'circuit', 'budgets']);
  const runClaim = loadScript(redis, 'claim', [
    'state-lists',
    'subscribers/person',
    'scopes',
    'turns',
    'limits',
    'budgets',
    'waiting',
    'gate',
    'follow',
  ]);
  const [runResolve, runReport, runRetry] = [script('resolve'), script('report'), script('retry')];
  const durability = openDurability(redis, prefix);

  const claim = batch<ClaimRequest, ClaimReply>(async (requests) => {
    const { leaseMs, quarantineMs, maxAttempts } = current();
    const args: (string | number)[] = [prefix, leaseMs, quarantineMs, durability.known(), maxAttempts];
    for (const r of requests) {
      args.push(
        r.id,
        r.token,
        r.postHash,
        r.total,
        r.account,
        r.channel,
        r.staleAfterMs ?? '',
        r.way,
        r.scopes,
        r.charge,
        r.whenSpent,
        r.hours,
        r.needsApproval ? '1' : '',
        r.collects ? '1' : '',
        r.follows ? JSON.stringify(r.follows) : '',
      );
    }
    return ((await runClaim(args)) as string[][]).map(readClaim);
  });

  const settle = batch<Settlement, DeliveryState | 'lost'>(async (settlements) => {
    const { failuresToRest = 0, restMs = 0 } = current();
    const args: (string | number)[] = [prefix, failuresToRest, restMs];
    for (const s of settlements) {
      args.push(s.id, s.token, s.state);
      if (s.state === 'live') {
        args.push(s.part, s.total, JSON.stringify(s.receipt), s.receipt.remoteId, s.account ?? '', '', '', '1', '0');
      } else {
        args.push(0, 1, '', '', '', JSON.stringify(s.failure), s.waitMs ?? '');
        args.push(s.spendAttempt === false ? '0' : '1', s.held ? '1' : '0');
      }
      args.push(
        s.circuit ?? '',
        s.sent?.scopes ?? '',
        s.sent?.slotAt ?? '',
        s.sent ? Math.round(s.sent.arrivedAt) : '',
      );
    }
    return ((await runSettle(args)) as string[]).map((state) =>
      state.startsWith('fault') ? new Error(`settle.lua: ${state}`) : (state as DeliveryState | 'lost'),
    );
  });

  const read = (ids: readonly string[]) => readRecords(redis, prefix, ids);
  const readDeliveries = async (ids: readonly string[]) => withLists(redis, prefix, await read(ids));

  const before = async (lists: string[], beforeMs: number, limit: number, offset = 0) => {
    const ids: string[] = [];
    let skip = offset;
    for (const name of lists) {
      const list = `${prefix}:${name}`;
      const room = limit - ids.length;
      if (room > 0) ids.push(...(await redis.zrangebyscore(list, '-inf', beforeMs, 'LIMIT', skip, room)));
      skip = Math.max(0, skip - (await redis.zcount(list, '-inf', beforeMs)));
    }
    return (await read(ids)).map(([id, record]) => toStored(id, record));
  };

  return {
    claim,
    settle,
    async reconcile(finding) {
      const { id, fence, outcome, account } = finding;
      const failure = 'failure' in finding && finding.failure ? JSON.stringify(finding.failure) : '';
      const args: (string | number)[] = [prefix, id, fence, outcome, failure];
      args.push('waitMs' in finding ? Math.round(finding.waitMs) : '', account);
      if (finding.outcome === 'found') {
        for (const receipt of finding.receipts) args.push(receipt.remoteId, JSON.stringify(receipt));
      }
      const [verdict, owner] = (await runReconcile(args)) as [string, string?];
      if (verdict === 'lost') return { verdict };
      if (verdict === 'taken') return { verdict, owner: owner ?? '' };
      return { verdict: 'recorded', state: verdict as DeliveryState };
    },
    async resolve(id, resolution) {
      const [row] = await read([id]);
      if (!row) return { verdict: 'missing' };
      const { dueMs, id: delivery, ...job } = toStored(...row);
      const at = new Date().toISOString();
      const receipt = resolution.published
        ? JSON.stringify({ remoteId: resolution.remoteId, url: resolution.url, at })
        : '';
      const entry = JSON.stringify({ delivery, ...job, due: dueMs });
      const [verdict, state] = (await runResolve([prefix, id, receipt, entry])) as [
        'resolved' | 'refused' | 'missing',
        DeliveryState,
      ];
      return verdict === 'missing' ? { verdict } : { verdict, state };
    },
    async retry(ids) {
      const rows: string[][] = [];
      for (let at = 0; at < ids.length; at += maxRetries) {
        rows.push(...((await runRetry([prefix, ...ids.slice(at, at + maxRetries)])) as string[][]));
      }
      return rows.map(readRetry);
    },
    async report(reports) {
      if (reports.length === 0) return;
      const args = reports.flatMap(({ delivery, remoteId, status, at, failure }) => {
        const how = 'told by a status';
        return [delivery, JSON.stringify({ remoteId, status, at, how, ...failure, code: failure?.code ?? undefined })];
      });
      const states = (await runReport([prefix, ...args])) as string[];
      const fault = states.find((state) => state.startsWith('fault'));
      if (fault !== undefined) throw new Error(`report.lua: ${fault}`);
      if (states.includes('newer')) throw new Error('A delivery was written by a newer version of this program.');
    },
    get: readDeliveries,
    async outline(ids) {
      const pipeline = redis.pipeline();
      for (const id of ids)
        pipeline.hmget(`${prefix}:delivery:${id}`, 'channel', 'state', 'due', 'waits', 'attempts', 'act');
      const answers = ids.length === 0 ? [] : ((await pipeline.exec()) ?? []);
      return answers.flatMap(([error, fields], index) => {
        if (error) throw error;
        const [channel, state, due, waits, attempts, act] = fields as (string | null)[];
        if (!channel || !state) return [];
        const numbers = { dueMs: Number(due), attempts: Number(attempts), ...(act ? { act: act as FollowAct } : {}) };
        return [{ id: ids[index] as string, channel, state: state as DeliveryState, waits: waits ?? '', ...numbers }];
      });
    },
    async history(id) {
      const [row] = await read([id]);
      return row ? toHistory(row[1]) : [];
    },
    list: async (state, limit) => readDeliveries(await redis.zrevrange(`${prefix}:state:${state}`, 0, limit - 1)),
    async *failed(state, sinceMs) {
      for await (const ids of pagesOf(redis, `${prefix}:state:${state}`, sinceMs)) {
        yield (await readDeliveries(ids)).filter((delivery) => delivery.state === state);
      }
    },
    held: async (limit) => readDeliveries(await redis.zrange(`${prefix}:held`, 0, String(limit - 1))),
    async counts() {
      const numbers = await Promise.all(deliveryStates.map((state) => redis.zcard(`${prefix}:state:${state}`)));
      return Object.fromEntries(deliveryStates.map((state, index) => [state, numbers[index]])) as Record<
        DeliveryState,
        number
      >;
    },
    async heldCount() {
      const [held, first] = await Promise.all([
        redis.zcard(`${prefix}:held`),
        redis.zrange(`${prefix}:held`, '0', '0', 'WITHSCORES'),
      ]);
      return { held, sinceMs: first[1] === undefined ? undefined : Number(first[1]) };
    },
    overdue: (beforeMs, limit, offset) => before(['state:scheduled', 'state:retryable'], beforeMs, limit, offset),
    expired: (beforeMs, limit, offset) => before(['state:sending'], beforeMs, limit, offset),
    unasked: (beforeMs, limit, offset) => before(['asking'], beforeMs, limit, offset),
  };
}
