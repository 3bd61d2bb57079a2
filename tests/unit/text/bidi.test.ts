import { createRequire } from 'node:module';
import type { Bidi } from 'bidi-js';
import fc from 'fast-check';
import twitterText from 'twitter-text';
import { describe, expect, it } from 'vitest';
import type { Direction } from '../../../src/core/article.ts';
import { isolate, markDirection, plainMarks, xMarks } from '../../../src/text/bidi.ts';
import { embeddingLevels } from '../../../src/text/levels.ts';

const bidi = (createRequire(import.meta.url)('bidi-js') as () => Bidi)();
const marks = /[\u061c\u200e\u200f\u2066-\u2069]/g;
const bare = (text: string) => text.replace(marks, '');
const named: Record<string, string> = {
  '\u061c': '{ALM}',
  '\u200e': '{LRM}',
  '\u200f': '{RLM}',
  '\u2066': '{LRI}',
  '\u2067': '{RLI}',
  '\u2069': '{PDI}',
};
const seen = (text: string) => text.replace(marks, (mark) => named[mark] as string);

/** bidi-js reads UTF-16 units: pairs as two characters of their kind. */
function unitByUnit(line: string): string {
  const standIns: Record<string, string> = {
    L: 'aa',
    R: 'אא',
    AL: 'اا',
    EN: '00',
    AN: '٠٠',
    NSM: '\u0300\u0300',
    BN: '\u00ad\u00ad',
  };
  return line.replace(/[\ud800-\udbff][\udc00-\udfff]/g, (pair) => standIns[bidi.getBidiCharTypeName(pair)] ?? '☃☃');
}

/** What a line looks like from left to right, without the marks. Emoji stand as two neutral signs. */
function shown(line: string, direction: Direction): string {
  const plain = unitByUnit(line);
  return bare(bidi.getReorderedString(plain, bidi.getEmbeddingLevels(plain, direction)));
}

const latin = [
  ...'SY24 Reuters C++ C# U.S. AT&T @sy_24 #Syria #SY24 $5 50% -5 +3 3-2 2019-2020 2020-10-03 10:30-11:45 3D 4K COVID-19 AT&T'.split(
    ' ',
  ),
  'Human Rights Watch',
  'The “New” Times',
  '“Foo” Bar',
  'Foo (Bar)',
  '"Foo" Bar',
  'desk@sy24.com',
  'sy24.com',
  'sy24.com/news/',
  'https://sy24.com/a/?b=c&d=e#f',
  'https://sy24.com/',
  '+963 11 222 3333',
  '1 000 000',
  '30°C',
  '$5-$7',
  'Müller',
  'Москва',
];

describe('a right-to-left post', () => {
  it.each([
    ['قال SY24 إن العدد 2020 شخص', 'قال SY24 إن العدد 2020 شخص'],
    ['شركة Human Rights Watch (HRW) قالت', 'شركة Human Rights Watch (HRW) قالت'],
    ['SY24: مقتل شخص', '{ALM}SY24: مقتل شخص'],
    ['“SY24” تنشر', '{ALM}“SY24” تنشر'],
    ['لغة C++ هي', 'لغة C++{LRM} هي'],
    ['لغة C# هي', 'لغة C#{LRM} هي'],
    ['وسم #Syria انتشر', 'وسم {LRM}#Syria انتشر'],
    ['حساب @sy_24 على', 'حساب {LRM}@sy_24 على'],
    ['وسم #سوريا انتشر', 'وسم #سوريا انتشر'],
    ['بين 2019-2020 في', 'بين {LRM}2019-2020 في'],
    ['بين ٢٠١٩-٢٠٢٠ في', 'بين ٢٠١٩-٢٠٢٠ في'],
    ['بعد SY24 2019-2020 في', 'بعد SY24 2019-2020 في'],
    ['نسبة 50% من', 'نسبة {LRM}50% من'],
    ['فاز 3-2 على', 'فاز {LRM}3-2 على'],
    ['كوفيد-19 ينتشر', 'كوفيد-19 ينتشر'],
    ['حرارة -5 درجات', 'حرارة {LRM}-5 درجات'],
    ['هاتف +963 11 222 3333 للطوارئ', 'هاتف {LRM}+963 11 222 3333 للطوارئ'],
    ['زيارة https://sy24.com/a/ للمزيد', 'زيارة https://sy24.com/a/{LRM} للمزيد'],
    ['في U.S. قال', 'في U.S.{LRM} قال'],
    ['صحيفة “Foo” Bar قالت', 'صحيفة {LRM}“Foo” Bar قالت'],
    ['صحيفتا “Foo”، “Bar” معا', 'صحيفتا “Foo{ALM}”، “Bar” معا'],
    ['صحيفتا (Foo)، (Bar) معا', 'صحيفتا (Foo)، (Bar) معا'],
    ['"قال Foo" Bar نعم', '"قال Foo{ALM}" Bar نعم'],
    ['50% من السكان', '50% من السكان'],
    ['-5 درجات', '{ALM}{LRM}-5 درجات'],
    ['في باريس و-3,5% في', 'في باريس و{LRM}-3,5% في'],
    ['من ب-50 إلى', 'من ب-50 إلى'],
    ['طراز إم56-7بي', 'طراز إم{LRM}56-7بي'],
    ['حساب &@sy_24 و&#Syria و@sy_24', 'حساب {LRM}&@sy_24 و&#Syria و{LRM}@sy_24'],
    ['سعر $AAPL و US$5', 'سعر{LRM} $AAPL و US$5'],
    ['وسم Metoo# انتشر', 'وسم Metoo# انتشر'],
    ['🔴 عاجل', '{ALM}🔴 عاجل'],
    ['عاجل 🔴', 'عاجل 🔴'],
    ['عدد 1,000 و 3.5 و 12/11 و 10:30', 'عدد 1,000 و 3.5 و 12/11 و 10:30'],
    ['https://sy24.com/a', 'https://sy24.com/a'],
    ['sy24.com', 'sy24.com'],
    ['2019-2020 – 50%', '2019-2020 – 50%'],
    ['', ''],
    ['#Syria #SY24', '{ALM}{LRM}#Syria #SY24'],
    ['قال\nSY24 قالت\nنعم', 'قال\n{ALM}SY24 قالت\nنعم'],
  ])('%j gets no more marks than it needs on X', (given, expected) => {
    expect(seen(markDirection(given, 'rtl', xMarks))).toBe(expected);
  });

  it('begins with U+200F where that costs no more', () => {
    expect(seen(markDirection('SY24: مقتل', 'rtl', plainMarks))).toBe('{RLM}SY24: مقتل');
  });

  it.each(latin)('shows %j from left to right, whole, between any neighbours', (run) => {
    for (const [before, after] of [
      ['قال ', ' نعم'],
      ['قال (', ') نعم'],
      ['قال “', '”، نعم'],
      ['قال: ', ''],
      ['', ' نعم'],
      ['قال 5 ', '، نعم'],
      ['قال 👍 ', ' 👍 نعم'],
      ['قال – ', ' – نعم'],
    ] as const) {
      const marked = markDirection(`${before}${run}${after}`, 'rtl', plainMarks);
      expect(shown(marked, 'rtl')).toContain(run);
    }
  });
});

describe('a left-to-right post', () => {
  it.each([
    ['The group حركة فتح said', 'The group حركة فتح said'],
    ['سوريا is the word', '{LRM}سوريا is the word'],
    ['The tag #سوريا was used', 'The tag {ALM}#سوريا was used'],
    ['The paper حركة “فتح” said', 'The paper حركة “فتح”{ALM} said'],
    ['The paper حركة (فتح) said', 'The paper حركة (فتح) said'],
    ['Between قال 2019-2020 said', 'Between قال {LRM}2019-2020 said'],
    ['He said قال 2019-2020 ثم and left', 'He said قال {LRI}2019-2020{PDI} ثم and left'],
    ['Only English, 2019-2020, C++.', 'Only English, 2019-2020, C++.'],
  ])('%j gets no more marks than it needs on X', (given, expected) => {
    expect(seen(markDirection(given, 'ltr', xMarks))).toBe(expected);
  });
});

const word = fc.oneof(
  fc.constantFrom(...'قال سوريا مُحمّد لـ ٢٠٢٠ ٣٫٥ و #سوريا_اليوم שלום'.split(' ')),
  fc.constantFrom(...latin),
  fc.constantFrom(...'👍 🇸🇾 👨‍👩‍👧 5️⃣ – … « » “ ” ( ) " \' : . ، ؛ ؟ ! / & % $ # @ - + _ * e\u0301 𝟙 𐤀'.split(' ')),
  // Characters that bidi-js, the reference here (Unicode 13), knows.
  fc
    .string({ unit: 'grapheme', maxLength: 4 })
    .map((given) => given.replace(/[^\0-\u085f\u0900-\u1abf\u1e00-\u2e52\u3000-\ud7ff]/gu, '')),
);
const mixture = fc
  .array(fc.tuple(word, fc.constantFrom(' ', ' ', '', '\n')), { maxLength: 24 })
  .map((all) => all.flat().join('').replace(marks, ''));
const directions = fc.constantFrom<Direction>('rtl', 'ltr');
const costs = fc.constantFrom(xMarks, plainMarks);

describe('direction marks', () => {
  it('leave the text as given when taken out, and are not added twice', () => {
    fc.assert(
      fc.property(mixture, directions, costs, (text, direction, marksCost) => {
        const marked = markDirection(text, direction, marksCost);
        expect(bare(marked)).toBe(text);
        expect(markDirection(marked, direction, marksCost)).toBe(marked);
      }),
      { numRuns: 3_000 },
    );
  });

  it('take no address, tag or handle from X, nor give it one', () => {
    fc.assert(
      fc.property(mixture, directions, costs, (text, direction, marksCost) => {
        const marked = markDirection(text, direction, marksCost);
        // Of letters glued to a bare domain twitter-text takes more or fewer by what stands before them; it stays one address.
        const [found, given] = [twitterText.extractUrls(marked), twitterText.extractUrls(text)];
        expect(found).toHaveLength(given.length);
        for (const [at, url] of found.entries()) {
          const other = given[at] as string;
          expect(url.endsWith(other) || other.endsWith(url), `${url} or ${other}`).toBe(true);
        }
        expect(twitterText.extractHashtags(marked)).toEqual(twitterText.extractHashtags(text));
        expect(twitterText.extractMentions(marked)).toEqual(twitterText.extractMentions(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it('leave a cashtag to X', () => {
    const marked = markDirection('سعر $AAPL و$T ثم $MSFT.', 'rtl', xMarks);
    expect(twitterText.extractCashtags(marked)).toEqual(['AAPL', 'MSFT']);
  });

  it('stand at no place inside a word or number, nor before a combining mark', () => {
    fc.assert(
      fc.property(mixture, directions, costs, (text, direction, marksCost) => {
        const marked = markDirection(text, direction, marksCost);
        expect(marked).not.toMatch(
          /[A-Za-z][\u061c\u200e\u200f\u2066-\u2069]+[A-Za-z0-9]|[0-9][\u061c\u200e\u200f]+[0-9]/,
        );
        expect(marked).not.toMatch(
          /[\u061c\u200e\u200f\u2066-\u2069]\p{M}|[\ud800-\udbff][\u061c\u200e\u200f\u2066-\u2069]/u,
        );
      }),
      { numRuns: 3_000 },
    );
  });

  it('make every line with letters begin in the direction of the post', () => {
    fc.assert(
      fc.property(mixture, directions, (text, direction) => {
        for (const line of markDirection(text, direction, xMarks).split('\n')) {
          const plain = unitByUnit(line);
          if (!/[A-Za-z\u0621-\u064a]/.test(plain) || /^\s*\S+\.\S+\s*$/.test(plain)) continue;
          expect(bidi.getEmbeddingLevels(plain, 'auto').paragraphs[0]?.level, JSON.stringify(line)).toBe(
            direction === 'rtl' ? 1 : 0,
          );
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('show Latin runs between Arabic words in order', () => {
    const arabic = fc.constantFrom(...'قال سوريا الحكومة مُحمّد في و'.split(' '));
    const break_ = fc.constantFrom(' ', ' – ', '، ', ' (', ') ', ' “', '”، ', ': ', ' 👍 ');
    const sentence = fc.array(fc.tuple(arabic, break_, fc.constantFrom(...latin), break_), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(sentence, arabic, costs, (parts, last, marksCost) => {
        const marked = markDirection(parts.flat().join('') + last, 'rtl', marksCost);
        const line = shown(marked, 'rtl');
        for (const [, , run] of parts) expect(line).toContain(run);
      }),
      { numRuns: 3_000 },
    );
  });

  it('come in linear time', () => {
    for (const unit of ['C++ قال ', '(“', '#a', '2019-', 'a(b “', '. a', '1 000 ', 'https://a.b/(']) {
      const text = `قال ${unit.repeat(30_000 / unit.length)} قال`;
      const start = performance.now();
      markDirection(text, 'rtl', xMarks);
      expect(performance.now() - start, unit).toBeLessThan(1_500);
    }
  });
});

describe('embedding levels', () => {
  it('are those of bidi-js, though it is asked about less', () => {
    const signs = 'قالسوabZ019 ،.:؟!–’,()“”[]#@%-+/$٠٥\u064f\u0670א\u200e\u200f\u061c\u2066\u2067\u2068\u2069\t';
    const line = fc.string({ unit: fc.constantFrom(...signs, 'قال نعم', 'ab cd', '12'), maxLength: 30 });
    fc.assert(
      fc.property(line, directions, (text, direction) => {
        expect(embeddingLevels(text, direction)).toEqual(bidi.getEmbeddingLevels(text, direction).levels);
      }),
      { numRuns: 3_000 },
    );
  });
});

describe('a value set apart', () => {
  it.each([
    ['SY24', 'rtl', 'SY24'],
    ['Yahoo!', 'rtl', '{LRI}Yahoo!{PDI}'],
    ['+963 11', 'rtl', '{LRI}+963 11{PDI}'],
    ['2020', 'rtl', '2020'],
    ['سانا', 'rtl', 'سانا'],
    ['«سانا»', 'rtl', '«سانا»'],
    ['«سانا»', 'ltr', '{RLI}«سانا»{PDI}'],
    ['سانا', 'ltr', 'سانا'],
    ['Yahoo!', 'ltr', 'Yahoo!'],
    ['', 'rtl', ''],
  ] as const)('%j in a %s text is %j', (value, direction, expected) => {
    expect(seen(isolate(value, direction))).toBe(expected);
  });
});
