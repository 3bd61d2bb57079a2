import { createHash } from 'node:crypto';
import type { Article } from '../core/article.ts';
import type { Channel, ChannelFilters } from '../core/channel.ts';

/** A delivery to be, with the reason it exists and when it may go. */
export interface Plan {
  id: string;
  channel: string;
  platform: string;
  recipient?: string;
  /** Epoch ms. */
  dueMs: number;
}

/** Deterministic: the same article version to the same channel (and person) is the same delivery, for ever. */
export function deliveryId(article: string, version: number, channel: string, recipient = ''): string {
  const hash = createHash('sha256').update(JSON.stringify([article, version, channel, recipient]));
  // A letter in front: BullMQ refuses ids that are whole numbers.
  return `d${hash.digest('hex').slice(0, 24)}`;
}

/** True where the channel takes the article. */
export function accepts(filters: ChannelFilters, article: Article): boolean {
  const takes = (list: string[] | undefined, values: (string | undefined)[]) =>
    list === undefined || values.some((value) => value !== undefined && list.includes(value));
  return (
    takes(filters.language, [article.language, article.language.split('-')[0]]) &&
    takes(filters.section, [article.section]) &&
    takes(filters.tag, article.tags) &&
    takes(filters.priority, [article.priority])
  );
}

/**
 * Article + channels + clock -> deliveries. Pure. `only` names channels asked for by hand, whose filters are not asked;
 * `at` is the earliest time wanted (epoch ms). An embargo is never undercut.
 */
export function plan(
  article: Article,
  channels: readonly Channel[],
  {
    recipientsOf,
    now,
    only,
    at,
  }: {
    /** The people a channel writes to one by one; undefined where it is a wall. */
    recipientsOf: (channel: Channel) => readonly string[] | undefined;
    now: number;
    only?: readonly string[];
    at?: number;
  },
): Plan[] {
  const embargo = article.embargoUntil === undefined ? 0 : Date.parse(article.embargoUntil);
  const dueMs = Math.max(now, at ?? 0, embargo);
  return channels
    .filter((channel) => (only ? only.includes(channel.id) : accepts(channel.filters, article)))
    .flatMap((channel) =>
      (recipientsOf(channel) ?? [undefined]).map((recipient) => ({
        id: deliveryId(article.id, article.version, channel.id, recipient),
        channel: channel.id,
        platform: channel.platform,
        ...(recipient === undefined ? {} : { recipient }),
        dueMs,
      })),
    );
}
