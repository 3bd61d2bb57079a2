/** The least of what was measured lately. */
export interface Quickest {
  add(ms: number): void;
  /** Infinite before the first. */
  ms(): number;
  /** Of how many it is the least. */
  count(): number;
  /** How long ago the first of all was measured, ms; 0 before it. */
  ageMs(): number;
}

/** What was measured is forgotten after `forMs` to twice that. `now` is in ms. */
export function createQuickest(forMs: number, now: () => number = () => performance.now()): Quickest {
  let current = { ms: Number.POSITIVE_INFINITY, count: 0 };
  let before = current;
  let since = now();
  let first: number | undefined;
  return {
    add(ms) {
      first ??= now();
      if (now() - since > forMs) {
        before = current;
        current = { ms: Number.POSITIVE_INFINITY, count: 0 };
        since = now();
      }
      current.ms = Math.min(current.ms, ms);
      current.count += 1;
    },
    ms: () => Math.min(current.ms, before.ms),
    count: () => (before === current ? current.count : current.count + before.count),
    ageMs: () => (first === undefined ? 0 : now() - first),
  };
}
