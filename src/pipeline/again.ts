import type { JobResult } from '../queue/worker.ts';
import type { ClaimReply } from '../store/claims.ts';

export type Claimed = Extract<ClaimReply, { verdict: 'claimed' }>;

const pausedRetryMs = 10_000;
const newerRetryMs = 10_000;
/** A delivery is back a little before its slot, and waits for it; less than what `limits.lua` gives away ahead. */
const aheadMs = 150;

/** When a job comes again whose claim was not granted; undefined: never. */
export function later(reply: Exclude<ClaimReply, { verdict: 'claimed' }>): JobResult {
  switch (reply.verdict) {
    case 'leased':
      return { waitMs: reply.waitMs + 100 };
    case 'early':
      return { waitMs: reply.waitMs };
    case 'spent':
      return reply.waitMs === undefined ? undefined : { waitMs: reply.waitMs };
    case 'limited':
      return { waitMs: Math.max(0, reply.waitMs - aheadMs) };
    case 'paused':
      return { waitMs: pausedRetryMs };
    case 'newer':
      return { waitMs: newerRetryMs };
    default:
      return undefined;
  }
}
