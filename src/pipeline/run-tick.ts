import { randomBytes } from 'node:crypto';
import type { Schedule } from '../core/schedule.ts';
import { decideTick, mostRuns } from '../queue/ticks.ts';
import type { JobResult } from '../queue/worker.ts';
import type { ActionPorts } from '../schedule/action.ts';
import { actions } from '../schedule/actions/index.ts';
import { createCron } from '../schedule/cron.ts';
import type { TickEnd, TickJob, Ticks } from '../store/ticks.ts';

/** What became of a tick. */
export interface TickEvent {
  kind: 'done' | 'failed' | 'retry' | 'overlap' | 'gone' | 'lost';
  schedule: string;
  /** When it was due (epoch ms). */
  at: number;
  note: string;
}

export interface RunTickDeps {
  ticks: Ticks;
  /** The schedules that are in force now. */
  schedules: () => readonly Schedule[];
  ports: (job: TickJob) => ActionPorts;
  now: () => number;
  /** Told what happened; must not throw. */
  report(event: TickEvent): void;
}

/** A run that is not heard of for so long is taken for dead. */
const leaseMs = 10_000;
const renewMs = 3_000;
const yearMs = 366 * 86_400_000;

/**
 * Runs a tick: claims it, does what its schedule says now, and records the end. Resolves to when to come again, if ever.
 * `lost` fires where somebody else may have it.
 */
export function createRunTick(deps: RunTickDeps): (job: TickJob, lost?: AbortSignal) => Promise<JobResult> {
  const { ticks, report } = deps;

  async function run(job: TickJob, schedule: Schedule | undefined, signal: AbortSignal): Promise<TickEnd> {
    const action = schedule && actions[schedule.action];
    if (!schedule || !action) return { state: 'skipped', note: 'The schedule is no longer there.' };
    const { settings, timezone } = schedule;
    const previous = createCron(schedule.cron, timezone).lastTicks(job.at - yearMs, job.at - 1, 1);
    const note = await action.run({
      schedule: schedule.id,
      timezone,
      settings,
      atMs: job.at,
      previousMs: previous[0] ?? job.at - yearMs,
      now: deps.now,
      signal,
      ports: deps.ports(job),
    });
    return { state: 'done', note };
  }

  return async (job, lost) => {
    const schedule = deps.schedules().find(({ id }) => id === job.schedule);
    const token = randomBytes(9).toString('base64url');
    const noOverlap = schedule?.noOverlap ?? false;
    const begun = await ticks.begin(job, { token, leaseMs, noOverlap, mostRuns });
    const say = (kind: TickEvent['kind'], note: string) => report({ ...job, kind, note });
    if (begun.verdict === 'busy') return { waitMs: begun.waitMs };
    if (begun.verdict === 'overlap') say('overlap', 'left out: another run is still under way');
    if (begun.verdict === 'spent') say('failed', `cut off in each of ${mostRuns} runs`);
    if (begun.verdict !== 'run') return undefined;

    const lease = keepLease(ticks, job, token);
    let end: TickEnd;
    try {
      end = await run(job, schedule, lost ? AbortSignal.any([lost, lease.lost]) : lease.lost);
    } catch (error) {
      end = decideTick(error as Error, begun.attempt);
    } finally {
      lease.release();
    }
    const isRecorded = await ticks.end(job, { token, end });
    if (!isRecorded) {
      say('lost', 'the run took too long without a sign of life, and is another one by now');
      return undefined;
    }
    if (end.state !== 'waiting') {
      say(end.state === 'skipped' ? 'gone' : end.state, end.note);
      return undefined;
    }
    say('retry', end.note);
    return { waitMs: end.waitMs };
  };
}

/** Renews the lease of a run until it is released; `lost` fires where it is another's. */
function keepLease(ticks: Ticks, job: TickJob, token: string): { lost: AbortSignal; release(): void } {
  const controller = new AbortController();
  const timer = setInterval(() => {
    ticks.renew(job, { token, leaseMs }).then(
      (isOurs) => {
        if (!isOurs) controller.abort(new Error('the run is another one by now'));
      },
      () => {},
    );
  }, renewMs);
  return { lost: controller.signal, release: () => clearInterval(timer) };
}
