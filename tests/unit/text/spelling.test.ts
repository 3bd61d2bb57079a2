import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spelledName, spelledWords } from '../../../src/text/spelling.ts';

const letters = 'ابتجدرسعفقكلمنهويىةأإآ';
const word = fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength: 8 });
const between = fc.constantFrom(' ', ':', '، ', ' «', '» ', '#', '_', ' - ', '-', '🔴', '…', '\u200f ', '"', '/');

describe('the words of a text', () => {
  it.each([
    ['عاجل: إعلان نتائج الإنتخابات', ['عاجل', 'اعلان', 'نتائج', 'الانتخابات']],
    ['«عاجِل» #عـاجـل_دمشق 🔴ﻋﺎﺟﻞ', ['عاجل', 'عاجل', 'دمشق', 'عاجل']],
    ['مدرسة على المستشفى', ['مدرسه', 'علي', 'المستشفي']],
    ['١٢ قتيلا و۳ جرحى', ['12', 'قتيلا', 'و3', 'جرحي']],
    ['Record-breaking heat: “BREAKING” café', ['record-breaking', 'heat', 'breaking', 'café']],
    ['عاجل-دمشق today’s ＮＥＷＳ', ['عاجل', 'دمشق', 'today’s', 'news']],
    ['عا\u200dجل بـــيان ٱلآن', ['عاجل', 'بيان', 'الان']],
    ['!!! 🔴', []],
  ])('of %j are %j', (text, expected) => {
    expect(spelledWords(text)).toEqual(expected);
  });

  it('are those between which something else stands, whatever that is', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), between, (words, sign) => {
        expect(spelledWords(words.join(sign))).toEqual(words.flatMap(spelledWords));
        expect(spelledWords(words.join(sign))).toHaveLength(words.length);
      }),
    );
  });

  it('stay the same whichever way a word is written', () => {
    const marks = fc.constantFrom('', '\u064e', '\u0651', '\u0670', '\u0640', '\u0652\u0640', '\u200d');
    fc.assert(
      fc.property(word, fc.array(marks, { minLength: 8, maxLength: 8 }), (plain, signs) => {
        const written = [...plain].map((letter, at) => letter + signs[at]).join('');
        expect(spelledWords(written)).toEqual(spelledWords(plain));
      }),
    );
  });

  it('are their own words, in any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const words = spelledWords(text);
        expect(spelledWords(words.join(' '))).toEqual(words);
        for (const one of words) expect(one).not.toMatch(/\s/);
      }),
    );
  });

  it('are found in time that grows with the length', () => {
    const before = performance.now();
    expect(spelledWords(`${'a-'.repeat(250_000)}ع`)).toHaveLength(2);
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

describe('a name', () => {
  it('is the same with # and _, and another with other signs', () => {
    expect(spelledName('#خبر_عاجل')).toBe(spelledName(' خبر  عَاجل'));
    expect(spelledName('C++')).not.toBe(spelledName('C'));
    expect(spelledName('#🔴')).toBe('🔴');
  });
});
