import fc from 'fast-check';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type BareList, bareLists } from '../support/bare-lists.ts';
import { account, inHex, type ListStage, openListStage } from '../support/list-stage.ts';

vi.setConfig({ testTimeout: 600_000 });

let at: ListStage;
beforeAll(async () => {
  at = await openListStage();
});
afterAll(() => at.close());

const { open, cut, fixed, claim, published, failed, countsOf } = bareLists(() => at);
const price = 50 / 1_000_000;
const numbers = Array.from({ length: 110 }, (_, n) => String(963_900_000_000 + n));
/** Some of them turn out to be people whose numbers are on record, too. */
const ids = Array.from({ length: 60 }, (_, n) => `SY.abc${n}`);

const list = fc.nat({ max: 3 });
const batch = fc.constantFrom(0, 1);
const person = fc.nat({ max: ids.length - 1 });
const every = fc.integer({ min: 1, max: 4 });
const claims = fc.record({
  do: fc.constant('claim' as const),
  list,
  batch,
  most: fc.constantFrom(10, 30),
  leaseMs: fc.constantFrom(0, 60_000),
  again: fc.boolean(),
});
const settles = fc.record({
  do: fc.constant('settle' as const),
  list,
  batch,
  every,
  as: fc.constantFrom('published' as const, 'retryable' as const, 'unconfirmed' as const, 'rejected' as const),
});
const reports = fc.record({
  do: fc.constant('report' as const),
  list,
  batch,
  every,
  status: fc.constantFrom('sent' as const, 'delivered' as const, 'failed' as const),
});
const others = fc.oneof(
  fc.record({ do: fc.constantFrom('retry' as const, 'not-published' as const, 'published' as const), list }),
  fc.record({ do: fc.constantFrom('cancel' as const, 'correct' as const, 'pause' as const), list }),
  fc.record({ do: fc.constantFrom('erase' as const, 'join' as const, 'stop' as const), person }),
);
const step = fc.oneof({ weight: 3, arbitrary: claims }, { weight: 3, arbitrary: settles }, reports, others);
type Step = typeof step extends fc.Arbitrary<infer One> ? One : never;

/** What a run knows beside Redis: which claims it made, and by which ids messages went. */
interface Run {
  lists: BareList[];
  fences: Map<string, number>;
  sent: Map<string, string>;
  fence: number;
  /** Lists of which somebody may rightly get more than one message. */
  open: Set<string>;
}

async function begin(): Promise<Run> {
  await at.runtime.redis.flushall();
  const record = `s||ar|${inHex(Date.now() - 60_000)}|1`;
  await at.people(Object.fromEntries([...numbers, ...ids].map((who) => [who, record])));
  const lists = [await open(), await fixed(...numbers)];
  await cut(lists[0]?.id ?? '');
  return { lists, fences: new Map(), sent: new Map(), fence: 1, open: new Set() };
}

async function take(run: Run, one: Step): Promise<void> {
  const { fanouts, people, redis } = at.runtime;
  const who = 'person' in one ? (numbers[one.person] ?? '') : '';
  const meant = 'list' in one ? (run.lists[one.list % run.lists.length] as BareList) : undefined;
  if (one.do === 'erase') await fanouts.erase(account, [who]);
  else if (one.do === 'stop') await people.tell(account, [{ who, act: 'stop', how: 'message', atMs: Date.now() }]);
  else if (one.do === 'join') {
    const alias = ids[one.person] ?? '';
    await people.tell(account, [{ who, alias, act: 'none', how: 'message', atMs: Date.now(), isInbound: true }]);
  }
  if (!meant) return;
  const { id } = meant;
  if (one.do === 'claim') await claimSome(run, meant, one);
  else if (one.do === 'settle') await settleSome(run, meant, one);
  else if (one.do === 'report') await reportSome(run, meant, one);
  else if (one.do === 'cancel') await fanouts.cancel(id);
  else if (one.do === 'pause') {
    if ((await redis.hdel('munadi:paused', `account:${account}`)) === 0)
      await redis.hset('munadi:paused', `account:${account}`, '1');
  } else if (one.do === 'correct') {
    if (run.lists.length > 3) return;
    await redis.hset(`munadi:article:${meant.article}`, { version: 2 });
    const next = await open({ of: 'follow', follows: [id], held: false });
    run.open.add(next.id);
    run.lists.push(next);
    await fanouts.cut(next.id);
  } else if (one.do === 'retry') {
    if (((await fanouts.retry(id)) ?? 0) > 0) run.open.add(id);
  } else if (one.do === 'published' || one.do === 'not-published') {
    await fanouts.resolve(id, one.do);
    run.open.add(id);
  }
}

async function claimSome(run: Run, meant: BareList, one: Extract<Step, { do: 'claim' }>): Promise<void> {
  const key = `${meant.id}.${one.batch}`;
  if (one.batch >= (await at.runtime.fanouts.batches(meant.id))) return;
  run.fence += 1;
  const fence = (one.again ? run.fences.get(key) : undefined) ?? run.fence;
  run.fences.set(key, fence);
  const before = new Map((await at.rows(meant.id)).map((row) => [row.who, row.state]));
  const { batch: of, most, leaseMs } = one;
  for (const { who } of await claim(meant, { batch: of, fence, most, leaseMs, quarantineMs: 0 })) {
    const name = run.open.has(meant.id) ? undefined : await at.runtime.people.otherName(account, who);
    const state = name && before.get(name);
    expect(['sending', 'unconfirmed', 'published'], `${who} and ${name}`).not.toContain(state);
  }
}

async function settleSome({ fences, sent }: Run, { id }: BareList, one: Extract<Step, { do: 'settle' }>) {
  const rows = await at.runtime.fanouts.batch(id, one.batch);
  const fence = fences.get(`${id}.${one.batch}`) ?? 0;
  for (const [place, { state }] of rows.entries()) {
    if (state !== 'sending' || place % one.every !== 0) continue;
    const of = `${id}.${one.batch}.${place}`;
    // Whatever its worker knows, the platform may tell of it.
    sent.set(of, `wamid.${of}.${fence}`);
    if (one.as === 'published') {
      await published(id, place, `wamid.${of}.${fence}`, { batch: one.batch, fence });
    } else if (one.batch === 0) await failed(id, place, one.as, fence);
  }
}

async function reportSome({ sent }: Run, { id }: BareList, one: Extract<Step, { do: 'report' }>): Promise<void> {
  const told = [...sent].flatMap(([of, remoteId]) => {
    const [delivery = '', b, place] = of.split('.');
    if (delivery !== id || Number(b) !== one.batch || Number(place) % one.every !== 0) return [];
    return [{ delivery, batch: Number(b), place: Number(place), remoteId }];
  });
  const failure = one.status === 'failed' ? { failure: { code: '131026', reason: 'no' } } : {};
  await at.runtime.fanouts.report(told.map((about) => ({ ...about, status: one.status, at: '', ...failure })));
}

/** The numbers of a list are those of its records, and each message is paid for that was sent or may have been. */
async function judge({ id }: BareList): Promise<void> {
  const [rows, counts] = [await at.rows(id), await countsOf(id)];
  const count = (is: (row: (typeof rows)[number]) => boolean) => rows.filter(is).length;
  for (const state of Object.keys(counts.states) as (keyof typeof counts.states)[])
    expect(counts.states[state], state).toBe(count((row) => row.state === state));
  for (const status of Object.keys(counts.statuses) as (keyof typeof counts.statuses)[])
    expect(counts.statuses[status], status).toBe(count((row) => row.status === status));
  expect(counts.held).toBe(count(({ held }) => held));
  expect(counts.total).toBe(rows.length);
  const ended = new Set(['rejected', 'discarded', 'cancelled']);
  for (const { code, count: times } of counts.failures)
    expect(times, String(code)).toBe(count((row) => ended.has(row.state) && row.code === code));
  const paid = count(({ state }) => ['sending', 'unconfirmed', 'published'].includes(state));
  expect(counts.money).toBeCloseTo(paid * price, 9);
  const isOpen = rows.some(
    ({ state, held }) => ['scheduled', 'sending', 'retryable'].includes(state) || (state === 'unconfirmed' && !held),
  );
  if (counts.isCut) expect(counts.isDone).toBe(!isOpen);
}

it('the numbers of lists are those of their records, whatever is done to them, and nobody gets one by two names', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const run = await begin();
      for (const one of steps) {
        await take(run, one);
        for (const each of run.lists) await judge(each);
      }
    }),
    { numRuns: Number(process.env.MUNADI_RUNS ?? 5), endOnFailure: true },
  );
});
