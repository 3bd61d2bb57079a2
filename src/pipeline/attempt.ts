import type { Channel } from '../core/channel.ts';
import type { Platform, Publisher } from '../core/platform.ts';
import type { Post, Step } from '../core/post.ts';
import type { Hands } from '../queue/hands.ts';
import type { Way } from '../store/claims.ts';
import type { Claimant } from './claiming.ts';
import type { FollowUp } from './follow-up.ts';
import type { Pacing } from './pacing.ts';
import { stepsOf } from './steps.ts';

/** One attempt at one delivery. */
export interface Attempt extends Claimant {
  startedAt: number;
  lost: AbortSignal | undefined;
  hands: Hands | undefined;
}

interface WayDeps {
  platform: Platform;
  publisher(account: string): Publisher;
}

/** How an end that nobody knows is settled on this channel, of what is sent. */
export function wayOf({ platform, publisher }: WayDeps, channel: Channel | undefined): Way {
  // To begin a fan-out twice changes nothing.
  if (channel && platform.audience?.(channel)) return 'repeat';
  if (channel && publisher(channel.account).find) return 'find';
  if (platform.webhook) return 'status';
  return channel?.unconfirmed ?? 'hold';
}

/** How the end of one step is settled: a change that was made already can be made again. */
export function wayOfStep(deps: WayDeps, channel: Channel | undefined, step: Step | undefined): Way {
  return step === undefined || step.do === 'send' ? wayOf(deps, channel) : 'repeat';
}

/** What one step counts against. */
export function scopesOfStep({ pacing }: { pacing: Pacing }, attempt: Attempt, step: Step | undefined): string {
  const { channel, job, scopes } = attempt;
  return channel === undefined || step === undefined || step.do === 'send'
    ? scopes
    : pacing.scopes(channel, job, step.do);
}

/** The step that comes after so many. */
export function stepAt(post: Post | undefined, done: number): Step | undefined {
  return post && stepsOf(post)[done];
}

/** How many steps there are. What may be live besides, and is to go once that is known, counts as one more. */
export function stepsIn(post: Post, followUp: FollowUp | undefined): number {
  return stepsOf(post).length + (followUp?.isOpen ? 1 : 0);
}
