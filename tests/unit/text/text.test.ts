import fc from 'fast-check';
import twitterText from 'twitter-text';
import { describe, expect, it } from 'vitest';
import { escapeHtml, templateParameter } from '../../../src/text/escape.ts';
import { shortenHeadline } from '../../../src/text/headline.ts';
import { canonicalLanguage, detectLanguage } from '../../../src/text/language.ts';
import { measureUtf16, measureX, xLimit } from '../../../src/text/measure.ts';
import { normaliseText } from '../../../src/text/normalise.ts';
import { isOpen } from '../../../src/text/quotes.ts';
import { splitSentences } from '../../../src/text/sentences.ts';
import { codePoint } from '../../support/code-point.ts';

/** Words, quotes, marks and oddities of Arabic and English news. */
const piece = fc.oneof(
  fc.constantFrom(
    ...'قال إن داعش د. أ.د. لـ “ ” « » " ( ) ؟ ! . … ، ؛ 3.5 12/11 U.S. Dr. SY24 https://a.org/b?c=d example.com 👨‍👩‍👧 🇸🇾 ـــ مُحَمَّد ﻃﺮﻃﻮﺱ ﷲ ﷺ'.split(
      ' ',
    ),
    '\u200f',
    '\u00a0',
    '\u0085',
    '\ud800',
    '\ufffe',
    '\u061c',
    'e\u0301',
    'ا\u0654',
    '\n',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.string({ unit: codePoint, maxLength: 3 }),
);
const text = fc
  .array(fc.tuple(piece, fc.constantFrom(' ', '', '  ')), { maxLength: 30 })
  .map((all) => all.flat().join(''));
const clean = text.map(normaliseText);

describe('normalised text', () => {
  it('stays as it is when normalised again, and is fit to store', () => {
    fc.assert(
      fc.property(text, (given) => {
        const once = normaliseText(given);
        expect(normaliseText(once)).toBe(once);
        expect(once.isWellFormed()).toBe(true);
        expect(once).not.toMatch(/[\n\r\t\u0085\u00a0\u200f\ufeff\ufffe]|^\s|\s$|\s\s/);
      }),
      { numRuns: 1_500 },
    );
  });

  it('never loses or changes printable ASCII, quotes, diacritics or digits', () => {
    const kept = fc.string({ unit: fc.constantFrom(...'aZ0 ~"\'`<&“”‘’«»„‹›…–—،؛؟١٩٪ًَُِّْ'), maxLength: 60 });
    fc.assert(
      fc.property(kept, (given) => {
        const solid = (all: string) => [...all.replace(/\s/g, '')].toSorted().join('');
        expect(solid(normaliseText(given))).toBe(solid(given.normalize('NFC')));
      }),
    );
  });

  it.each([
    ['خـــاص', 'خاص'],
    ['لـ “داعش”', 'لـ “داعش”'],
    ['هـ', 'هـ'],
    ['مُـحمد', 'مُحمد'],
    ['ﻃﺮﻃﻮﺱ', 'طرطوس'],
    ['ﷲ ﷺ', 'الله ﷺ'],
    ['ﬁnal', 'final'],
    ['\ufeffa\u200b\u00a0\u0085b\u00ad', 'a b'],
    ['می\u200cخواهم', 'می\u200cخواهم'],
    ['👨‍👩‍👧', '👨‍👩‍👧'],
  ])('%j is %j', (given, expected) => {
    expect(normaliseText(given)).toBe(expected);
  });
});

describe('sentences', () => {
  it.each([
    [
      'قال الوزير إن “الوضع صعب. لكنه يتحسن”. وأضاف: هل من جديد؟ نعم.',
      ['قال الوزير إن “الوضع صعب. لكنه يتحسن”.', 'وأضاف: هل من جديد؟', 'نعم.'],
    ],
    ['حضر د. سامر و أ.د. ليلى. ثم غادرا.', ['حضر د. سامر و أ.د. ليلى.', 'ثم غادرا.']],
    ['Dr. M. Saleh paid $2.50 in the U.S. He left.', ['Dr. M. Saleh paid $2.50 in the U.S.', 'He left.']],
    ['He said “it is “very” late. Go.” They went.', ['He said “it is “very” late. Go.”', 'They went.']],
    [
      'An open “quote never ends. The next «one does». Last.',
      ['An open “quote never ends.', 'The next «one does».', 'Last.'],
    ],
    ['', []],
  ])('of %j', (paragraph, expected) => {
    expect(splitSentences(paragraph, /[ء-ي]/.test(paragraph) ? 'ar' : 'en')).toEqual(expected);
  });

  it('joined by spaces give the words back', () => {
    fc.assert(
      fc.property(clean, fc.constantFrom('ar', 'en'), (paragraph, language) => {
        const sentences = splitSentences(paragraph, language);
        expect(sentences.join('').replace(/\s/g, '')).toBe(paragraph.replace(/\s/g, ''));
        expect(sentences.every((sentence) => sentence !== '' && sentence.trim() === sentence)).toBe(true);
      }),
    );
  });

  it('know an open quotation', () => {
    expect(['“a', 'a "b', '«a (b»', '“a “b”'].map(isOpen)).toEqual([true, true, false, true]);
    expect(['“a “b” c”', 'a "b"', '(a) «b»', '', 'a”'].map(isOpen)).toEqual([false, false, false, false, false]);
  });
});

describe('a headline', () => {
  const fitsX = (given: string) => measureX(given).length <= xLimit;

  it('a headline fits or is as short as can be, and is a beginning of what was given', () => {
    fc.assert(
      fc.property(
        clean.filter((one) => one !== ''),
        fc.integer({ min: 0, max: 60 }),
        (headline, limit) => {
          for (const fits of [(all: string) => all.length <= limit, (all: string) => measureX(all).length <= limit]) {
            const { text: shown, edits } = shortenHeadline(headline, fits);
            expect(fits(shown) || shown === '…').toBe(true);
            expect(edits.length).toBe(shown === headline ? 0 : 1);
            if (shown !== headline) expect(headline.startsWith(shown.slice(0, -1)) && shown.endsWith('…')).toBe(true);
          }
        },
      ),
    );
  });

  it('a headline fits even where a longer one may be lighter', () => {
    const lengths = fc.uniqueArray(fc.integer({ min: 1, max: 60 }));
    fc.assert(
      fc.property(
        clean.filter((one) => one !== ''),
        lengths,
        (headline, fitting) => {
          const fits = (all: string) => fitting.includes(all.length);
          const { text: shown } = shortenHeadline(headline, fits);
          expect(fits(shown) || shown === '…').toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('a headline is cut between words and outside quotation marks', () => {
    const cut = (headline: string, limit: number) => shortenHeadline(headline, (all) => all.length <= limit).text;
    expect(cut('قال الوزير: “سنعود غدا إلى البلدة” وغادر', 26)).toBe('قال الوزير…');
    expect(cut('One two, three four', 12)).toBe('One two…');
    expect(cut('👨‍👩‍👧👨‍👩‍👧', 12)).toBe('👨‍👩‍👧…');
    expect(fitsX(shortenHeadline('كلمة '.repeat(200).trim(), fitsX).text)).toBe(true);
  });
});

describe('measuring', () => {
  it('for X is what twitter-text says, and never calls an unusable text valid', () => {
    fc.assert(
      fc.property(text, (given) => {
        const { length, valid, limit, unit } = measureX(given);
        expect({ length, limit, unit }).toEqual({
          length: twitterText.parseTweet(given).weightedLength,
          limit: 280,
          unit: 'weighted',
        });
        if (valid) expect(length <= limit && given.trim() !== '' && given.isWellFormed()).toBe(true);
      }),
    );
    expect([
      measureX('https://example.org/a/very/long/address').length,
      measureX('خبر').length,
      measureX('👨‍👩‍👧').length,
    ]).toEqual([23, 3, 2]);
    expect(['', ' ', 'a\ufffe', '\ud800', 'a'.repeat(281)].map((given) => measureX(given).valid)).toEqual(
      Array(5).fill(false),
    );
  });

  it('elsewhere counts UTF-16 units', () => {
    expect(measureUtf16('خبر 🇸🇾', 8)).toEqual({ length: 8, limit: 8, unit: 'utf16', valid: true });
    expect(['', '123456789', '\udc00'].map((given) => measureUtf16(given, 8).valid)).toEqual([false, false, false]);
  });
});

describe('escaping', () => {
  it('for HTML can be read back, and leaves no markup', () => {
    fc.assert(
      fc.property(text, (given) => {
        const escaped = escapeHtml(given);
        expect(escaped).not.toMatch(/[<>]|&(?!amp;|lt;|gt;)/);
        expect(escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')).toBe(given);
      }),
    );
  });

  it('for WhatsApp keeps parameters whole', () => {
    expect(templateParameter(' a\n\tb      c ')).toBe('a b c');
  });
});

describe('the language of a text', () => {
  it('is spelt in one way, so that filters find it', () => {
    expect(['AR', 'en-gb', 'ar-xx-yy'].map(canonicalLanguage)).toEqual(['ar', 'en-GB', 'ar-xx-yy']);
  });

  it.each([
    ['افتتحت بلدية طرطوس جسرا جديدا', 'ar', 'rtl'],
    ['خبر https://example.org/a/very/long/address/in/latin/letters @handle', 'ar', 'rtl'],
    ['افتتحت البلدیة الیوم الجسر الجدید فی المدینة', 'ar', 'rtl'],
    ['دولت ایران گزارش تازه‌ای درباره وضعیت کشور منتشر کرد', 'fa', 'rtl'],
    ['سڑک پر ٹریفک بند ہے اور لوگ پریشان ہیں', 'ur', 'rtl'],
    ['حکوومەتی هەرێم بڕیاری نوێی دەرکرد', 'ckb', 'rtl'],
    ['The mayor of the city has opened a bridge', 'en', 'ltr'],
    ['Le maire de la ville a inauguré un pont sur la rivière', 'fr', 'ltr'],
    ['Bridge opens', 'en', 'ltr'],
    ['העיר פתחה גשר חדש', 'he', 'rtl'],
    ['12 – 34', 'und', 'ltr'],
  ])('%s is %s', (given, language, direction) => {
    expect(detectLanguage(given)).toEqual({ language, direction });
  });
});
