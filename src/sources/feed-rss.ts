import { parseRdfFeed, parseRssFeed, type RdfFeed, type RssFeed } from 'feedsmith';
import { either, type FeedEntry, type FeedHead, html, hubOf, plain, ttlOf, webAddress } from './feed-entry.ts';
import {
  enclosedMedia,
  enclosedPictures,
  mediaDescription,
  mediaPicture,
  mediaThumbnail,
  mediaTitle,
} from './feed-media.ts';
import type { FeedOutline } from './feed-outline.ts';
import { originalLink, strangeLink, strangePicture, strangeText } from './feed-strange.ts';

/** RDF has some of what RSS has, and names its items by an attribute. */
type Item = Partial<RssFeed.Item<string>> & Pick<RdfFeed.Item<string>, 'rdf'>;
type Channel = Omit<Partial<RssFeed.Feed<string>>, 'items'> & { items?: Item[] };

function parse({ kind }: Pick<FeedOutline, 'kind'>, xml: string): Channel {
  return kind === 'rdf' ? (parseRdfFeed(xml) as Channel) : (parseRssFeed(xml) as Channel);
}

/** What an RSS or RDF feed says of itself. */
export function readRssHead(outline: FeedOutline, url: string | undefined): FeedHead {
  const feed = parse(outline, outline.head);
  const declared = webAddress(feed.xml?.base, url);
  const site = webAddress(feed.link ?? linkOf(feed.atom?.links, 'alternate'), declared ?? url);
  const base = declared ?? site ?? url;
  const hub = linkOf(feed.atom?.links, 'hub');
  return {
    title: either(feed.title ?? feed.dc?.titles?.[0]),
    language: feed.language ?? feed.dc?.languages?.[0] ?? feed.xml?.lang,
    link: site,
    base,
    authors: [],
    hub: hubOf(hub, linkOf(feed.atom?.links, 'self'), { url, base }),
    ttlMs: ttlOf(feed.ttl, feed.sy),
    skip: skipIn(outline.head),
    warnings: [],
  };
}

function linkOf(links: readonly { rel?: string; href?: string }[] | undefined, rel: string): string | undefined {
  return links?.find((link) => (link.rel ?? 'alternate').toLowerCase() === rel)?.href;
}

const dayNames = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** Hours and days of rest; taken from the text itself, for the library reads no list of one. */
function skipIn(head: string): FeedHead['skip'] {
  const list = (name: string, entry: string) => {
    const inner = head.match(new RegExp(`<${name}\\b[^>]{0,200}>([^]{0,4000}?)</${name}\\s*>`, 'i'))?.[1] ?? '';
    return [...inner.matchAll(new RegExp(`<${entry}\\b[^>]{0,200}>\\s{0,50}([\\w-]{1,20})\\s{0,50}<`, 'gi'))].map(
      ([, value]) => value ?? '',
    );
  };
  const hours = list('skipHours', 'hour')
    .map(Number)
    .filter((hour) => Number.isInteger(hour) && hour >= 0 && hour <= 24)
    .map((hour) => hour % 24);
  const days = list('skipDays', 'day')
    .map((day) => dayNames.findIndex((name) => day.length >= 3 && name.startsWith(day.toLowerCase())))
    .filter((day) => day >= 0);
  if (hours.length === 0 && days.length === 0) return undefined;
  const sorted = (list: number[]) => [...new Set(list)].sort((one, other) => one - other);
  return { hours: sorted(hours), days: sorted(days) };
}

/** An item of an RSS or RDF feed; undefined where it has nothing in it. */
export function readRssEntry(outline: FeedOutline, xml: string): FeedEntry | undefined {
  const item = parse(outline, outline.wrap(xml)).items?.[0];
  if (!item) return undefined;
  const { atom, dc, dcterms, media, itunes, prism } = item;
  const guid = item.guid?.value;
  const isAddress =
    item.guid?.isPermaLink === true || (item.guid?.isPermaLink !== false && /^https?:/i.test(guid ?? ''));
  const about = outline.kind === 'rdf' ? item.rdf?.about : undefined;
  return {
    id: guid ?? about ?? dc?.identifiers?.[0] ?? atom?.id,
    addresses: [
      originalLink(xml),
      item.link,
      linkOf(atom?.links, 'alternate'),
      isAddress ? guid : undefined,
      about,
      strangeLink(xml),
    ],
    media: enclosedMedia(item.enclosures) ?? enclosedMedia(media?.contents),
    base: item.xml?.base,
    titles: [
      either(item.title),
      either(atom?.title?.value),
      either(dc?.titles?.[0]),
      either(mediaTitle(media)),
      either(itunes?.title),
    ],
    contents: [html(item.content?.encoded), either(atom?.content?.value), either(strangeText(xml))],
    summaries: [
      either(item.description),
      either(atom?.summary?.value),
      either(dc?.descriptions?.[0]),
      either(dcterms?.abstracts?.[0]),
      either(mediaDescription(media)),
      either(itunes?.summary),
      plain(itunes?.subtitle),
    ],
    authors: authorsOf(item),
    source: item.source?.title,
    tags: [
      ...(item.categories ?? []).map(({ name }) => name),
      ...(dc?.subjects ?? []),
      ...(media?.keywords ?? []),
      ...(itunes?.keywords ?? []),
    ].filter((tag) => tag !== undefined),
    section: item.slash?.section ?? prism?.section,
    language: item.xml?.lang ?? dc?.languages?.[0],
    published: [
      item.pubDate,
      dc?.dates?.[0],
      dcterms?.issued?.[0],
      dcterms?.created?.[0],
      dcterms?.available?.[0],
      prism?.publicationDates?.[0],
      atom?.published,
      atom?.updated,
    ],
    updated: [dcterms?.modified?.[0], atom?.updated, prism?.modificationDate],
    pictures: [
      mediaPicture(media),
      enclosedPictures(item.enclosures),
      strangePicture(xml),
      mediaThumbnail(media),
      itunes?.image ? [{ url: itunes.image }] : [],
    ],
  };
}

/** Names alone: an address for letters is no byline. */
function authorsOf({ authors, dc, itunes, atom }: Item): string[] {
  const sets = [
    dc?.creators ?? [],
    (authors ?? []).map(({ name }) => name),
    [itunes?.author],
    (atom?.authors ?? []).map(({ name }) => name),
  ];
  return sets.map((names) => names.filter((name) => name !== undefined)).find((names) => names.length > 0) ?? [];
}
