import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PersonEvent } from '../../src/core/subscriber.ts';
import { openAnswered } from '../../src/store/subscribers/answered.ts';
import { openSubscribers, type Subscribers } from '../../src/store/subscribers/index.ts';
import { bucketOf, buckets } from '../../src/store/subscribers/record.ts';
import { type Installation, openInstallation } from '../support/installation.ts';

const account = 'whatsapp-main';
const [phone, bsuid] = ['963944123456', 'SY.13491208655302741918'];
let at: Installation;
let people: Subscribers;

beforeAll(async () => {
  at = await openInstallation();
  people = openSubscribers(at.runtime.redis, 'munadi');
});
afterAll(() => at.close());
afterEach(() => at.runtime.redis.flushall());

const second = (n: number) => 1_700_000_000_000 + n * 1_000;
const event = (n: number, act: PersonEvent['act'], more: Partial<PersonEvent> = {}): PersonEvent => ({
  who: phone,
  atMs: second(n),
  act,
  ...more,
});
const tell = async (...events: PersonEvent[]) => (await people.tell(account, events)).map(({ verdict }) => verdict);
const now = () => people.get(account, phone);
const recordOf = async (who: string) => at.runtime.redis.hget(`munadi:people:${account}:${bucketOf(who)}`, who);

describe('a person', () => {
  it('is kept with proof of consent, topics, language and window', async () => {
    const more = {
      how: 'form on the site',
      topics: ['sports', 'economy'],
      language: 'ar',
      isInbound: true,
      isUs: true,
    };
    expect(await tell(event(0, 'start', more))).toEqual(['changed']);
    expect(await now()).toEqual({
      who: phone,
      consent: 'subscribed',
      topics: ['sports', 'economy'],
      language: 'ar',
      breakingOnly: false,
      changedMs: second(0),
      how: 'form on the site',
      inboundMs: second(0),
      isUs: true,
    });
    expect(await people.get(account, '963900000001')).toBeUndefined();
    expect(await people.get('another', phone)).toBeUndefined();
  });

  it('who stops is not started again by what was told before, nor at the same second', async () => {
    expect(await tell(event(5, 'stop'), event(4, 'start'), event(5, 'start'), event(6, 'start'))).toEqual([
      'changed',
      'late',
      'late',
      'changed',
    ]);
    expect(await tell(event(5, 'stop'), event(6, 'stop'))).toEqual(['late', 'changed']);
  });

  it('who is stopped without a time is stopped now, whatever the clocks say', async () => {
    const future = Date.now() + 60_000;
    await tell(event(0, 'start', { atMs: future }), { who: phone, act: 'stop' });
    expect(await now()).toMatchObject({ consent: 'stopped', changedMs: Math.floor(future / 1_000) * 1_000 });
  });

  it('resumes by the platform where it had asked for news, and stopped by itself', async () => {
    expect(await tell(event(1, 'stop', { how: 'user_preferences' }), event(2, 'resume'))).toEqual(['changed', 'same']);
    await tell(event(3, 'start'), event(4, 'stop', { how: 'user_preferences' }));
    expect(await tell(event(3, 'resume'), event(5, 'resume'))).toEqual(['late', 'changed']);
    await tell({ who: phone, act: 'stop', how: 'by the newsroom' });
    expect(await tell({ who: phone, act: 'resume' }, event(Date.now(), 'resume'))).not.toContain('changed');
  });

  it('that stopped and resumed in the settings is subscribed, in whatever order that is told', async () => {
    const [start, stop, resume] = [
      event(1, 'start'),
      event(2, 'stop', { how: 'user_preferences' }),
      event(3, 'resume'),
    ];
    await tell(start, resume, stop, start);
    expect(await now()).toMatchObject({ consent: 'subscribed', changedMs: second(3) });
    await tell(event(4, 'stop', { how: 'user_preferences' }));
    expect(await now()).toMatchObject({ consent: 'stopped' });
  });

  it('keeps topics at a plain start, changes them at others, and drops them after a stop', async () => {
    await tell(event(1, 'start', { topics: ['sports'], breakingOnly: true }), event(2, 'start'));
    expect(await now()).toMatchObject({ topics: ['sports'], breakingOnly: true });
    await tell(event(3, 'start', { topics: ['economy'], breakingOnly: false }));
    expect(await now()).toMatchObject({ topics: ['economy'], breakingOnly: false });
    await tell(event(4, 'start', { topics: 'all' }));
    expect(await now()).not.toHaveProperty('topics');
    await tell(event(5, 'start', { topics: ['economy'] }), event(6, 'stop'), event(7, 'start'));
    expect(await now()).not.toHaveProperty('topics');
  });

  it('chooses a language without consenting to anything', async () => {
    await tell(event(1, 'language', { language: 'en', isInbound: true }));
    expect(await now()).toMatchObject({ consent: 'known', language: 'en' });
    await tell(event(0, 'language', { language: 'ar', isInbound: true }));
    expect(await now()).toMatchObject({ language: 'en', inboundMs: second(1) });
  });

  it('is one under two names, whichever comes first', async () => {
    await tell({ ...event(1, 'start'), who: bsuid }, event(2, 'stop', { alias: bsuid }));
    expect(await people.counts(account)).toEqual({ subscribed: 0, stopped: 1, known: 0 });
    expect(await people.get(account, bsuid)).toMatchObject({ who: phone, consent: 'stopped' });
    await tell({ ...event(3, 'start'), who: bsuid });
    expect(await now()).toMatchObject({ consent: 'subscribed' });
    expect(await people.otherName(account, phone)).toBe(bsuid);
    await openAnswered(at.runtime.redis, 'munadi').claimHelp(account, phone);
    expect(await people.forget(account, bsuid)).toBe(true);
    expect(await at.runtime.redis.keys('munadi:helped:*')).toEqual([]);
    expect(await people.forget(account, phone)).toBe(false);
    const left = (await at.runtime.redis.keys('munadi:people:*')).filter(
      (key) => !/:(counts|how|how:texts)$/.test(key),
    );
    expect(left).toEqual([]);
    expect(await people.counts(account)).toEqual({ subscribed: 0, stopped: 0, known: 0 });
  });

  it('the platform lets nothing through to is blocked for a while, longest counts, until it writes', async () => {
    await people.refused(account, phone, '131026', 86_400_000);
    const until = (await now())?.blocked?.untilMs ?? 0;
    expect(until).toBeGreaterThan(Date.now() + 86_000_000);
    await people.refused(account, phone, '131049', 1_000);
    expect((await now())?.blocked).toEqual({ code: '131026', untilMs: until });
    await tell(event(0, 'none', { isInbound: true }));
    expect((await now())?.blocked).toBeDefined();
    await tell(event(0, 'none', { isInbound: true, atMs: Date.now() }));
    expect((await now())?.blocked).toBeUndefined();
    await people.refused(account, phone, '131050', Number.POSITIVE_INFINITY);
    expect(await now()).toMatchObject({ consent: 'stopped', how: 'marketing stopped' });
  });

  it('was refused before it wrote or subscribed again, and is told of late, changes nothing', async () => {
    const [now_, hour] = [Date.now(), 3_600_000];
    await tell(event(0, 'start', { atMs: now_ - 2 * hour, isInbound: true }));
    for (const [code, forMs] of [
      ['131050', Number.POSITIVE_INFINITY],
      ['131049', 24 * hour],
    ] as const) {
      await people.refused(account, phone, code, forMs, now_ - 3 * hour);
    }
    expect(await now()).toMatchObject({
      consent: 'subscribed',
      changedMs: Math.floor((now_ - 2 * hour) / 1_000) * 1_000,
    });
    expect(await now()).not.toHaveProperty('blocked');
    await people.refused(account, phone, '131026', hour / 2, now_ - hour);
    expect(await now()).not.toHaveProperty('blocked');
    await people.refused(account, phone, '131049', 24 * hour, now_ - hour);
    expect((await now())?.blocked?.untilMs).toBeLessThan(now_ + 23 * hour + 2_000);
    await people.refused(account, phone, '131050', Number.POSITIVE_INFINITY, now_ - hour);
    expect(await now()).toMatchObject({ consent: 'stopped', how: 'marketing stopped' });
  });

  it('keeps what was wanted where there is no room for another topic, and the others of the step are kept', async () => {
    const topics = Array.from({ length: 30 }, (_, n) => `t${n}`);
    await tell(event(1, 'start', { topics }), event(2, 'start', { topics: ['t4', 't5'] }));
    const told = await people.tell(account, [
      event(3, 'start', { topics: ['one-more'] }),
      { ...event(3, 'start', { topics: ['one-more', 't7'] }), who: '963900000008' },
      { ...event(3, 'start', { topics: ['one-more'] }), who: '963900000009' },
      event(4, 'stop'),
    ]);
    expect(told.map(({ noRoomFor }) => noRoomFor)).toEqual([['one-more'], ['one-more'], ['one-more'], undefined]);
    expect(told.map(({ person }) => person.topics)).toEqual([['t4', 't5'], ['t7'], undefined, ['t4', 't5']]);
    expect(await people.counts(account)).toMatchObject({ subscribed: 2, stopped: 1 });
  });
});

const acts = fc.constantFrom<PersonEvent['act']>('start', 'stop', 'resume', 'none', 'language');
const anyEvent = fc.record({
  n: fc.integer({ min: 0, max: 12 }),
  act: acts,
  name: fc.constantFrom('phone', 'alias', 'both'),
  topics: fc.option(fc.subarray(['a', 'b', 'c'], { minLength: 1 }), { nil: undefined }),
});

describe('whatever comes in whatever order', () => {
  it('leaves the later of start and stop, a stop at the same second, and the counts right', async () => {
    const some = fc.array(
      anyEvent.filter(({ act }) => act !== 'resume'),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(some, fc.array(fc.nat(), { maxLength: 12 }), async (given, again) => {
        await at.runtime.redis.flushall();
        const events = given.map(({ n, act, name, topics }) =>
          event(n, act, {
            who: name === 'alias' ? bsuid : phone,
            ...(name === 'both' ? { alias: bsuid } : {}),
            ...(act === 'start' && topics ? { topics } : {}),
            ...(act === 'language' ? { language: 'ar' } : {}),
            isInbound: act !== 'stop',
          }),
        );
        await tell(...events, ...again.map((index) => events[index % events.length] as PersonEvent));
        // Both names are known to be one in the end.
        await tell(event(0, 'none', { alias: bsuid }));
        const last = (act: string) => Math.max(-1, ...given.filter((one) => one.act === act).map(({ n }) => n));
        const [start, stop] = [last('start'), last('stop')];
        const consent = stop >= 0 && stop >= start ? 'stopped' : start >= 0 ? 'subscribed' : 'known';
        const person = await now();
        expect(person?.consent).toBe(consent);
        expect(await people.counts(account)).toEqual({ subscribed: 0, stopped: 0, known: 0, [consent]: 1 });
        expect((await recordOf(phone))?.length).toBeLessThanOrEqual(64);
      }),
      { numRuns: 150 },
    );
  });

  it('fits into the small hash at its longest', async () => {
    const topics = Array.from({ length: 30 }, (_, n) => `t${n}`);
    for (let n = 0; n < 70; n += 1) await tell(event(0, 'start', { how: `words ${n}` }));
    const more = { topics, language: 'zh-Hants', breakingOnly: true, isUs: true, isInbound: true, how: 'words 69' };
    await tell(event(1, 'start', more));
    await people.refused(account, phone, '1310499', 86_400_000);
    const record = (await recordOf(phone)) ?? '';
    // Up to a million different words for how consent is known.
    expect(record.length).toBeLessThanOrEqual(64 - 3);
    expect(await at.runtime.redis.object('ENCODING', `munadi:people:${account}:${bucketOf(phone)}`)).toBe('listpack');
  });

  it('spreads evenly: a million people leave no hash above what Redis keeps in one piece', () => {
    const sizes = new Uint16Array(buckets);
    for (let n = 0; n < 1_000_000; n += 1) {
      const bucket = bucketOf(`9639${String(44_000_000 + n)}`);
      sizes[bucket] = (sizes[bucket] ?? 0) + 1;
    }
    expect(Math.max(...sizes)).toBeLessThan(128);
    expect(Math.min(...sizes)).toBeGreaterThan(20);
  });
});

describe('all people', () => {
  it('come page by page, in the order of their hashes, each once', async () => {
    const whos = Array.from({ length: 500 }, (_, n) => `96394${String(n).padStart(7, '0')}`);
    await people.tell(
      account,
      whos.map((who) => ({ who, act: 'start', atMs: second(1), how: 'import' })),
    );
    const seen: string[] = [];
    for await (const page of people.scan(account)) seen.push(...page.map(({ who }) => who));
    expect([...seen].sort()).toEqual(whos);
    const order = seen.map(bucketOf);
    expect(order).toEqual([...order].sort((one, other) => one - other));
    expect(await people.counts(account)).toEqual({ subscribed: 500, stopped: 0, known: 0 });
  });
});
