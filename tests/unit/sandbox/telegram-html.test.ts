import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTelegramHtml } from '../../../src/sandbox/telegram-html.ts';
import { anyUnit } from './asking.ts';

const textOf = (html: string) => {
  const parsed = parseTelegramHtml(html);
  return 'error' in parsed ? parsed.error : parsed.text;
};

describe('Telegram HTML', () => {
  it.each([
    ...'b strong i em u ins s strike del tg-spoiler code pre blockquote'.split(' ').map((tag) => `<${tag}>م</${tag}>`),
    '<span class="tg-spoiler">م</span>',
    '<a href="https://example.org/?a=1&amp;b=2">م</a>',
    '<tg-emoji emoji-id="5368324170671202286">م</tg-emoji>',
    '<tg-time unix="1647531900" format="wDT">م</tg-time>',
    '<pre><code class="language-python">م</code></pre>',
    '<blockquote expandable>م</blockquote>',
    '<B>م</b >',
    '<b>م</>',
  ])('takes %s', (html) => {
    expect(textOf(html)).toBe('م');
  });

  it.each([
    ['<b>م', `Can't find end tag corresponding to start tag "b"`],
    ['م</b>', 'Unexpected end tag at byte offset 2'],
    ['<b><i>م</b></i>', 'Unmatched end tag at byte offset 8, expected "</i>", found "</b>"'],
    ['5 < 6', 'Unsupported start tag "" at byte offset 2'],
    ['<br>', 'Unsupported start tag "br" at byte offset 0'],
    ['<p>م</p>', 'Unsupported start tag "p" at byte offset 0'],
    ['<span>م</span>', 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ['<script>x</script>', 'Unsupported start tag "script" at byte offset 0'],
    ['<b', 'Unclosed start tag at byte offset 0'],
    ['<a href="x', 'Unclosed start tag at byte offset 0'],
  ])('refuses %s', (html, complaint) => {
    expect(textOf(html)).toBe(complaint);
  });

  it('knows four named entities and every number, and leaves the others as they are', () => {
    expect(textOf('&lt;&gt;&amp;&quot;&#1605;&#x645;')).toBe('<>&"مم');
    for (const unknown of ['&nbsp;', '&constructor;', '&toString;', '&', '&;', '&#0;', 'AT&T']) {
      expect(textOf(unknown)).toBe(unknown);
    }
  });

  it('finds entities in UTF-16 units of the visible text, without the white space around it', () => {
    expect(parseTelegramHtml(' \n😀 <b>م <a href="https://x.org">ن</a></b> ')).toEqual({
      text: '😀 م ن',
      entities: [
        { tag: 'a', offset: 5, length: 1, href: 'https://x.org' },
        { tag: 'b', offset: 3, length: 3 },
      ],
    });
  });

  const pieces = fc.constantFrom(
    ...[
      '<',
      '>',
      '&',
      ';',
      '/',
      '"',
      "'",
      '=',
      ' ',
      '#',
      'x',
      'b',
      'a href',
      '<b>',
      '</b>',
      '&lt',
      '&#x1F600;',
      'م',
      '😀',
    ],
  );

  it('never breaks the parser, whatever it is, and never leaves an entity outside the text', () => {
    const html = fc.oneof(
      fc.string({ unit: anyUnit }),
      fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(html, (given) => {
        const parsed = parseTelegramHtml(given);
        if ('error' in parsed) return true;
        const isInside = parsed.entities.every(
          ({ offset, length }) => offset >= 0 && length > 0 && offset + length <= parsed.text.length,
        );
        return isInside && parsed.text === parsed.text.trim();
      }),
      { numRuns: 1000 },
    );
  });

  it('never changes a text that was escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.oneof(pieces, anyUnit) }), (text) => {
        const html = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        expect(parseTelegramHtml(html)).toEqual({ text: text.trim(), entities: [] });
      }),
      { numRuns: 300 },
    );
  });
});
