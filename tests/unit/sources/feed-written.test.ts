import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFeed } from '../../../src/sources/feed.ts';

/** Feeds written here in several dialects give back what was put in. */

interface Story {
  title: string;
  paragraphs: string[];
  /** Days since the first of January; undefined for stories without a date. */
  day: number | undefined;
  tags: string[];
}

const words = fc.constantFrom(
  ...'افتتاح المدينة النهر الجسور مدرسة القرية الوزير البلدية السوق أعلنت حديقة الشتاء'.split(' '),
  ...'harbour bridge council river village library winter school market valley Damascus SY24'.split(' '),
);
/** What dialects escape, and what quotes and counts. */
const signs = fc.constantFrom(
  '&',
  '<',
  '>',
  '"',
  "'",
  ']]>',
  '<![CDATA[',
  '“نعم”',
  '«لا»',
  '5%',
  '٢٠٢٦',
  'a<b',
  'R&D',
  '–',
  '😀',
);
const phrase = (least: number) =>
  fc
    .tuple(fc.array(words, { minLength: least, maxLength: 9 }), fc.array(fc.tuple(fc.nat(8), signs), { maxLength: 3 }))
    .map(([said, put]) => {
      const all = [...said];
      for (const [at, sign] of put) all.splice(1 + (at % all.length), 0, sign);
      return all.join(' ');
    });
const story: fc.Arbitrary<Story> = fc.record({
  title: phrase(3).map((text) => text.trim()),
  paragraphs: fc.array(
    phrase(6).map((text) => `${text} today.`),
    { minLength: 1, maxLength: 4 },
  ),
  day: fc.option(fc.nat(300), { nil: undefined }),
  tags: fc.uniqueArray(words, { maxLength: 3 }),
});

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
const cdata = (text: string) => `<![CDATA[${text.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`;
const htmlOf = ({ paragraphs }: Story) => paragraphs.map((paragraph) => `<p>${escaped(paragraph)}</p>`).join('\n');
const date = (day: number) => new Date(Date.UTC(2026, 0, 1) + day * 86_400_000);
const iso = (day: number) => date(day).toISOString().replace('.000', '');
const urlOf = (at: number) => `https://news.example/story/${at}?a=1&b=2`;

/** A dialect writes all stories, which are given newest first, as one document. */
const dialects: Record<string, (stories: Story[]) => string> = {
  'RSS 2.0 with CDATA': (stories) =>
    rss(stories, (one, at) => [
      `<title>${cdata(escaped(one.title))}</title><link>${escaped(urlOf(at))}</link>`,
      `<guid isPermaLink="false">g-${at}</guid><content:encoded>${cdata(htmlOf(one))}</content:encoded>`,
      one.day === undefined ? '' : `<pubDate>${date(one.day).toUTCString()}</pubDate>`,
      ...one.tags.map((tag) => `<category>${cdata(tag)}</category>`),
    ]),
  'RSS 2.0 with entities': (stories) =>
    rss(stories, (one, at) => [
      `<title>${escaped(escaped(one.title))}</title><link>${escaped(urlOf(at))}</link>`,
      `<content:encoded>${escaped(htmlOf(one))}</content:encoded>`,
      one.day === undefined ? '' : `<dc:date>${iso(one.day)}</dc:date>`,
      ...one.tags.map((tag) => `<dc:subject>${escaped(tag)}</dc:subject>`),
    ]),
  'RSS 1.0': (stories) => {
    const items = stories.map(
      (one, at) => `<item rdf:about="${escaped(urlOf(at))}"><title>${escaped(escaped(one.title))}</title>
        <link>${escaped(urlOf(at))}</link><content:encoded>${cdata(htmlOf(one))}</content:encoded>
        ${one.day === undefined ? '' : `<dc:date>${iso(one.day)}</dc:date>`}
        ${one.tags.map((tag) => `<dc:subject>${escaped(tag)}</dc:subject>`).join('')}</item>`,
    );
    return `<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" ${modules}>
      <channel rdf:about="https://news.example/"><title>Written</title><link>https://news.example/</link></channel>${items.join('')}</rdf:RDF>`;
  },
  'Atom with HTML': (stories) =>
    atom(stories, (one) => [
      `<title type="html">${escaped(escaped(one.title))}</title><content type="html">${escaped(htmlOf(one))}</content>`,
    ]),
  'Atom with XHTML': (stories) =>
    atom(stories, (one) => [
      `<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">${escaped(one.title)}</div></title>`,
      `<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">${htmlOf(one)}</div></content>`,
    ]),
  'Atom with plain text': (stories) =>
    atom(stories, (one) => [
      `<title>${escaped(one.title)}</title><content type="text">${escaped(one.paragraphs.join('\n\n'))}</content>`,
    ]),
  'JSON Feed': (stories) =>
    JSON.stringify({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'Written',
      items: stories.map((one, at) => ({
        id: `g-${at}`,
        url: urlOf(at),
        title: one.title,
        ...(at % 2 === 0 ? { content_text: one.paragraphs.join('\n\n') } : { content_html: htmlOf(one) }),
        ...(one.day === undefined ? {} : { date_published: iso(one.day) }),
        tags: one.tags,
      })),
    }),
};
const modules = 'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"';

function rss(stories: Story[], write: (one: Story, at: number) => string[]): string {
  const items = stories.map((one, at) => `<item>${write(one, at).join('')}</item>`).join('\n');
  return `<?xml version="1.0"?><rss version="2.0" ${modules}><channel><title>Written</title><link>https://news.example/</link>${items}</channel></rss>`;
}

function atom(stories: Story[], write: (one: Story) => string[]): string {
  const entries = stories.map(
    (one, at) => `<entry>${write(one).join('')}<id>urn:x:g-${at}</id><link href="${escaped(urlOf(at))}"/>
      ${one.day === undefined ? '' : `<published>${iso(one.day)}</published>`}
      ${one.tags.map((tag) => `<category term="${escaped(tag)}"/>`).join('')}</entry>`,
  );
  return `<feed xmlns="http://www.w3.org/2005/Atom"><title>Written</title><id>urn:x</id>${entries.join('')}</feed>`;
}

/** All with dates or none; those with dates newest first. */
const stories = fc
  .tuple(fc.array(story, { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([all, dated]) =>
    dated
      ? all
          .map((one, at) => ({ ...one, day: (one.day ?? 0) + 1_000 - at * 301 }))
          .toSorted((one, other) => other.day - one.day)
      : all.map((one) => ({ ...one, day: undefined })),
  );

describe('a feed that is written and read', () => {
  it.each(Object.entries(dialects))('has the same items in the same order, with their texts intact: %s', (_, write) => {
    fc.assert(
      fc.property(stories, (given) => {
        const { items, warnings } = readFeed(Buffer.from(write(given)), { name: 'written' });
        const read = items.map(({ draft }) => ({
          title: draft.title,
          paragraphs: draft.paragraphs,
          url: draft.url,
          tags: draft.tags,
          publishedAt: draft.publishedAt,
        }));
        const put = given.map((one, at) => ({
          title: one.title,
          paragraphs: one.paragraphs,
          url: urlOf(at),
          tags: one.tags,
          publishedAt: one.day === undefined ? undefined : iso(one.day),
        }));
        expect(read).toEqual(put.toReversed());
        expect(items.every(({ isTeaser }) => !isTeaser)).toBe(true);
        expect(new Set(items.map(({ key }) => key)).size).toBe(given.length);
        expect(warnings).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});
