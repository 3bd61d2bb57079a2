import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.ts';
import { type Feed, readFeed } from '../../../src/sources/feed.ts';

/** What feeds of all dialects yield. */

const folder = join(import.meta.dirname, '../../fixtures/feeds');
const files = readdirSync(folder).filter((name) => name !== 'expected.json');
/** By file: all that it yields, read from `https://feeds.example/FILE`. */
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<string, Feed>;
const sample = (file: string) => readFileSync(join(folder, file));
const read = (bytes: Uint8Array | string, about = {}) =>
  readFeed(typeof bytes === 'string' ? Buffer.from(bytes) : bytes, { name: 'the feed', ...about });
const rss = (items: string, before = '') =>
  `<?xml version="1.0"?>${before}<rss version="2.0"><channel><title>Test</title><link>https://e.example/</link>${items}</channel></rss>`;

describe('a feed', () => {
  it('has its expected result beside it', () => {
    expect(Object.keys(expected).sort()).toEqual(files.sort());
    expect(files.length).toBeGreaterThan(45);
  });

  it.each(files)('yields all its items as they are: %s', (file) => {
    expect(read(sample(file), { name: file, url: `https://feeds.example/${file}` })).toEqual(expected[file]);
  });

  it('is read in the encoding of the HTTP header where it names none itself', () => {
    const text = rss('<item><title>عودة المياه إلى الأحياء</title></item>').replace(
      '?xml version="1.0"',
      '?xml version="1.0" ',
    );
    const bytes = Buffer.from([...text].map((char) => arabic1256(char)));
    for (const charset of ['windows-1256', 'cp1256', 'CP-1256']) {
      const feed = read(bytes, { charset });
      expect(feed.items[0]?.draft.title).toBe('عودة المياه إلى الأحياء');
      expect(feed.warnings).toEqual([]);
    }
    // A server that sends its default.
    expect(read(bytes, { charset: 'iso-8859-1' })).toMatchObject({
      items: [{ draft: { title: 'عودة المياه إلى الأحياء' } }],
      warnings: ['It says iso-8859-1, and is windows-1256.'],
    });
  });

  it('resolves what is relative by its own address where nothing else is told', () => {
    const item = '<item><title>One</title><link>a/1.html</link></item>';
    const feed = `<rss version="2.0"><channel><title>T</title>${item}</channel></rss>`;
    expect(read(feed, { url: 'https://x.example/feeds/rss' }).items[0]?.draft.url).toBe(
      'https://x.example/feeds/a/1.html',
    );
    expect(read(feed).items[0]?.draft.url).toBeUndefined();
  });
});

/** The few letters of the test in Windows-1256. */
function arabic1256(char: string): number {
  const code = char.charCodeAt(0);
  if (code < 128) return code;
  const decoder = new TextDecoder('windows-1256');
  return (
    Array.from({ length: 128 }, (_, high) => high + 128).find((byte) => decoder.decode(Uint8Array.of(byte)) === char) ??
    63
  );
}

const story = (words: string, more = '') =>
  `<item><title>Story</title><link>https://e.example/story</link>${words}${more}</item>`;
const only = (feed: string) => read(feed).items[0] as Feed['items'][number];

describe('a key', () => {
  const keyOf = (guid: string) =>
    only(rss(`<item><title>One</title><guid isPermaLink="false">${guid}</guid></item>`)).key;

  it.each([
    ['HTTP://News.Example/A', 'https://news.example/a'],
    ['{3F2504E0-4F89-11D3-9A0C-0305E82C3301}', '{3f2504e0-4f89-11d3-9a0c-0305e82c3301}'],
    ['https://n.example/%D8%B9%D8%A7%D8%AC%D9%84', 'https://n.example/%d8%b9%d8%a7%d8%ac%d9%84'],
    ['https://n.example/عاجل', 'https://n.example/%D8%B9%D8%A7%D8%AC%D9%84'],
    ['News-123', 'NEWS-123'],
  ])('is the same however it is spelt: %s', (one, other) => {
    expect(keyOf(one)).toBe(keyOf(other));
  });

  it('is another for codes that differ in case alone', () => {
    expect(keyOf('v:dQw4w9WgXcQ')).not.toBe(keyOf('v:DQw4w9WgXcQ'));
  });

  it('stays when newer items come, and when the words change', () => {
    const items = [1, 2, 3].map((n) => `<item><title>Item ${n}</title><pubDate>2026-05-0${n}</pubDate></item>`);
    const keys = (feed: string) => read(feed).items.map(({ key }) => key);
    const all = keys(rss(items.toReversed().join('')));
    expect(keys(rss(items.slice(0, 2).toReversed().join('')))).toEqual(all.slice(0, 2));
    const edited = items[0]?.replace('</item>', '<description>Now with a text.</description></item>') ?? '';
    expect(keys(rss(edited))).toEqual(all.slice(0, 1));
  });
});

describe('a teaser', () => {
  const long = 'The council met on Monday and spoke for hours about the bridge over the river. '.repeat(14);
  it.each<[string, string, boolean]>([
    ['a short description', '<description>The council met.</description>', true],
    ['a long one', `<description>${long}</description>`, false],
    ['a long one that is cut', `<description>${long}And then [...]</description>`, true],
    [
      'a long one with a link to the rest',
      `<description>&lt;p&gt;${long}&lt;/p&gt;&lt;p&gt;اقرأ المزيد&lt;/p&gt;</description>`,
      true,
    ],
    [
      'a short content',
      '<description>Short.</description><content:encoded>&lt;p&gt;All of it.&lt;/p&gt;</content:encoded>',
      false,
    ],
    [
      'the description again as content',
      '<description>All.</description><content:encoded>&lt;p&gt;All.&lt;/p&gt;</content:encoded>',
      true,
    ],
    ['nothing but a title', '', true],
  ])('is told from a story: %s', (_, words, isTeaser) => {
    const namespace = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"';
    expect(only(rss(story(words)).replace('<channel>', `<channel ${namespace}>`)).isTeaser).toBe(isTeaser);
  });

  it('never gives the sentence that is cut as a part of the story', () => {
    const { draft } = only(rss(story('<description>It rained. The river rose by two…</description>')));
    expect(draft).toMatchObject({ paragraphs: ['It rained.'], teaser: 'It rained. The river rose by two…' });
  });
});

describe('what is no feed', () => {
  it.each<[string, string | Uint8Array, string, RegExp]>([
    ['nothing', '', 'empty', /is empty/],
    ['white space', ' \n\ufeff\n', 'empty', /is empty/],
    ['a page', '<!DOCTYPE html><html><head><title>x</title></head></html>', 'not-a-feed', /web page/],
    [
      'a page that names its feed',
      '<html><head><link rel="alternate" type="application/rss+xml" href="/rss.xml"></head></html>',
      'not-a-feed',
      /names its feed: \/rss\.xml/,
    ],
    [
      'a page with XML in it',
      '<html><body><?xml version="1.0"?><rss version="2.0"></rss></body></html>',
      'not-a-feed',
      /web page/,
    ],
    ['plain text', 'Not found', 'not-a-feed', /plain text/],
    ['other XML', '<?xml version="1.0"?><soap:Envelope/>', 'not-a-feed', /<soap:Envelope>/],
    ['a list of feeds', '<opml version="2.0"><body/></opml>', 'not-a-feed', /OPML/],
    ['a sitemap', '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', 'not-a-feed', /sitemap/],
    ['JSON that is none', '{"error": "no such feed"}', 'not-a-feed', /JSON, but no feed/],
    ['a JSON list', '[1, 2]', 'not-a-feed', /JSON, but no feed/],
    ['JSON that is cut off', '{"version": "https://jsonfeed.org/version/1", "items": [{', 'bad-json', /cut off/],
    ['XML that is cut off', rss('<item><title>x</title></item>').slice(0, -8), 'bad-xml', /cut off/],
    ['XML cut in an item', rss('<item><title>x').slice(0, -16), 'bad-xml', /cut off/],
    ['XML cut in CDATA', '<rss><channel><item><title><![CDATA[x</title></item></channel></rss>', 'bad-xml', /cut off/],
    ['an item that never ends', rss('<item><title>x</title>'), 'bad-xml', /item 1 is not closed/],
    ['a bomb', rss('', '<!DOCTYPE b [<!ENTITY a "b">]>'), 'bad-xml', /DTD.*safety/],
    ['deep XML', rss('<a>'.repeat(50_000)), 'bad-xml', /nested too deeply/],
    ['pollution', rss('<__proto__><a>1</a></__proto__>'), 'bad-xml', /__proto__/],
    ['too many items', rss('<item/>'.repeat(10_001)), 'too-many', /10000/],
    ['too much', Buffer.alloc(16 * 1024 * 1024 + 1, 60), 'too-large', /16 MB/],
    ['gzip', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0]), 'binary', /gzip/],
    [
      'an encoding that nobody knows',
      Buffer.from('<?xml version="1.0" encoding="x-own"?><rss>\xff\xfe</rss>', 'latin1'),
      'unknown-encoding',
      /"x-own"/,
    ],
  ])('is refused with its reason: %s', (_, bytes, code, message) => {
    const refusal = { name: 'InputError', code, message: expect.stringMatching(message) };
    expect(() => read(bytes)).toThrow(expect.objectContaining(refusal));
  });
});

describe('hostile items', () => {
  const text = '<p>The council met on Monday.</p>';
  it.each<[string, string, number, RegExp | undefined]>([
    [
      'an outer entity',
      rss('<item><title>A &xxe; b</title></item>', '<!DOCTYPE rss SYSTEM "file:///etc/passwd">'),
      1,
      undefined,
    ],
    [
      'deep HTML',
      rss(story(`<description><![CDATA[${'<div>'.repeat(50_000)}]]></description>`)),
      1,
      /Item 1: its text is HTML with too many/,
    ],
    [
      'deep XML',
      rss(`<item>${'<a>'.repeat(50_000)}</item>${story('')}`),
      1,
      /Item 1 was left out: .*nested too deeply/,
    ],
    [
      'an item of 5 MB',
      rss(`<item><title>Big</title><description>${'a '.repeat(2_500_000)}</description></item>${story('')}`),
      1,
      /Item 1 has 5000\d+ characters/,
    ],
    [
      'a text of 2 MB',
      rss(story(`<description>${'a '.repeat(1_000_000)}</description>`)),
      1,
      /Item 1: its text is larger/,
    ],
    [
      'a picture within',
      rss(story(`<description><![CDATA[<img src="data:image/png;base64,${'A'.repeat(2e6)}">${text}]]></description>`)),
      1,
      undefined,
    ],
    ['endless blanks', rss(story(`<image>${' '.repeat(1e6)}</image>`)), 1, undefined],
    [
      'a reserved name',
      rss(`<item><title>x</title><__proto__>y</__proto__></item>${story('')}`),
      1,
      /Item 1 was left out: .*__proto__/,
    ],
    [
      'an item without words',
      rss(`<item><title>***</title></item>${story('')}`),
      1,
      /Item 1 has neither a title nor text/,
    ],
  ])('cost themselves alone: %s', (_, feed, count, warning) => {
    const began = performance.now();
    const { items, warnings } = read(feed);
    expect(items).toHaveLength(count);
    if (warning) expect(warnings.join('\n')).toMatch(warning);
    expect(performance.now() - began).toBeLessThan(6_000);
    expect(Object.hasOwn(Object.prototype, 'a')).toBe(false);
  });

  it('are left out from the old end of a feed too long, wherever that is', () => {
    const dated = (n: number) =>
      `<item><title>Item ${n}</title><pubDate>${new Date(Date.UTC(2026, 0, 1) + n * 1e6).toUTCString()}</pubDate></item>`;
    const all = Array.from({ length: 1_010 }, (_, n) => dated(n));
    const { items, warnings } = read(rss(all.join('')));
    expect([items.length, items[0]?.draft.title, items.at(-1)?.draft.title]).toEqual([1_000, 'Item 10', 'Item 1009']);
    expect(warnings).toEqual(['It has 1010 items; the newest 1000 were read.']);
  });

  it('bring no error but ours, however a feed is damaged', () => {
    const most = new Map(
      files.map((file) => [
        file,
        (
          sample(file)
            .toString('latin1')
            .match(/<(?:\w+:)?(?:item|entry)[\s/>]|"id"/gi) ?? []
        ).length,
      ]),
    );
    const damage = fc.record({
      file: fc.constantFrom(...files.filter((file) => !file.startsWith('encoding'))),
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.nat(40),
      put: fc.oneof(
        fc.constantFrom('', '<', '>', '&', ']]>', '<![CDATA[', '<!--', '</item>', '<item>', '"', '\0'),
        fc.string({ unit: 'binary', maxLength: 8 }),
      ),
    });
    fc.assert(
      fc.property(damage, ({ file, at, length, put }) => {
        const bytes = sample(file);
        const from = Math.floor(at * bytes.length);
        const damaged = Buffer.concat([bytes.subarray(0, from), Buffer.from(put), bytes.subarray(from + length)]);
        try {
          expect(read(damaged).items.length).toBeLessThanOrEqual((most.get(file) ?? 0) + 1);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 70 },
    );
  });
});
