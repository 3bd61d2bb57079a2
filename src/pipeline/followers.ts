import type { FollowAct } from '../core/delivery.ts';
import type { PlannedDelivery } from '../store/articles.ts';
import type { Follower, OwnLink } from '../store/follow-ups.ts';
import { deliveryId } from './plan.ts';

/** Deliveries of one channel (and person), oldest first. */
export function chainsOf<Item extends { channel: string; recipient?: string }>(items: readonly Item[]): Item[][] {
  return [...Map.groupBy(items, keyOf).values()];
}

function keyOf({ channel, recipient = '' }: { channel: string; recipient?: string }): string {
  return `${channel}\n${recipient}`;
}

/**
 * The deliveries of a further story, each replying to what the first story has on the same channel (and person), where it
 * has something there. `first`: the deliveries of that one. Pure.
 */
export function answeringTo(planned: readonly PlannedDelivery[], first: readonly OwnLink[]): PlannedDelivery[] {
  const chains = new Map(chainsOf(first).map((chain) => [keyOf(chain[0] as OwnLink), chain.map(({ id }) => id)]));
  return planned.map((delivery) => {
    const follows = chains.get(keyOf(delivery));
    return follows === undefined ? delivery : { ...delivery, act: 'followUp', follows };
  });
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
