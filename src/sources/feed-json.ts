import { parseJsonFeed } from 'feedsmith';
import { InputError } from '../core/errors.ts';
import { either, type FeedEntry, type FeedHead, html, hubOf, plain, webAddress } from './feed-entry.ts';
import { enclosedMedia, enclosedPictures } from './feed-media.ts';

/** A JSON Feed (jsonfeed.org, 1.0 and 1.1) cut into head and items. */
export interface JsonOutline {
  format: string;
  head: Record<string, unknown>;
  items: unknown[];
}

/** Throws `InputError` (`bad-json`, `not-a-feed`). */
export function outlineJsonFeed(text: string, name: string): JsonOutline {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    const reason = (error as Error).message.replace(/ in JSON at position.*$|, ".*$/s, '');
    throw new InputError(`${name} is not valid JSON (${reason}); perhaps it is cut off.`, {
      code: 'bad-json',
      status: 422,
      cause: error,
    });
  }
  const head = (typeof json === 'object' && json !== null && !Array.isArray(json) ? json : {}) as Record<
    string,
    unknown
  >;
  const version = typeof head.version === 'string' ? head.version : '';
  const items = head.items;
  const claims = /jsonfeed\.org\/version\//i.test(version);
  if (!Array.isArray(items) || !(claims || typeof head.title === 'string')) {
    throw new InputError(
      `${name} is JSON, but no feed: expected a JSON Feed with "version", "title" and a list of "items".`,
      { code: 'not-a-feed', status: 422 },
    );
  }
  const number = version.match(/version\/(\d+(?:\.\d+)?)/i)?.[1];
  return {
    format: `json ${number === undefined ? '1.1' : number.includes('.') ? number : `${number}.0`}`,
    head,
    items,
  };
}

const version = 'https://jsonfeed.org/version/1.1';

/** What a JSON Feed says of itself. */
export function readJsonHead({ head }: JsonOutline, url: string | undefined): FeedHead {
  const feed = parseJsonFeed({ ...head, items: [], version });
  const self = webAddress(feed.feed_url, url);
  const link = webAddress(feed.home_page_url, self ?? url);
  const hub = feed.hubs?.find(({ type }) => /^websub$/i.test(type ?? ''))?.url;
  const base = link ?? self ?? url;
  return {
    title: plain(feed.title),
    language: feed.language,
    link,
    base,
    authors: namesOf(feed.authors),
    hub: hubOf(hub, feed.feed_url, { url, base }),
    warnings: feed.expired ? ['The feed says that it is finished: nothing more will come.'] : [],
  };
}

function namesOf(people: readonly { name?: string }[] | undefined): string[] {
  return (people ?? []).map(({ name }) => name).filter((name) => name !== undefined);
}

/** An item of a JSON Feed; undefined where it has nothing in it. */
export function readJsonEntry(given: unknown): FeedEntry | undefined {
  const item = parseJsonFeed({ version, title: 'one', items: [given] }).items?.[0];
  if (!item) return undefined;
  const attachments = (item.attachments ?? []).map(({ url, mime_type }) => ({
    ...(url ? { url } : {}),
    ...(mime_type ? { type: mime_type } : {}),
  }));
  return {
    id: item.id,
    addresses: [item.url, /^https?:/i.test(item.id ?? '') ? item.id : undefined, item.external_url],
    media: enclosedMedia(attachments),
    titles: [either(item.title)],
    contents: [html(item.content_html), plain(item.content_text)],
    summaries: [plain(item.summary)],
    authors: namesOf(item.authors),
    tags: item.tags ?? [],
    language: item.language,
    published: [item.date_published, item.date_modified],
    updated: [item.date_modified],
    pictures: [
      item.image ? [{ url: item.image }] : [],
      item.banner_image ? [{ url: item.banner_image }] : [],
      enclosedPictures(attachments),
    ],
  };
}
