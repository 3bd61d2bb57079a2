import { schedule as startCron } from 'node-cron';
import { type DeliveryState, failedStates } from '../core/delivery.ts';
import type { Schedule } from '../core/schedule.ts';
import { createBeat, type MissedTicks } from '../pipeline/beat.ts';
import { createRunTick, type TickEvent } from '../pipeline/run-tick.ts';
import { startTickWorker } from '../queue/ticks.ts';
import type { ActionPorts, ChannelTally } from '../schedule/action.ts';
import type { Tallies } from '../store/tallies.ts';
import type { TickJob } from '../store/ticks.ts';
import type { Runtime } from './open.ts';

/** How long a stopping scheduler waits for the runs under way. */
const drainMs = 25_000;
const everySecond = '* * * * * *';
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
      ports: (job) => portsOf(runtime, job),
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
  runtime.onClose(async () => {
    stop.abort();
    await task.destroy();
    await beating;
    await worker.stop(drainMs);
  });
}

/** What the action of a tick may do. */
function portsOf({ config, articles, tallies, log }: Runtime, { schedule, at }: TickJob): ActionPorts {
  return {
    forget: (beforeMs) => articles.prune(beforeMs),
    tally: (fromMs, untilMs) =>
      tallyOf(
        tallies,
        config.channels.map((channel) => channel.id),
        { fromMs, untilMs },
      ),
    tell: (text) => log.info({ ...nameOf({ schedule, at }), report: text.split('\n') }, 'report'),
    retentionDays: config.retention.days,
  };
}

const waitingStates: readonly DeliveryState[] = ['scheduled', 'retryable', 'sending', 'unconfirmed'];

/** Channels of the configuration first, then those that only deliveries still know. */
async function tallyOf(
  tallies: Tallies,
  channels: readonly string[],
  { fromMs, untilMs }: { fromMs: number; untilMs: number },
): Promise<Record<string, ChannelTally>> {
  const [published, held, failed, waiting] = await Promise.all([
    tallies.inState('published', fromMs, untilMs),
    tallies.held(),
    Promise.all(failedStates.map((state) => tallies.inState(state, fromMs, untilMs))),
    Promise.all(waitingStates.map((state) => tallies.inState(state))),
  ]);
  const all = [published, held, ...failed, ...waiting].flatMap((counts) => Object.keys(counts));
  const sum = (lists: Record<string, number>[], channel: string) =>
    lists.reduce((total, counts) => total + (counts[channel] ?? 0), 0);
  return Object.fromEntries(
    [...new Set([...channels, ...all])].map((channel) => {
      const heldHere = held[channel] ?? 0;
      const tally: ChannelTally = {
        published: published[channel] ?? 0,
        failed: sum(failed, channel),
        held: heldHere,
        // What is held is unconfirmed as well.
        waiting: Math.max(0, sum(waiting, channel) - heldHere),
      };
      return [channel, tally];
    }),
  );
}

/** A tick as the log names it. */
const nameOf = ({ schedule, at }: TickJob) => ({ schedule, tick: new Date(at).toISOString() });

function logTick({ log }: Runtime, { kind, note, ...job }: TickEvent): void {
  const about = nameOf(job);
  if (kind === 'done') log.info(about, note);
  else if (kind === 'failed') log.error({ ...about, reason: note }, 'a schedule has failed');
  else if (kind === 'retry') log.warn({ ...about, reason: note }, 'a schedule has failed, and is tried again');
  else log.warn(about, note);
}

function logMissed({ log }: Runtime, { schedule, count, fromMs, toMs, madeUp }: MissedTicks): void {
  const [from, to] = [new Date(fromMs).toISOString(), new Date(toMs).toISOString()];
  const then = madeUp ? 'the newest is made up for' : 'they are left out';
  log.warn({ schedule: schedule.id, missed: count, from, to }, `no scheduler was there for ticks: ${then}`);
}
