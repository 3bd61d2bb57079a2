import { DetectError, ParseError } from 'feedsmith';
import { InputError } from '../core/errors.ts';
import { normaliseText } from '../text/normalise.ts';
import type { ArticleDraft } from './draft.ts';
import { toFeedArticle } from './feed-article.ts';
import { readAtomEntry, readAtomHead } from './feed-atom.ts';
import { decodeFeed } from './feed-encoding.ts';
import type { FeedEntry, FeedHead } from './feed-entry.ts';
import { outlineJsonFeed, readJsonEntry, readJsonHead } from './feed-json.ts';
import { homeOf, keysOf, pageOf } from './feed-key.ts';
import { newestOf, oldestFirst } from './feed-order.ts';
import { outlineFeed } from './feed-outline.ts';
import { maxFeedBytes } from './feed-request.ts';
import { readRssEntry, readRssHead } from './feed-rss.ts';
import { withoutStraySigns } from './feed-strange.ts';
import { readFeedLine } from './feed-text.ts';

/** One entry of a feed. */
export interface FeedItem {
  /** The same for every version of this entry, and for no other of the feed: guid/id where it is unique, else its address, else a hash of what it says. */
  key: string;
  /** The article as the feed gives it, cleaned as the other sources do. Without an address where that is another entry's, or the site's. */
  draft: ArticleDraft;
  /** ISO 8601. */
  updatedAt?: string;
  /** The feed gives only a teaser: the story stands on its page. */
  isTeaser: boolean;
}

/** A feed of any dialect, read. */
export interface Feed {
  /** `rss 2.0`, `atom 1.0`, `rdf 1.0`, `json 1.1` … */
  format: string;
  title?: string;
  language?: string;
  /** Oldest first where they have dates; those without keep their places in the feed's order reversed: feeds go newest first. */
  items: FeedItem[];
  /** WebSub: where to subscribe, and to what. */
  hub?: { url: string; topic: string };
  /** How long the feed says it stays as it is (milliseconds). */
  ttlMs?: number;
  /** UTC hours (0 to 23) and week days (0 is Sunday) in which it asks not to be read. */
  skip?: { hours: number[]; days: number[] };
  /** Items that could not be used, and other things people should know, in words. */
  warnings: string[];
}

/** Where a feed's bytes came from. */
export interface FeedOrigin {
  /** For messages: an address or a file's name. */
  name: string;
  /** Its address after redirects: what is relative in it is relative to this. */
  url?: string;
  /** From the HTTP header. */
  contentType?: string;
  charset?: string;
}

/** Of larger feeds, so many of the newest items are read. */
const maxItems = 1_000;
/** One item may be this large (characters), pictures inlined in it and all. */
const maxItem = 4 * 1024 * 1024;
const maxWarnings = 50;

/** Reads entries one by one, whatever the dialect. */
interface Reader {
  format: string;
  head: FeedHead;
  /** Each entry by itself. */
  sources: unknown[];
  read(source: unknown): FeedEntry | undefined;
  warnings: string[];
}

/**
 * Reads a feed: RSS 0.90 to 2.0, RDF, Atom 0.3 and 1.0, JSON Feed, in any encoding. Throws `InputError` naming what is
 * wrong: `empty`, `too-large`, `too-many`, `binary`, `unknown-encoding`, `not-a-feed`, `bad-xml`, `bad-json`.
 */
export function readFeed(bytes: Uint8Array, about: FeedOrigin): Feed {
  const { name } = about;
  if (bytes.length > maxFeedBytes) {
    throw new InputError(`${name} has ${bytes.length} bytes; a feed may have 16 MB (${maxFeedBytes}).`, {
      code: 'too-large',
      status: 413,
    });
  }
  const decoded = decodeFeed(bytes, about);
  const text = decoded.text.replace(/[^\P{Cc}\t\n\r]/gu, ' ').trim();
  if (text === '') throw new InputError(`${name} is empty.`, { code: 'empty', status: 422 });
  const reader = openReader(text, about);
  const warnings = [...decoded.warnings, ...reader.warnings, ...reader.head.warnings];
  const items = readItems(reader, about, warnings);
  const { head, format } = reader;
  const title = readFeedLine(head.title);
  const language = normaliseText(head.language ?? '');
  return {
    format,
    ...(title === '' ? {} : { title }),
    ...(language === '' ? {} : { language }),
    items,
    ...(head.hub ? { hub: head.hub } : {}),
    ...(head.ttlMs === undefined ? {} : { ttlMs: head.ttlMs }),
    ...(head.skip ? { skip: head.skip } : {}),
    warnings: bounded(warnings),
  };
}

function openReader(text: string, { name, url }: FeedOrigin): Reader {
  if (/^[{[]/.test(text)) {
    const outline = outlineJsonFeed(text, name);
    const head = readJsonHead(outline, url);
    return { format: outline.format, head, sources: outline.items, read: readJsonEntry, warnings: [] };
  }
  const outline = outlineFeed(text, name);
  const readHead = outline.kind === 'atom' ? readAtomHead : readRssHead;
  const readEntry = outline.kind === 'atom' ? readAtomEntry : readRssEntry;
  return {
    format: outline.format,
    head: ofParser(name, () => readHead(outline, url)) ?? { authors: [], warnings: [] },
    sources: outline.items,
    read: (source) => readXmlEntry(source as string, (xml) => readEntry(outline, xml)),
    warnings: outline.warnings,
  };
}

/** Where an item is broken, once more with what can be mended. */
function readXmlEntry(xml: string, read: (xml: string) => FeedEntry | undefined): FeedEntry | undefined {
  try {
    return ofParser('It', () => read(xml));
  } catch (error) {
    const mended = withoutStraySigns(xml);
    if (mended === xml) throw error;
    return ofParser('It', () => read(mended));
  }
}

/** What the parser does not take, in our words; undefined for a document in which it finds nothing that it knows. */
function ofParser<T>(name: string, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof InputError) throw error;
    if (error instanceof ParseError || error instanceof DetectError) return undefined;
    const { message } = ((error as Error).cause ?? error) as Error;
    const why = /nested/i.test(message)
      ? 'its elements are nested too deeply'
      : message.replace(/\.$/, '').slice(0, 200);
    throw new InputError(`${name} is broken XML: ${why}.`, { code: 'bad-xml', status: 422, cause: error });
  }
}

interface Found {
  /** Counted from 1 in the feed. */
  place: number;
  id: string | undefined;
  draft: ArticleDraft;
  updatedAt?: string;
  isTeaser: boolean;
}

function readItems({ sources, read, head }: Reader, { name }: FeedOrigin, warnings: string[]): FeedItem[] {
  const entries: { place: number; entry: FeedEntry }[] = [];
  for (const [index, source] of sources.entries()) {
    const place = index + 1;
    const entry = readEntry(source, place, read, warnings);
    if (entry) entries.push({ place, entry });
  }
  if (entries.length > maxItems) {
    warnings.push(`It has ${entries.length} items; the newest ${maxItems} were read.`);
  }
  const found: Found[] = [];
  for (const { place, entry } of newestOf(entries, maxItems)) {
    const article = toFeedArticle(entry, head, `Item ${place} of ${name}`);
    if (!article) warnings.push(`Item ${place} has neither a title nor text, and was left out.`);
    else {
      warnings.push(...article.warnings.map((warning) => `Item ${place}: ${warning}.`));
      const { draft, updatedAt, isTeaser } = article;
      found.push({ place, id: entry.id, draft, ...(updatedAt ? { updatedAt } : {}), isTeaser });
    }
  }
  if (sources.length === 0) warnings.push('It has no items.');
  return keyed(found, head, warnings);
}

function readEntry(source: unknown, place: number, read: Reader['read'], warnings: string[]): FeedEntry | undefined {
  if (typeof source === 'string' && source.length > maxItem) {
    warnings.push(`Item ${place} has ${source.length} characters, more than ${maxItem}, and was left out.`);
    return undefined;
  }
  try {
    const entry = read(source);
    if (!entry) warnings.push(`Item ${place} has nothing in it, and was left out.`);
    return entry;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    warnings.push(`Item ${place} was left out: ${error.message}`);
    return undefined;
  }
}

/** Items with their keys, each once, in order. */
function keyed(found: Found[], head: FeedHead, warnings: string[]): FeedItem[] {
  const home = homeOf(head.link);
  const keys = keysOf(found, home);
  const latest = new Map<string, Found>();
  for (const item of found) {
    const key = keys.get(item) as string;
    const known = latest.get(key);
    if (known) warnings.push(`Items ${known.place} and ${item.place} are the same entry; the newer was taken.`);
    // In the place of the first, for the order to be the feed's.
    latest.set(key, known && timeOf(known) >= timeOf(item) ? known : item);
  }
  const items = [...latest].map(([key, { draft, updatedAt, isTeaser }]) => ({
    key,
    draft,
    ...(updatedAt ? { updatedAt } : {}),
    isTeaser,
  }));
  return withOwnAddresses(oldestFirst(items), home, warnings);
}

/**
 * An address stands for one story: that of the site, or of a page with many stories, would make them all the same one. It
 * stays with the oldest, which had it before the others came.
 */
function withOwnAddresses(items: FeedItem[], home: string | undefined, warnings: string[]): FeedItem[] {
  const stories = new Map<string, string>();
  const told = new Set<string>();
  return items.map((item) => {
    const { url, ...rest } = item.draft;
    if (url === undefined) return item;
    const page = pageOf(url);
    const title = stories.get(page) ?? item.draft.title;
    stories.set(page, title);
    if (page !== home && title === item.draft.title) return item;
    if (!told.has(page)) {
      const whose = page === home ? "the site's, not a story's" : "another story's too";
      warnings.push(`${url} is ${whose}: what points to it goes without a link.`);
    }
    told.add(page);
    return { ...item, draft: rest, isTeaser: false };
  });
}

/** When an item was changed last; 0 where it does not say. */
function timeOf({ updatedAt, draft }: Pick<Found, 'updatedAt' | 'draft'>): number {
  return Date.parse(updatedAt ?? draft.publishedAt ?? '') || 0;
}

/** Those that say the same of many items are told once. */
function bounded(all: string[]): string[] {
  const bySaying = new Map<string, { first: string; count: number }>();
  for (const warning of all) {
    const saying = warning.replace(/^Item \d+/, 'Item');
    const known = bySaying.get(saying);
    if (known) known.count += 1;
    else bySaying.set(saying, { first: warning, count: 1 });
  }
  const told = [...bySaying.values()].map(({ first, count }) =>
    count === 1 ? first : `${first.replace(/\.$/, '')} (so in ${count} items).`,
  );
  return told.length <= maxWarnings
    ? told
    : [...told.slice(0, maxWarnings), `… and ${told.length - maxWarnings} more.`];
}
