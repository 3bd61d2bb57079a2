import type { Channel } from '../core/channel.ts';
import type { Post } from '../core/post.ts';
import type { DeliveryJob } from '../store/articles.ts';
import type { ClaimRequest, Way } from '../store/claims.ts';
import type { Pacing } from './pacing.ts';
import type { Rhythms } from './rhythms.ts';

/** Who claims a delivery. */
export interface Claimant {
  job: DeliveryJob;
  /** Absent where it is no longer configured. */
  channel: Channel | undefined;
  /** Fencing token: nobody else can record under this claim. */
  token: string;
  /** What it counts against. */
  scopes: string;
  /** Its budget is spent: it goes without its link. */
  thrifty?: boolean;
}

/** What cannot be composed spends nothing. */
const unpaid = { charge: '', whenSpent: 'hold' } as const;

/** The claim on the next part of a post; without a post, on what could not be composed. */
export function claimOf(
  { pacing, rhythms }: { pacing: Pacing; rhythms: Rhythms },
  { job, channel, token, scopes, thrifty }: Claimant,
  { hash = '', post, way }: { hash?: string; post?: Post; way: Way },
): ClaimRequest {
  const charge = channel && post ? pacing.charge(channel, job.recipient, post.parts) : unpaid;
  return {
    id: job.delivery,
    token,
    postHash: hash,
    total: post?.parts.length ?? 1,
    account: channel?.account ?? '',
    channel: job.channel,
    staleAfterMs: channel?.staleAfterMs,
    way,
    scopes,
    ...charge,
    ...(thrifty ? { whenSpent: 'hold' } : {}),
    hours: channel ? rhythms.hours(channel, job) : '',
    collects: channel !== undefined && rhythms.collects(channel, job),
    needsApproval: channel !== undefined && rhythms.needsApproval(channel, job),
  };
}
