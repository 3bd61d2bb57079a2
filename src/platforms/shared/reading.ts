import { type PublishError, UnavailableError, UnconfirmedError } from '../../core/errors.ts';
import type { FindRequest } from '../../core/platform.ts';

/** How far our clock may be from the platform's (ms). */
const clockSlackMs = 60_000;

/** Posts created before this are not the one looked for; whole seconds, as platforms give times (epoch ms). */
export function earliest({ sinceMs }: Pick<FindRequest, 'sinceMs'>): number {
  return Math.floor((sinceMs - clockSlackMs) / 1000) * 1000;
}

/** A question that publishes nothing: what would be "maybe posted" of a post is only "no answer" here. */
export async function asReading<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof UnconfirmedError)) throw error;
    throw new UnavailableError(error.message, { code: error.code });
  }
}

/** An answer that does not tell what is there: that is not "nothing". */
export function unreadable(platform: string, what: string): PublishError {
  return new UnavailableError(`${platform} answered something that cannot be read: ${what}.`, { code: 'unreadable' });
}

/** One page of a list of posts, newest first. */
export interface Page<Item> {
  items: Item[];
  /** What to ask with for the page after; undefined at the end. */
  next: Record<string, string> | undefined;
}

/**
 * All items of a list from its start to the first page that ends before `from`. Throws where the list does not end within
 * `maxPages`, or leads round in a circle: what was not seen may be there.
 */
export async function readPages<Item>(
  platform: string,
  {
    ask,
    timeOf,
    from,
    maxPages,
  }: {
    ask(next: Record<string, string> | undefined): Promise<Page<Item>>;
    timeOf(item: Item): number;
    from: number;
    maxPages: number;
  },
): Promise<Item[]> {
  const all: Item[] = [];
  const seen = new Set<string>();
  let next: Record<string, string> | undefined;
  for (let count = 0; count < maxPages; count += 1) {
    const page = await ask(next);
    all.push(...page.items);
    const last = page.items.at(-1);
    if (!page.next || (last !== undefined && timeOf(last) < from)) return all;
    const key = JSON.stringify(page.next);
    if (seen.has(key)) throw unreadable(platform, 'its list of posts has no end');
    seen.add(key);
    next = page.next;
  }
  throw unreadable(platform, `its list holds more than ${maxPages} pages of posts since then`);
}
