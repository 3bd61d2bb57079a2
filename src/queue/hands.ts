import { createQuickest } from '../core/quickest.ts';

/** How many deliveries a worker has in hand at once, by how busy everything around it is. */
export interface Hands {
  /** So many are in the queue at the start: where all of them fit in hand, nothing can be behind them. */
  found(queued: number): void;
  /** How long a step took (ms) that is short wherever nothing is busy. */
  took(ms: number): void;
  /** Work that only waits takes no hand. Resolves as `work` does. */
  idle<T>(work: Promise<T>): Promise<T>;
  /** Has another number in hand at most. */
  allow(most: number): void;
}

/** Deliveries in hand at first, and at least. */
const first = 2;
const least = 5;
/** So many steps are looked at together. */
const sampleSize = 16;
/** Busy is what takes longer than at its quickest by so many ms, and by this factor. */
const slower = { ms: 8, factor: 2 };
const quickestForMs = 30_000;

/**
 * Takes no more in hand than goes through: where a machine is busy, more at once makes nothing faster, and what has been
 * taken cannot be overtaken by breaking news. `allowed`: the most in hand; `apply` is told how many are. `now` is in ms.
 */
export function createHands(
  allowed: number,
  apply: (inHand: number) => void,
  now: () => number = () => performance.now(),
): Hands {
  let most = allowed;
  let limit = Math.min(first, most);
  let hasBeenBusy = false;
  let waiting = 0;
  let steps: number[] = [];
  const quickest = createQuickest(quickestForMs, now);
  const tell = () => apply(Math.min(most, Math.floor(limit) + waiting));
  tell();

  return {
    found(queued) {
      if (queued > most || hasBeenBusy) return;
      limit = most;
      tell();
    },
    took(ms) {
      quickest.add(ms);
      steps.push(ms);
      if (steps.length < sampleSize) return;
      const median = steps.sort((a, b) => a - b)[sampleSize / 2] ?? 0;
      steps = [];
      const usual = quickest.ms();
      const isBusy = median > Math.max(usual + slower.ms, usual * slower.factor);
      hasBeenBusy ||= isBusy;
      const more = hasBeenBusy ? limit + 2 : limit * 2;
      limit = isBusy ? Math.max(Math.min(least, most), limit * 0.7) : Math.min(most, more);
      tell();
    },
    allow(another) {
      if (another === most) return;
      // What went through before is known to; of the rest nothing is.
      limit = limit >= most && !hasBeenBusy ? another : Math.min(limit, another);
      most = another;
      tell();
    },
    async idle(work) {
      waiting += 1;
      tell();
      try {
        return await work;
      } finally {
        waiting -= 1;
        tell();
      }
    },
  };
}
