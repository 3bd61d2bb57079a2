import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arabicPunctuation, tidySpacing } from '../../../src/text/punctuation.ts';

describe('Arabic punctuation', () => {
  it.each([
    ['قال الوزير, ثم غادر; فهل يعود?', 'قال الوزير، ثم غادر؛ فهل يعود؟'],
    ['قال,وأضاف', 'قال،وأضاف'],
    ['قال “نعم”, ثم', 'قال “نعم”، ثم'],
    ['قال "نعم", ثم', 'قال "نعم"، ثم'],
    ['(فتح), حماس', '(فتح)، حماس'],
    ['مُحمّدٌ, نعم', 'مُحمّدٌ، نعم'],
    ['عام ٢٠٢٠, قال', 'عام ٢٠٢٠، قال'],
    ['في عام 2020, قال', 'في عام 2020، قال'],
    ['لماذا?? لماذا?!', 'لماذا؟؟ لماذا؟!'],
    ['“هل عاد?”', '“هل عاد؟”'],
    ['عدد 1,000 و ٣,٥ و 3,5', undefined],
    ['شركات Google, Apple; Meta?', undefined],
    ['https://a.org/مقال?id=3 و https://a.org/خبر?كلمة و a.org/خبر?كلمة', undefined],
    ['Yes, he said; did he?', undefined],
    ['قال,5', undefined],
    ['قال,Reuters', undefined],
  ])('%j', (given, expected = given) => {
    expect(arabicPunctuation(given)).toBe(expected);
    expect(arabicPunctuation(expected)).toBe(expected);
  });
});

describe('spacing', () => {
  it.each([
    ['قال ، نعم', 'قال، نعم'],
    ['قال ؛ نعم ؟', 'قال؛ نعم؟'],
    ['قال : نعم .', 'قال: نعم.'],
    ['عاش ! نعم', 'عاش! نعم'],
    ['قال “نعم” .', 'قال “نعم”.'],
    ['عام 2020 .', 'عام 2020.'],
    ['ثم عاد ... ورحل', undefined],
    ['ثم عاد .. ورحل', undefined],
    ['Bonjour ! Ça va : bien .', undefined],
    ['لغة .NET جديدة', undefined],
    ['قال :) نعم', undefined],
    ['، قال', undefined],
    ['Reuters ، قال', 'Reuters، قال'],
    ['قال\n، نعم', undefined],
    ['الساعة 10 : 30', undefined],
  ])('%j', (given, expected = given) => {
    expect(tidySpacing(given)).toBe(expected);
  });

  const piece = fc.oneof(
    fc.constantFrom(...'قال “ ” ، ؛ ؟ . .. ... ! : , ; ? Latin 5 ٥ ( )'.split(' '), '\n', ' '),
    fc.string({ unit: 'grapheme', maxLength: 3 }),
  );
  const text = fc.array(fc.tuple(piece, fc.constantFrom(' ', '')), { maxLength: 20 }).map((all) => all.flat().join(''));

  it('takes nothing but spaces away, and twice is once; marks are changed one for one', () => {
    fc.assert(
      fc.property(text, (given) => {
        const tidied = tidySpacing(given);
        expect(tidied.replace(/[ \u00a0\u202f]/g, '')).toBe(given.replace(/[ \u00a0\u202f]/g, ''));
        expect(tidySpacing(tidied)).toBe(tidied);
        const marked = arabicPunctuation(given);
        const plain = (all: string) => all.replaceAll('،', ',').replaceAll('؛', ';').replaceAll('؟', '?');
        expect(plain(marked)).toBe(plain(given));
        expect(arabicPunctuation(marked)).toBe(marked);
      }),
      { numRuns: 2_000 },
    );
  });
});
