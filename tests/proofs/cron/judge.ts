import type { Tick } from '../../../src/core/schedule.ts';
import { type Check, createTally } from '../proof.ts';
import { nameOf, type Observed } from './observed.ts';

/** A schedule of the proof, every second. */
export interface Watched {
  id: string;
  missed: 'once' | 'skip';
  graceMs: number;
  noOverlap: boolean;
}

/** A time in which no scheduler was there: from the last death to the first start (epoch ms). */
export interface Outage {
  fromMs: number;
  untilMs: number;
}

export interface Evidence {
  /** The ticks that were to come: after the first instant, up to and with the second (epoch ms). */
  fromMs: number;
  untilMs: number;
  outages: readonly Outage[];
  observed: Observed;
  /** Records of each schedule. */
  records: ReadonlyMap<string, readonly Tick[]>;
}

const names = [
  'without a record',
  'doubled job',
  'not run once',
  'run though left out',
  'missed policy',
  'overlapping runs',
] as const;

/** Judges each tick of each schedule by its record, by BullMQ's own events, and by what its run said in the log. */
export function judge(schedules: readonly Watched[], evidence: Evidence): Check[] {
  const tally = createTally(names);
  for (const schedule of schedules) {
    const records = new Map((evidence.records.get(schedule.id) ?? []).map((tick) => [Date.parse(tick.at), tick]));
    const fail = (name: (typeof names)[number], at: number, what: string) =>
      tally.fail(name, { article: `${schedule.id} ${new Date(at).toISOString()}`, what });
    for (const at of secondsOf(evidence)) {
      const record = records.get(at);
      if (record) judgeTick(schedule, { at, record }, evidence, fail);
      else fail('without a record', at, 'there is none');
    }
    judgeMissed(schedule, [...records.values()], evidence, fail);
    if (schedule.noOverlap) judgeOverlap([...records.values()], fail);
  }
  return tally.checks();
}

type Fail = (name: (typeof names)[number], at: number, what: string) => void;

function judgeTick(
  { id, noOverlap }: Watched,
  { at, record: { state, attempts } }: { at: number; record: Tick },
  { observed }: Evidence,
  fail: Fail,
): void {
  const jobs = observed.added.get(nameOf(id, at)) ?? 0;
  const runs = observed.told.get(nameOf(id, at)) ?? 0;
  const isLeftOut = state === 'missed' || (noOverlap && state === 'skipped');
  const wanted = state === 'missed' ? 0 : 1;
  if (jobs !== wanted) fail('doubled job', at, `${jobs} jobs were added, state ${state}`);
  if (isLeftOut) {
    if (runs > 0) fail('run though left out', at, `its run spoke ${runs} times, state ${state}`);
  } else if (state !== 'done') {
    fail('not run once', at, `it is ${state}`);
  } else if (runs < 1 || runs > attempts) {
    // A run that is cut off may have spoken, and speaks again.
    fail('not run once', at, `its runs spoke ${runs} times, ${attempts} were begun`);
  }
}

/** By the lateness on record, whatever the pace; and what nobody can have been there for is missed indeed. */
function judgeMissed({ missed, graceMs }: Watched, records: readonly Tick[], { outages }: Evidence, fail: Fail): void {
  const lateMs = (tick: Tick) => Date.parse(tick.madeAt) - Date.parse(tick.at);
  for (const tick of records) {
    const at = Date.parse(tick.at);
    const isLate = lateMs(tick) > graceMs;
    if (!isLate && tick.state === 'missed') fail('missed policy', at, `missed, and ${lateMs(tick)} ms late`);
    const wasOut = outages.some(({ fromMs, untilMs }) => at > fromMs && at + graceMs < untilMs);
    if (wasOut && !isLate) fail('missed policy', at, `nobody was there, and it was made ${lateMs(tick)} ms late`);
  }
  // Those found in one look were made in one instant.
  const late = records.filter((tick) => lateMs(tick) > graceMs);
  for (const group of Map.groupBy(late, ({ madeAt }) => madeAt).values()) {
    const newest = Math.max(...group.map(({ at }) => Date.parse(at)));
    for (const { at, state } of group) {
      const isMadeUp = missed === 'once' && Date.parse(at) === newest;
      if ((state === 'missed') === isMadeUp) fail('missed policy', Date.parse(at), `${missed}, and it is ${state}`);
    }
  }
}

function judgeOverlap(records: readonly Tick[], fail: Fail): void {
  const runs = records
    .filter(({ startedAt, attempts }) => startedAt !== null && attempts === 1)
    .map(({ at, startedAt, endedAt }) => ({ at, from: Date.parse(startedAt ?? ''), until: Date.parse(endedAt ?? '') }))
    .toSorted((a, b) => a.from - b.from);
  for (const [index, run] of runs.entries()) {
    const before = runs[index - 1];
    if (before && run.from < before.until) fail('overlapping runs', Date.parse(run.at), `with the run of ${before.at}`);
  }
}

/** Every second after one instant, up to and with another. */
function secondsOf({ fromMs, untilMs }: Evidence): number[] {
  const first = Math.floor(fromMs / 1000) * 1000 + 1000;
  return Array.from({ length: Math.max(0, Math.floor((untilMs - first) / 1000) + 1) }, (_, n) => first + n * 1000);
}
