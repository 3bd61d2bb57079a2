import type { RecipientRow } from '../../../src/core/fanout.ts';
import type { Check, Sample } from '../proof.ts';
import type { Site } from './site.ts';

interface SeenPost {
  id: string;
  target: string;
  opaque?: string;
  at: string;
}

/** What the platform accepted. */
export async function postsOf(site: Site): Promise<SeenPost[]> {
  const answer = await fetch(`${site.sandbox.root}/_sandbox/posts?fields=id,target,opaque,at&form=lines`);
  const text = await answer.text();
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as SeenPost);
}

/** Compares what the list says of each person with what the platform accepted; the platform is right. */
export function judge({
  id,
  people,
  rows,
  posts,
}: {
  id: string;
  people: readonly string[];
  rows: readonly RecipientRow[];
  posts: readonly SeenPost[];
}): Check[] {
  const got = Map.groupBy(
    posts.filter(({ opaque }) => opaque?.startsWith(`${id}.`)),
    ({ target }) => target,
  );
  const known = new Map(rows.map((row) => [row.who, row]));
  const found: Record<string, Sample[]> = { lost: [], doubled: [], untrue: [], 'held-told': [], open: [] };
  const note = (name: string, who: string, what: string) => found[name]?.push({ article: `…${who.slice(-4)}`, what });
  for (const who of people) {
    const [row, own = []] = [known.get(who), got.get(who)];
    if (!row) {
      note('lost', who, 'the list does not know this person');
      continue;
    }
    if (own.length > 1) note('doubled', who, `${own.length} messages`);
    if (row.state === 'unconfirmed' && row.held) {
      if (own.length > 0) note('held-told', who, 'held, though its statuses were told');
    } else if (row.state === 'published') {
      if (own.length === 0) note('untrue', who, 'published, and the platform has no message');
      else if (own[0]?.id !== row.remoteId)
        note('untrue', who, `published as ${row.remoteId}, which is another message`);
    } else if (own.length > 0) note('untrue', who, `${row.state}, and the platform has its message`);
    else if (['scheduled', 'sending', 'retryable', 'unconfirmed'].includes(row.state)) note('open', who, row.state);
    else note('lost', who, `${row.state}, for ${row.code ?? 'no reason'}`);
  }
  return Object.entries(found).map(([name, samples]) => ({
    ...{ name, value: samples.length, aim: 0, ok: samples.length === 0, samples: samples.slice(0, 5) },
  }));
}

/** Messages a second while the list was in full swing: its first and last tenth aside. */
export function rateOf(posts: readonly SeenPost[]): number {
  const times = posts.map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
  const [from, to] = [Math.floor(times.length * 0.1), Math.floor(times.length * 0.9)];
  const ms = (times[to] ?? 0) - (times[from] ?? 0);
  return ms > 0 ? ((to - from) / ms) * 1000 : 0;
}
