import { setTimeout as delay } from 'node:timers/promises';
import { judge, type Outage, type Watched } from './cron/judge.ts';
import { openSite, type Site, until } from './cron/site.ts';
import { createSay } from './faults/report.ts';
import { type Proof, UsageError, type Verdict } from './proof.ts';
import { createRandom, type Random } from './random.ts';

/** Each tick of each schedule leads to one job, whatever happens to the schedulers. */
export const proveCron: Proof = {
  about: 'Three schedulers that are killed at random make exactly one job for each tick of every schedule.',
  usage: '[--short]',
  run(args, seed) {
    const [form, ...rest] = args;
    if (rest.length > 0 || (form !== undefined && form !== '--short')) {
      throw new UsageError(`cron does not know "${args.join(' ')}". Its options: ${proveCron.usage}`);
    }
    return prove(seed, form === '--short' ? shortForm : longForm);
  },
};

const replicas = 3;
/** Clocks of machines differ, a third of them by up to so much. */
const shiftMs = 1_500;

/** A run: how many schedules tick each second, how often somebody is killed, and how long nobody is there. */
interface Form {
  schedules: number;
  /** Rounds of kills; after each but the last, nobody is there for so long (ms). */
  outagesMs: readonly number[];
  /** Kills of one round, and the time between them (ms). */
  kills: number;
  betweenMs: readonly [least: number, most: number];
}

/** The grace of the two schedules that are to miss something; all others have a minute. */
const briefMs = 5_000;

const longForm: Form = {
  schedules: 10,
  outagesMs: [3_000, 12_000, 1_000, 6_000, 2_000],
  kills: 9,
  betweenMs: [200, 2_500],
};
const shortForm: Form = { schedules: 8, outagesMs: [7_500], kills: 2, betweenMs: [200, 1_500] };

function schedulesOf({ schedules }: Form): Watched[] {
  const many = Array.from({ length: schedules }, (_, n) => ({ id: `second-${n}`, graceMs: 60_000 }));
  return [
    ...many.map((one) => ({ ...one, missed: 'once' as const, noOverlap: false })),
    { id: 'single', graceMs: 60_000, missed: 'once', noOverlap: true },
    { id: 'brief-once', graceMs: briefMs, missed: 'once', noOverlap: false },
    { id: 'brief-skip', graceMs: briefMs, missed: 'skip', noOverlap: false },
  ];
}

const settingOf = ({ graceMs, ...rest }: Watched) => ({
  ...rest,
  grace: `${graceMs}ms`,
  cron: '* * * * * *',
  action: 'report',
});

async function prove(seed: number, form: Form): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const schedules = schedulesOf(form);
  const site = await openSite(schedules.map(settingOf));
  try {
    const random = createRandom(seed);
    startAll(site, random);
    await site.ready();
    // The built-in schedule is one more.
    const fromMs = await until(() => site.begunAt(schedules.length + 1), 'the schedules to begin');
    say('all schedules have begun');
    const { kills, outages } = await strike(site, form, random, say);
    const untilMs = Math.floor(Date.now() / 1000) * 1000;
    const records = await finish(site, schedules, untilMs);
    say('every tick has an end');
    await site.stop();
    const observed = await site.observed();
    const checks = judge(schedules, { fromMs, untilMs, outages, observed, records });
    const failures = site.failures();
    checks.push({
      name: 'schedulers that ended by themselves',
      value: failures.length,
      aim: 0,
      ok: failures.length === 0,
      samples: failures.slice(0, 5).map((what) => ({ article: '-', what })),
    });
    const all = [...records.values()].flat().filter(({ at }) => Date.parse(at) > fromMs && Date.parse(at) <= untilMs);
    const count = (state: string) => all.filter((tick) => tick.state === state).length;
    const facts = {
      ticks: all.length,
      done: count('done'),
      missed: count('missed'),
      overlapping: count('skipped'),
      'cut off': all.filter(({ attempts }) => attempts > 1).length,
      outages: outages.length,
      'median lateness in ms': median(all.map((tick) => Date.parse(tick.madeAt) - Date.parse(tick.at))),
      seconds: Math.round((performance.now() - startedAt) / 1000),
    };
    return { name: 'cron', seed, ok: checks.every(({ ok }) => ok), checks, facts, kills };
  } finally {
    await site.close();
  }
}

const startOne = (site: Site, random: Random) => site.start(random.chance(1 / 3) ? random.whole(-shiftMs, shiftMs) : 0);

function startAll(site: Site, random: Random): void {
  for (let n = 0; n < replicas; n += 1) startOne(site, random);
}

/** Kills schedulers one by one, each replaced at once; and all of them, for a while. */
async function strike(
  site: Site,
  { outagesMs, kills, betweenMs }: Form,
  random: Random,
  say: (what: string) => void,
): Promise<{ kills: number; outages: Outage[] }> {
  const outages: Outage[] = [];
  let killed = 0;
  for (const outageMs of [...outagesMs, 0]) {
    for (let n = 0; n < kills; n += 1) {
      await delay(random.whole(...betweenMs));
      await site.kill(random.next());
      killed += 1;
      startOne(site, random);
      // What BullMQ says is read before it forgets it.
      await site.observed();
    }
    if (outageMs === 0) continue;
    await site.ready();
    await delay(random.whole(200, 1_500));
    while (site.count() > 0) {
      await site.kill(random.next());
      killed += 1;
    }
    const fromMs = Date.now();
    await delay(outageMs);
    outages.push({ fromMs, untilMs: Date.now() });
    say(`${killed} kills; nobody was there for ${outageMs / 1000} s`);
    startAll(site, random);
    await site.ready();
  }
  return { kills: killed, outages };
}

/** Waits until all ticks up to an instant have an end. Resolves to the records of each schedule. */
async function finish(site: Site, schedules: readonly Watched[], untilMs: number) {
  return until(async () => {
    const lists = await Promise.all(schedules.map(({ id }) => site.ticks.recent(id, 10_000)));
    const isDone = lists.every((list) => {
      const due = list.filter(({ at }) => Date.parse(at) <= untilMs);
      const isReached = due.some(({ at }) => Date.parse(at) === untilMs);
      return isReached && due.every(({ state }) => state !== 'waiting' && state !== 'running');
    });
    return isDone ? new Map(schedules.map(({ id }, index) => [id, lists[index] ?? []])) : undefined;
  }, 'all ticks to end');
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
