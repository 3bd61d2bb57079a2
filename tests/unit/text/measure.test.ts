import fc from 'fast-check';
import twitterText from 'twitter-text';
import { describe, expect, it } from 'vitest';
import { limits, measureParameter, measureTemplate, measureUtf16, measureX } from '../../../src/text/measure.ts';
import { weighX } from '../../../src/text/x-weight.ts';
import { codePoint } from '../../support/code-point.ts';

const links = [
  'https://example.org/news/1?a=b&c=d#e',
  'http://example.com',
  'https://مثال.موقع/خبر',
  'https://t.co/abc123',
  'https://t.co/abc/more',
  'example.com',
  'www.example.co.uk/path_(one)',
  'sy24.com،',
  'a.comقb.net/x',
  'xn--mgbh0fb.xn--ngbc5azd',
  'name@example.com',
  'https://".com/a',
  'HTTPS://EXAMPLE.ORG',
  'قال.وأضاف',
  'كلمة.موقع',
  'latin.موقع',
  'مثال.com',
  'example.comواو',
  'e.g.com.',
  '3.5',
  'U.S.',
  'example..com',
  'ⱥ.com',
  '한국.삼성',
  'http://a_b.example.org:8080/?q=1',
];
const emoji = ['👨‍👩‍👧', '🇸🇾', '1️⃣', '#⃣', '👍🏽', '❤️', '‼️', '©️', '⛹🏿‍♀️', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🙂', '™', '☀', '\ue50a', '🧿'];
const odd = [
  '\u200f',
  '\u202b',
  '\u2067',
  '\u061c',
  '\u200d',
  '\ufe0f',
  '\u20e3',
  '\ud83d',
  '\udc68',
  '\ufffe',
  '\ufeff',
  '\uffff',
];
const marks = [
  'e\u0301',
  '\u0301',
  'ا\u0654',
  '\u0653',
  'مُحَمَّد',
  '\u0651\u064e',
  'ᄒ\u1161',
  '\u11ab',
  '\u212b',
  '\u2126',
  '\u0958',
  '\u2000',
];
const glue = [
  ' ',
  '\n',
  '\u00a0',
  '\u2003',
  '\u3000',
  '\u0085',
  '\t',
  '',
  '',
  '',
  '.',
  '،',
  '؛',
  '-',
  '_',
  '/',
  '@',
  '#',
  '$',
  '＠',
  '“',
  ')',
  ':',
  '\u200f',
  '\ufeff',
];
const words = ['قال', 'الوزير', 'بحسب', 'the', 'Zürich', '日本語', 'ไทย', 'हिन्दी', 'Ελλάδα', '٢٠٢٤', '2024', 'و'];
const part = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...words) },
  { weight: 5, arbitrary: fc.constantFrom(...links) },
  { weight: 3, arbitrary: fc.constantFrom(...emoji) },
  { weight: 2, arbitrary: fc.constantFrom(...odd, ...marks) },
  { weight: 1, arbitrary: fc.string({ unit: codePoint, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.webUrl() },
);
const post = fc
  .array(fc.tuple(part, fc.constantFrom(...glue)), { maxLength: 12 })
  .map((parts) => parts.flat().join(''));

function same(text: string): void {
  const { weightedLength, valid } = twitterText.parseTweet(text);
  expect(weighX(text)).toEqual({ weightedLength, valid });
}

describe('the weight on X', () => {
  it('is what twitter-text counts, for links, emoji and marks in any place', () => {
    fc.assert(fc.property(post, same), { numRuns: 8_000 });
  });

  it('is what twitter-text counts, for any UTF-16 units', () => {
    const unit = fc.oneof(
      fc.constantFrom(...'.:/ -@#a1é€', ...odd, ...emoji.flatMap((all) => all.split(''))),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    );
    fc.assert(
      fc.property(
        fc.array(unit, { maxLength: 40 }).map((all) => all.join('')),
        same,
      ),
      { numRuns: 6_000 },
    );
    fc.assert(fc.property(fc.string({ unit: codePoint, maxLength: 60 }), same), { numRuns: 3_000 });
  });

  it('is what twitter-text counts, for every single unit, alone, after a letter and beside a link', () => {
    for (let code = 0; code <= 0xffff; code++) {
      const char = String.fromCharCode(code);
      const { weightedLength, valid } = twitterText.parseTweet(char);
      const ours = weighX(char);
      if (ours.weightedLength !== weightedLength || ours.valid !== valid) expect.fail(`U+${code.toString(16)}`);
      if (code % 7 === 0) same(`a${char} ${char}b.com${char}`);
    }
  });

  it('is what twitter-text counts around 280 and for the empty text', () => {
    for (const text of ['', ' ', '\n', 'م'.repeat(280), 'م'.repeat(281), '語'.repeat(140), '語'.repeat(141)])
      same(text);
    same(`${'م'.repeat(256)} example.com`);
    same(`${'م'.repeat(257)} example.com`);
  });

  it('is what twitter-text counts for many links and emoji, and again when they are known', () => {
    const many = Array.from({ length: 40 }, (_, at) => `خبر https://example.org/${at} 👍🏽${at}`).join('\n');
    same(many);
    for (const line of many.split('\n')) same(line);
    same(many);
  });

  it('takes linear time for long texts without spaces', () => {
    const started = performance.now();
    for (const text of ['قال.'.repeat(20_000), 'قال'.repeat(30_000), '. '.repeat(50_000), '،'.repeat(100_000)])
      weighX(text);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('the measures of the platforms', () => {
  it('refuse blank and broken text whatever its length', () => {
    for (const text of ['', ' \n', '\ud800']) {
      expect(measureUtf16(text, 10).valid).toBe(false);
      expect(measureX(text).valid).toBe(false);
    }
    expect(measureX('خبر https://example.org/a')).toEqual({ length: 27, limit: 280, unit: 'weighted', valid: true });
    expect(measureUtf16('👍', 2)).toEqual({ length: 2, limit: 2, unit: 'utf16', valid: true });
    expect(measureUtf16('👍', 1).valid).toBe(false);
  });

  it('take a template parameter only on one line, without runs of spaces', () => {
    expect(measureParameter('خبر    قصير').valid).toBe(true);
    for (const text of ['', ' ', 'a\nb', 'a\rb', 'a\tb', 'a     b', 'a\u2028b', 'x'.repeat(1025)])
      expect(measureParameter(text).valid).toBe(false);
  });

  it('count a template with its parameters filled in', () => {
    const body = '{{1}}\n\n{{2}}';
    expect(measureTemplate(body, ['خبر', 'تفاصيل'])).toEqual({ length: 11, limit: 1024, unit: 'utf16', valid: true });
    expect(measureTemplate(body, ['خبر', 'ت'.repeat(1019)]).valid).toBe(true);
    expect(measureTemplate(body, ['خبر', 'ت'.repeat(1020)]).valid).toBe(false);
    expect(measureTemplate(body, ['خبر']).valid).toBe(false);
    expect(measureTemplate(body, ['خبر', 'a\nb']).valid).toBe(false);
    expect(measureTemplate(body, ['$&', '{{1}}'])).toMatchObject({ length: 9, valid: true });
  });

  it('know the limits by name', () => {
    expect(limits).toMatchObject({ telegramText: 4096, telegramCaption: 1024, facebookMessage: 63_206 });
  });
});
