import { setTimeout as delay } from 'node:timers/promises';
import type { Schedule } from '../core/schedule.ts';
import type { TickQueue } from '../queue/ticks.ts';
import { type Cron, createCron } from '../schedule/cron.ts';
import { type DueTicks, keptTicks, type MadeTicks, type Ticks } from '../store/ticks.ts';

/** Ticks of a schedule that nobody was there for in time, as they were found. */
export interface MissedTicks {
  schedule: Schedule;
  /** Those on record; of a longer time, the newest. */
  count: number;
  /** Epoch ms. */
  fromMs: number;
  toMs: number;
  /** One of them is made up for. */
  madeUp: boolean;
}

export interface BeatDeps {
  ticks: Ticks;
  queue: TickQueue;
  /** The schedules that are in force now. */
  schedules: () => readonly Schedule[];
  /** The clock of all processes (epoch ms). */
  now: () => number;
  onMissed: (missed: MissedTicks) => void;
  /** Fires where beats are to end soon. */
  signal?: AbortSignal;
}

/** What one process knows of a schedule. */
interface Known {
  cron: Cron;
  /** Undefined until Redis has told. */
  handledMs: number | undefined;
  /** The first tick after that. */
  nextMs: number | undefined;
}

const batchSize = 500;
const sweepMs = 5_000;
/** A tick that is to be run for so long should have a job at work on it. */
const overdueMs = 10_000;
/** A beat waits for a tick that comes before the next beat does. */
const waitMs = 1_000;
/** Rounded clocks meet the instant, and not the moment before it. */
const marginMs = 4;

/**
 * One beat of the clock, to be called each second in every process that may handle ticks: what has become due of any
 * schedule is recorded (once, over all processes), and gets its job. A beat that fails loses nothing: the next one goes on.
 */
export function createBeat(deps: BeatDeps): () => Promise<void> {
  const { ticks, queue, now } = deps;
  const known = new Map<string, Known>();
  let sweptAt = Number.NEGATIVE_INFINITY;
  let offset = 0;

  function knownOf({ timezone, cron, id }: Schedule): Known {
    const name = `${id} ${timezone} ${cron}`;
    const entry = known.get(name) ?? { cron: createCron(cron, timezone), handledMs: undefined, nextMs: undefined };
    known.set(name, entry);
    return entry;
  }

  /** Forgets those that are no longer in force, so that one that comes back begins anew. */
  function entries(): [Schedule, Known][] {
    const found = deps.schedules().map((schedule): [Schedule, Known] => [schedule, knownOf(schedule)]);
    const inForce = new Set(found.map(([, entry]) => entry));
    for (const [name, entry] of known) if (!inForce.has(entry)) known.delete(name);
    return found;
  }

  /** Records what is due now. True: there may be more at once. */
  async function make(): Promise<{ again: boolean; outbox: number }> {
    const all = entries();
    const due = all.map(([schedule, entry]) => dueOf(schedule, entry, now()));
    const { made, outbox } = await ticks.make(due);
    let again = false;
    for (const [index, [schedule, entry]] of all.entries()) {
      const reply = made[index] as MadeTicks;
      if (reply.handledMs !== entry.handledMs) {
        entry.handledMs = reply.handledMs;
        entry.nextMs = entry.cron.nextTick(reply.handledMs);
        if ((entry.nextMs ?? Number.POSITIVE_INFINITY) <= now()) again = true;
      }
      if (reply.missedFrom !== undefined) {
        const { missed: count, missedFrom: fromMs, missedTo: toMs = fromMs } = reply;
        deps.onMissed({ schedule, count, fromMs, toMs, madeUp: schedule.missed === 'once' });
      }
    }
    return { again, outbox };
  }

  async function drain(): Promise<void> {
    for (;;) {
      const waiting = await ticks.outbox(batchSize);
      if (waiting.length === 0) return;
      await queue.enqueue(waiting);
      await ticks.outboxDone(waiting);
    }
  }

  /** Each time the next page, so that a backlog hides nothing behind it. */
  async function sweep(): Promise<void> {
    const found = await ticks.overdue(now() - overdueMs, batchSize, offset);
    offset = found.length < batchSize ? 0 : offset + found.length;
    if (found.length > 0) await queue.mend(found);
  }

  async function makeAll(): Promise<void> {
    for (;;) {
      const { again, outbox } = await make();
      if (outbox > 0) await drain();
      if (!again) return;
    }
  }

  return async () => {
    await makeAll();
    if (now() - sweptAt > sweepMs) {
      sweptAt = now();
      await sweep();
    }
    const next = Math.min(...entries().map(([, { nextMs }]) => nextMs ?? Number.POSITIVE_INFINITY)) - now();
    if (next > 0 && next <= waitMs) {
      await delay(next + marginMs, undefined, deps.signal ? { signal: deps.signal } : {}).catch(() => {});
      if (!deps.signal?.aborted) await makeAll();
    }
  };
}

/** Of ticks that came within the grace, the first; of those that were missed, the last ones. */
function dueOf(schedule: Schedule, { cron, handledMs, nextMs }: Known, nowMs: number): DueTicks {
  if (handledMs === undefined || nextMs === undefined || nextMs > nowMs) return { schedule, handledMs, instants: [] };
  const graceMs = nowMs - schedule.graceMs;
  const late = handledMs < graceMs ? cron.lastTicks(handledMs, graceMs - 1, keptTicks) : [];
  const due = cron.ticksBetween(Math.max(handledMs, graceMs - 1), nowMs, batchSize);
  return { schedule, handledMs, instants: [...late, ...due] };
}
