import { describe, expect, it } from 'vitest';
import type { Person, Subscriptions } from '../../../src/core/subscriber.ts';
import { answerTo } from '../../../src/pipeline/answers.ts';
import { topicBitsOf } from '../../../src/pipeline/topics.ts';
import { whatsapp } from '../../../src/platforms/whatsapp.ts';
import { draftArticle } from '../../support/installation.ts';

const read = (subscriptions: object) =>
  whatsapp.subscriptions?.({ settings: whatsapp.account.parse({ subscriptions }) } as never) as Subscriptions;
const topics = {
  sports: { words: ['رياضة', 'sports'], names: { en: 'Sports' }, filters: { section: ['رياضة'] } },
  economy: { words: ['اقتصاد', 'economy'], filters: { tag: ['اقتصاد'] } },
};
const person = (more: Partial<Person> = {}) => ({ consent: 'subscribed' as const, breakingOnly: false, ...more });

describe('an answer', () => {
  it('without topics asks nobody to choose', () => {
    const { text, choices } = answerTo(person(), 'subscribed', { subscriptions: read({}), text: 'اشتراك' });
    expect(text).toBe('تم اشتراكك. سيصلك: كل الأخبار.\nللإيقاف في أي وقت أرسل: إلغاء');
    expect(choices?.map(({ title }) => title)).toEqual(['عاجل فقط', 'إلغاء']);
  });

  it.each([
    [{ topics: ['economy', 'sports'] }, 'رياضة، اقتصاد'],
    [{ topics: ['sports'], breakingOnly: true }, 'الأخبار العاجلة فقط (رياضة)'],
    [{ breakingOnly: true }, 'الأخبار العاجلة فقط'],
    [{ topics: ['gone'] }, 'لا شيء من المواضيع الحالية'],
    [{ topics: ['sports', 'economy'], language: 'en' }, 'Sports, economy'],
    [{ language: 'en' }, 'all news'],
  ])('says of %s: %s', (more, words) => {
    const { text } = answerTo(person(more), 'topics', { subscriptions: read({ topics }), text: 'رياضة' });
    expect(text).toContain(`: ${words}.`);
  });

  it('to whoever is not subscribed offers that, and to whoever has stopped nothing', () => {
    const about = { subscriptions: read({ topics }), text: 'hello' };
    expect(answerTo(person({ consent: 'known' }), 'help', about).choices).toEqual([
      { id: 'munadi:start', title: 'START' },
    ]);
    const stopped = answerTo(person({ consent: 'stopped' }), 'stopped', about);
    expect(stopped).toEqual({
      text: 'You have unsubscribed; we will send you nothing more.\nTo come back, send: START',
    });
  });

  it('in one’s own words, and in a language without any in English', () => {
    const subscriptions = read({ replies: { ar: { stopped: 'توقفنا. {{ start }}' } }, languages: ['ar', 'en', 'fr'] });
    expect(answerTo(person(), 'stopped', { subscriptions, text: 'توقف' }).text).toBe('توقفنا. اشتراك');
    expect(answerTo(person({ language: 'fr' }), 'stopped', { subscriptions }).text).toContain('unsubscribed');
  });
});

describe('topics of an article', () => {
  const bits = new Map([
    ['sports', 0],
    ['economy', 5],
  ]);
  const people = { topicBits: async () => bits };
  const of = (more: object, subscriptions: Subscriptions | undefined = read({ topics })) =>
    topicBitsOf(people, 'a', subscriptions, { ...draftArticle(), ...more, priority: 'normal' } as never);

  it('are those whose filters take it, as bits', async () => {
    expect(await of({ section: 'رياضة', tags: ['اقتصاد'] })).toBe('21');
    expect(await of({ tags: ['اقتصاد'] })).toBe('20');
    expect(await of({ section: 'ثقافة' })).toBe('0');
    expect(await of({}, read({}))).toBeUndefined();
  });
});
