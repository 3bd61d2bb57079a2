/** How long answers took, in a size that does not grow: steps of about 2 %, from a tenth of a millisecond up to minutes. */
export interface Latencies {
  add(ms: number): void;
  /** The time that this share (0 to 1) of the answers took at most, in milliseconds; null where there is none. */
  at(share: number): number | null;
  clear(): void;
}

const perFactor = 50;
const stepOf = (ms: number) => Math.min(1_023, Math.ceil(Math.log(Math.max(1, ms * 10)) * perFactor));

export function createLatencies(): Latencies {
  const steps = new Uint32Array(1_024);
  let all = 0;
  return {
    add(ms) {
      const step = stepOf(ms);
      steps[step] = (steps[step] ?? 0) + 1;
      all += 1;
    },
    at(share) {
      if (all === 0) return null;
      let seen = 0;
      const step = steps.findIndex((count) => {
        seen += count;
        return seen >= share * all;
      });
      return Math.round(Math.exp(step / perFactor) * 10) / 100;
    },
    clear() {
      steps.fill(0);
      all = 0;
    },
  };
}
