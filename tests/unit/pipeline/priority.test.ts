import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PriorityRule } from '../../../src/core/priority.ts';
import { toArticle } from '../../../src/pipeline/ingest.ts';
import { priorityOf } from '../../../src/pipeline/priority.ts';
import { readArticle } from '../../../src/sources/index.ts';

const none: PriorityRule = { tags: [], sections: [], keywords: [] };
const rules = {
  breaking: { tags: ['خبر عاجل'], sections: ['زلازل'], keywords: ['عاجل', 'الآن', 'breaking news', '١٤ آذار'] },
  low: { tags: ['طقس'], sections: ['منوّعات'], keywords: ['صورة اليوم'] },
};
const of = (title: string, tags: string[] = [], section?: string) =>
  priorityOf({ title, tags, ...(section === undefined ? {} : { section }) }, rules);

describe('the priority by rules', () => {
  it.each([
    ['عاجل: انقطاع المياه عن الأحياء الشرقية', 'عاجل'],
    ['#عاجل انقطاع المياه', 'عاجل'],
    ['«عاجل» انقطاع المياه', 'عاجل'],
    ['انقطاع المياه | عاجل', 'عاجل'],
    ['عَاجِـل| انقطاع المياه', 'عاجل'],
    ['ﻋﺎﺟﻞ انقطاع المياه', 'عاجل'],
    ['ماذا يجري الان في المدينة؟', 'الآن'],
    ['BREAKING NEWS: dam opened', 'breaking news'],
    ['بيان قوى 14 اذار', '١٤ آذار'],
  ])('is breaking for %j', (title, keyword) => {
    expect(of(title)).toEqual({ priority: 'breaking', because: `keyword "${keyword}" in the headline` });
  });

  it.each([
    'وعاجلا أم آجلا تعود المياه',
    'العاجل والآجل في الميزانية',
    'بعاجل الوقت',
    'عاجلة: انقطاع المياه',
    'News breaking slowly',
    'record-breaking news',
    '14 شباط ثم آذار',
  ])('is normal for %j', (title) => {
    expect(of(title)).toEqual({ priority: 'normal' });
  });

  it('goes by tags and sections as readers write them', () => {
    expect(of('خبر', ['#خبر_عاجل'])).toEqual({ priority: 'breaking', because: 'tag "خبر عاجل"' });
    expect(of('خبر', ['سوريا', 'عاجل_سوريا'])).toEqual({ priority: 'breaking', because: 'keyword "عاجل" in a tag' });
    expect(of('خبر', [], 'زلازل')).toEqual({ priority: 'breaking', because: 'section "زلازل"' });
    expect(of('خبر', [], 'زلازل وبراكين').priority).toBe('normal');
    expect(of('خبر', ['طقس اليوم']).priority).toBe('normal');
  });

  it('is low by rules of its own, unless it is breaking, too', () => {
    expect(of('خبر', [], 'منوعات')).toEqual({ priority: 'low', because: 'section "منوّعات"' });
    expect(of('صوره اليوم: جسر المدينة').priority).toBe('low');
    expect(of('عاجل', ['طقس']).priority).toBe('breaking');
  });

  it('is never changed by a keyword inside longer words, and always by one between others', () => {
    const letters = fc.string({ unit: fc.constantFrom(...'ابتجدرسعفقكلمن'), minLength: 1, maxLength: 6 });
    const one = (keyword: string) => ({ breaking: { ...none, keywords: [keyword] }, low: none });
    fc.assert(
      fc.property(letters, letters, letters, (keyword, before, after) => {
        const decide = (title: string) => priorityOf({ title, tags: [] }, one(keyword)).priority;
        expect(decide(`${before}${keyword} ${keyword}${after} ${before}${keyword}${after}`)).toBe('normal');
        expect(decide(`${before} ${keyword}: ${after}`)).toBe('breaking');
        expect(decide(`#${keyword}_${after}`)).toBe('breaking');
      }),
    );
  });

  it('is normal for everything where there are no rules', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), (title, tags) => {
        expect(priorityOf({ title, tags }, { breaking: none, low: none })).toEqual({ priority: 'normal' });
      }),
    );
  });
});

describe('an article', () => {
  const read = (priority: object) =>
    readArticle({ bytes: Buffer.from(JSON.stringify({ title: 'عاجل: انقطاع المياه', ...priority })), kind: 'json' });

  it('has the priority it came with, and one by the rules where it came without', () => {
    const decide = (given: object, breaking = false) => {
      const { priority, because } = toArticle(read(given), { breaking, priorities: rules });
      return [priority, because];
    };
    expect(decide({})).toEqual(['breaking', 'keyword "عاجل" in the headline']);
    expect(decide({ priority: 'normal' })).toEqual(['normal', undefined]);
    expect(decide({ priority: 'low' })).toEqual(['low', undefined]);
    expect(decide({ priority: 'low' }, true)).toEqual(['breaking', undefined]);
    expect(decide({}, true)).toEqual(['breaking', undefined]);
  });

  it('is normal without rules', () => {
    expect(toArticle(read({})).priority).toBe('normal');
  });
});
