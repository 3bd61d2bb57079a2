import { readFeedDate } from './feed-date.ts';
import type { FeedEntry } from './feed-entry.ts';

/** Milliseconds of a time; undefined for none. */
function timeOf(iso: string | undefined): number | undefined {
  return iso === undefined ? undefined : Date.parse(iso);
}

/** True where the dates go up: most feeds go newest first. */
function goesUp(times: readonly number[]): boolean {
  let steps = 0;
  for (let at = 1; at < times.length; at += 1) steps += Math.sign((times[at] as number) - (times[at - 1] as number));
  return steps > 0;
}

/**
 * Items in the order of their dates, oldest first. Those without a date keep their places, and those of the same time
 * their order, in the feed read from its old end.
 */
export function oldestFirst<T extends { draft: { publishedAt?: string }; updatedAt?: string }>(
  items: readonly T[],
): T[] {
  const dated = (item: T) => timeOf(item.draft.publishedAt ?? item.updatedAt);
  const isAscending = goesUp(items.map(dated).filter((time) => time !== undefined));
  const order = isAscending ? [...items] : items.toReversed();
  const sorted = order
    .filter((item) => dated(item) !== undefined)
    .toSorted((one, other) => (dated(one) as number) - (dated(other) as number));
  let next = 0;
  return order.map((item) => (dated(item) === undefined ? item : (sorted[next++] as T)));
}

/** At most so many entries, the newest of them; in the order given. Those without dates count as the feed has them: newest first. */
export function newestOf<T extends { entry: FeedEntry }>(entries: readonly T[], most: number): readonly T[] {
  if (entries.length <= most) return entries;
  const times = entries.map(({ entry: { published, updated } }) =>
    timeOf([...published, ...updated].map((date) => readFeedDate(date)?.iso).find((iso) => iso !== undefined)),
  );
  const known = times.filter((time) => time !== undefined);
  const order = [...entries.keys()];
  const ranked =
    known.length === entries.length
      ? order.toSorted((one, other) => (times[other] as number) - (times[one] as number) || one - other)
      : goesUp(known)
        ? order.toReversed()
        : order;
  const kept = new Set(ranked.slice(0, most));
  return entries.filter((_, index) => kept.has(index));
}
