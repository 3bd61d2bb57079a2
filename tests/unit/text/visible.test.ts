import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseTelegramHtml } from '../../../src/sandbox/telegram-html.ts';
import { escapeHtml } from '../../../src/text/escape.ts';
import { visibleTelegram } from '../../../src/text/visible.ts';
import { codePoint } from '../../support/code-point.ts';

describe('what a reader sees of Telegram HTML', () => {
  it.each([
    ['<b>خبر &amp; &lt;رأي&gt;</b>\n\nنص', 'خبر & <رأي>\n\nنص'],
    ['<a href="https://news.example/?a=1&amp;b=2">رابط</a>', 'رابط'],
    ['<a title="a > b" href=\'x\'>ok</a>', 'ok'],
    ['<blockquote expandable>قول</blockquote>', 'قول'],
    ['<span class="tg-spoiler">سر</span> <tg-spoiler>سر</tg-spoiler>', 'سر سر'],
    ['<pre><code class="language-ts">1 &lt; 2</code></pre>', '1 < 2'],
    ['<B>x</b> &#1587;&#x633;&quot;', 'x سس"'],
    ['&nbsp; &AMP; AT&T &#xD800; &#0;', '&nbsp; &AMP; AT&T &#xD800; &#0;'],
    ['&#x110000; &#1114112; &#x10ffff; &#x0000041;', '&#x110000; &#1114112; &#x10ffff; &#x0000041;'],
    ['<b>&amp</b>amp;<i>&#x4</i>1', '&amp;\u00041'],
    ['&lt &#65 &#x41 &ltx', '< A A &ltx'],
    ['  <i> x </i>\n', 'x'],
    ['', ''],
  ])('%s', (markup, text) => {
    expect(visibleTelegram(markup)).toEqual({ text });
  });

  it.each([
    ['<p>x</p>', 'p', "<p> is no tag of Telegram's"],
    ['<br/>', 'br', "<br> is no tag of Telegram's"],
    ['<b/>x', 'b', '<b/> must be opened and closed'],
    ['<b><i>x</b></i>', 'b', '</b> stands where </i> belongs'],
    ['x</b>', 'b', '</b> closes nothing'],
    ['<b>x', 'b', '<b> is not closed'],
    ['<span>x</span>', 'span', '<span> needs class="tg-spoiler"'],
    ['<blockquote>a<b><blockquote>b</blockquote></b></blockquote>', 'blockquote', 'a <blockquote> stands in another'],
    ['1 < 2', '', 'a "<" begins no tag: write &lt; for the sign itself'],
    ['<a href="x>y', '', 'a "<" begins no tag: write &lt; for the sign itself'],
  ])('%s is refused', (markup, tag, problem) => {
    expect(visibleTelegram(markup)).toMatchObject({ tag, problem });
  });

  const names = ['b', 'i', 'u', 's', 'a', 'code', 'pre', 'blockquote', 'tg-spoiler', 'p', 'B'];
  const piece = fc.oneof(
    fc.constantFrom(...names.flatMap((name) => [`<${name}>`, `</${name}>`])),
    fc.constantFrom('<a href="x">', '<span class="tg-spoiler">', '</span>', '<span>', '<blockquote expandable>'),
    fc.constantFrom(
      '&amp;',
      '&amp',
      '&lt;b&gt;',
      '&#65;',
      '&#x41',
      '&#99999999;',
      '&x;',
      '&',
      ' ',
      '\n',
      'خبر',
      '<',
      '>',
    ),
    fc.string(),
  );

  it('is what Telegram makes of it', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
        (markup) => {
          const { text, problem } = visibleTelegram(markup);
          const parsed = parseTelegramHtml(markup);
          if (problem === undefined) expect(parsed).toMatchObject({ text });
          // Stricter than the server only in what readers would not see as meant.
          else if (!/stands in another|begins no tag/.test(problem)) expect(parsed).toHaveProperty('error');
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it('gives every escaped text back', () => {
    const anything = fc.string({ unit: codePoint });
    fc.assert(
      fc.property(anything, (text) => {
        expect(visibleTelegram(`<b>${escapeHtml(text)}</b>`)).toEqual({ text: text.trim() });
      }),
    );
  });

  it('takes time in proportion to the length', () => {
    const start = performance.now();
    for (const odd of ['<a ', '<a x=1 ', '<b>x</b>', '<', '&#', '&amp;', '<a href="', '<b>']) {
      visibleTelegram(odd + odd.slice(-1).repeat(100_000));
      visibleTelegram(odd.repeat(20_000));
    }
    expect(performance.now() - start).toBeLessThan(3_000);
  });
});
