/** A breaking article: what its posts hold, and when it was handed over (epoch ms). */
export interface Sample {
  mark: string;
  postedAt: number;
}

/** What one platform accepted. */
export interface Accepted {
  text: string;
  /** Epoch ms. */
  at: number;
}

/** How a platform dealt with one breaking article. */
export interface Timing {
  mark: string;
  /** From the API's call to the platform's acceptance; infinite where it never came. */
  ms: number;
  /** Normal posts that came to the platform after the call, and before the breaking one. */
  before: number;
  /** Normal posts still to come when it was accepted. */
  waiting: number;
}

/**
 * `normals`: how many normal posts there are in all, each holding `normalMark`. A post that was accepted within
 * `platformDelayMs` of the call had reached the platform before.
 */
export function timingsOf(
  samples: readonly Sample[],
  posts: readonly Accepted[],
  { normals, normalMark, platformDelayMs }: { normals: number; normalMark: string; platformDelayMs: number },
): Timing[] {
  const normalAt = posts.filter(({ text }) => text.includes(normalMark)).map(({ at }) => at);
  return samples.map(({ mark, postedAt }) => {
    const at = posts.find(({ text }) => text.includes(mark))?.at ?? Number.POSITIVE_INFINITY;
    const before = normalAt.filter((one) => one > postedAt + platformDelayMs && one < at).length;
    const waiting = normals - normalAt.filter((one) => one <= at).length;
    return { mark, ms: at - postedAt, before, waiting };
  });
}

/** The value that so many hundredths of the values do not exceed. */
export function percentile(values: readonly number[], hundredths: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((hundredths / 100) * sorted.length) - 1)] ?? Number.NaN;
}
