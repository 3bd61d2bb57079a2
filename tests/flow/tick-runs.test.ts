import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Schedule } from '../../src/core/schedule.ts';
import { decideTick, mostRuns } from '../../src/queue/ticks.ts';
import { startScheduler } from '../../src/runtime/scheduler.ts';
import type { Ticks } from '../../src/store/ticks.ts';
import { type Installation, openInstallation } from '../support/installation.ts';
import { openTickStage, scheduleOf } from '../support/tick-stage.ts';

let at: Installation;
let ticks: Ticks;
let stage: ReturnType<typeof openTickStage>;

beforeAll(async () => {
  at = await openInstallation();
  ({ ticks } = at.runtime);
  stage = openTickStage(at);
  await at.runtime.clock.sync();
});
afterAll(() => at.close());
beforeEach(() => at.runtime.redis.flushdb().then(() => {}));
afterEach(() => stage.stop());

describe('a run', () => {
  const run = { leaseMs: 10_000, noOverlap: true, mostRuns };
  async function made(count: number, change: Partial<Schedule> = {}) {
    const schedule = scheduleOf(change);
    const from = await stage.away(schedule, 30_000);
    const instants = Array.from({ length: count }, (_, n) => from + (n + 1) * 1_000);
    await ticks.make([{ schedule, handledMs: from, instants }]);
    return { schedule, jobs: instants.map((instant) => ({ schedule: schedule.id, at: instant })) };
  }
  type Job = { schedule: string; at: number };
  const end = (state: 'done' | 'failed') => ({ state, note: 'test' });

  it('is one at a time: a second one of the same tick waits, and an ended one is over', async () => {
    const { jobs } = await made(1);
    const [job] = jobs as [Job];
    expect(await ticks.begin(job, { ...run, token: 'a' })).toEqual({ verdict: 'run', attempt: 1 });
    expect(await ticks.begin(job, { ...run, token: 'b' })).toMatchObject({ verdict: 'busy' });
    expect(await ticks.end(job, { token: 'b', end: end('done') })).toBe(false);
    expect(await ticks.end(job, { token: 'a', end: end('done') })).toBe(true);
    expect(await ticks.begin(job, { ...run, token: 'c' })).toEqual({ verdict: 'over' });
  });

  it('that nobody hears of any more is begun again, and the dead one can record nothing', async () => {
    const { jobs, schedule } = await made(1);
    const [job] = jobs as [Job];
    await ticks.begin(job, { ...run, token: 'a', leaseMs: 1 });
    await expect.poll(() => ticks.begin(job, { ...run, token: 'b' })).toEqual({ verdict: 'run', attempt: 2 });
    expect(await ticks.renew(job, { token: 'a', leaseMs: 10_000 })).toBe(false);
    expect(await ticks.end(job, { token: 'a', end: end('failed') })).toBe(false);
    expect(await ticks.renew(job, { token: 'b', leaseMs: 10_000 })).toBe(true);
    expect(await stage.all(schedule)).toMatchObject([{ state: 'running', attempts: 2 }]);
  });

  it('keeps others of its schedule out, and these are on record', async () => {
    const { jobs, schedule } = await made(3);
    const [first, second, third] = jobs as [Job, Job, Job];
    await ticks.begin(first, { ...run, token: 'a' });
    expect(await ticks.begin(second, { ...run, token: 'b' })).toEqual({ verdict: 'overlap' });
    await ticks.end(first, { token: 'a', end: end('done') });
    expect(await ticks.begin(third, { ...run, token: 'c' })).toEqual({ verdict: 'run', attempt: 1 });
    expect((await stage.all(schedule)).map(({ state }) => state)).toEqual(['running', 'skipped', 'done']);
  });

  it('overlaps others where the schedule lets it', async () => {
    const { jobs } = await made(2, { noOverlap: false });
    const verdicts = jobs.map((job) => ticks.begin(job, { ...run, noOverlap: false, token: 'a' }));
    expect((await Promise.all(verdicts)).map(({ verdict }) => verdict)).toEqual(['run', 'run']);
  });

  it('that was cut off waits for the one that came in between, and is not given up for it', async () => {
    const { jobs } = await made(2);
    const [first, second] = jobs as [Job, Job];
    await ticks.begin(first, { ...run, token: 'a', leaseMs: 1 });
    await expect.poll(() => at.runtime.redis.exists(`munadi:tick-run:${first.schedule}`)).toBe(0);
    expect(await ticks.begin(second, { ...run, token: 'b' })).toEqual({ verdict: 'run', attempt: 1 });
    expect(await ticks.begin(first, { ...run, token: 'c' })).toMatchObject({ verdict: 'busy' });
    await ticks.end(second, { token: 'b', end: end('done') });
    expect(await ticks.begin(first, { ...run, token: 'd' })).toEqual({ verdict: 'run', attempt: 2 });
  });

  it('that is cut off each time is given up in the end', async () => {
    const { jobs, schedule } = await made(1);
    const [job] = jobs as [Job];
    for (let n = 1; n <= mostRuns; n += 1) {
      await expect
        .poll(() => ticks.begin(job, { ...run, token: `${n}`, leaseMs: 1 }))
        .toEqual({ verdict: 'run', attempt: n });
    }
    await expect.poll(() => ticks.begin(job, { ...run, token: 'x' })).toEqual({ verdict: 'spent' });
    expect(await stage.all(schedule)).toMatchObject([{ state: 'failed', attempts: mostRuns }]);
  });

  it('that fails is tried again, and its reason is on record', async () => {
    const { jobs, schedule } = await made(1);
    const [job] = jobs as [Job];
    const failures = [new Error('no luck'), new Error('none again')];
    const { handle, events } = stage.runOf([schedule], {
      async forget() {
        const failure = failures.shift();
        if (failure) throw failure;
        return 7;
      },
    });
    expect(await handle(job)).toMatchObject({ waitMs: expect.any(Number) });
    expect(await stage.all(schedule)).toMatchObject([{ state: 'waiting', attempts: 1, note: 'no luck' }]);
    expect(await handle(job)).toMatchObject({ waitMs: expect.any(Number) });
    expect(await handle(job)).toBeUndefined();
    expect(events.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'done']);
    expect(await stage.all(schedule)).toMatchObject([{ state: 'done', attempts: 3, note: 'forgot 7 articles' }]);
  });

  it('whose turn has not come is put back, and comes again by itself', async () => {
    const { jobs, schedule } = await made(1);
    const [job] = jobs as [Job];
    await ticks.begin(job, { ...run, token: 'dead', leaseMs: 300 });
    const events = stage.work([schedule]);
    await at.runtime.tickQueue.enqueue([job]);
    await expect.poll(() => events.map(({ kind }) => kind), { timeout: 10_000 }).toEqual(['done']);
    expect(await stage.all(schedule)).toMatchObject([{ state: 'done', attempts: 2 }]);
  });

  it('is told the instant of its tick, and that of the one before', async () => {
    const { jobs, schedule } = await made(1, { action: 'report', settings: { quiet: false } });
    const periods: number[][] = [];
    const told: string[] = [];
    const { handle } = stage.runOf([schedule], {
      async tally(...period) {
        periods.push(period);
        return { news: { published: 3, failed: 1, held: 0, waiting: 2 } };
      },
      tell: (text) => void told.push(text),
    });
    const [job] = jobs as [Job];
    await handle(job);
    expect(periods).toEqual([[job.at - 1_000, job.at]]);
    expect(told[0]?.split('\n').slice(1)).toEqual(['news: 3 published, 1 failed, 2 waiting']);
    expect(await stage.all(schedule)).toMatchObject([{ state: 'done', note: '3 published, 1 failed' }]);
  });

  it('that fails each time is given up', () => {
    const ends = [1, 2, 3, 4, 5].map((attempt) => decideTick(new Error('no luck'), attempt));
    expect(ends.map(({ state }) => state)).toEqual(['waiting', 'waiting', 'waiting', 'waiting', 'failed']);
    expect(ends[4]?.note).toBe('Given up after 5 runs. The last: no luck');
  });

  it('of a schedule that is no more is left out', async () => {
    const { jobs, schedule } = await made(1);
    const events = stage.work([]);
    await at.runtime.tickQueue.enqueue(jobs);
    await expect.poll(() => events.map(({ kind }) => kind)).toEqual(['gone']);
    expect(await stage.all(schedule)).toMatchObject([{ state: 'skipped', note: 'The schedule is no longer there.' }]);
  });
});

describe('the scheduler', () => {
  it('does what the schedules say that are in force now', async () => {
    const [one, other] = [scheduleOf({ action: 'report', settings: { quiet: true } }), scheduleOf()];
    let inForce: Schedule[] = [one];
    startScheduler(at.runtime, () => inForce);
    const done = async (schedule: Schedule) => (await stage.all(schedule)).filter(({ state }) => state === 'done');
    await expect.poll(async () => (await done(one)).length, { timeout: 20_000 }).toBeGreaterThan(1);
    inForce = [other];
    await expect.poll(async () => (await done(other)).length, { timeout: 20_000 }).toBeGreaterThan(1);
    const [before, last] = [await stage.all(one), await stage.all(other)];
    expect(Date.parse(before[0]?.at ?? '')).toBeLessThan(Date.parse(last[0]?.at ?? ''));
    expect((await done(other))[0]?.note).toBe('forgot 0 articles');
  });
});
