import { describe, expect, it } from 'vitest';
import { summarise } from '../../../src/text/summary.ts';

const article = {
  title: 'متحف الخط يفتح أبوابه',
  language: 'ar',
  paragraphs: [
    'افتتح في حي القناطر متحف للخط العربي يضم سبعمئة لوحة ومخطوطة من خمسة قرون. ويقع المتحف في بيت قديم استغرق ترميمه ست سنوات.',
    'وقال مدير المتحف إن ورشة لتعليم خط الثلث ستبدأ في الخريف.',
  ],
};
const summary = (teaser: string, budget = 300) =>
  summarise(
    { ...article, teaser },
    { budget, measure: (text) => text.length, paragraphBreak: '\n\n', background: true },
  );

describe("a source's own teaser", () => {
  it('is used as it is where it is whole and fits', () => {
    const teaser = 'سبعمئة لوحة ومخطوطة في بيت مرمم: متحف جديد يروي قصة الخط العربي لزواره.';
    expect(summary(teaser)).toEqual({ paragraphs: [teaser], edits: [] });
  });

  it('gives way where it does not fit', () => {
    const teaser = 'سبعمئة لوحة ومخطوطة في بيت مرمم: متحف جديد يروي قصة الخط العربي لزواره من كل مكان في العالم.';
    expect(summary(teaser, 85).paragraphs).not.toContain(teaser);
    expect(summary(teaser, 85).paragraphs.join(' ')).not.toBe('');
  });

  it.each([
    ['افتتح في حي القناطر متحف للخط العربي يضم سبعمئة لوحة ومخط…'],
    ['افتتح في حي القناطر متحف للخط العربي يضم سبعمئة لوحة ومخطوطة من خمسة...'],
    ['افتتح في حي القناطر متحف للخط العربي يضم سبعمئة [...]'],
  ])('cut in mid-sentence is repaired from the body: %s', (teaser) => {
    expect(summary(teaser).paragraphs).toEqual([
      'افتتح في حي القناطر متحف للخط العربي يضم سبعمئة لوحة ومخطوطة من خمسة قرون.',
    ]);
  });

  it('cut in its second sentence gives both, as far as they fit', () => {
    const teaser =
      'افتتح في حي القناطر متحف للخط العربي يضم سبعمئة لوحة ومخطوطة من خمسة قرون. ويقع المتحف في بيت قديم اس…';
    expect(summary(teaser).paragraphs).toEqual([article.paragraphs[0]]);
    expect(summary(teaser, 100).paragraphs).toEqual([
      'افتتح في حي القناطر متحف للخط العربي يضم سبعمئة لوحة ومخطوطة من خمسة قرون.',
    ]);
  });

  it.each([
    ['cut, and not from the body', 'تجول مراسلنا في المتحف الجديد والتقى خطاطين يعملون فيه منذ أشهر طو…'],
    ['only the headline', 'متحف الخط يفتح أبوابه.'],
    ['with a quotation left open', 'قال مدير المتحف الجديد إن “أبوابنا مفتوحة للجميع كل يوم في الأسبوع.'],
    ['leaning on something', 'جاء ذلك خلال حفل كبير حضره فنانون من عشر دول عربية.'],
  ])('is passed over: %s', (_, teaser) => {
    const paragraphs = summary(teaser).paragraphs;
    expect(paragraphs).not.toContain(teaser);
    for (const paragraph of paragraphs) expect(article.paragraphs.some((own) => own.includes(paragraph))).toBe(true);
  });
});
