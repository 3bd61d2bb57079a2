import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Tick } from '../../src/core/schedule.ts';
import type { MissedTicks } from '../../src/pipeline/beat.ts';
import { startTickWorker } from '../../src/queue/ticks.ts';
import { openTicks, type Ticks } from '../../src/store/ticks.ts';
import { type Installation, openInstallation } from '../support/installation.ts';
import { countStates, openTickStage, scheduleOf } from '../support/tick-stage.ts';

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

describe('ticks', () => {
  it('of a new schedule begin now', async () => {
    const schedule = scheduleOf({ cron: '0 4 * * *' });
    await stage.beatOf([schedule])();
    expect(await stage.all(schedule)).toEqual([]);
    expect(await at.runtime.redis.hlen('munadi:schedules')).toBe(1);
  });

  it('are recorded once each and get one job each, however many schedulers look at once', async () => {
    const schedules = [scheduleOf(), scheduleOf(), scheduleOf({ cron: '*/2 * * * * *' })];
    for (const schedule of schedules) await stage.away(schedule, 40_000);
    const beats = Array.from({ length: 5 }, () => stage.beatOf(schedules));
    await Promise.all(beats.map((beat) => beat()));
    const lists = await Promise.all(schedules.map(stage.all));
    for (const [index, list] of lists.entries()) {
      const instants = list.map((tick) => Date.parse(tick.at));
      const step = index === 2 ? 2_000 : 1_000;
      expect(instants.length).toBeGreaterThanOrEqual(40_000 / step - 1);
      expect(instants.every((instant, n) => n === 0 || instant === (instants[n - 1] ?? 0) - step)).toBe(true);
      expect(countStates(list)).toEqual({ waiting: list.length });
    }
    expect(await stage.jobs()).toHaveLength(lists.flat().length);
    expect(await ticks.outbox(10)).toEqual([]);
  });

  it('are never recorded before their time, even by a process whose clock is ahead', async () => {
    const schedule = scheduleOf();
    await stage.away(schedule, 5_000);
    const ahead = () => at.runtime.clock.now() + 30_000;
    await stage.beatOf([schedule], { now: ahead })();
    const [seconds] = (await at.runtime.redis.time()) as unknown as [string, string];
    const list = await stage.all(schedule);
    expect(list.length).toBeGreaterThanOrEqual(5);
    expect(Math.max(...list.map((tick) => Date.parse(tick.at)))).toBeLessThanOrEqual(Number(seconds) * 1_000);
  });

  it('begin anew where expression or zone changes, and leave those of the old one alone', async () => {
    const schedule = scheduleOf();
    await stage.away(schedule, 10_000);
    await stage.beatOf([schedule])();
    const before = await stage.all(schedule);
    const changed = { ...schedule, cron: '0 4 * * *' };
    await stage.beatOf([changed])();
    expect(await stage.all(schedule)).toEqual(before);
    await stage.beatOf([{ ...changed, timezone: 'Asia/Damascus' }])();
    expect(await stage.all(schedule)).toEqual(before);
  });

  it('begin anew where a schedule comes back after others went on without it', async () => {
    const [gone, other] = [scheduleOf({ graceMs: 5_000 }), scheduleOf({ cron: '0 4 * * *' })];
    await stage.away(gone, 600_000);
    await stage.beatOf([other])();
    await stage.beatOf([gone])();
    expect((await stage.all(gone)).length).toBeLessThanOrEqual(1);
  });
});

describe('where nobody was there', () => {
  it.each(['skip', 'once'] as const)('for longer than the grace, %s is what happens', async (missed) => {
    const schedule = scheduleOf({ missed, graceMs: 20_000 });
    const from = await stage.away(schedule, 100_000);
    const told: MissedTicks[] = [];
    await stage.beatOf([schedule], { onMissed: (one) => told.push(one) })();
    const list = (await stage.all(schedule)).toReversed();
    expect(Date.parse(list[0]?.at ?? '')).toBe(from + 1_000);
    const firstDue = list.findIndex(({ state }) => state === 'waiting');
    const lateMs = ({ madeAt, at: due }: Tick) => Date.parse(madeAt) - Date.parse(due);
    const late = list.filter((tick) => lateMs(tick) > 20_000);
    const lateOnes = list.slice(0, late.length).map(({ state }) => state);
    if (missed === 'skip') expect(lateOnes.every((state) => state === 'missed')).toBe(true);
    else expect(lateOnes).toEqual([...Array(late.length - 1).fill('missed'), 'waiting']);
    expect(list.slice(late.length).every(({ state }) => state === 'waiting')).toBe(true);
    expect(late.length).toBeGreaterThan(75);
    expect(told).toMatchObject([{ count: missed === 'once' ? firstDue : late.length, madeUp: missed === 'once' }]);
  });

  it('for a day, the newest of a thousand are on record, and none within the grace is left out', async () => {
    const schedule = scheduleOf({ missed: 'skip', graceMs: 1_200_000 });
    await stage.away(schedule, 86_400_000);
    await stage.beatOf([schedule])();
    const list = await stage.all(schedule);
    expect(countStates(list).waiting).toBeGreaterThanOrEqual(1_198);
    expect(await ticks.outbox(1)).toEqual([]);
    expect(await stage.jobs()).toHaveLength(countStates(list).waiting ?? 0);
  });
});

describe('a crash', () => {
  it('between record and job loses nothing: the next scheduler makes the job', async () => {
    const schedule = scheduleOf();
    const from = await stage.away(schedule, 3_000);
    const instants = [from + 1_000, from + 2_000];
    await ticks.make([{ schedule, handledMs: from, instants }]);
    expect(await stage.jobs()).toEqual([]);
    await stage.beatOf([schedule])();
    expect((await stage.jobs()).length).toBeGreaterThanOrEqual(2);
  });

  it('between job and crossing off leads to one run each', async () => {
    const schedule = scheduleOf();
    const from = await stage.away(schedule, 5_000);
    await ticks.make([{ schedule, handledMs: from, instants: [from + 1_000] }]);
    let runs = 0;
    const events = stage.work([schedule], { forget: async () => ++runs });
    const job = { schedule: schedule.id, at: from + 1_000 };
    await at.runtime.tickQueue.enqueue([job]);
    await expect.poll(() => events.length).toBe(1);
    // BullMQ itself keeps no memory of it.
    await at.runtime.redis.del(`munadi:queue:ticks:${schedule.id}.${job.at}`);
    await at.runtime.tickQueue.enqueue(await ticks.outbox(10));
    const other = { ...job, at: from + 2_000 };
    await ticks.make([{ schedule, handledMs: from, instants: [from + 1_000, other.at] }]);
    await at.runtime.tickQueue.enqueue([other]);
    await expect.poll(() => events.length).toBe(2);
    expect(runs).toBe(2);
  });

  it('of Redis that takes the job is mended by the sweep', async () => {
    const schedule = scheduleOf({ cron: '0 4 * * *' });
    const from = await stage.away(schedule, 30_000);
    await ticks.make([{ schedule, handledMs: from, instants: [from + 1_000] }]);
    await ticks.outboxDone(await ticks.outbox(10));
    await at.runtime.redis.zadd('munadi:tick-open', at.runtime.clock.now() - 30_000, `${schedule.id} ${from + 1_000}`);
    await stage.beatOf([schedule])();
    expect(await stage.jobs()).toEqual([`munadi:queue:ticks:${schedule.id}.${from + 1_000}`]);
  });
});

describe('a job that a machine with a wrong clock has put far off', () => {
  it('is brought forward by the sweep', async () => {
    const schedule = scheduleOf({ cron: '0 4 * * *' });
    const from = await stage.away(schedule, 30_000);
    const job = { schedule: schedule.id, at: from + 1_000 };
    await ticks.make([{ schedule, handledMs: from, instants: [job.at] }]);
    const away = at.runtime.clock.now() + 3_600_000;
    const { handle } = stage.runOf([schedule]);
    const far = startTickWorker(at.runtime.connect(), {
      prefix: 'munadi',
      handle: async () => ({ waitMs: away - at.runtime.clock.now() }),
      onFault: () => {},
    });
    await stage.beatOf([schedule])();
    const asleep = () => at.runtime.redis.zscore('munadi:queue:ticks:delayed', `${schedule.id}.${job.at}`);
    await expect.poll(asleep).not.toBeNull();
    await far.stop(5_000);
    await at.runtime.redis.zadd('munadi:tick-open', at.runtime.clock.now() - 30_000, `${schedule.id} ${job.at}`);
    await stage.beatOf([schedule])();
    expect(await asleep()).toBeNull();
    await handle(job);
    expect(await stage.all(schedule)).toMatchObject([{ state: 'done' }]);
  });
});

describe('records', () => {
  it('are kept for the last thousand ticks, and those without an end longer', async () => {
    const schedule = scheduleOf({ missed: 'skip', graceMs: 5_000 });
    const from = await stage.away(schedule, 4_000_000);
    const open = { schedule: schedule.id, at: from + 1_000 };
    await ticks.make([{ schedule: { ...schedule, graceMs: 86_400_000 }, handledMs: from, instants: [open.at] }]);
    await stage.beatOf([schedule])();
    const list = await stage.all(schedule);
    expect(list.length).toBeGreaterThanOrEqual(1_000);
    expect(list.length).toBeLessThan(1_010);
    expect(list.at(-1)).toMatchObject({ state: 'waiting', at: new Date(open.at).toISOString() });
    const records = await at.runtime.redis.keys(`munadi:tick:${schedule.id}:*`);
    expect(records).toHaveLength(list.length);
  });

  it('of one installation are its own', async () => {
    const schedule = scheduleOf();
    const other = openTicks(at.runtime.redis, 'other');
    await other.make([{ schedule, handledMs: undefined, instants: [] }]);
    expect(await at.runtime.redis.exists('munadi:schedules')).toBe(0);
    expect(await at.runtime.redis.exists('other:schedules')).toBe(1);
  });
});
