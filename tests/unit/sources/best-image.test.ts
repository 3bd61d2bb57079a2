import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readArticle } from '../../../src/sources/article.ts';
import { bestImage, type ImageCandidate, isDecoration } from '../../../src/sources/best-image.ts';
import { imageInTag, readSrcset } from '../../../src/sources/image-tag.ts';

const site = 'https://news.example.org/2026/05/story';
const at = (path: string) => `https://news.example.org${path}`;

describe('the best picture', () => {
  const page = (url: string, more: Partial<ImageCandidate> = {}): ImageCandidate => ({ url, from: 'page', ...more });
  const feed = (url: string, more: Partial<ImageCandidate> = {}): ImageCandidate => ({ url, from: 'feed', ...more });
  const text = (url: string, more: Partial<ImageCandidate> = {}): ImageCandidate => ({ url, from: 'text', ...more });

  it.each<[string, ImageCandidate[], string | undefined]>([
    ['the only one', [text('/a.jpg')], '/a.jpg'],
    [
      "an editor's before all others, whatever it is",
      [page('/a.jpg'), { url: '/logo.png', from: 'editor' }],
      '/logo.png',
    ],
    ["the page's before the feed's before the text's", [text('/t.jpg'), feed('/f.jpg'), page('/p.jpg')], '/p.jpg'],
    ['the feed before the text', [text('/t.jpg'), feed('/f.jpg')], '/f.jpg'],
    ['the wider of two', [page('/s.jpg', { width: 400 }), page('/l.jpg', { width: 1600 })], '/l.jpg'],
    ['not the widest of all', [page('/huge.jpg', { width: 9000 }), page('/l.jpg', { width: 1600 })], '/l.jpg'],
    ['one of unknown size before a small one', [page('/s.jpg', { width: 300 }), page('/u.jpg')], '/u.jpg'],
    [
      'the first large one of the text',
      [text('/s.jpg', { width: 200 }), text('/a.jpg', { width: 600 }), text('/b.jpg', { width: 900 })],
      '/a.jpg',
    ],
    [
      'the text before a thumbnail of the page',
      [page('/s.jpg', { width: 100, height: 100 }), text('/t.jpg')],
      '/t.jpg',
    ],
    ['a thumbnail where there is nothing else', [page('/s.jpg', { width: 100, height: 100 })], '/s.jpg'],
    ['no thumbnail of the text', [text('/s.jpg', { width: 100, height: 100 })], undefined],
    ['no pixel', [text('/count.gif', { width: 1, height: 1 })], undefined],
    ['no ruler', [text('/line.png', { width: 900, height: 60 })], undefined],
    [
      'no picture but http(s)',
      [page('data:image/png;base64,AA'), page('ftp://a.org/a.jpg'), page('https://u:p@a.org/a.jpg')],
      undefined,
    ],
    ['what is left beside a placeholder', [page('/assets/default-image.png'), text('/a.jpg')], '/a.jpg'],
  ])('is %s', (_, candidates, expected) => {
    expect(bestImage(candidates, site)?.url).toBe(expected === undefined ? undefined : at(expected));
  });

  it.each<[string, ImageCandidate[], string | undefined]>([
    ['its own', [page('/a.jpg', { alt: ' جسر\n جديد ' })], 'جسر جديد'],
    ['what stands below it', [page('/a.jpg', { alt: '', caption: 'الجسر الجديد' })], 'الجسر الجديد'],
    ['not the name of its file', [page('/a.jpg', { alt: 'IMG_2031.JPG', caption: 'الجسر' })], 'الجسر'],
    ['not the name that a camera gave', [page('/a.jpg', { alt: 'DSC_0042', caption: 'الجسر' })], 'الجسر'],
    [
      'not what a chat program calls it',
      [page('/a.jpg', { alt: 'WhatsApp Image 2026-05-01 at 10.22.31 PM' })],
      undefined,
    ],
    ['not its address', [page('/new-bridge_2.jpg', { alt: 'new-bridge_2' })], undefined],
    ['a word that is in its address, too', [page('/bridge.jpg', { alt: 'Bridge' })], 'Bridge'],
    ['that of the same picture in the text', [page('/a.jpg'), text('/a-1024x576.jpg', { alt: 'الجسر' })], 'الجسر'],
    ['no other picture’s', [page('/a.jpg'), text('/b.jpg', { alt: 'نهر' })], undefined],
  ])('has as its alternative text %s', (_, candidates, alt) => {
    expect(bestImage(candidates, site)?.alt).toBe(alt);
  });

  it('never throws, and gives an http(s) address or nothing', () => {
    const word = fc.oneof(
      fc.webUrl({ withQueryParameters: true }),
      fc.string(),
      fc.constantFrom('//', 'http://[', '/%E0%A4%A', ''),
    );
    const candidate = fc.record({
      url: word,
      from: fc.constantFrom('page' as const, 'feed' as const, 'text' as const),
      alt: fc.option(fc.string(), { nil: undefined }),
      width: fc.option(fc.nat(5_000), { nil: undefined }),
      height: fc.option(fc.nat(5_000), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(candidate, { maxLength: 6 }), (candidates) => {
        const url = bestImage(candidates, site)?.url;
        if (url !== undefined) expect(new URL(url).protocol).toMatch(/^https?:$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a decoration', () => {
  it.each([
    ['/assets/logo.png', true],
    ['/siteLogo-white.png', true],
    ['/uploads/%D8%B4%D8%B9%D8%A7%D8%B1.png', true],
    ['/img/icons/share.png', true],
    ['/wp-includes/images/media/default.png', true],
    ['/avatars/editor-in-chief-of-the-paper.jpg', true],
    ['/no-image.jpg', true],
    ['/og-default.jpg', true],
    ['/social_share.png', true],
    ['/1x1.gif', true],
    ['/drawing.svg?v=2', true],
    ['/pixel.gif', true],
    ['/tr/?id=1', true],
    ['/~r/news/~4/abc', true],
    ['/2026/tiktok-app-logo-seen-on-a-phone.jpg', false],
    ['/2026/05/image-1200x675.jpg', false],
    ['/2026/05/20260501_102231.jpg', false],
    ['/2026/05/photo.jpg', false],
    ['/2026/silicon-valley.jpg', false],
    ['/logos-island-ferry-aground-near-harbour.webp', false],
    ['/image.php?id=77', false],
  ])('%s: %s', (path, expected) => {
    expect(isDecoration(at(path))).toBe(expected);
  });

  it.each(['https://secure.gravatar.com/x.jpg', 'https://stats.wordpress.com/b.gif', 'https://s.w.org/a.png'])(
    'is all that %s has',
    (url) => {
      expect(isDecoration(url)).toBe(true);
    },
  );
});

describe('a srcset', () => {
  it.each([
    [
      'a.jpg 640w, b.jpg 1280w',
      [
        ['a.jpg', 640],
        ['b.jpg', 1280],
      ],
    ],
    [
      'a.jpg 1x,b.jpg 2x',
      [
        ['a.jpg', undefined],
        ['b.jpg', undefined],
      ],
    ],
    [
      'w_300,h_200/a.jpg 300w, w_900,h_600/a.jpg 900w',
      [
        ['w_300,h_200/a.jpg', 300],
        ['w_900,h_600/a.jpg', 900],
      ],
    ],
    [
      'a.jpg, b.jpg 2x',
      [
        ['a.jpg', undefined],
        ['b.jpg', undefined],
      ],
    ],
    [' , a.jpg  640w  ,', [['a.jpg', 640]]],
    ['data:image/gif;base64,R0 1w, a.jpg 640w', [['a.jpg', 640]]],
    ['a.jpg 0w', []],
    ['', []],
  ])('%j', (set, expected) => {
    expect(readSrcset(set).map(({ url, width }) => [url, width])).toEqual(expected);
  });

  it('is read in a time that grows with its length', () => {
    const started = performance.now();
    readSrcset(`${' '.repeat(50_000)},`.repeat(20));
    readSrcset('a,'.repeat(100_000));
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it.each<[Record<string, string>, string | undefined, number | undefined]>([
    [{ src: 'a.jpg' }, 'a.jpg', undefined],
    [{ src: 'a.jpg', width: '640' }, 'a.jpg', 640],
    [{ src: 'a.jpg', width: '100%' }, 'a.jpg', undefined],
    [{ src: 'data:image/gif;base64,R0', 'data-src': 'a.jpg' }, 'a.jpg', undefined],
    [{ src: 'small.jpg', 'data-lazy-src': 'a.jpg' }, 'a.jpg', undefined],
    [{ src: 's.jpg', srcset: 'm.jpg 800w, l.jpg 1600w, xl.jpg 4000w' }, 'l.jpg', 1600],
    [{ src: 's.jpg', srcset: 'xl.jpg 4000w, xxl.jpg 6000w' }, 'xl.jpg', 4000],
    [{ src: 's.jpg', width: '300', srcset: 's.jpg 1x, l.jpg 2x' }, 'l.jpg', 300],
    [{ src: 's.jpg', 'data-srcset': 'm.jpg 800w' }, 'm.jpg', 800],
    [{ alt: 'x' }, undefined, undefined],
  ])('in a tag: %j', (attributes, url, width) => {
    const found = imageInTag((name) => attributes[name] ?? null);
    expect([found?.url, found?.width]).toEqual([url, width]);
  });
});

describe('the picture of a page', () => {
  const body = `<h1>افتتاح الجسر الجديد</h1>${'<p>افتتحت البلدية الجسر الجديد على النهر صباح السبت بحضور عدد كبير من سكان الحي القديم والتلاميذ.</p>'.repeat(4)}`;
  const read = (head: string, story = '', around = '') =>
    readArticle({
      bytes: Buffer.from(
        `<!doctype html><html lang="ar"><head><title>افتتاح الجسر الجديد</title>${head}</head><body><header><img src="/masthead.jpg" width="900" height="200"></header><nav><img src="/menu.jpg"></nav>${around}<article>${story}${body}</article><aside><img src="/other.jpg"></aside></body></html>`,
      ),
      kind: 'html',
      url: site,
    }).images;
  const data = (value: unknown) => `<script type="application/ld+json">${JSON.stringify(value)}</script>`;

  it.each<[string, [string, string?, string?], unknown]>([
    [
      'Open Graph, with its size and text',
      [
        '<meta property="og:image" content="/s.jpg"><meta property="og:image:width" content="300"><meta property="og:image" content="/l.jpg"><meta property="og:image:width" content="1200"><meta property="og:image:alt" content="الجسر">',
      ],
      { url: at('/l.jpg'), alt: 'الجسر' },
    ],
    [
      "Twitter's",
      ['<meta name="twitter:image" content="/a.jpg"><meta name="twitter:image:alt" content="الجسر">'],
      { url: at('/a.jpg'), alt: 'الجسر' },
    ],
    ['JSON-LD: an address', [data({ '@type': 'NewsArticle', image: ['/a.jpg'] })], { url: at('/a.jpg') }],
    [
      'JSON-LD: an object',
      [
        data({
          '@graph': [
            {
              '@type': ['NewsArticle'],
              image: { '@type': 'ImageObject', url: '/a.jpg', width: '1200', height: { value: 675 }, caption: 'الجسر' },
            },
          ],
        }),
      ],
      { url: at('/a.jpg'), alt: 'الجسر' },
    ],
    [
      'JSON-LD: a name',
      [
        data({
          '@graph': [
            { '@type': 'Article', image: { '@id': '#i' } },
            { '@type': 'ImageObject', '@id': '#i', contentUrl: '/a.jpg' },
          ],
        }),
      ],
      { url: at('/a.jpg') },
    ],
    [
      'not the logo of the publisher',
      [data({ '@type': 'NewsArticle', publisher: { logo: { url: '/brand.png' } } })],
      undefined,
    ],
    ['not JSON-LD that is broken', ['<script type="application/ld+json">{"image": </script>'], undefined],
    ['an image_src', ['<link rel="image_src" href="/a.jpg">'], { url: at('/a.jpg') }],
    [
      'one of the text, with what stands below',
      [
        '<meta property="og:image" content="/img/logo.png">',
        '<figure><img src="data:image/gif;base64,R0" data-src="/a.jpg" alt="IMG_1.jpg"><figcaption>الجسر الجديد</figcaption></figure>',
      ],
      { url: at('/a.jpg'), alt: 'الجسر الجديد' },
    ],
    [
      'of a picture element',
      ['', '<picture><source srcset="/m.webp 800w, /l.webp 1600w"><img src="/s.jpg" alt="الجسر"></picture>'],
      { url: at('/l.webp'), alt: 'الجسر' },
    ],
    [
      'behind a noscript',
      ['', '<img class="lazy" src="data:image/gif;base64,R0"><noscript><img src="/a.jpg"></noscript>'],
      { url: at('/a.jpg') },
    ],
    ['one that leads to itself in full', ['', '<a href="/a-full.jpg"><img src="/a.jpg"></a>'], { url: at('/a.jpg') }],
    ['not one that leads to another story', ['', '<a href="/other-story"><img src="/other.jpg"></a>'], undefined],
    [
      'one of the story before one above it',
      ['', '<img src="/a.jpg">', '<div><img src="/above.jpg"></div>'],
      { url: at('/a.jpg') },
    ],
    [
      'relative to what the page says',
      ['<base href="https://cdn.example.org/x/">', '<img src="a.jpg">'],
      { url: 'https://cdn.example.org/x/a.jpg' },
    ],
    [
      'a secure address alone',
      ['<meta property="og:image:secure_url" content="https://news.example.org/s.jpg">'],
      { url: at('/s.jpg') },
    ],
    [
      'JSON-LD that is strange: none',
      [data([null, 1, { '@type': 'Article', image: [null, 3, { url: [] }] }])],
      undefined,
    ],
    [
      'not the face of its author',
      ['', '<div class="author-box"><img src="/face.jpg"></div><img class="avatar" src="/f.jpg"><img src="/a.jpg">'],
      { url: at('/a.jpg') },
    ],
    [
      'outside the story a large one',
      ['', '', '<img src="/s.jpg"><div><img src="/above.jpg" width="900" height="600"></div>'],
      { url: at('/above.jpg') },
    ],
    ['none of menus and margins', [''], undefined],
  ])('is %s', (_, [head, story, around], expected) => {
    expect(read(head, story, around)).toEqual(expected === undefined ? [] : [expected]);
  });
});
