/** One line of a benchmark's result. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  /** The same thing done by the plain way, in the same run. */
  baseline: number | null;
  /** value / baseline. */
  ratio: number | null;
  better: 'higher' | 'lower';
  /** What else was seen on the way. */
  details?: Record<string, number | string>;
}

/** The value below which `share` of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}
