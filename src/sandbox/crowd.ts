/** Another client of the same account. It is never refused, and nothing of it is stored. */
export interface Crowd {
  /** How many it took up to a time (epoch ms), that included. */
  upTo(at: number): number;
  /** When it takes its n-th, from 1 on (epoch ms); infinity where there is no other client. */
  timeOf(n: number): number;
}

/** It takes its n-th at `since + n × everyMs`, in whole ms, rounded up; `everyMs` infinite: there is no other client. */
export function createCrowd({ everyMs, since }: { everyMs: number; since: number }): Crowd {
  const timeOf = (n: number) => since + Math.ceil(n * everyMs);
  return {
    timeOf,
    upTo(at) {
      let n = Math.max(0, Math.floor((at - since) / everyMs));
      // Where the division is inexact, the times themselves decide.
      while (timeOf(n + 1) <= at) n += 1;
      while (n > 0 && timeOf(n) > at) n -= 1;
      return n;
    },
  };
}
