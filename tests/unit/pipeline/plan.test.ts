import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Article } from '../../../src/core/article.ts';
import type { Channel } from '../../../src/core/channel.ts';
import { accepts } from '../../../src/pipeline/accepts.ts';
import { canonicalUrl, contentHash } from '../../../src/pipeline/dedupe.ts';
import { deliveryId, plan } from '../../../src/pipeline/plan.ts';

const article = (change: Partial<Article> = {}): Article => ({
  id: 'a1',
  version: 1,
  title: 'عنوان',
  paragraphs: [],
  language: 'ar',
  direction: 'rtl',
  images: [],
  tags: [],
  priority: 'normal',
  ...change,
});
const channel = (id: string, change: Partial<Channel> = {}): Channel => ({
  id,
  platform: 'x',
  account: 'x-main',
  filters: {},
  unconfirmed: 'hold',
  settings: {},
  ...change,
});
const now = Date.parse('2026-01-01T12:00:00Z');
const wall = { recipientsOf: () => undefined, now };

describe('a plan', () => {
  it('is never due before now, the wish, or the embargo', () => {
    const time = fc.integer({ min: now - 1e9, max: now + 1e9 });
    fc.assert(
      fc.property(fc.option(time, { nil: undefined }), fc.option(time, { nil: undefined }), (at, embargo) => {
        const story = article(embargo === undefined ? {} : { embargoUntil: new Date(embargo).toISOString() });
        const [one] = plan(story, [channel('c')], { ...wall, ...(at === undefined ? {} : { at }) }).plans;
        expect(one?.dueMs).toBe(Math.max(now, at ?? 0, embargo ?? 0));
      }),
    );
  });

  it('names the same delivery the same for ever, and every other one otherwise', () => {
    const text = fc.string({ maxLength: 8 });
    const place = fc.tuple(text, fc.integer({ min: 1, max: 3 }), text, text);
    fc.assert(
      fc.property(place, place, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(deliveryId(...one) === deliveryId(...other)).toBe(same);
        expect(deliveryId(...one)).toMatch(/^d[0-9a-f]{24}$/);
      }),
    );
  });

  it('writes to each person of a list', () => {
    const people = ['+963900000001', '+963900000002'];
    const { plans } = plan(article(), [channel('list'), channel('wall')], {
      now,
      recipientsOf: ({ id }) => (id === 'list' ? people : undefined),
    });
    expect(plans.map(({ channel, recipient }) => [channel, recipient])).toEqual([
      ['list', people[0]],
      ['list', people[1]],
      ['wall', undefined],
    ]);
  });

  it('asks no filter of a channel that was named by hand', () => {
    const strict = channel('sport', { filters: { section: ['sport'] } });
    expect(plan(article(), [strict], wall)).toEqual({
      plans: [],
      left: { sport: 'its section is not one of: sport' },
    });
    expect(plan(article(), [strict, channel('all')], { ...wall, only: ['sport'] })).toMatchObject({
      plans: [{ channel: 'sport' }],
      left: { all: 'it was given to other channels by name' },
    });
  });
});

describe('filters', () => {
  it.each([
    [{ language: ['ar'] }, { language: 'ar-SY' }, true],
    [{ language: ['en'] }, { language: 'ar' }, false],
    [{ section: ['رياضة'] }, {}, false],
    [{ tag: ['حلب', 'دمشق'] }, { tags: ['دمشق'] }, true],
    [{ tag: ['حلب'] }, { tags: [] }, false],
    [{ priority: ['breaking'] }, { priority: 'breaking' as const }, true],
    [{ language: ['ar'], priority: ['breaking'] }, { language: 'ar' }, false],
    [{ section: ['الرياضه'] }, { section: 'الرياضة' }, true],
    [{ tag: ['إدلب'] }, { tags: ['#ادلب'] }, true],
    [{ keyword: ['زلزال'] }, { title: 'زِلزال يضرب حلب' }, true],
    [{ keyword: ['زلزال'] }, { title: 'الزلازل في المنطقة' }, false],
    [{ source: ['مكتب حلب'] }, { source: 'مكتب  حلب' }, true],
    [{ source: ['مكتب حلب'] }, {}, false],
    [{ not: { tag: ['إعلان'] } }, { tags: ['اعلان'] }, false],
    [{ not: { tag: ['إعلان'] } }, { tags: ['حلب'] }, true],
    [{ tag: ['حلب'], not: { keyword: ['رياضة'] } }, { tags: ['حلب'], title: 'رياضة اليوم' }, false],
  ])('%j of %j: %s', (filters, change, taken) => {
    expect(accepts(filters, article(change))).toBe(taken);
  });
});

describe('the hours of a channel', () => {
  const hours = { days: [0, 1, 2, 3, 4, 5, 6], fromMinute: 420, toMinute: 1380 };
  const timetable = {
    zone: 'UTC',
    windows: [hours],
    quiet: [],
    weekend: [5, 6],
    holidays: [],
    onHoliday: 'usual' as const,
  };
  const night = { ...wall, now: Date.parse('2026-01-02T02:00:00Z') };
  const withRhythm = (change: object) =>
    channel('c', { rhythm: { collect: false, timetable, late: 'next', breaking: 'windows', ...change } });
  const due = (story: Article, one: Channel) =>
    plan(story, [one], night).plans.map(({ dueMs, waits }) => [new Date(dueMs).toISOString(), waits]);

  it('move what comes while it is closed to its next opening', () => {
    expect(due(article(), withRhythm({}))).toEqual([['2026-01-02T07:00:00.000Z', 'timetable:outside its windows']]);
    const embargoed = article({ embargoUntil: '2026-01-02T23:30:00Z' });
    expect(due(embargoed, withRhythm({}))).toEqual([['2026-01-03T07:00:00.000Z', 'timetable:outside its windows']]);
    expect(due(article({ embargoUntil: '2026-01-02T12:00:00Z' }), withRhythm({}))).toEqual([
      ['2026-01-02T12:00:00.000Z', 'embargo'],
    ]);
  });

  it('do not hold breaking news where the channel says so', () => {
    const breaking = article({ priority: 'breaking' });
    expect(due(breaking, withRhythm({ breaking: 'always' }))).toEqual([['2026-01-02T02:00:00.000Z', undefined]]);
    expect(due(breaking, withRhythm({}))[0]?.[0]).toBe('2026-01-02T07:00:00.000Z');
  });
});

describe('knowing an article again', () => {
  it('goes by its address without what says where a reader came from', () => {
    const plain = canonicalUrl('https://example.org/a?b=2&a=1');
    expect(canonicalUrl('https://EXAMPLE.org/a/?a=1&utm_source=x&b=2&fbclid=y#top')).toBe(plain);
    expect(canonicalUrl('https://example.org/a?b=3&a=1')).not.toBe(plain);
    expect(canonicalUrl('https://example.org/')).toBe('https://example.org/');
  });

  it('goes by its text whatever its diacritics and white space, but not by less', () => {
    expect(contentHash('كَتَبَ', ['نصّ  طويل'])).toBe(contentHash('كتب', ['نص طويل']));
    expect(contentHash('كتب', ['نص طويل'])).not.toBe(contentHash('كتب', ['نص قصير']));
  });
});
