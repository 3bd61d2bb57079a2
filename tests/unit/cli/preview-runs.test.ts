import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutRuns, linesOf, type Run, runsOf } from '../../../src/cli/preview-runs.ts';

const read = (platform: string, markup: string) => runsOf(platform, { text: 'unused', markup });
const textOf = (runs: readonly Run[]) => runs.map(({ text }) => text).join('');

describe('markup', () => {
  it('of Telegram is read as its readers see it', () => {
    expect(
      read('telegram', '<b>عاجل &amp; <i>مهم</i></b>\n\nسطر &lt;2&gt; <a href="https://e.org/?a=1&amp;b=2">هنا</a>'),
    ).toEqual([
      { text: 'عاجل & ', looks: ['bold'] },
      { text: 'مهم', looks: ['bold', 'italic'] },
      { text: '\n\nسطر <2> ', looks: [] },
      { text: 'هنا', looks: [], href: 'https://e.org/?a=1&b=2' },
    ]);
    expect(textOf(read('telegram', '<b>a</b> &#x2066;&#65; & < 5 <c>x</c></b>'))).toBe('a \u2066A & < 5 x');
  });

  it('of WhatsApp is read as its readers see it', () => {
    expect(read('whatsapp', '*عنوان _مهم_*\n\n~لا~ 3*4*5 https://e.org/_a_/*b*')).toEqual([
      { text: 'عنوان ', looks: ['bold'] },
      { text: 'مهم', looks: ['bold', 'italic'] },
      { text: '\n\n', looks: [] },
      { text: 'لا', looks: ['struck'] },
      { text: ' 3*4*5 https://e.org/_a_/*b*', looks: [] },
    ]);
  });

  it('of a platform that has none is text', () => {
    expect(runsOf('x', { text: '*a* <b>', markup: 'no' })).toEqual([{ text: '*a* <b>', looks: [] }]);
    expect(runsOf('telegram', { text: '<b>' })).toEqual([{ text: '<b>', looks: [] }]);
  });

  it('of Telegram gives any escaped text back', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
        expect(textOf(read('telegram', `<b>${escaped}</b>${escaped}`))).toBe(text + text);
      }),
    );
  });

  it('of the longest posts is read in no time, however odd', () => {
    const started = performance.now();
    read('telegram', '<b'.repeat(16_000));
    read('telegram', '<b>'.repeat(300) + '&'.repeat(20_000));
    read('whatsapp', '*a '.repeat(1_365));
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});

describe('runs', () => {
  const runs: Run[] = [
    { text: 'one\ntwo ', looks: ['bold'] },
    { text: 'three\n\nfour', looks: [] },
  ];

  it('are cut at line feeds', () => {
    expect(linesOf(runs).map(textOf)).toEqual(['one', 'two three', '', 'four']);
    expect(linesOf(runs)[1]).toEqual([
      { text: 'two ', looks: ['bold'] },
      { text: 'three', looks: [] },
    ]);
  });

  it('are cut at any offset without loss', () => {
    const line = linesOf(runs)[1] ?? [];
    for (let at = 0; at <= 9; at += 1) {
      const [first, second] = cutRuns(line, at);
      expect(textOf(first)).toBe('two three'.slice(0, at));
      expect(textOf(second)).toBe('two three'.slice(at));
    }
  });
});
