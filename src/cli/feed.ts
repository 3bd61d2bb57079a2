import { InputError } from '../core/errors.ts';
import type { Feed, FeedItem, FeedOrigin } from '../sources/feed.ts';
import { readFeedGuarded } from '../sources/feed-guarded.ts';
import { feedAccept, maxFeedBytes } from '../sources/feed-request.ts';
import { createGuardedFetch, FetchError } from '../sources/index.ts';
import { readInput } from './articles.ts';
import type { Command } from './command.ts';
import { openConfig, parseCount, parseOptions } from './options.ts';
import { print, printJson, table } from './print.ts';

export const command: Command = {
  summary: 'Shows what a feed yields: its items, and what is wrong with it. Stores nothing.',
  usage: 'feed FILE|URL|- [--limit N] [--full] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, { limit: { type: 'string' }, full: { type: 'boolean' } }, 1);
    const [name] = positionals;
    if (name === undefined)
      throw new InputError('Name a file, an address, or - for standard input.', { code: 'no-file' });
    const limit = values.limit === undefined ? undefined : parseCount('limit', values.limit, { min: 1, max: 100_000 });
    const { bytes, ...about } = await readSource(name, values.config);
    const feed = await readFeedGuarded(bytes, about);
    const items = limit === undefined ? feed.items : feed.items.slice(-limit);
    if (values.json) printJson(toJson(feed, items));
    else print(toText(feed, items, values.full ?? false));
    return 0;
  },
};

type Source = FeedOrigin & { bytes: Uint8Array };

async function readSource(name: string, configFile: string | undefined): Promise<Source> {
  if (!/^https?:\/\//i.test(name)) return readInput(name, { what: 'a feed', maxBytes: maxFeedBytes });
  const fetch = createGuardedFetch(openConfig(configFile).fetch);
  try {
    const { bytes, url, contentType, charset } = await fetch.get(name, { accept: feedAccept });
    return { bytes, name: url, url, contentType, ...(charset ? { charset } : {}) };
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    // What a guard refuses is a wrong wish; all else may go well the next time.
    throw new InputError(error.message, { code: 'not-fetched', status: error.refused ? 422 : 502, cause: error });
  } finally {
    await fetch.close();
  }
}

function toJson({ format, title, language, hub, ttlMs, skip, warnings }: Feed, items: readonly FeedItem[]): object {
  const shown = items.map(({ key, updatedAt, isTeaser, draft }) => ({ key, updatedAt, isTeaser, article: draft }));
  return { feed: { format, title, language, hub, ttlMs, skip }, items: shown, warnings };
}

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

function toText(feed: Feed, items: readonly FeedItem[], full: boolean): string {
  const { format, title, language, hub, ttlMs, skip } = feed;
  const rest = [
    ...(skip && skip.hours.length > 0 ? [`${skip.hours.map((hour) => `${hour}:00`).join(', ')} UTC`] : []),
    ...(skip?.days ?? []).map((day) => dayNames[day] ?? ''),
  ];
  const facts = [
    ['format', format],
    ['language', language],
    ['hub', hub && `${hub.url} for ${hub.topic}`],
    ['stays', ttlMs && `${Math.round(ttlMs / 60_000)} min as it is`],
    ['not read', rest.length > 0 && rest.join(', ')],
    ['items', `${feed.items.length}${items.length < feed.items.length ? `, of which the newest ${items.length}` : ''}`],
  ];
  const warnings = feed.warnings.length > 0 ? ['', 'Warnings:', ...feed.warnings.map((warning) => `- ${warning}`)] : [];
  return [
    title ?? 'A feed without a title',
    rows(facts),
    ...items.flatMap((item) => ['', describe(item, full)]),
    ...warnings,
  ].join('\n');
}

function describe({ key, draft, updatedAt, isTeaser }: FeedItem, full: boolean): string {
  const length = draft.paragraphs.reduce((sum, paragraph) => sum + paragraph.length, 0);
  const paragraphs = `${draft.paragraphs.length} ${draft.paragraphs.length === 1 ? 'paragraph' : 'paragraphs'}`;
  const facts = [
    ['key', key],
    ['date', draft.publishedAt],
    ['updated', updatedAt],
    ['url', draft.url],
    ['image', draft.images.map(({ url }) => url).join(' ')],
    ['by', [draft.byline, draft.agency].filter(Boolean).join(', ')],
    ['teaser', isTeaser || full ? draft.teaser : undefined],
    ['text', `${isTeaser ? 'teaser' : 'full'}: ${paragraphs}, ${length} characters`],
  ];
  return [draft.title, rows(facts), ...(full ? draft.paragraphs.map((paragraph) => `  ${paragraph}`) : [])].join('\n');
}

/** Those that are known, a line each. */
function rows(facts: (string | number | false | undefined)[][]): string {
  return table(
    facts
      .filter(([, value]) => value !== undefined && value !== '' && value !== false && value !== 0)
      .map(([name, value]) => [`  ${name}`, String(value)]),
  );
}
