import type { SandboxRate } from './rates.ts';

/**
 * Another client of the same account. It takes its n-th at `since + n × perMs / (count × share)`, in whole ms, rounded
 * up, and is never refused; nothing of it is stored.
 */
export interface Crowd {
  /** How many it took up to a time (epoch ms), that included. */
  upTo(at: number): number;
  /** When it takes its n-th, from 1 on (epoch ms); infinity where there is no other client. */
  timeOf(n: number): number;
}

/** `share`: the part of the rate that it takes, from 0 (there is no other client) to less than 1. */
export function createCrowd({ count, perMs }: SandboxRate, share: number, since: number): Crowd {
  const everyMs = share > 0 ? perMs / (count * share) : Number.POSITIVE_INFINITY;
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
