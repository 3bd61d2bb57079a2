import type { Channel } from '../core/channel.ts';
import type { Post } from '../core/post.ts';
import type { DeliveryJob } from '../store/articles.ts';
import type { ClaimRequest, Way } from '../store/claims.ts';
import type { FollowUp } from './follow-up.ts';
import type { Pacing } from './pacing.ts';
import type { Rhythms } from './rhythms.ts';
import { stepsOf } from './steps.ts';

/** Who claims a delivery. */
export interface Claimant {
  job: DeliveryJob;
  /** Absent where it is no longer configured. */
  channel: Channel | undefined;
  /** Fencing token: nobody else can record under this claim. */
  token: string;
  /** What a post counts against. */
  scopes: string;
  /** Its budget is spent: it goes without its link. */
  thrifty?: boolean;
}

/** What is claimed: the next step of a post. Without a post, what could not be composed. */
export interface Claimed {
  hash?: string;
  post?: Post;
  way: Way;
  /** What the next step counts against. */
  scopes: string;
  /** Of a delivery that follows others. */
  followUp?: FollowUp | undefined;
}

/** What cannot be composed spends nothing. */
const unpaid = { charge: '', whenSpent: 'hold' } as const;
/** What changes a live post without anybody hearing of it, or takes it away, goes at any hour. */
const atAnyHour = { hours: '', collects: false, staleAfterMs: undefined };

/** The claim on the next step of a post. */
export function claimOf(
  { pacing, rhythms }: { pacing: Pacing; rhythms: Rhythms },
  { job, channel, token, thrifty }: Claimant,
  { hash = '', post, way, scopes, followUp }: Claimed,
): ClaimRequest {
  const as = followUp?.as ?? 'post';
  const charge = channel && post ? pacing.charge(channel, job.recipient, post) : unpaid;
  return {
    id: job.delivery,
    token,
    postHash: hash,
    total: post ? stepsOf(post).length : 1,
    account: channel?.account ?? '',
    channel: job.channel,
    way,
    scopes,
    ...charge,
    ...(thrifty ? { whenSpent: 'hold' } : {}),
    ...(as === 'post'
      ? {
          hours: channel ? rhythms.hours(channel, job) : '',
          collects: channel !== undefined && rhythms.collects(channel, job),
          staleAfterMs: channel?.staleAfterMs,
        }
      : { ...atAnyHour, ...(as === 'reply' && channel ? { hours: rhythms.hours(channel, job) } : {}) }),
    needsApproval: channel !== undefined && as !== 'remove' && as !== 'nothing' && rhythms.needsApproval(channel, job),
    ...(followUp ? { follows: followUp.found } : {}),
  };
}
