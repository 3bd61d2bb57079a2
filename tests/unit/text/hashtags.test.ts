import fc from 'fast-check';
import twitterText from 'twitter-text';
import { describe, expect, it } from 'vitest';
import { hashtags } from '../../../src/text/hashtags.ts';
import { codePoint } from '../../support/code-point.ts';

describe('hashtags', () => {
  it.each([
    [['شمال سوريا'], ['#شمال_سوريا']],
    [['#سوريا', 'سُورِيَا', 'ســوريا'], ['#سوريا']],
    [['إدلب', 'ادلب'], ['#إدلب']],
    [['Syria', 'SYRIA', 'syria '], ['#Syria']],
    [
      ['COVID-19', 'A -- B', ' _x_ '],
      ['#COVID_19', '#A_B', '#x'],
    ],
    [['2020', '!!!', '', '🔥'], []],
    [
      ['عام 2020', '2020 عام'],
      ['#عام_2020', '#2020_عام'],
    ],
    [
      ["People's Party", 'café'],
      ['#Peoples_Party', '#café'],
    ],
    [
      ['a\u200b\u200eb', 'x\u0000y'],
      ['#ab', '#x_y'],
    ],
    [['م'.repeat(61), 'م'.repeat(60)], [`#${'م'.repeat(60)}`]],
    [['می\u200cخواهم'], ['#می_خواهم']],
    [
      ['हिन्दी', '日本'],
      ['#हिन्दी', '#日本'],
    ],
  ])('of %j are %j', (tags, expected) => {
    expect(hashtags({ tags }, 10)).toEqual(expected);
  });

  it('come from the tags first, then the section, up to the number wanted', () => {
    const article = { tags: ['سوريا', 'داعش'], section: 'سياسة' };
    expect(hashtags(article, 3)).toEqual(['#سوريا', '#داعش', '#سياسة']);
    expect(hashtags(article, 1)).toEqual(['#سوريا']);
    expect(hashtags(article, 0)).toEqual([]);
    expect(hashtags({ ...article, section: 'سُوريا' }, 3)).toEqual(['#سوريا', '#داعش']);
  });

  it('are each one whole hashtag for X', () => {
    const tag = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.string({ unit: codePoint, maxLength: 8 }),
      fc.string({ unit: fc.constantFrom(...'سوريا َُّـ_-# ABé5٥ß\u200c\u200d·'), maxLength: 12 }),
    );
    fc.assert(
      fc.property(fc.array(tag, { maxLength: 5 }), (tags) => {
        const found = hashtags({ tags }, 5);
        const joined = `قال ${found.join(' ')}`;
        expect(twitterText.extractHashtags(joined).map((one) => `#${one}`)).toEqual(found);
        for (const one of found) {
          expect(one).toMatch(/\p{L}/u);
          expect(one).not.toMatch(/__|_$|^#_|[\p{Cf}\u0640\u064b-\u0652\s]/u);
        }
      }),
      { numRuns: 500 },
    );
  });
});
