/** Work of one process that goes one after the other, the most urgent first. */
export interface Turns {
  /** Runs `work` when its turn comes; lower goes first. It resolves to for how long (ms) nobody's turn comes after it. */
  take<T>(priority: number, work: () => Promise<{ reply: T; closedMs: number }>): Promise<T>;
}

export function createTurns(): Turns {
  const waiting: { priority: number; go: () => void }[] = [];
  let busy = false;

  function next(): void {
    const first = waiting.reduce<number>(
      (best, { priority }, index) => (priority < (waiting[best]?.priority ?? Number.POSITIVE_INFINITY) ? index : best),
      0,
    );
    const [one] = waiting.splice(first, 1);
    busy = one !== undefined;
    one?.go();
  }

  return {
    async take(priority, work) {
      if (busy) await new Promise<void>((go) => waiting.push({ priority, go }));
      busy = true;
      let closedMs = 0;
      try {
        const done = await work();
        closedMs = done.closedMs;
        return done.reply;
      } finally {
        if (closedMs > 0) setTimeout(next, closedMs);
        else next();
      }
    },
  };
}

/** Requests that are under way at once, in one process. */
export interface Slots {
  /** Takes up to `most`, as many as are free, and at least one: waits for that. */
  take(most: number): Promise<number>;
  give(count: number): void;
}

export function createSlots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  return {
    async take(most) {
      while (free <= 0) await new Promise<void>((resolve) => waiting.push(resolve));
      const taken = Math.min(most, free);
      free -= taken;
      return taken;
    },
    give(given) {
      free += given;
      while (free > 0 && waiting.length > 0) {
        waiting.shift()?.();
        break;
      }
    },
  };
}
