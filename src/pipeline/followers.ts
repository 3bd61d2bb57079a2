import type { FollowAct } from '../core/delivery.ts';
import type { Follower, OwnLink } from '../store/follow-ups.ts';
import { deliveryId } from './plan.ts';

/** Deliveries of one channel (and person), oldest first. */
export function chainsOf<Item extends { channel: string; recipient?: string }>(items: readonly Item[]): Item[][] {
  return [...Map.groupBy(items, ({ channel, recipient = '' }) => `${channel}\n${recipient}`).values()];
}

/** A delivery for each channel (and person) that the article has deliveries for, following all of them. Pure. */
export function followersOf(
  links: readonly OwnLink[],
  { article, version, act, priority }: { article: string; version: number; act: FollowAct; priority: number },
): Follower[] {
  return chainsOf(links).map((chain) => {
    const { channel, platform, recipient, sandbox } = chain.at(-1) as OwnLink;
    return {
      delivery: deliveryId(article, act === 'retract' ? 'retract' : version, channel, recipient),
      article,
      version,
      channel,
      platform,
      ...(recipient === undefined ? {} : { recipient }),
      priority,
      act,
      follows: chain.map(({ id }) => id),
      sandbox,
    };
  });
}
