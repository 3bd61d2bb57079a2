import type { Redis } from 'ioredis';
import type { Schedule, Tick, TickState } from '../core/schedule.ts';
import { loadScript } from './scripts.ts';

/** A tick by what it is known by; the instant in epoch milliseconds. */
export interface TickJob {
  schedule: string;
  at: number;
}

/** What is due of one schedule, as one process sees it. */
export interface DueTicks {
  schedule: Pick<Schedule, 'id' | 'cron' | 'timezone' | 'graceMs' | 'missed'>;
  /** Up to where it is handled, as last told (epoch ms); undefined: not told yet. */
  handledMs: number | undefined;
  /** All ticks after that, up to now, in order. */
  instants: readonly number[];
}

/** What came of it. */
export interface MadeTicks {
  /** Up to where it is handled now: whoever looks further begins here. */
  handledMs: number;
  /** How many this call has recorded that are to be run, and how many that were missed. */
  made: number;
  missed: number;
  /** The first and the last of those missed (epoch ms). */
  missedFrom?: number;
  missedTo?: number;
}

export type BeginReply =
  | { verdict: 'run'; attempt: number }
  /** It is at work elsewhere, or its turn comes later. */
  | { verdict: 'busy'; waitMs: number }
  /** It was left out, or given up after too many runs that nobody ended. */
  | { verdict: 'overlap' | 'spent' }
  /** It has an end already. */
  | { verdict: 'over' };

/** How a run ended. */
export type TickEnd =
  | { state: Extract<TickState, 'done' | 'failed' | 'skipped'>; note: string }
  | { state: 'waiting'; note: string; waitMs: number };

/** Records of ticks: the truth about what was run. All by Redis' clock. */
export interface Ticks {
  /**
   * Records what is due of all schedules, each tick once, whoever asks. A schedule that is new here, or has another
   * expression or zone, begins now. Resolves to the replies in order, and how many ticks have no job yet.
   */
  make(due: readonly DueTicks[]): Promise<{ made: MadeTicks[]; outbox: number }>;
  /** Ticks that have no job yet, oldest first; and taking them off once they have one. */
  outbox(limit: number): Promise<TickJob[]>;
  outboxDone(jobs: readonly TickJob[]): Promise<void>;
  begin(
    job: TickJob,
    run: { token: string; leaseMs: number; noOverlap: boolean; mostRuns: number },
  ): Promise<BeginReply>;
  /** False where the run is another's by now. */
  renew(job: TickJob, run: { token: string; leaseMs: number }): Promise<boolean>;
  /** False where the run is another's by now: nothing was written. */
  end(job: TickJob, run: { token: string; end: TickEnd }): Promise<boolean>;
  /** Ticks that have waited, or whose lease has been over, since before `beforeMs`: a page of them, oldest first. */
  overdue(beforeMs: number, limit: number, offset?: number): Promise<TickJob[]>;
  /** The newest ticks of a schedule, newest first. */
  recent(schedule: string, limit: number): Promise<Tick[]>;
}

/** A record is kept for a week, and a schedule keeps its last thousand. */
export const keptTicks = 1_000;
const keptMs = 7 * 86_400_000;
/** Longer than a scheduler takes to start again. */
const forgetMs = 30_000;

export function openTicks(redis: Redis, prefix: string): Ticks {
  const script = (name: string) => loadScript(redis, name, ['tick-records']);
  const [runMake, runBegin, runRenew, runEnd] = [
    script('tick-make'),
    script('tick-begin'),
    script('tick-renew'),
    script('tick-end'),
  ];
  const nameOf = ({ schedule, at }: TickJob) => `${schedule} ${at}`;

  return {
    async make(due) {
      const args = due.flatMap(({ schedule: { id, timezone, cron, graceMs, missed }, handledMs, instants }) => [
        id,
        `${timezone} ${cron}`,
        handledMs ?? '',
        graceMs,
        missed,
        instants.length,
        ...instants,
      ]);
      const [outbox, ...reply] = (await runMake([prefix, keptTicks, keptMs, forgetMs, ...args])) as (string | number)[];
      const made = due.map((_, index): MadeTicks => {
        const [handled, count, missed, from, to] = reply.slice(index * 5);
        return {
          handledMs: Number(handled),
          made: Number(count),
          missed: Number(missed),
          ...(from === '' ? {} : { missedFrom: Number(from), missedTo: Number(to) }),
        };
      });
      return { made, outbox: Number(outbox) };
    },
    outbox: async (limit) =>
      (await redis.zrangebyscore(`${prefix}:tick-outbox`, '-inf', '+inf', 'LIMIT', 0, limit)).map(toJob),
    async outboxDone(jobs) {
      if (jobs.length > 0) await redis.zrem(`${prefix}:tick-outbox`, ...jobs.map(nameOf));
    },
    async begin({ schedule, at }, { token, leaseMs, noOverlap, mostRuns }) {
      const args = [prefix, schedule, at, token, leaseMs, noOverlap ? '1' : '', mostRuns, keptMs];
      const [verdict, number] = (await runBegin(args)) as [BeginReply['verdict'], number];
      if (verdict === 'run') return { verdict, attempt: number };
      return verdict === 'busy' ? { verdict, waitMs: number } : { verdict };
    },
    async renew({ schedule, at }, { token, leaseMs }) {
      return (await runRenew([prefix, schedule, at, token, leaseMs])) === 1;
    },
    async end({ schedule, at }, { token, end }) {
      const waitMs = end.state === 'waiting' ? Math.round(end.waitMs) : 0;
      return (await runEnd([prefix, schedule, at, token, end.state, end.note, waitMs, keptMs])) === 1;
    },
    overdue: async (beforeMs, limit, offset = 0) =>
      (await redis.zrangebyscore(`${prefix}:tick-open`, '-inf', beforeMs, 'LIMIT', offset, limit)).map(toJob),
    async recent(schedule, limit) {
      const instants = await redis.zrevrange(`${prefix}:ticks:${schedule}`, 0, limit - 1);
      const records = await Promise.all(instants.map((at) => redis.hgetall(`${prefix}:tick:${schedule}:${at}`)));
      return records.flatMap((record, index) => toTick(schedule, Number(instants[index]), record) ?? []);
    },
  };
}

function toJob(name: string): TickJob {
  const [schedule = '', at] = name.split(' ');
  return { schedule, at: Number(at) };
}

function toTick(schedule: string, at: number, record: Record<string, string>): Tick | undefined {
  const { state, made, attempts, started, ended, note } = record;
  if (state === undefined) return undefined;
  return {
    schedule,
    at: iso(at),
    state: state as TickState,
    madeAt: iso(Number(made)),
    attempts: Number(attempts),
    startedAt: started === undefined ? null : iso(Number(started)),
    endedAt: ended === undefined ? null : iso(Number(ended)),
    note: note ?? null,
  };
}

const iso = (ms: number) => new Date(ms).toISOString();
