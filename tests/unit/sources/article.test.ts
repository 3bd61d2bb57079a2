import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.ts';
import { type ArticleInput, maxArticleBytes, readArticle } from '../../../src/sources/article.ts';
import { codePoint } from '../../support/code-point.ts';

const read = (text: string | Uint8Array, kind?: ArticleInput['kind']) =>
  readArticle({
    bytes: typeof text === 'string' ? Buffer.from(text) : text,
    name: 'story.x',
    ...(kind ? { kind } : {}),
  });
const refusal = (status: number, code: string, message = /./) => ({
  name: 'InputError',
  status,
  code,
  exitCode: 2,
  message: expect.stringMatching(new RegExp(`story\\.x.*${message.source}`, 's')),
});
const thrownBy = (run: () => unknown): unknown => {
  try {
    run();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe('an article that cannot be used', () => {
  const utf16 = Buffer.from('عنوان\nالفقرة الأولى من الخبر هنا.', 'utf16le');
  it.each<[string, string | Uint8Array, number, string, RegExp]>([
    ['empty', '', 400, 'empty', /headline/],
    ['white space', ' \n\t\u00a0\u200b\ufeff\n', 400, 'empty', /headline/],
    ['only share bars', 'Facebook\nTwitter\nواتساب | طباعة\n', 422, 'no-headline', /first line/],
    ['only page furniture', 'الرئيسية\n12/11/2020\n1,234 مشاهدة\nشارك', 422, 'no-headline', /first line/],
    ['only signs', '***\n---\n', 422, 'no-headline', /first line/],
    ['a zero byte', 'Title\0\nText', 415, 'binary', /UTF-8/],
    ['a PNG', Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0]), 415, 'binary', /PNG/],
    ['a PDF of plain bytes', '%PDF-1.7\n1 0 obj', 415, 'binary', /PDF/],
    ['a Word file', Buffer.from('PK\x03\x04....'), 415, 'binary', /Word/],
    ['rich text', '{\\rtf1\\ansi Title}', 415, 'binary', /RTF/],
    ['Windows-1256', Buffer.from([0xc7, 0xe1, 0xce, 0xc8, 0xd1]), 415, 'not-utf8', /Save it as UTF-8/],
    ['UTF-16 with a mark', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16]), 415, 'not-utf8', /UTF-16/],
    ['UTF-16 without', utf16, 415, 'not-utf8', /UTF-16/],
    ['UTF-16 big-endian', Buffer.from(utf16).swap16(), 415, 'not-utf8', /UTF-16/],
    ['over 1 MB', Buffer.alloc(maxArticleBytes + 1, 97), 413, 'too-large', /1 MB/],
  ])('is refused with a reason: %s', (_, bytes, status, code, message) => {
    expect(thrownBy(() => read(bytes))).toMatchObject(refusal(status, code, message));
  });

  it('never brings any error but ours', () => {
    const kinds = fc.constantFrom<ArticleInput['kind'][]>('json', 'text', 'html', undefined);
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.string({ unit: codePoint, maxLength: 200 }).map((text) => Buffer.from(text)),
      fc.json({ maxDepth: 4 }).map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(bytes, kinds, (given, kind) => {
        try {
          const { title, paragraphs } = readArticle({ bytes: given, ...(kind ? { kind } : {}) });
          expect(title).toMatch(/[\p{L}\p{N}]/u);
          expect(paragraphs.every((one) => one.trim() === one && one !== '')).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('an article in JSON', () => {
  const json = (article: object | string) =>
    read(typeof article === 'string' ? article : JSON.stringify(article), 'json');

  it('may begin with a byte order mark, and carries all its fields', () => {
    const article = {
      id: 'a-1',
      url: ' https://example.org/a ',
      title: ' عنـوان  الخبر ',
      body: 'الفقرة الأولى.\r\n\r\nالفقرة\nالثانية.',
      byline: ' سامر ',
      agency: 'سانا',
      language: 'en',
      section: 'محليات',
      tags: ['#سوريا', ' سوريا', ''],
      image: 'https://example.org/a.jpg',
      images: [{ url: 'https://example.org/b.jpg', alt: ' جسر\n جديد ' }, 'https://example.org/a.jpg'],
      publishedAt: '2026-05-01T14:30:00+03:00',
      embargoUntil: '2026-05-01T12:30:00Z',
      priority: 'breaking',
    };
    const { body: _body, image: _image, ...same } = article;
    expect(json(`\ufeff${JSON.stringify(article)}`)).toEqual({
      ...same,
      url: 'https://example.org/a',
      title: 'عنوان الخبر',
      paragraphs: ['الفقرة الأولى.', 'الفقرة الثانية.'],
      byline: 'سامر',
      direction: 'ltr',
      tags: ['سوريا'],
      images: [{ url: 'https://example.org/a.jpg' }, { url: 'https://example.org/b.jpg', alt: 'جسر جديد' }],
    });
  });

  it.each([
    [{ title: 'T', body: '<p>One &amp; two</p><p>Three<br>four</p>' }, ['One & two', 'Three four']],
    [
      { title: 'T', body: 'Before<p>one</p>between<div>two</div><div>three</div>after' },
      ['Before', 'one', 'between', 'two', 'three', 'after'],
    ],
    [{ title: 'T', body: '<section>One<br><br>two</section><script>three</script>' }, ['One', 'two']],
    [{ title: 'T', body: 'If x < y and y > z, then x < z.' }, ['If x < y and y > z, then x < z.']],
    [{ title: 'T', paragraphs: ['T', 'One', '', '<b>Two</b>'] }, ['One', 'Two']],
    [{ title: 'T', body: 'one\ntwo' }, ['one', 'two']],
    [{ title: 'T' }, []],
  ])('gives its paragraphs as plain text: %j', (article, paragraphs) => {
    expect(json(article).paragraphs).toEqual(paragraphs);
  });

  it.each<[object | string, string, RegExp]>([
    [{ title: 'T', titel: 'x' }, 'unknown-key', /"titel"; did you mean "title"/],
    [{ title: 'T', image: { url: 'https://a.org', alternative: 'x' } }, 'unknown-key', /image\.alternative/],
    ['{"title":"T","__proto__":{"priority":"low"}}', 'unknown-key', /__proto__/],
    [{ title: 'T', body: 'a', paragraphs: ['b'] }, 'invalid', /both "body" and "paragraphs"/],
    [{ title: 'T', publishedAt: '2026-02-30T10:00:00Z' }, 'invalid', /publishedAt: expected a time with offset/],
    [{ title: 'T', embargoUntil: '2026-02-03 10:00' }, 'invalid', /embargoUntil: expected a time with offset/],
    [{ title: 'T', url: 'javascript:alert(1)' }, 'invalid', /url: expected an absolute http/],
    [
      { title: 'T', priority: 'urgent', tags: 'x' },
      'invalid',
      /tags: expected a list, got text.*priority: expected breaking/,
    ],
    [{ title: 5 }, 'invalid', /title: expected text, got a number/],
    [{ title: 'T', body: {} }, 'invalid', /body: expected text, got an object/],
    ['[]', 'invalid', /expected an object, got a list/],
    [`{"title":"T","body":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 'invalid', /body: expected text, got a list/],
    ['{"title":"T",}', 'bad-json', /line 1 column 14: not valid JSON/],
    [{ title: '\ud800 ' }, 'no-headline', /headline/],
  ])('is refused with the place and the remedy: %j', (article, code, message) => {
    const error = thrownBy(() => json(article));
    expect(error).toMatchObject(refusal(code === 'bad-json' ? 400 : 422, code, message));
  });
});

describe('an article in HTML', () => {
  const sentence = 'The new bridge over the river was opened by the mayor of the city on Sunday. ';
  const page = (head: string, body: string) =>
    `<!doctype html><html lang="en"><head>${head}</head><body>${body}</body></html>`;
  const text = [1, 2, 3].map((n) => `<p>${n} ${sentence.repeat(5)}</p>`);

  it('follows the same rules as text', () => {
    const body = `<article><h1>Tartus opens a footbridge</h1><p>By Jane Doe</p>${text[0]}<p>Read also: another story</p>${text[1]}<p>Follow us on Telegram</p>${text[2]}<p>(Reuters)</p></article>`;
    const article = read(page('<title>Tartus opens a footbridge - The Harbour</title>', body), 'html');
    expect(article).toMatchObject({ title: 'Tartus opens a footbridge', byline: 'Jane Doe', agency: 'Reuters' });
    expect(article.paragraphs.map((paragraph) => paragraph[0])).toEqual(['1', '2', '3']);
  });

  it.each([
    [
      '<title>Tartus opens a footbridge | The Harbour</title>',
      '<h1>The Harbour</h1><h1>Tartus opens a footbridge</h1>',
    ],
    [
      '<meta property="og:title" content="Tartus opens a footbridge"><title>Tartus opens a footbridge » Coast » The Harbour</title>',
      '',
    ],
    [
      '<meta property="og:title" content="Tartus opens a footbridge – The Harbour"><meta property="og:site_name" content="The Harbour">',
      '',
    ],
    [
      '<title>The Harbour: Tartus opens a footbridge</title><meta property="og:site_name" content="The Harbour">',
      '<h1>Tartus opens a footbridge</h1>',
    ],
  ])('has its headline without the name of the site: %s', (head, start) => {
    expect(read(page(head, `${start}<article>${text.join('')}</article>`), 'html').title).toMatch(
      /^(The Harbour: )?Tartus opens a footbridge$/,
    );
  });

  it('is in the language of its text, not of its template', () => {
    const arabic = 'افتتحت بلدية طرطوس اليوم جسرا جديدا للمشاة فوق نهر الغمقة، بعد أعمال استمرت تسعة أشهر. ';
    const body = `<article><h1>طرطوس تفتتح جسرا جديدا</h1><p>${arabic.repeat(5)}</p><p>${arabic.repeat(4)}</p></article>`;
    expect(read(page('<title>طرطوس تفتتح جسرا جديدا</title>', body), 'html')).toMatchObject({
      language: 'ar',
      direction: 'rtl',
    });
  });

  it('without an article is refused', () => {
    expect(thrownBy(() => read('<html><body></body></html>', 'html'))).toMatchObject(refusal(422, 'no-article'));
  });
});

describe('a hostile document of almost 1 MB', () => {
  const fill = (piece: string) => piece.repeat(Math.floor(900_000 / Buffer.byteLength(piece)));
  const nested = `${'<div>'.repeat(190)}x${'</div>'.repeat(190)}`;
  it.each<[string, string, ArticleInput['kind']]>([
    ['nested elements', fill('<div>'), 'html'],
    ['nested elements, again and again', fill(nested), 'html'],
    ['nested elements, just few enough to be read', `<h1>Title here</h1>${nested.repeat(40)}`, 'html'],
    ['table cells that hold each other', `<table>${fill('<td><p>')}`, 'html'],
    ['unclosed tags', fill('<a '), 'html'],
    ['nothing but <', fill('<'), 'html'],
    ['unclosed comments', fill('<!--'), 'html'],
    ['nested elements in JSON', JSON.stringify({ title: 'T', body: fill('<div>') }), 'json'],
    ['entities in JSON', JSON.stringify({ title: 'T', body: fill('&amp;') }), 'json'],
    ['brackets in JSON', fill('['), 'json'],
    ['empty lines', `a${fill('\n')}b`, 'text'],
    ['section names', fill('سوريا\n'), 'text'],
    [
      'headings of lists',
      `T\nA paragraph that ends as sentences do.\n${fill('Related articles\n')}The end is here, at last.`,
      'text',
    ],
    ['one line of buttons', fill('Facebook 12 | '), 'text'],
    ['opened quotations', `T\n${fill('«a. ')}`, 'text'],
  ])('is read or refused in seconds: %s', (_, text, kind) => {
    const started = performance.now();
    const error = thrownBy(() => read(text, kind));
    if (error !== undefined) expect(error).toMatchObject({ name: 'InputError', status: expect.any(Number) });
    expect(performance.now() - started).toBeLessThan(8_000);
  });
});
