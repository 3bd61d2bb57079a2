import type { FeedState } from '../store/feeds.ts';

/** One line on a feed, for people. */
export function feedLine({ id, lastAt, items, new: fresh, error, ...about }: FeedState): string {
  const { failures, failingSince, subscribedUntil } = about;
  if (error !== null) return `${id}: cannot be read since ${failingSince} (${failures} times) – ${error}`;
  if (lastAt === null) return `${id}: not read yet`;
  const told = subscribedUntil === null ? '' : ', its hub tells of news';
  return `${id}: read ${lastAt}, ${items} items, ${fresh} new at the last change${told}`;
}
