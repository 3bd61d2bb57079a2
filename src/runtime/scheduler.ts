import { schedule as startCron } from 'node-cron';
import type { Schedule } from '../core/schedule.ts';
import { createBeat, type MissedTicks } from '../pipeline/beat.ts';
import { settleDigests } from '../pipeline/digest.ts';
import { createRunTick, type TickEvent } from '../pipeline/run-tick.ts';
import { startTickWorker } from '../queue/ticks.ts';
import type { TickJob } from '../store/ticks.ts';
import { digestDeps, portsOf } from './action-ports.ts';
import type { Runtime } from './open.ts';

/** How long a stopping scheduler waits for the runs under way. */
const drainMs = 25_000;
const everySecond = '* * * * * *';
const everyFewSeconds = '*/3 * * * * *';
/** Beats that come while one is still waiting for Redis are nothing to tell about. */
const silent = { info() {}, warn() {}, error() {}, debug() {} };

/**
 * The clock, and the worker for what is due: of the schedules in force, each tick becomes one job, over all schedulers of
 * the installation. Stops when the runtime closes.
 */
export function startScheduler(
  runtime: Runtime,
  schedules: () => readonly Schedule[] = () => runtime.config.schedules,
): void {
  const { config, log, ticks, tickQueue: queue, clock } = runtime;
  const worker = startTickWorker(runtime.connect(), {
    prefix: config.redis.prefix,
    handle: createRunTick({
      ticks,
      schedules,
      ports: (job) => portsOf(runtime, { schedules, tell: (text) => tell(runtime, job, text) }),
      now: clock.now,
      report: (event) => logTick(runtime, event),
    }),
    onFault: (error, job) => log.error({ ...(job && nameOf(job)), error: error.message }, 'trouble with a tick'),
  });
  const stop = new AbortController();
  const beat = createBeat({
    ticks,
    queue,
    schedules,
    now: clock.now,
    onMissed: (missed) => logMissed(runtime, missed),
    signal: stop.signal,
  });
  let beating: Promise<void> | undefined;
  const onBeat = () => {
    beating = beat().catch((error: Error) => log.error({ error: error.message }, 'trouble with the clock'));
    return beating;
  };
  const options = { noOverlap: true, name: 'munadi', logger: silent, suppressMissedWarning: true };
  const task = startCron(everySecond, onBeat, options);
  let settling: Promise<void> | undefined;
  const onSettle = () => {
    settling = settleDigests(digestDeps(runtime)).catch((error: Error) =>
      log.error({ error: error.message }, 'trouble with a digest'),
    );
    return settling;
  };
  const settle = startCron(everyFewSeconds, onSettle, { ...options, name: 'munadi-digests' });
  runtime.onClose(async () => {
    stop.abort();
    await Promise.all([task.destroy(), settle.destroy()]);
    await Promise.all([beating, settling]);
    await worker.stop(drainMs);
  });
}

function tell({ log }: Runtime, job: TickJob, text: string): void {
  log.info({ ...nameOf(job), report: text.split('\n') }, 'report');
}

/** A tick as the log names it. */
const nameOf = ({ schedule, at }: TickJob) => ({ schedule, tick: new Date(at).toISOString() });

function logTick(runtime: Runtime, { kind, note, ...job }: TickEvent): void {
  const { log } = runtime;
  const about = nameOf(job);
  if (kind === 'done') log.info(about, note);
  else if (kind === 'failed') {
    log.error({ ...about, reason: note }, 'a schedule has failed');
    raise(runtime, 'schedule-failed', job.schedule, note);
  } else if (kind === 'retry') log.warn({ ...about, reason: note }, 'a schedule has failed, and is tried again');
  else log.warn(about, note);
}

function logMissed(runtime: Runtime, { schedule, count, fromMs, toMs, madeUp }: MissedTicks): void {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const then = madeUp ? 'the newest is made up for' : 'they are left out';
  runtime.log.warn({ schedule: schedule.id, missed: count, from, to }, `no scheduler was there for ticks: ${then}`);
  const ticks = count === 1 ? `its tick of ${from}` : `${count} ticks from ${from} to ${to}`;
  raise(runtime, 'schedule-missed', schedule.id, `no scheduler was there for ${ticks}; ${then}`);
}

/** Nothing that is told can fail a tick. */
function raise(
  { alarms, log }: Runtime,
  kind: 'schedule-missed' | 'schedule-failed',
  schedule: string,
  reason: string,
): void {
  alarms
    .raise({ kind, subject: schedule, detail: { schedule, reason } })
    .catch((error: Error) => log.error({ schedule, error: error.message }, 'an alarm could not be raised'));
}
