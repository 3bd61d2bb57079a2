import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makePairs, type Pair } from '../../../bench/near/make-pairs.ts';
import { isSameStory } from '../../../src/pipeline/likeness.ts';
import { likeness } from '../../../src/text/likeness.ts';
import { profileOf } from '../../../src/text/profile.ts';
import { sketchOf } from '../../../src/text/sketch.ts';
import { storyWords } from '../../../src/text/story-words.ts';

const threshold = 0.55;
const byHand = readFileSync(new URL('../../../bench/near/hand.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Pair);
const of = ({ a, b }: Pair) => likeness(profileOf(a), profileOf(b));

describe('likeness', () => {
  it.each(byHand.map((pair) => [pair.kind, pair.same, pair.a.title, pair] as const))(
    'of %s is right (%s): %s',
    (_, same, __, pair) => expect(of(pair) >= threshold).toBe(same),
  );

  // A seed that nothing was fitted to.
  const pairs = makePairs(20_260, 1);

  it('takes no two stories for one, and finds nearly all that are', () => {
    const wrong = pairs.filter((pair) => !pair.same && of(pair) >= threshold);
    expect(wrong.map(({ kind, a, b }) => [kind, a.title, b.title])).toEqual([]);
    const same = pairs.filter((pair) => pair.same);
    expect(same.filter((pair) => of(pair) >= threshold).length / same.length).toBeGreaterThan(0.9);
  });

  it('is the same both ways, and whole for an article and itself', () => {
    for (const { a, b } of pairs) {
      const [one, other] = [profileOf(a), profileOf(b)];
      expect(likeness(one, other)).toBeCloseTo(likeness(other, one), 9);
      expect(likeness(one, one)).toBeGreaterThan(0.95);
    }
  });

  it('has marks in common where texts are alike', () => {
    const alike = pairs.filter((pair) => pair.same && of(pair) >= threshold);
    const common = ({ a, b }: Pair) => {
      const marks = new Set(sketchOf(profileOf(b)));
      return sketchOf(profileOf(a)).filter((mark) => marks.has(mark)).length;
    };
    expect(alike.filter((pair) => common(pair) < 2).length / alike.length).toBeLessThan(0.02);
  });

  it('is a number from 0 to 1 for any text', () => {
    const told = fc.record({
      title: fc.string({ unit: 'grapheme' }),
      paragraphs: fc.array(fc.string({ unit: 'grapheme' })),
    });
    fc.assert(
      fc.property(told, told, (a, b) => {
        const value = likeness(profileOf(a), profileOf(b));
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('does not heed how words and digits are written', () => {
    expect(storyWords('قُتِل ١٢ شخصاً في الـمدينة الأولى')).toEqual(storyWords('قتل 12 شخصا في المدينه الاولى'));
    expect(storyWords('زلزال بقوة ٤٫١ يوم الثلاثاء')).toEqual(['زلزال', 'بقوه', '4٫1', 'يوم', 'day3']);
  });
});

describe('two lines of a digest', () => {
  it('are not one where they are reports of one template', () => {
    const quake = (power: string, place: string) => ({
      title: `زلزال بقوة ${power} يضرب ${place}`,
      paragraphs: [`ضرب زلزال بقوة ${power} درجات ${place} صباح اليوم، ولم ترد أنباء عن أضرار.`],
    });
    expect(isSameStory(quake('4.1', 'المرجان'), quake('5.2', 'الصنوبر'))).toBe(false);
    expect(isSameStory(quake('4.1', 'المرجان'), quake('4.1', 'المرجان'))).toBe(true);
  });
});
