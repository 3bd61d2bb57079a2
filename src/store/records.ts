import type { Delivery, DeliveryState, Failure, FollowAct, HistoryEntry } from '../core/delivery.ts';
import type { Receipt } from '../core/post.ts';

/** The fields of a delivery's hash, as Redis has them. */
export type RecordFields = Record<string, string>;

/** What a queue job needs to know of a stored delivery. */
export interface StoredDelivery {
  id: string;
  article: string;
  version: number;
  channel: string;
  platform: string;
  recipient?: string;
  act?: FollowAct;
  priority: number;
  dueMs: number;
}

export function toStored(id: string, record: RecordFields): StoredDelivery {
  return {
    id,
    article: record.article ?? '',
    version: Number(record.version),
    channel: record.channel ?? '',
    platform: record.platform ?? '',
    ...(record.recipient ? { recipient: record.recipient } : {}),
    ...(record.act ? { act: record.act as FollowAct } : {}),
    priority: Number(record.priority),
    dueMs: Number(record.due),
  };
}

export function toDelivery(id: string, record: RecordFields): Delivery {
  const receipts = JSON.parse(record.parts ?? '[]') as Receipt[];
  const first = receipts[0] ?? null;
  const { dueMs, priority: _priority, ...stored } = toStored(id, record);
  return {
    ...stored,
    state: record.state as DeliveryState,
    held: record.held === '1',
    dueAt: new Date(dueMs).toISOString(),
    ...waiting(record),
    attempts: Number(record.attempts),
    url: first?.url ?? null,
    remoteId: first?.remoteId ?? null,
    parts: receipts.map(({ remoteId, url }) => ({ remoteId, url: url ?? null })),
    receipt: first,
    failure: record.failure ? readFailure(record.failure) : null,
    sandbox: record.sandbox === '1',
  };
}

const waitingStates: readonly string[] = ['scheduled', 'retryable'];

/** Waits for this, such as `approval`. */
export function isWaiting({ state = '', waits }: RecordFields, what: string): boolean {
  return waits === what && waitingStates.includes(state);
}

/**
 * `waits` is a scope such as `telegram:group:…`, `gap:CHANNEL` or `circuit:ACCOUNT`; or `budget:PERIOD:WHAT`,
 * `timetable:WHY`, `embargo`, `time` (a wish), `approval` or `digest`.
 */
function waiting({ waits, state = '' }: RecordFields): { waitsFor?: string } {
  if (!waits || !waitingStates.includes(state)) return {};
  const [kind = '', rule = '', what = ''] = waits.split(':');
  const own = ownWaits[kind];
  if (own !== undefined) return { waitsFor: kind === 'timetable' ? `${own} (${rule})` : own };
  if (kind === 'circuit') return { waitsFor: `the account ${rule}, which has failed several times in a row` };
  if (kind === 'late') return { waitsFor: 'its turn in a backlog, of which the newest goes first' };
  if (kind === 'budget') return { waitsFor: `the budget of the ${rule} (${what})` };
  return { waitsFor: `the limit "${rule}" of ${kind}` };
}

const ownWaits: Readonly<Record<string, string>> = {
  embargo: 'the end of its embargo',
  time: 'the time that was asked for',
  approval: 'a person to say yes',
  digest: 'the next digest of its channel',
  follows: 'the post that it follows',
  maybe: 'a person to say whether the post before it is live',
  timetable: 'its channel to open',
  gap: 'the least time between two articles of its channel',
  'cap-hour': 'an hour in which its channel has posted less',
  'cap-day': 'a day on which its channel has posted less',
};

/** Failures written by Lua carry epoch milliseconds. */
function readFailure(json: string): Failure {
  const failure = JSON.parse(json) as Failure;
  return { ...failure, at: new Date(failure.at).toISOString() };
}

/** Lines of history stand in fields `h1`, `h2` …, each `[epoch ms, attempt, event, {…}?]`; long ones have lost the first. */
export function toHistory(record: RecordFields): HistoryEntry[] {
  const last = Number(record.n ?? 0);
  const entries: HistoryEntry[] = [];
  for (let line = 1; line <= last; line += 1) {
    const json = record[`h${line}`];
    if (json === undefined) continue;
    const [at, attempt, event, about] = JSON.parse(json) as [number, number, HistoryEntry['event'], object?];
    entries.push({ at: new Date(at).toISOString(), attempt, event, ...about });
  }
  return entries;
}
