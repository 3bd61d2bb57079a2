import type { Redis } from 'ioredis';
import { type FanoutCounts, type Place, placeIn, type RecipientRow } from '../../core/fanout.ts';
import type { StatusReport } from '../../core/platform.ts';
import type { DeliveryJob } from '../articles.ts';
import { batch, loadScript } from '../scripts.ts';
import { type BatchClaim, type BatchRequest, type FanoutStart, type Outcome, readClaim } from './claims.ts';
import { readBatch, remotePrefix, toCounts } from './read.ts';

export type {
  BatchClaim,
  BatchRequest,
  BatchRules,
  Claimed,
  FanoutStart,
  Outcome,
  Said,
  Source,
  Variants,
} from './claims.ts';

/** Fan-outs: one article to a list of people, each of whom gets a delivery in a compact form. */
export interface Fanouts {
  /** Begins one; who begins it again finds it as it is. Resolves to what its messages say, by `FanoutStart.variants`. */
  open(start: FanoutStart): Promise<string>;
  /** It is begun, by the attempt with this token: it is on its way until its people have ended. */
  begun(id: string, token: string): Promise<void>;
  /** What the messages of one say; undefined where there is no such fan-out. */
  variants(id: string): Promise<string | undefined>;
  /**
   * Cuts the next stretch of its list into batches, each of which gets a job. `wait`: another one, which it follows, is
   * still under way.
   */
  cut(
    id: string,
  ): Promise<{ verdict: 'more' | 'done'; total: number } | { verdict: 'wait'; on: string } | { verdict: 'gone' }>;
  claim(request: BatchRequest): Promise<BatchClaim>;
  /** The state afterwards, or `lost` where nothing was written. */
  settle(outcome: Outcome): Promise<string>;
  /** What the platform told later. Resolves to the people whose message has failed just now. */
  report(reports: readonly (StatusReport & Place)[]): Promise<{ delivery: string; who: string; code: string | null }[]>;
  /** What waits is not sent. Resolves to how many that were; undefined where there is no such fan-out. */
  cancel(id: string, why?: string): Promise<number | undefined>;
  /** Settles all that are held by a person's word; likewise. */
  resolve(id: string, word: 'published' | 'not-published'): Promise<number | undefined>;
  /** Sends again what has failed; likewise. */
  retry(id: string, but?: readonly string[]): Promise<number | undefined>;
  counts(ids: readonly string[]): Promise<(FanoutCounts | undefined)[]>;
  /** People of one batch; none where there is no such batch. */
  batch(id: string, index: number): Promise<RecipientRow[]>;
  batches(id: string): Promise<number>;
  /** Batches that should have been looked at before `beforeMs`: a page of them, oldest first. */
  overdue(beforeMs: number, limit: number, offset?: number): Promise<DeliveryJob[]>;
  /** How many people's deliveries are in each state, of all fan-outs on record; the statuses that were told; and the platform's codes of those that failed. */
  allCounts(): Promise<Pick<FanoutCounts, 'states' | 'held' | 'statuses' | 'failures'>>;
  /** Forgets the remote ids of fan-outs that ended before `beforeMs`: nothing more is told of them. How many fan-outs. */
  compact(beforeMs: number): Promise<number>;
  /** What lists of an account hold of a person under these names. */
  ofPerson(account: string, names: readonly string[]): Promise<RecipientRow[]>;
  /** Erases a person likewise. Resolves to how many places that were. */
  erase(account: string, names: readonly string[]): Promise<number>;
  /** Goes on cutting lists that were begun before `beforeMs` and are not cut to their end. */
  cutOverdue(beforeMs: number): Promise<void>;
}

const people = [
  'state-lists',
  'scopes',
  'turns',
  'limits',
  'budgets',
  'gate',
  'subscribers/person',
  'fanout/fanout',
  'fanout/twins',
];

type Run = ReturnType<typeof loadScript>;

/** `settings` gives those that hold now. */
export function openFanouts(
  redis: Redis,
  prefix: string,
  settings: () => { failuresToRest: number; restMs: number },
): Fanouts {
  const script = (name: string, before: readonly string[]) => loadScript(redis, `fanout/${name}`, before);
  const budgets = ['state-lists', 'budgets', 'fanout/fanout'];
  const runOpen = script('open', budgets);
  const runCut = script('cut', ['state-lists', 'budgets', 'subscribers/person', 'fanout/fanout']);
  const runClaim = script('claim', people);
  const runSettle = script('settle', [
    'state-lists',
    'scopes',
    'turns',
    'limits',
    'circuit',
    'budgets',
    'fanout/fanout',
    'fanout/message',
  ]);
  const runReport = script('report', [...budgets, 'fanout/message']);
  const runControl = script('control', [...budgets, 'fanout/message']);
  const [runPlaces, runBegun] = ['places', 'begun'].map((name) => script(name, budgets)) as [Run, Run];
  const key = (id: string) => `${prefix}:fanout:${id}`;

  const settle = batch<Outcome, string>(async (outcomes) => {
    const { failuresToRest, restMs } = settings();
    const args = outcomes.flatMap(outcomeArgs);
    return ((await runSettle([prefix, failuresToRest, restMs, ...args])) as string[]).map((state) =>
      state.startsWith('fault') ? new Error(`fanout/settle.lua: ${state}`) : state,
    );
  }, settleTogether);

  const cancel = async (id: string, why?: string) => {
    const [left = -1] = (await runControl([prefix, id, 'cancel', ...(why === undefined ? [] : [why])])) as number[];
    return left < 0 ? undefined : left;
  };

  async function control(id: string, word: string, more: readonly string[] = []): Promise<number | undefined> {
    let [all, batches] = [0, 1];
    for (let from = 0; from < batches; from += batchesAChange) {
      const said = (await runControl([prefix, id, word, from, batchesAChange, ...more])) as number[];
      if (said[0] === -1) return undefined;
      all += said[0] ?? 0;
      batches = said[1] ?? 0;
    }
    return all;
  }

  const cut: Fanouts['cut'] = async (id) => {
    const [verdict, more = ''] = (await runCut([prefix, id, peopleABatch, peopleACall])) as [string, string?];
    if (verdict === 'gone') return { verdict };
    if (verdict === 'wait') return { verdict, on: more };
    return { verdict: verdict as 'more' | 'done', total: Number(more) };
  };

  async function placesOf(word: 'find' | 'erase', account: string, names: readonly string[]): Promise<Place[]> {
    const places: Place[] = [];
    for (const id of await redis.zrange(`${prefix}:fanouts:all`, '0', '-1')) {
      let batches = 1;
      for (let from = 0; from < batches; from += batchesACall) {
        const args = [prefix, id, word, account, from, batchesACall, ...names];
        const [count, ...found] = (await runPlaces(args)) as [number, ...string[]];
        batches = count;
        for (const one of found) places.push(placeIn(`${id}.${one}`) as Place);
      }
    }
    return places;
  }

  return {
    async open({ id, variants, source, job, account, ...about }) {
      const fields = Object.entries({
        ...about,
        account,
        variants,
        source: JSON.stringify(source),
        job: JSON.stringify(job),
      });
      return (await runOpen([prefix, id, ...fields.flat()])) as string;
    },
    async begun(id, token) {
      await runBegun([prefix, id, token]);
    },
    variants: async (id) => (await redis.hget(key(id), 'variants')) ?? undefined,
    cut,
    async claim({ delivery, batch: b, fence, most, leaseMs, quarantineMs, maxAttempts, way, by }) {
      const args = [prefix, delivery, b, fence, most, leaseMs, quarantineMs, maxAttempts, way, JSON.stringify(by)];
      return readClaim((await runClaim(args)) as string[]);
    },
    settle,
    async report(reports) {
      if (reports.length === 0) return [];
      const args = reports.flatMap(({ delivery, batch: b, place, remoteId, status, failure }) => [
        ...[delivery, b, place, shortId(remoteId), status],
        ...[failure?.code ?? '', failure?.reason ?? ''],
      ]);
      const replies = (await runReport([prefix, ...args])) as string[];
      const fault = replies.find((reply) => reply.startsWith('fault'));
      if (fault !== undefined) throw new Error(`fanout/report.lua: ${fault}`);
      return reports.flatMap(({ delivery, failure }, index) => {
        const who = replies[index * 2 + 1] ?? '';
        return who === '' ? [] : [{ delivery, who, code: failure?.code ?? null }];
      });
    },
    cancel,
    resolve: (id, word) => control(id, word),
    retry: (id, but) => control(id, 'retry', but),
    async counts(ids) {
      if (ids.length === 0) return [];
      const pipeline = redis.pipeline();
      for (const id of ids) pipeline.hgetall(key(id));
      return ((await pipeline.exec()) ?? []).map(([error, fields]) => {
        if (error) throw error;
        return toCounts(fields as Record<string, string>);
      });
    },
    batch: (id, index) => readBatch(redis, prefix, id, index),
    batches: async (id) => Number((await redis.hget(key(id), 'batches')) ?? 0),
    async overdue(beforeMs, limit, offset = 0) {
      const members = await redis.zrangebyscore(`${prefix}:fanouts:open`, '-inf', beforeMs, 'LIMIT', offset, limit);
      const jobs = await Promise.all(members.map((member) => redis.hget(key(member.split('.')[0] ?? ''), 'job')));
      return members.flatMap((member, index) => {
        const job = jobs[index];
        if (!job) return [];
        return [
          { ...(JSON.parse(job) as Omit<DeliveryJob, 'due'>), batch: Number(member.split('.')[1]), due: beforeMs },
        ];
      });
    },
    async allCounts() {
      const fields = await redis.hgetall(`${prefix}:fanouts:counts`);
      return toCounts({ ...fields, base: '0' }) as FanoutCounts;
    },
    async compact(beforeMs) {
      const ids = await redis.zrangebyscore(`${prefix}:fanouts:ended`, '-inf', beforeMs);
      for (const id of ids) {
        const batches = Number((await redis.hget(key(id), 'batches')) ?? 0);
        const pipeline = redis.pipeline();
        for (let b = 0; b < batches; b += 1) pipeline.unlink(`${key(id)}:${b}:m`);
        pipeline.zrem(`${prefix}:fanouts:ended`, id);
        await pipeline.exec();
      }
      return ids.length;
    },
    async ofPerson(account, names) {
      const places = await placesOf('find', account, names);
      const rows = places.map(
        async ({ delivery, batch: b, place }) => (await readBatch(redis, prefix, delivery, b))[place],
      );
      return (await Promise.all(rows)).filter((row) => row !== undefined);
    },
    erase: async (account, names) => (await placesOf('erase', account, names)).length,
    async cutOverdue(beforeMs) {
      // All of them: the first may wait for others, and one that cannot be cut must not take the rest with it.
      let trouble: unknown;
      for (const id of await redis.zrangebyscore(`${prefix}:fanouts:cutting`, '-inf', beforeMs)) {
        try {
          while ((await cut(id)).verdict === 'more');
        } catch (error) {
          trouble = error;
        }
      }
      if (trouble !== undefined) throw trouble;
    },
  };
}

/** A script costs more than what it does for one person. */
const settleTogether = { gatherMs: 10 };

/** Few enough that breaking news need not wait for a batch, and that its remote ids are one piece of memory in Redis. */
export const peopleABatch = 100;
/** Redis does nothing else for some milliseconds. */
const peopleACall = 4_000;
/** Likewise; and where everybody may be written down anew. */
const batchesACall = 100;
const batchesAChange = 10;

function outcomeArgs(one: Outcome): (string | number)[] {
  const { delivery, batch: b, place, fence, circuit, sent } = one;
  const failed = one.state === 'published' ? undefined : one;
  return [
    ...[delivery, b, place, fence, one.state],
    ...(one.state === 'published' ? [shortId(one.remoteId), one.status] : ['', '']),
    ...[failed?.failure.code ?? '', failed?.failure.reason ?? '', failed?.waitMs ?? ''],
    ...[failed?.spendAttempt === false ? '0' : '1', failed?.windowIsOver ? '1' : '', circuit],
    ...[sent?.scopes ?? '', sent?.slotAt ?? '', sent ? Math.round(sent.arrivedAt) : '', failed?.failure.class ?? ''],
  ];
}

function shortId(remoteId: string): string {
  return remoteId.startsWith(remotePrefix) ? remoteId.slice(remotePrefix.length) : remoteId;
}
