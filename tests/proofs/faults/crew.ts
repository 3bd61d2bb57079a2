import type { Random } from '../random.ts';
import type { Installation, WorkerProcess } from './installation.ts';

/** The workers of a run: some at work, and one that has started and waits to be let in. */
export interface Crew {
  /** Lets a fresh one in, after `prepare`. One that came to a Redis that was just away is passed over. */
  enter<Prepared>(prepare: (worker: WorkerProcess) => Prepared): Promise<{ worker: WorkerProcess; prepared: Prepared }>;
  /** Lets fresh ones in until so many are at work. */
  fill(count: number): Promise<void>;
  readonly atWork: WorkerProcess[];
  /** Takes one that works out of the list, for the caller to end. */
  take(): WorkerProcess | undefined;
  add(worker: WorkerProcess): void;
  /** Workers that ended by themselves, with their last words. */
  failed(): string[];
}

const hourMs = 3_600_000;
/** Longer than Redis is ever without power. */
const longestCutMs = 30_000;

/** A part of the workers has a clock that is an hour wrong; after so many, none is kept ready. */
export function createCrew(
  site: Installation,
  random: Random,
  { shiftedShare = 0.25, most = Number.POSITIVE_INFINITY } = {},
): Crew {
  const all: WorkerProcess[] = [];
  const atWork: WorkerProcess[] = [];
  let started = 0;
  const start = () => {
    started += 1;
    const clockShiftMs = random.chance(shiftedShare) ? random.pick([-hourMs, hourMs]) : 0;
    return site.worker({ clockShiftMs });
  };
  let spare = start();
  spare.catch(() => {});

  async function next(): Promise<WorkerProcess> {
    const worker = await spare;
    if (started >= most) return worker;
    spare = start();
    spare.catch(() => {});
    return worker;
  }
  async function enter<Prepared>(prepare: (worker: WorkerProcess) => Prepared) {
    const until = performance.now() + longestCutMs;
    for (;;) {
      const worker = await next();
      const prepared = prepare(worker);
      try {
        await worker.enter();
        all.push(worker);
        return { worker, prepared };
      } catch (error) {
        // One that starts while Redis has no power ends at once, and says so.
        if (performance.now() > until || !String(error).includes('Redis does not answer')) throw error;
      }
    }
  }

  return {
    enter,
    atWork,
    async fill(count) {
      const missing = Math.max(0, count - atWork.length);
      const fresh = await Promise.all(Array.from({ length: missing }, () => enter(() => undefined)));
      atWork.push(...fresh.map(({ worker }) => worker));
    },
    take: () => (atWork.length === 0 ? undefined : atWork.splice(random.whole(0, atWork.length - 1), 1)[0]),
    add: (worker) => void atWork.push(worker),
    failed: () => all.flatMap((worker) => worker.failure() ?? []),
  };
}
