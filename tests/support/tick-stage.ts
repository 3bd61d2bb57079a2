import type { Schedule, Tick } from '../../src/core/schedule.ts';
import { createBeat, type MissedTicks } from '../../src/pipeline/beat.ts';
import { createRunTick, type TickEvent } from '../../src/pipeline/run-tick.ts';
import { startTickWorker } from '../../src/queue/ticks.ts';
import type { ActionPorts } from '../../src/schedule/action.ts';
import type { Installation } from './installation.ts';
import { silentPorts } from './silent-ports.ts';

let serial = 0;

/** A schedule that ticks each second, and another id each time. */
export const scheduleOf = (change: Partial<Schedule> = {}): Schedule => {
  serial += 1;
  return {
    id: `s${serial}`,
    cron: '* * * * * *',
    timezone: 'UTC',
    action: 'prune',
    missed: 'once',
    graceMs: 60_000,
    noOverlap: true,
    settings: {},
    ...change,
  };
};

/** What schedulers do, step by step, on the Redis of an installation. */
export function openTickStage({ runtime }: Installation) {
  const { redis, ticks, tickQueue: queue, clock } = runtime;
  const stops: (() => Promise<void>)[] = [];

  /** Runs ticks with these ports. */
  function runOf(schedules: readonly Schedule[], ports: Partial<ActionPorts> = {}) {
    const events: TickEvent[] = [];
    const handle = createRunTick({
      ticks,
      schedules: () => schedules,
      ports: () => ({ ...silentPorts, ...ports }),
      now: clock.now,
      report: (event) => void events.push(event),
    });
    return { handle, events };
  }

  return {
    /** As if a scheduler had handled it up to so long ago, and been away since. Resolves to that instant. */
    async away({ id, timezone, cron }: Schedule, agoMs: number): Promise<number> {
      const from = Math.floor((clock.now() - agoMs) / 1000) * 1000;
      await redis.hset('munadi:schedules', `${id} ${timezone} ${cron}`, `${from} ${from}`);
      return from;
    },
    beatOf: (
      schedules: readonly Schedule[],
      { now = clock.now, onMissed = () => {} }: { now?: () => number; onMissed?: (missed: MissedTicks) => void } = {},
    ) => createBeat({ ticks, queue, schedules: () => schedules, now, onMissed }),
    /** Newest first. */
    all: (schedule: Schedule): Promise<Tick[]> => ticks.recent(schedule.id, 100_000),
    /** Keys of the jobs that BullMQ has. */
    jobs: async () => (await redis.keys('munadi:queue:ticks:*')).filter((key) => /:s\d+\.\d+$/.test(key)).sort(),
    runOf,
    /** Works on the queue with these ports until `stop`; gives what happened. */
    work(schedules: readonly Schedule[], ports: Partial<ActionPorts> = {}): TickEvent[] {
      const { handle, events } = runOf(schedules, ports);
      const worker = startTickWorker(runtime.connect(), {
        prefix: 'munadi',
        handle,
        onFault: (error) => {
          throw error;
        },
      });
      stops.push(() => worker.stop(5_000));
      return events;
    },
    async stop(): Promise<void> {
      for (const stop of stops.splice(0)) await stop();
    },
  };
}

/** How many ticks are in each state. */
export const countStates = (list: readonly Tick[]) =>
  Object.fromEntries([...Map.groupBy(list, ({ state }) => state)].map(([state, group]) => [state, group.length]));
