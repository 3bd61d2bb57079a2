import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choiceOf, createWishReader, type Wish, wishForm } from '../../../src/text/wishes.ts';

const words = {
  start: ['اشتراك', 'اشترك', 'ابدأ', 'START', 'SUBSCRIBE'],
  stop: ['إلغاء', 'الغاء الاشتراك', 'توقف', 'إيقاف', 'STOP', 'UNSUBSCRIBE'],
  all: ['الكل', 'ALL'],
  breaking: ['عاجل فقط', 'عاجل', 'BREAKING'],
  help: ['مساعدة', 'HELP'],
  languages: ['ar', 'en'],
  topics: [
    { id: 'sports', words: ['رياضة', 'sports'] },
    { id: 'economy', words: ['اقتصاد', 'Economy'] },
    { id: 'culture', words: ['ثقافة وفن', 'culture'] },
  ],
};
const read = createWishReader(words);
const topics = (...all: string[]): Wish => ({ kind: 'topics', topics: all });

describe('a message', () => {
  it.each<[string, Wish]>([
    ['اشتراك', { kind: 'start' }],
    ['  إشتراك!! ', { kind: 'start' }],
    ['أبدأ', { kind: 'start' }],
    ['اشـــتراك 🙏🏽', { kind: 'start' }],
    ['اِشْتِرَاك', { kind: 'start' }],
    ['«الاشتراك»', { kind: 'start' }],
    ['Start.', { kind: 'start' }],
    ['ＳＴＡＲＴ', { kind: 'start' }],
    ['الغاء', { kind: 'stop' }],
    ['إلغا', { kind: 'stop' }],
    ['إلغاء اشتراك', { kind: 'stop' }],
    ['stop', { kind: 'stop' }],
    ['🛑 STOP 🛑', { kind: 'stop' }],
    ['عاجل  فقط', { kind: 'breaking' }],
    ['مساعده', { kind: 'help' }],
    ['الكلّ', { kind: 'all' }],
    ['عربي', { kind: 'language', language: 'ar' }],
    ['العربية', { kind: 'language', language: 'ar' }],
    ['English', { kind: 'language', language: 'en' }],
    ['انجليزية', { kind: 'language', language: 'en' }],
    ['الرياضه', topics('sports')],
    ['رياضة، اقتصاد', topics('sports', 'economy')],
    ['رياضة واقتصاد', topics('sports', 'economy')],
    ['ثقافة وفن و رياضة', topics('culture', 'sports')],
    ['Sports + economy / CULTURE', topics('sports', 'economy', 'culture')],
    ['رياضة رياضة', topics('sports')],
    ['٢', topics('economy')],
    ['1️⃣', topics('sports')],
    ['1 و ٣', topics('sports', 'culture')],
    ['1,2', topics('sports', 'economy')],
  ])('"%s" is understood', (text, wish) => {
    expect(read({ text })).toEqual(wish);
  });

  it.each([
    'لا أريد اشتراك',
    'please stop sending',
    'هل عندكم رياضة؟',
    'رياضة من فضلك',
    'رياضة، إلغاء',
    '4',
    '12',
    '0',
    '👍',
    '',
    'stopp',
    'مستمر بالاشتراك',
  ])('"%s" is not', (text) => {
    expect(read({ text })).toBeUndefined();
  });

  it('by a button is what the button is named by, else what it says', () => {
    for (const wish of [{ kind: 'stop' } as const, topics('sports', 'economy')] satisfies Wish[]) {
      expect(read({ text: 'نعم', choice: choiceOf(wish) })).toEqual(wish);
    }
    expect(read({ text: 'إلغاء', choice: 'button-7' })).toEqual({ kind: 'stop' });
    expect(read({ text: 'اضغط هنا', choice: 'STOP' })).toEqual({ kind: 'stop' });
    expect(read({ text: 'x', choice: 'munadi:topics:gone' })).toBeUndefined();
    expect(read({})).toBeUndefined();
  });

  it('means the same however it is written, and is read quickly whatever it is', () => {
    const all = [...words.start, ...words.stop, ...words.breaking, ...words.help];
    const marks = fc.stringMatching(/^[\u064b-\u0652\u0640!،. ]{0,3}$/);
    fc.assert(
      fc.property(fc.constantFrom(...all), marks, marks, (word, before, after) => {
        const written = `${before.replace(/[\u064b-\u0652]/g, '')}${word}${after}`;
        expect(read({ text: written })).toEqual(read({ text: word }));
        expect(wishForm(wishForm(written))).toBe(wishForm(written));
      }),
    );
    const began = performance.now();
    for (const part of ['1 ', 'رياضة و', 'ثقافة ', '🛑', 'a']) read({ text: part.repeat(5_000) });
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => void read({ text, choice: text })));
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

describe('a message of many words with several readings', () => {
  it('is read at once', () => {
    const many = Array.from({ length: 30 }, (_, n) => ({ id: `t${n}`, words: [`word${n}`] }));
    const readMany = createWishReader({
      ...words,
      topics: [...many, { id: 'world', words: ['world'] }, { id: 'news', words: ['news', 'world news'] }],
    });
    const before = performance.now();
    expect(readMany({ text: `${'world news '.repeat(60)}?!` })).toEqual({ kind: 'topics', topics: ['news'] });
    expect(readMany({ text: `${'world news '.repeat(50)}no` })).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(1_000);
  });

  it('may join topics by a word that one of them has in it', () => {
    const arts = { id: 'arts', words: ['arts and culture', 'ثقافة و فن'] };
    const readArts = createWishReader({ ...words, topics: [...words.topics, arts] });
    expect(readArts({ text: 'sports and arts and culture' })).toEqual(topics('sports', 'arts'));
    expect(readArts({ text: 'رياضة و ثقافة و فن' })).toEqual(topics('sports', 'arts'));
    expect(readArts({ text: 'and' })).toBeUndefined();
  });
});

describe('a message from a Persian, Urdu or Kurdish keyboard', () => {
  it.each<[string, Wish['kind']]>([
    ['ایقاف', 'stop'],
    ['اشتراک', 'start'],
    ['مساعدە', 'help'],
  ])('%s means %s', (text, kind) => {
    expect(read({ text })).toEqual({ kind });
  });
});

describe('a button', () => {
  it.each(['Stop promotions', 'إيقاف العروض الترويجية', 'Unsubscribe from all', 'إلغاء الاشتراك من الأخبار'])(
    'with a word that stops in its title, "%s", stops',
    (text) => {
      expect(read({ text, choice: text })).toEqual({ kind: 'stop' });
      expect(read({ text, choice: 'PAYLOAD-7' })).toEqual({ kind: 'stop' });
      // Somebody who writes may say anything with it.
      expect(read({ text })).toBeUndefined();
    },
  );

  it('that means something as a whole, or has the word in another one, does not', () => {
    const readOwn = createWishReader({ ...words, topics: [{ id: 'press', words: ['stop press'] }] });
    expect(readOwn({ text: 'Stop press', choice: 'Stop press' })).toEqual(topics('press'));
    expect(read({ text: 'Unstoppable news', choice: 'x' })).toBeUndefined();
  });
});
