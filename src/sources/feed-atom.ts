import { parseAtomFeed } from 'feedsmith';
import { type FeedEntry, type FeedHead, type FeedWords, hubOf, ttlOf, webAddress } from './feed-entry.ts';
import {
  enclosedMedia,
  enclosedPictures,
  mediaDescription,
  mediaPicture,
  mediaThumbnail,
  mediaTitle,
} from './feed-media.ts';
import type { FeedOutline } from './feed-outline.ts';
import { originalLink } from './feed-strange.ts';

type AtomFeed = ReturnType<typeof parseAtomFeed>;
type Entry = NonNullable<AtomFeed['entries']>[number];
type Link = NonNullable<Entry['links']>[number];
type AtomText = NonNullable<Entry['content']>;

/** What an Atom feed says of itself. */
export function readAtomHead(outline: FeedOutline, url: string | undefined): FeedHead {
  const feed = parseAtomFeed(outline.head);
  const declared = webAddress(feed.xml?.base, url);
  const link = webAddress(pageOf(feed.links), declared ?? url);
  const base = declared ?? url ?? link;
  return {
    title: wordsOf(feed.title),
    language: feed.xml?.lang ?? feed.dc?.languages?.[0],
    link,
    base,
    authors: namesOf(feed.authors),
    hub: hubOf(hrefOf(feed.links, 'hub'), hrefOf(feed.links, 'self'), { url, base: declared }),
    ttlMs: ttlOf(undefined, feed.sy),
    warnings: [],
  };
}

function hrefOf(links: readonly Link[] | undefined, rel: string): string | undefined {
  return links?.find((link) => link.rel?.toLowerCase() === rel)?.href;
}

/** The page among an entry's links. */
function pageOf(links: readonly Link[] | undefined): string | undefined {
  const pages = links?.filter(({ rel }) => rel === undefined || /^(?:alternate|.*\/alternate)$/i.test(rel)) ?? [];
  return (pages.find(({ type }) => type === undefined || /html/i.test(type)) ?? pages[0])?.href;
}

function namesOf(people: readonly { name?: string }[] | undefined): string[] {
  return (people ?? []).map(({ name }) => name).filter((name) => name !== undefined);
}

/** A text construct (RFC 4287, 3.1; Atom 0.3 has media types in its place). What is neither text nor HTML is nothing. */
function wordsOf(text: Pick<AtomText, 'value' | 'type' | 'xml'> | undefined): FeedWords | undefined {
  if (text?.value === undefined) return undefined;
  const type = text.type?.trim().toLowerCase() ?? 'text';
  if (/^(?:x?html|text\/html|application\/xhtml\+xml)$/.test(type)) {
    return { text: text.value, form: 'html', base: text.xml?.base };
  }
  // Many that say "text", or nothing, write HTML.
  return /^(?:text|text\/plain)$/.test(type) ? { text: text.value, form: 'either', base: text.xml?.base } : undefined;
}

/** An entry of an Atom feed; undefined where it has nothing in it. */
export function readAtomEntry(outline: FeedOutline, xml: string): FeedEntry | undefined {
  const entry = parseAtomFeed(outline.wrap(xml)).entries?.[0];
  if (!entry) return undefined;
  const { media, dc, dcterms, itunes } = entry;
  const enclosures = (entry.links ?? [])
    .filter(({ rel }) => rel?.toLowerCase() === 'enclosure')
    .map(({ href, type }) => ({ ...(href ? { url: href } : {}), ...(type ? { type } : {}) }));
  const authors = [dc?.creators ?? [], namesOf(entry.authors), namesOf(entry.source?.authors)];
  return {
    id: entry.id,
    addresses: [
      originalLink(xml),
      pageOf(entry.links),
      entry.content?.src,
      /^https?:/i.test(entry.id ?? '') ? entry.id : undefined,
      hrefOf(entry.links, 'related') ?? hrefOf(entry.links, 'via'),
    ],
    media: enclosedMedia(enclosures) ?? enclosedMedia(media?.contents),
    base: entry.xml?.base,
    titles: [wordsOf(entry.title), wordsOf(dc?.titles?.[0] ? { value: dc.titles[0] } : undefined), titleOf(media)],
    contents: [wordsOf(entry.content)],
    summaries: [
      wordsOf(entry.summary),
      wordsOf({ ...(dc?.descriptions?.[0] ? { value: dc.descriptions[0] } : {}) }),
      wordsOf({ ...(mediaDescription(media) ? { value: mediaDescription(media) as string } : {}) }),
      wordsOf({ ...(itunes?.summary ? { value: itunes.summary } : {}) }),
    ],
    authors: authors.find((names) => names.length > 0) ?? [],
    source: entry.source?.title?.value,
    tags: [...(entry.categories ?? []).map(({ label, term }) => label ?? term), ...(dc?.subjects ?? [])].filter(
      (tag) => tag !== undefined,
    ),
    section: entry.slash?.section,
    language: entry.content?.xml?.lang ?? entry.xml?.lang ?? dc?.languages?.[0],
    published: [entry.published, dc?.dates?.[0], dcterms?.issued?.[0], entry.updated],
    updated: [entry.updated, dcterms?.modified?.[0]],
    pictures: [
      mediaPicture(media),
      enclosedPictures(enclosures),
      mediaThumbnail(media),
      itunes?.image ? [{ url: itunes.image }] : [],
    ],
  };
}

function titleOf(media: Entry['media']): FeedWords | undefined {
  const title = mediaTitle(media);
  return title === undefined ? undefined : { text: title, form: 'either' };
}
