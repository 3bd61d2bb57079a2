/** The hours of a simulation, which pass as fast as the work in them is done. Epoch milliseconds. */
export interface SimulatedTime {
  now(): number;
  /**
   * Has `work` begin at `atMs`, or at once where that is over. What begins at the same instant goes by `rank` (lower
   * first), then in the order of these calls.
   */
  at(atMs: number, rank: number, work: () => Promise<void>): void;
  /** For the work itself: goes on so much later, with other work in between. */
  wait(ms: number): Promise<void>;
  /**
   * Passes until `untilMs`, or until nothing is left to do. Rejects with what the work throws. What `stop` interrupts is
   * left as it is.
   */
  pass(untilMs: number, stop?: AbortSignal): Promise<void>;
}

interface Entry {
  atMs: number;
  rank: number;
  serial: number;
  go: () => Promise<void>;
}

/** One piece of work, from its beginning over its waits to its end. */
interface Task {
  rest: () => void;
  fail: (error: unknown) => void;
}

/** What waited goes on before anything else begins. */
const resumed = Number.NEGATIVE_INFINITY;

/**
 * Only one piece of work runs at a time, until it waits or ends: the same work gives the same order each time. `onMove` is
 * told of each instant before anything happens in it.
 */
export function createSimulatedTime(fromMs: number, onMove: (nowMs: number) => Promise<void>): SimulatedTime {
  let nowMs = fromMs;
  let serial = 0;
  let current: Task | undefined;
  /** The next one stands last. */
  const agenda: Entry[] = [];

  function add(atMs: number, rank: number, go: () => Promise<void>): void {
    serial += 1;
    const entry = { atMs: Math.max(Math.ceil(atMs), nowMs), rank, serial, go };
    let low = 0;
    let high = agenda.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (isBefore(entry, agenda[middle] as Entry)) low = middle + 1;
      else high = middle;
    }
    agenda.splice(low, 0, entry);
  }

  /** Resolves when the task waits, or has ended. */
  function run(task: Task, resume: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      task.rest = resolve;
      task.fail = reject;
      current = task;
      resume();
    });
  }

  return {
    now: () => nowMs,
    at(atMs, rank, work) {
      const task: Task = { rest: () => {}, fail: () => {} };
      add(atMs, rank, () =>
        run(task, () => {
          work().then(
            () => task.rest(),
            (error: unknown) => task.fail(error),
          );
        }),
      );
    },
    wait(ms) {
      const task = current;
      if (!task) throw new Error('Only work of this simulation can wait in it.');
      return new Promise((resolve) => {
        add(nowMs + Math.max(0, ms), resumed, () => run(task, resolve));
        task.rest();
      });
    },
    async pass(untilMs, stop) {
      for (let next = agenda.at(-1); next && next.atMs <= untilMs && !stop?.aborted; next = agenda.at(-1)) {
        agenda.pop();
        if (next.atMs > nowMs) {
          nowMs = next.atMs;
          await onMove(nowMs);
        }
        await next.go();
        current = undefined;
      }
      if (nowMs < untilMs && !stop?.aborted) {
        nowMs = untilMs;
        await onMove(nowMs);
      }
    },
  };
}

function isBefore(one: Entry, other: Entry): boolean {
  return (
    one.atMs < other.atMs ||
    (one.atMs === other.atMs && (one.rank < other.rank || (one.rank === other.rank && one.serial < other.serial)))
  );
}
