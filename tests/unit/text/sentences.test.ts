import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closedDepths, depths, isBalanced, isOpen } from '../../../src/text/quotes.ts';
import { splitSentences } from '../../../src/text/sentences.ts';

const gold = readFileSync(new URL('../../../bench/sentences-gold.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as { lang: string; text: string; expected: string[] });

const split = (text: string) => splitSentences(text, /[ء-ي]/.test(text) ? 'ar' : 'en');

const word = fc.constantFrom(
  ...'قال الوزير داعش د. أ.د. م. 2018 3.5 إن هل و ثم the The Smith U.S. Dr. p.m. No. 5 J. example.com (نعم) don’t 1. a) … ... iPhone'.split(
    ' ',
  ),
);
const mark = fc.constantFrom(...'. ؟ ! ، ؛ : ... … “ ” " « » ( ) [ ] \' ’ ‘ „ - ? .” ؟" .) \u200f \u202a'.split(' '));
const loose = fc
  .array(fc.tuple(fc.oneof(word, mark, fc.string({ unit: 'grapheme', maxLength: 3 })), fc.constantFrom(' ', '', ' ')), {
    maxLength: 40,
  })
  .map((all) => all.flat().join(''));
const phrase = fc
  .array(fc.constantFrom(...'قال الوزير هناك خطة جديدة they agreed on peace'.split(' ')), {
    minLength: 1,
    maxLength: 5,
  })
  .map((all) => all.join(' '));
const quoted = fc
  .tuple(
    fc.constantFrom('“”', '«»', '""', '()', '““', '””'),
    fc.array(phrase, { minLength: 1, maxLength: 4 }),
    fc.constantFrom('. ', '؟ ', '! '),
  )
  .map(([pair, parts, end]) => `${pair[0]}${parts.join(end)}${pair[1]}`);
const balanced = fc
  .array(fc.tuple(phrase, fc.option(quoted, { nil: '' }), fc.constantFrom('.', '؟', '!', '،', '')), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.map(([first, second, end]) => `${[first, second].filter(Boolean).join(' ')}${end}`).join(' '));

describe('sentences', () => {
  it.each(gold.map(({ text, lang, expected }) => [text, lang, expected] as const))('of %j', (text, lang, expected) => {
    expect(splitSentences(text, lang)).toEqual(expected);
  });

  it.each([
    ['', []],
    [' \n ', []],
    ['بلا نقطة', ['بلا نقطة']],
    ['سطر أول\nسطر ثان. ثالث', ['سطر أول', 'سطر ثان.', 'ثالث']],
    ['قال "نعم. ” ثم ذهب', ['قال "نعم. ”', 'ثم ذهب']],
    ['قال “نعم. ثم ذهب. ثم عاد', ['قال “نعم.', 'ثم ذهب.', 'ثم عاد']],
    ['كانت الشروط ثلاثة: 1. الأمن 2. الغذاء. ثم انتهى', ['كانت الشروط ثلاثة: 1. الأمن 2. الغذاء.', 'ثم انتهى']],
    ['Am 3. Oktober war Ruhe. Dann kam Regen.', ['Am 3.', 'Oktober war Ruhe.', 'Dann kam Regen.']],
    ['文が一つ。「はい。」終わり。', ['文が一つ。', '「はい。」', '終わり。']],
  ])('of the oddity %j', (text, expected) => {
    expect(split(text)).toEqual(expected);
  });

  it('of German keep ordinals whole', () => {
    expect(splitSentences('Am 3. Oktober war Ruhe. Dann kam Regen.', 'de')).toHaveLength(2);
  });

  it('give the words back when joined by spaces, none of them blank', () => {
    const words = (text: string) => text.split(/\s+/).filter((part) => part !== '');
    fc.assert(
      fc.property(loose, (text) => {
        const sentences = split(text);
        const plain = /[。！？｡]/.test(text) ? (all: string[]) => all.join('') : (all: string[]) => all;
        expect(plain(words(sentences.join(' ')))).toEqual(plain(words(text)));
        expect(sentences.every((sentence) => sentence !== '' && sentence.trim() === sentence)).toBe(true);
      }),
      { numRuns: 4_000 },
    );
  });

  it('never leave a quotation open that the paragraph closes', () => {
    fc.assert(
      fc.property(balanced, (text) => {
        fc.pre(isBalanced(text) && text.length <= 600);
        expect(split(text).filter((sentence) => !isBalanced(sentence))).toEqual([]);
      }),
      { numRuns: 4_000 },
    );
  });

  it('cut a quotation inside only where it is long', () => {
    const part = `${'كلمة '.repeat(39)}كلمة.`;
    const three = split(`قال “${[part, part, part].join(' ')}”، أمس. ثم غادر.`);
    expect(three).toHaveLength(3);
    expect(three.every(({ length }) => length <= 600)).toBe(true);
    expect(split(`قال “${[part, part].join(' ')}”، أمس. ثم غادر.`)).toHaveLength(2);
  });

  it('take linear time', () => {
    const texts = [
      '"',
      '“(',
      '“a. ',
      '.',
      ' .',
      '."',
      "' a",
      '. ) ',
      '"\u200f',
      'a. b. ',
      '(a.',
      '1. 2. ',
      'A.B. ',
      '؟ “',
    ];
    const started = performance.now();
    for (const text of texts) split(text.repeat(100_000 / text.length));
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});

describe('quotations', () => {
  it.each([
    ['إن “ضرورة القتال ضد “داعش” في العراق”', 2],
    ['قال “نعم“ ثم غادر', 1],
    ['قال ”نعم“ ثم غادر', 1],
    ['قال ”نعم” ثم غادر', 1],
    ['و“داعش” وبـ“غيره“', 1],
    ['»نعم« و«لا»', 1],
    ['„ja“ und „nein“', 1],
    ['"قال "نعم" ثم"', 2],
    ['" نعم "و" لا "', 1],
    ['بـ"داعش" و"النصرة"', 1],
    ['He said “it’s ‘fine’ now”.', 2],
    ["'yes' and 'no'", 1],
    ["the players' union don't rock 'n' roll in the '90s", 0],
    ["l’Etat n’est pas d'accord", 0],
    ['1) كذا 2) كذا أ) كذا', 0],
    ['6" nails, צה"ל', 0],
    ['("x") ["a (b)"]', 3],
    ['﴿آية﴾', 1],
  ])('of %j are balanced and %i deep', (text, deepest) => {
    expect(isBalanced(text)).toBe(true);
    expect(isOpen(text)).toBe(false);
    expect(Math.max(...depths(text))).toBe(deepest);
    expect(closedDepths(text)).toEqual(depths(text));
  });

  it.each([
    ['“a', 1],
    ['a "b', 1],
    ['قال: «نعم (ثم', 2],
    ['“a “b” c', 1],
    ['«a (b»', 0],
    ['a”', 0],
    ['(قال “نعم)', 0],
  ])('of %j are not balanced, %i stay open', (text, open) => {
    expect(depths(text).at(-1)).toBe(open);
    expect(isOpen(text)).toBe(open > 0);
    expect(isBalanced(text)).toBe(false);
  });

  it('count from after the opening mark to the closing one, and to the end where none is', () => {
    expect([...depths('a “b” (c')]).toEqual([0, 0, 0, 1, 1, 0, 0, 1, 1]);
    expect([...closedDepths('a “b” (c')]).toEqual([0, 0, 0, 1, 1, 0, 0, 0, 0]);
    expect(Math.max(...depths('('.repeat(300)))).toBe(255);
  });

  it('agree with each other', () => {
    fc.assert(
      fc.property(loose, (text) => {
        const all = depths(text);
        expect(all).toHaveLength(text.length + 1);
        expect(isOpen(text)).toBe((all.at(-1) ?? 0) > 0);
        if (isBalanced(text)) expect(closedDepths(text)).toEqual(all);
        expect(closedDepths(text).at(-1)).toBe(0);
      }),
      { numRuns: 3_000 },
    );
  });
});
