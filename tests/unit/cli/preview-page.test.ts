import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { renderPage } from '../../../src/cli/preview-page.ts';
import type { ArticlePreview } from '../../../src/cli/preview-posts.ts';
import { picture, samplePart, samplePost, samplePosts, samplePreview } from './preview-sample.ts';

const page = (...previews: ArticlePreview[]) => renderPage(previews, { timezone: 'Asia/Damascus' });
const read = (html: string) => parseHTML(html).document;
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(2)>' onload='x' </style></title>&amp;<!-- ]]> {{x}} \u0000\uD800`;

/** Elements that stay open or close what was not opened: none in a page that is well formed. */
function misnested(html: string): string[] {
  const wrong: string[] = [];
  const open: string[] = [];
  const body = html.replace(/<style>.*?<\/style>/s, '');
  for (const [, slash, name = ''] of body.matchAll(/<(\/?)([a-z][a-z0-9-]*)(?:\s+[a-z-]+(?:="[^"<>]*")?)*\s*>/g)) {
    if (/^(meta|br|img)$/.test(name)) continue;
    if (!slash) open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

describe('the preview page', () => {
  const text = 'عنوان الخبر\n\nقال @sample إن #وسم_أول “مهم”، انظر https://example.org/a?b=1&c=2.\n\nAn English line.';
  const html = page(
    samplePreview(samplePosts(text, text.replace('عنوان الخبر', '<b>عنوان الخبر</b>').replace('&', '&amp;'))),
  );
  const document = read(html);

  it('is one well-formed document', () => {
    expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
    expect(misnested(html)).toEqual([]);
    const ids = [...html.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(document.querySelectorAll('.card')).toHaveLength(4);
    // An element in a paragraph that may not stand there would end it.
    for (const paragraph of document.querySelectorAll('p'))
      expect(paragraph.querySelector('p, div, ul, h2')).toBeNull();
  });

  it('loads nothing and runs nothing', () => {
    expect(
      document.querySelectorAll('script, img, link, iframe, object, embed, video, audio, source, form, base, svg'),
    ).toHaveLength(0);
    expect(html).not.toMatch(/\s(src|srcset|background|poster|data|action|ping|on\w+)\s*=/i);
    expect(html).not.toMatch(/url\(|@import|@font-face/i);
    expect(document.querySelector('meta[http-equiv=Content-Security-Policy]')?.getAttribute('content')).toContain(
      "default-src 'none'; style-src 'unsafe-inline'",
    );
    for (const link of document.querySelectorAll('a')) {
      expect(link.getAttribute('href')).toMatch(/^(https?:\/\/|#)/);
      if (!link.getAttribute('href')?.startsWith('#')) expect(link.getAttribute('rel')).toBe('noreferrer noopener');
    }
  });

  it('shows every word of every part, in order', () => {
    for (const part of document.querySelectorAll('.said')) {
      const shown = [...part.querySelectorAll('p')]
        .map((p) => p.textContent?.replace('Read more', '') ?? '')
        .join('\n');
      const short = text.replace('https://example.org/a?b=1&c=2', 'example.org/a?b=1&c=2');
      expect([text, short]).toContain(shown);
    }
  });

  it('gives every line its direction on Telegram and Facebook, and the whole on X and WhatsApp', () => {
    for (const card of ['telegram', 'facebook']) {
      const lines = [...document.querySelectorAll(`.${card} .said p:not(.gap)`)];
      expect(lines).toHaveLength(3);
      for (const line of lines) expect(line.getAttribute('dir'), card).toBe('auto');
    }
    for (const card of ['x', 'whatsapp']) {
      expect(document.querySelector(`.${card} .said`)?.getAttribute('dir'), card).toBe('rtl');
      expect(document.querySelector(`.${card} .said p`)?.hasAttribute('dir'), card).toBe(false);
    }
    for (const part of document.querySelectorAll('.part')) expect(part.getAttribute('dir')).toBe('rtl');
    expect(document.querySelector('h2')?.getAttribute('dir')).toBe('auto');
    expect(document.querySelector('.said a')?.getAttribute('dir')).toBe('ltr');
  });

  it('shows bold, links, hashtags and names as the platform does', () => {
    expect(document.querySelector('.telegram .said strong')?.textContent).toBe('عنوان الخبر');
    expect(document.querySelector('.x .said strong')).toBeNull();
    expect([...document.querySelectorAll('.facebook .tag')].map((tag) => tag.textContent)).toEqual([
      '@sample',
      '#وسم_أول',
    ]);
    expect(document.querySelector('.facebook .said a')?.getAttribute('href')).toBe('https://example.org/a?b=1&c=2');
    expect(document.querySelector('.x .said a')?.textContent).toBe('example.org/a?b=1&c=2');
  });

  it('shows where the picture stands, and a card for a link that has none', () => {
    const order = (card: string) =>
      [...(document.querySelector(card)?.children ?? [])].map((one) => one.className.split(' ')[0]);
    expect(order('.telegram .bubble')).toEqual(['name', 'picture', 'said', 'clock']);
    expect(document.querySelector('.telegram .picture')?.textContent).toContain('باب المدينة');
    expect(order('.facebook .page-post')).toEqual(['name', 'said', 'link-card', 'acts']);
    expect(document.querySelector('.facebook .link-card')?.textContent).toBe('example.orgافتتاح سوق المدينة القديم');
    // An approved template has no card.
    expect(document.querySelector('.whatsapp .link-card')).toBeNull();
    const photo = (platform: string) =>
      page(samplePreview([samplePost(platform, [samplePart('a', { media: [picture], link: 'https://e.org/' })])]));
    expect(photo('x')).toMatch(/class="said".*class="picture"/s);
    expect(photo('facebook')).toMatch(/class="said".*class="picture"/s);
    expect(photo('whatsapp')).toMatch(/class="picture".*class="said"/s);
    expect(photo('x')).not.toContain('class="link-card"');
  });

  it('tells length, edits, notes and template under each card', () => {
    expect(document.querySelector('.x .measure')?.textContent).toContain(
      `1.  ${text.length} of 280 weighted characters`,
    );
    const under = document.querySelector('.whatsapp .under')?.textContent ?? '';
    expect(under).toContain('news, ar');
    expect(under).toContain('{{1}} عنوان');
    expect(under).toContain('Digits are written as the channel wants them');
    expect(document.querySelector('.whatsapp .notes')?.textContent).toContain('a quotation is not closed');
    expect([...document.querySelectorAll('.badge')].map((badge) => badge.textContent)).toEqual([
      'SANDBOX',
      'SANDBOX',
      'SANDBOX',
      'LIVE',
    ]);
    const over = page(samplePreview([samplePost('x', [samplePart('a', { length: 300, limit: 280 })])]));
    expect(read(over).querySelector('.measure.over')).not.toBeNull();
  });

  it('folds long texts on WhatsApp and Facebook, and hides nothing', () => {
    const long = Array.from({ length: 12 }, (_, at) => `هذه هي الجملة رقم ${at} من خبر طويل يتحدث عن أمور كثيرة.`).join(
      ' ',
    );
    const folded = read(page(samplePreview(samplePosts(`عنوان\n\n${long}`))));
    const foldIn = (card: string) => {
      const line = folded.querySelector(`${card} .fold`)?.parentElement?.textContent ?? '';
      return line.indexOf('Read more');
    };
    expect(folded.querySelectorAll('.fold')).toHaveLength(2);
    expect(foldIn('.whatsapp')).toBeGreaterThan(90);
    expect(foldIn('.whatsapp')).toBeLessThan(140);
    expect(foldIn('.facebook')).toBeGreaterThan(440);
    expect(foldIn('.facebook')).toBeLessThan(481);
    for (const card of ['.whatsapp', '.facebook'])
      expect(folded.querySelector(`${card} .said`)?.textContent?.replace('Read more', '')).toBe(`عنوان${long}`);
  });

  it('lists several articles on top', () => {
    const two = page(samplePreview(samplePosts('a')), samplePreview([], { title: 'Second story' }));
    const links = [...read(two).querySelectorAll('nav a')];
    expect(links.map((link) => link.textContent)).toEqual(['افتتاح سوق المدينة القديم', 'Second story']);
    for (const link of links) expect(read(two).querySelector(link.getAttribute('href') ?? '')).not.toBeNull();
    expect(two).toContain('4 posts, 1 note');
    expect(two).toContain('No channel takes this article');
    expect(misnested(two)).toEqual([]);
  });

  it('shows a platform that it does not know in a plain frame', () => {
    expect(page(samplePreview([samplePost('mastodon', [samplePart('text')])]))).toContain('class="card other"');
  });
});

describe('a hostile article', () => {
  const part = samplePart(hostile, {
    markup: `<b>${hostile}</b>`,
    media: [{ url: `javascript:${hostile}`, alt: hostile }],
    link: `javascript:${hostile}`,
  });
  const posts = ['telegram', 'x', 'whatsapp', 'facebook', hostile].map((platform) =>
    samplePost(platform, [part, samplePart(hostile, { link: `https://example.org/${hostile}` })], {
      channel: hostile,
      place: hostile,
      template: { name: hostile, language: hostile, parameters: [hostile], headerImage: true },
      edits: [{ kind: 'digits', before: hostile, after: 'x' }],
      warnings: [hostile],
    }),
  );
  const change = { id: hostile, title: hostile, language: hostile, url: 'javascript:alert(1)', publishedAt: hostile };
  const one = page(samplePreview(posts, change));
  const several = page(samplePreview(posts, change), samplePreview([], change));

  it.each([
    ['alone', one],
    ['among others', several],
  ])('puts nothing of its own into the page, %s', (_, html) => {
    expect(misnested(html)).toEqual([]);
    const document = read(html);
    expect(document.querySelectorAll('script, img')).toHaveLength(0);
    expect(document.querySelectorAll('style, title')).toHaveLength(2);
    for (const element of document.querySelectorAll('*'))
      for (const { name } of element.attributes) expect(name).not.toMatch(/^on|^src$|^style$(?<!style)/);
    for (const link of document.querySelectorAll('a'))
      expect(link.getAttribute('href')).toMatch(/^(https:\/\/example\.org\/|#article-)/);
    expect(html).not.toMatch(/<script|<img|<!--|href="javascript/i);
    expect(html.isWellFormed()).toBe(true);
    expect(html).not.toContain('\u0000');
  });
});
