import { describe, expect, it } from 'vitest';
import { readHtml } from '../../../src/sources/html.ts';

const text =
  '<p>افتتحت البلدية صباح السبت حديقة جديدة على ضفة النهر، وقال رئيسها إن الدخول إليها مجاني للجميع.</p>'.repeat(4);

/** The picture of a page with this head and body. */
function pictureOf(head: string, body = ''): unknown {
  const html = `<html lang="ar"><head><title>حديقة</title>${head}</head><body>${body}<article><h1>حديقة</h1>${text}</article></body></html>`;
  return readHtml(html, 'https://news.example.org/2026/park/').images?.[0];
}

const inArticle = (img: string) => pictureOf('', `<article>${img}</article>`);
const data = (json: object | string) =>
  pictureOf(`<script type="application/ld+json">${typeof json === 'string' ? json : JSON.stringify(json)}</script>`);
const at = (path: string, alt?: string) => ({
  url: `https://news.example.org${path}`,
  ...(alt === undefined ? {} : { alt }),
});

describe('the picture that a page gives to social networks', () => {
  it.each([
    ['og:image', '<meta property="og:image" content="/a.jpg">', at('/a.jpg')],
    [
      'its description',
      '<meta property="og:image" content="/a.jpg"><meta property="og:image:alt" content="حديقة">',
      at('/a.jpg', 'حديقة'),
    ],
    [
      'Twitter’s',
      '<meta name="twitter:image" content="/t.jpg"><meta name="twitter:image:alt" content="نهر">',
      at('/t.jpg', 'نهر'),
    ],
    [
      'a secure address alone',
      '<meta property="og:image:secure_url" content="https://news.example.org/s.jpg">',
      at('/s.jpg'),
    ],
    [
      'the second, where the first is the logo',
      '<meta property="og:image" content="/site-logo.png"><meta property="og:image" content="/b.jpg">',
      at('/b.jpg'),
    ],
    [
      'the second, where the first is small',
      '<meta property="og:image" content="/a.jpg"><meta property="og:image:width" content="96"><meta property="og:image" content="/b.jpg">',
      at('/b.jpg'),
    ],
    [
      'a story about a logo',
      '<meta property="og:image" content="/new-logo-of-the-museum.jpg">',
      at('/new-logo-of-the-museum.jpg'),
    ],
    ['a logo alone: none', '<meta property="og:image" content="/assets/logo_1200x630.png">', undefined],
    ['no address: none', '<meta property="og:image" content="data:image/png;base64,AAAA">', undefined],
  ])('%s', (_, head, picture) => {
    expect(pictureOf(head)).toEqual(picture);
  });

  it('has the description of the same picture in the text, whatever its size there', () => {
    const head = '<meta property="og:image" content="/up/park.jpg">';
    const caption = (img: string) => `<figure>${img}<figcaption> الحديقة\n عند الافتتاح </figcaption></figure>`;
    expect(pictureOf(head, caption('<img src="/up/park-1024x683.jpg?x=1">'))).toEqual(
      at('/up/park.jpg', 'الحديقة عند الافتتاح'),
    );
    expect(pictureOf(head, caption('<img src="/up/park.jpg" alt="IMG_2041">'))).toEqual(
      at('/up/park.jpg', 'الحديقة عند الافتتاح'),
    );
    expect(pictureOf(head, caption('<img src="/up/other.jpg">'))).toEqual(at('/up/park.jpg'));
  });
});

describe('the picture in JSON-LD', () => {
  it.each([
    ['an address', { '@type': 'NewsArticle', image: '/a.jpg' }, at('/a.jpg')],
    ['a list', [{ '@type': ['Article'], image: ['/a.jpg', '/b.jpg'] }], at('/a.jpg')],
    [
      'an object',
      { '@type': 'NewsArticle', image: { url: '/a.jpg', caption: 'نهر', width: 1200, height: 800 } },
      at('/a.jpg', 'نهر'),
    ],
    [
      'a reference',
      {
        '@graph': [
          { '@type': 'Article', image: { '@id': '#p' } },
          { '@type': 'ImageObject', '@id': '#p', contentUrl: '/p.jpg' },
        ],
      },
      at('/p.jpg'),
    ],
    ['not that of the publisher', { '@type': 'Organization', image: '/house.jpg' }, undefined],
    ['not a small one', { '@type': 'Article', image: { url: '/a.jpg', width: '60px' } }, undefined],
    ['broken', '{"@type":', undefined],
    ['strange', '[null, 1, {"@type":"Article","image":[null, 3, {"url":[]}]}]', undefined],
  ])('%s', (_, json, picture) => {
    expect(data(json)).toEqual(picture);
  });
});

describe('the first large picture of the text', () => {
  it.each([
    ['its source', '<img src="/a.jpg" alt="نهر">', at('/a.jpg', 'نهر')],
    [
      'the largest of its set',
      '<img src="/s.jpg" srcset="/a-400.jpg 400w, /a-1600.jpg 1600w, /a-800.jpg 800w">',
      at('/a-1600.jpg'),
    ],
    ['the largest by density', '<img src="/s.jpg" srcset="/a.jpg, /a2.jpg 2x">', at('/a2.jpg')],
    [
      'what a picture element offers',
      '<picture><source srcset="/a.webp 1200w"><img src="/s.jpg"></picture>',
      at('/a.webp'),
    ],
    ['what is loaded late', '<img src="data:image/gif;base64,R0lG" data-src="/late.jpg">', at('/late.jpg')],
    ['not a pixel', '<img src="/track.gif" width="1" height="1"><img src="/a.jpg">', at('/a.jpg')],
    ['not a banner', '<img src="/wide.jpg" width="970" height="90"><img src="/a.jpg">', at('/a.jpg')],
    [
      'not a face',
      '<div class="author-box"><img src="/face.jpg"></div><img class="avatar" src="/f.jpg"><img src="/a.jpg">',
      at('/a.jpg'),
    ],
    ['not a drawing', '<img src="/chart.svg"><img src="/a.jpg">', at('/a.jpg')],
    ['not one beside the story', '<aside><img src="/other.jpg"></aside>', undefined],
  ])('%s', (_, html, picture) => {
    expect(inArticle(html)).toEqual(picture);
  });

  it('stands in the story, or is told to be large', () => {
    expect(pictureOf('', '<div><img src="/a.jpg"></div>')).toBeUndefined();
    expect(pictureOf('', '<div><img src="/a.jpg" width="900" height="600"></div>')).toEqual(at('/a.jpg'));
  });
});
