import { z } from 'zod';
import type { FeedSetting } from '../core/source.ts';
import { duration, idPattern, idText } from './fields.ts';
import { kindOf } from './problem.ts';
import type { Report } from './report.ts';
import { checkChannels, sourceTraits, traitsOf } from './sources.ts';
import { typeVariables } from './typed-variables.ts';

const urlText = 'an http or https address without user and password';
const url = z.string(urlText).refine((text) => {
  const parsed = URL.parse(text);
  return (
    parsed !== null && /^https?:$/.test(parsed.protocol) && !parsed.username && !parsed.password && !/\s/.test(text)
  );
}, urlText);

/** Keys of a feed. */
export const feed = z.strictObject({
  id: z.string().regex(idPattern, idText).describe('Name of the feed.'),
  url: url.describe('Its address.'),
  every: duration({ least: '30s', most: '1d' })
    .prefault('5m')
    .describe('How often it is read; less often where the feed asks for that, or a hub tells of news.'),
  fullText: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('Text from the page of each story: auto where the feed has only a teaser, always, or never.'),
  first: z
    .enum(['remember', 'post'])
    .default('remember')
    .describe('What becomes of what is in the feed when it is read first: it is remembered and not posted, or posted.'),
  webSub: z
    .boolean()
    .default(true)
    .describe('Ask the hub of the feed to tell us, where it has one and `http.publicUrl` is set.'),
  source: z.string().min(1, 'some text').optional().describe('Name for filters; the id unless set.'),
  ...sourceTraits,
  onDelete: z
    .enum(['ask', 'retract', 'ignore'])
    .default('ask')
    .describe('What follows when the page of a story is gone: a person is asked, it is retracted, or nothing.'),
});

/** The setting `feeds`. */
export const feeds = z.array(z.unknown(), 'a list of feeds').default([]).describe('Feeds that are read by themselves.');

/** The feeds as the program uses them, by id. */
export function readFeeds(
  given: readonly unknown[],
  { channelIds }: { channelIds: readonly string[] },
  report: Report,
): Record<string, FeedSetting> {
  const ids = new Map<unknown, number>();
  const read: Record<string, FeedSetting> = {};
  for (const [index, value] of given.entries()) {
    const path = ['feeds', index] as const;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      report.problem(path, { expected: 'a map of keys', got: kindOf(value), remedy: 'Write { id: …, url: … }.' });
      continue;
    }
    const { id: own } = value as { id?: unknown };
    const twin = ids.get(own);
    if (twin !== undefined && own !== undefined) {
      const got = `${report.show([...path, 'id'], own)}, as feeds[${twin}]`;
      report.problem([...path, 'id'], { expected: 'an id of its own', got, remedy: 'Rename one of the two.' });
    }
    ids.set(own, index);
    const typed = typeVariables(value, feed, path, report) as Record<string, unknown>;
    const parsed = feed.safeParse(typed);
    if (!parsed.success) report.explain(parsed.error, path, { schema: feed, input: typed });
    const areThere = checkChannels(typed.channels, { path, channelIds }, report);
    if (!parsed.success || !areThere) continue;
    const { id, url: address, every, fullText, first, webSub, source, ...traits } = parsed.data;
    read[id] = { ...traitsOf(traits), url: address, everyMs: every, fullText, first, webSub, source: source ?? id };
  }
  return read;
}

/** Ids of feeds, those too that could not be read otherwise. */
export function feedIds(given: readonly unknown[]): string[] {
  return given.flatMap((one) => {
    const { id } = (one ?? {}) as { id?: unknown };
    return typeof id === 'string' ? [id] : [];
  });
}
