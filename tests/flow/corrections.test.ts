import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { CorrectionWay } from '../../src/core/channel.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import { readRetraction } from '../../src/desk/retractions.ts';
import { correct, isTrivialChange } from '../../src/pipeline/correct.ts';
import { type IngestOptions, ingest } from '../../src/pipeline/ingest.ts';
import { retract } from '../../src/pipeline/retract.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import {
  claimOf,
  draftArticle,
  failureOf,
  type Installation,
  liveOf,
  openInstallation,
} from '../support/installation.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const platformIds = ['telegram', 'x', 'whatsapp', 'facebook'];
let at: Installation;

beforeAll(async () => {
  at = await openInstallation((config) => {
    const channel = (id: string) => {
      const found = config.channels.find((one) => one.id === id);
      if (!found) throw new Error(`no channel ${id}`);
      return found;
    };
    const way = (id: string, corrections: CorrectionWay, settings: object = {}) => {
      const one = channel(id);
      return { ...one, id: `${one.platform}-${corrections}`, corrections, settings: { ...one.settings, ...settings } };
    };
    const long = { ...channel('telegram-ar'), id: 'telegram-long' };
    return {
      ...config,
      channels: [
        ...config.channels,
        way('telegram-ar', 'reply', { chat: '@munadi_reply' }),
        way('telegram-ar', 'repost', { chat: '@munadi_repost' }),
        way('telegram-ar', 'leave', { chat: '@munadi_leave' }),
        way('x-ar', 'repost'),
        { ...long, settings: { ...long.settings, chat: '@munadi_long', messages: 4 } },
      ],
    };
  });
});
afterAll(() => at.close());
afterEach(() => {
  for (const id of platformIds) at.sandbox.setFaults(id, {});
});

const finish = (ids: readonly string[]) => follow(at.runtime, ids, { timeoutMs: 20_000 });
const idsOf = (deliveries: readonly Delivery[]) => deliveries.map(({ id }) => id);

async function publish(
  draft: ArticleDraft,
  options: IngestOptions = { channels: platformIds.map((id) => `${id}-ar`) },
) {
  const { article, deliveries } = await ingest(at.runtime.ingest, draft, options);
  return { article, deliveries: await finish(idsOf(deliveries)) };
}

async function correctTo(id: string, draft: ArticleDraft) {
  const corrected = await correct(at.runtime.retract, id, draft);
  if (corrected.verdict === 'missing') throw new Error('missing');
  return { ...corrected, deliveries: await finish(idsOf(corrected.deliveries)) };
}

async function retractNow(id: string) {
  await retract(at.runtime.retract, id);
  const before = await readRetraction(at.runtime, id);
  await finish(before?.channels.flatMap(({ delivery }) => delivery ?? []) ?? []);
  return (await readRetraction(at.runtime, id))?.channels ?? [];
}

const postOf = (platform: string, id: string | null | undefined) =>
  at.sandbox.posts(platform).find((post) => post.id === id);
/** Posts that readers see. */
const shown = (platform: string, text: string, target?: string) =>
  at.sandbox
    .posts(platform)
    .filter((post) => post.text.includes(text) && !post.removed && (target === undefined || post.target === target));

describe('a correction', () => {
  it('edits where that can be done, and answers where it cannot', async () => {
    const draft = draftArticle({ url: 'https://example.org/correct-1' });
    const { article, deliveries } = await publish(draft);
    const next = {
      ...draft,
      title: `${draft.title}، ومعها ملعب`,
      paragraphs: [`${draft.paragraphs[0]} وافتتح معها ملعب.`],
    };
    const corrected = await correctTo(article.id, next);
    expect(corrected.article.version).toBe(2);
    expect(corrected.deliveries.map(({ platform, act, state, failure }) => [platform, act, state, failure])).toEqual(
      platformIds.map((id) => [id, 'correct', 'published', null]),
    );
    const first = new Map(deliveries.map(({ platform, remoteId }) => [platform, remoteId]));
    for (const platform of ['telegram', 'facebook']) {
      const post = postOf(platform, first.get(platform));
      expect(post).toMatchObject({ edited: true });
      expect(post?.text).toContain('ومعها ملعب');
      expect(at.sandbox.posts(platform).filter(({ text }) => text.includes(draft.title))).toHaveLength(1);
    }
    const answer = postOf('x', corrected.deliveries.find(({ platform }) => platform === 'x')?.remoteId);
    expect(answer?.replyTo).toBe(first.get('x'));
    expect(answer?.text.startsWith(`تصحيح: ${next.title}`)).toBe(true);
    expect(shown('whatsapp', `تصحيح: ${next.title}`)).toHaveLength(1);
    // The same version once more changes nothing.
    expect((await correctTo(article.id, next)).verdict).toBe('unchanged');
  });

  it('replaces, answers or leaves a post, as the channel wants it', async () => {
    const draft = draftArticle();
    const channels = ['telegram-reply', 'telegram-repost', 'telegram-leave', 'x-repost'];
    const { article, deliveries } = await publish(draft, { channels });
    const next = { ...draft, title: `${draft.title} بعد تأجيل` };
    const corrected = await correctTo(article.id, next);
    const states = corrected.deliveries.map(({ channel, state, failure }) => [channel, state, failure?.code]);
    expect(states).toEqual([
      ['telegram-reply', 'published', undefined],
      ['telegram-repost', 'published', undefined],
      ['telegram-leave', 'discarded', 'left'],
      ['x-repost', 'published', undefined],
    ]);
    const firstOf = (channel: string) => deliveries.find((one) => one.channel === channel)?.remoteId;
    expect(shown('telegram', draft.title, '@munadi_reply').map(({ id }) => id)).toContain(firstOf('telegram-reply'));
    expect(shown('telegram', 'تصحيح: ', '@munadi_reply').map(({ replyTo }) => replyTo)).toEqual([
      firstOf('telegram-reply'),
    ]);
    for (const [platform, target] of [
      ['telegram', '@munadi_repost'],
      ['x', undefined],
    ] as const) {
      const posts = shown(platform, draft.title, target);
      expect(posts.map(({ text }) => text.includes('بعد تأجيل'))).toEqual([true]);
      expect(posts[0]?.id).not.toBe(firstOf(`${platform}-repost`));
    }
    expect(shown('telegram', draft.title, '@munadi_leave').map(({ edited }) => edited)).toEqual([undefined]);
  });

  it('goes out instead of what still waits, once', async () => {
    const draft = draftArticle();
    const { article, deliveries } = await ingest(at.runtime.ingest, draft, {
      channels: ['telegram-ar', 'x-ar'],
      at: Date.now() + 1_500,
    });
    const next = { ...draft, title: `${draft.title} مساء` };
    const corrected = await correctTo(article.id, next);
    const before = await at.runtime.deliveries.get(idsOf(deliveries));
    expect(before.map(({ state, failure }) => [state, failure?.code])).toEqual([
      ['cancelled', 'superseded'],
      ['cancelled', 'superseded'],
    ]);
    expect(corrected.deliveries.map(({ state }) => state)).toEqual(['published', 'published']);
    for (const platform of ['telegram', 'x']) {
      expect(shown(platform, draft.title).map(({ text, replyTo }) => [text.startsWith(next.title), replyTo])).toEqual([
        [true, undefined],
      ]);
    }
  });

  it('changes each message of a long post, and takes away those that are over', async () => {
    const words = (count: number, what: string) =>
      Array.from(
        { length: count },
        (_, n) =>
          `قال المسؤول رقم ${n} عن ${what} إن العمل في الموقع يسير كما خطط له منذ البداية وإن التسليم قريب جدا.`,
      );
    const draft = draftArticle({ paragraphs: words(90, 'الجسر') });
    const { article, deliveries } = await publish(draft, { channels: ['telegram-long'] });
    expect(deliveries[0]?.parts.length).toBeGreaterThan(1);
    const { deliveries: next } = await correctTo(article.id, { ...draft, paragraphs: words(2, 'النفق') });
    expect(next[0]).toMatchObject({ state: 'published' });
    const posts = at.sandbox.posts('telegram').filter(({ target }) => target === '@munadi_long');
    expect(posts.map(({ removed = false }) => removed)).toEqual(posts.map((_, index) => index > 0));
    expect(posts[0]?.text).toContain('النفق');
  });

  it('waits for what nobody knows the end of, and follows what a person says', async () => {
    at.sandbox.setFaults('telegram', { rules: [{ skip: 0, times: 1, fault: { kind: 'reset-after' } }] });
    const draft = draftArticle();
    const { article, deliveries } = await publish(draft, { channels: ['telegram-ar'] });
    expect(deliveries[0]).toMatchObject({ state: 'unconfirmed', held: true });
    const [live] = shown('telegram', draft.title);
    const { deliveries: next } = (await correct(at.runtime.retract, article.id, {
      ...draft,
      title: `${draft.title} غدا`,
    })) as { deliveries: Delivery[] };
    const id = next[0]?.id ?? '';
    await vi.waitFor(async () => expect((await at.runtime.deliveries.get([id]))[0]?.waitsFor).toContain('a person'));
    await at.runtime.deliveries.resolve(deliveries[0]?.id ?? '', { published: true, remoteId: live?.id ?? '' });
    expect((await finish([id]))[0]).toMatchObject({ state: 'published', remoteId: live?.id });
    expect(postOf('telegram', live?.id)?.text).toContain('غدا');
  });

  it.each(['reset-before', 'reset-after'] as const)('is made again after %s', async (kind) => {
    const draft = draftArticle();
    const { article } = await publish(draft, { channels: ['telegram-ar', 'facebook-ar'] });
    for (const id of ['telegram', 'facebook']) {
      at.sandbox.setFaults(id, { rules: [{ on: 'change', skip: 0, times: 1, fault: { kind } }] });
    }
    const { deliveries } = await correctTo(article.id, { ...draft, title: `${draft.title} فجرا` });
    expect(deliveries.map(({ state }) => state)).toEqual(['published', 'published']);
    for (const id of ['telegram', 'facebook']) {
      expect(shown(id, draft.title).map(({ text }) => text.includes('فجرا'))).toEqual([true]);
    }
  });

  it('is none where no reader would call it one', () => {
    const article = { ...draftArticle(), id: 'a', version: 1, priority: 'normal' as const };
    const changed = (change: object) => isTrivialChange(article, { ...article, version: 2, ...change });
    expect(changed({ title: article.title.replace('تفتتح', 'تَفتَتِح') })).toBe(true);
    expect(changed({ title: `${article.title} .` })).toBe(true);
    expect(changed({ tags: ['مدن'], section: 'محليات', images: [{ url: 'https://example.org/a.jpg' }] })).toBe(true);
    expect(changed({ url: 'https://example.org/a' })).toBe(false);
    expect(changed({ title: article.title.replace('تفتتح', 'تغلق') })).toBe(false);
    expect(changed({ paragraphs: article.paragraphs.slice(1) })).toBe(false);
  });
});

describe('a retraction', () => {
  it('takes away what is live, tells those who got a message, and cancels what waits', async () => {
    const draft = draftArticle({ url: 'https://example.org/retract-1' });
    const { article } = await publish(draft);
    await correctTo(article.id, { ...draft, title: `${draft.title} مجددا` });
    const { deliveries: late } = await ingest(at.runtime.ingest, draft, {
      channels: ['telegram-repost'],
      at: Date.now() + 600_000,
    });
    const places = await retractNow(article.id);
    expect(places.map(({ channel, outcome }) => [channel, outcome])).toEqual([
      ['telegram-ar', 'removed'],
      ['x-ar', 'removed'],
      ['whatsapp-ar', 'notice'],
      ['facebook-ar', 'removed'],
      ['telegram-repost', 'cancelled'],
    ]);
    for (const platform of ['telegram', 'x', 'facebook']) expect(shown(platform, draft.title)).toEqual([]);
    const [notice, ...more] = shown('whatsapp', 'سُحب');
    expect(more).toEqual([]);
    expect(notice?.text).toContain(draft.title);
    const [, cancelled] = await at.runtime.deliveries.get([late[0]?.id ?? '', late.at(-1)?.id ?? '']);
    expect(cancelled).toMatchObject({ state: 'cancelled', failure: { code: 'retracted' } });
    // It stays so, and stays known.
    expect((await retract(at.runtime.retract, article.id)).verdict).toBe('already');
    expect((await ingest(at.runtime.ingest, draft)).verdict).toBe('duplicate');
    expect((await correct(at.runtime.retract, article.id, { ...draft, title: 'عنوان آخر' })).verdict).toBe('retracted');
    expect(await at.runtime.deliveries.retry([late.at(-1)?.id ?? ''])).toEqual([
      { verdict: 'refused', state: 'cancelled' },
    ]);
  });

  it('lets no claim succeed once it is committed, and settles first what was in flight', async () => {
    const channel = 'x-ar';
    const { article, deliveries } = await ingest(at.runtime.ingest, draftArticle(), {
      channels: [channel, 'facebook-ar'],
      at: Date.now() + 600_000,
    });
    const [flying, waiting] = idsOf(deliveries) as [string, string];
    const { redis } = at.runtime;
    for (const id of [flying, waiting]) await redis.hset(`munadi:delivery:${id}`, 'due', Date.now() - 1_000, 'wish', 0);
    expect((await at.runtime.deliveries.claim(claimOf(flying, 't', { total: 2 }))).verdict).toBe('claimed');
    await retract(at.runtime.retract, article.id);
    const claims = [claimOf(waiting, 'u', { channel: 'facebook-ar' }), claimOf(flying, 'v')];
    const replies = await Promise.all(claims.map((claim) => at.runtime.deliveries.claim(claim)));
    expect(replies.map(({ verdict }) => verdict)).toEqual(['settled', 'leased']);
    // The first part was on its way, and arrives; the second one is not begun any more.
    await at.runtime.deliveries.settle(liveOf(flying, 't', { total: 2, remoteId: '987654321' }));
    expect(await at.runtime.deliveries.claim(claimOf(flying, 't', { total: 2 }))).toEqual({
      verdict: 'settled',
      state: 'cancelled',
    });
    const own = (await readRetraction(at.runtime, article.id))?.channels.find((place) => place.channel === channel);
    expect((await finish([own?.delivery ?? '']))[0]).toMatchObject({
      state: 'published',
      parts: [{ remoteId: '987654321' }],
    });
  });

  it('says maybe while nobody knows, and takes away what a person finds', async () => {
    at.sandbox.setFaults('telegram', { rules: [{ skip: 0, times: 1, fault: { kind: 'reset-after' } }] });
    const draft = draftArticle();
    const { article, deliveries } = await publish(draft, { channels: ['telegram-ar'] });
    const [live] = shown('telegram', draft.title);
    await retract(at.runtime.retract, article.id);
    const [place] = (await readRetraction(at.runtime, article.id))?.channels ?? [];
    expect(place).toMatchObject({ outcome: 'maybe', held: [deliveries[0]?.id] });
    await at.runtime.deliveries.resolve(deliveries[0]?.id ?? '', { published: true, remoteId: live?.id ?? '' });
    await finish([place?.delivery ?? '']);
    expect((await readRetraction(at.runtime, article.id))?.channels[0]).toMatchObject({ outcome: 'removed' });
    expect(shown('telegram', draft.title)).toEqual([]);
  });

  it('is cancelled where a person says that nothing is live', async () => {
    at.sandbox.setFaults('telegram', { rules: [{ skip: 0, times: 1, fault: { kind: 'reset-before' } }] });
    const { article, deliveries } = await publish(draftArticle(), { channels: ['telegram-ar'] });
    await retract(at.runtime.retract, article.id);
    await at.runtime.deliveries.resolve(deliveries[0]?.id ?? '', { published: false });
    const [place] = (await readRetraction(at.runtime, article.id))?.channels ?? [];
    await finish([place?.delivery ?? '', deliveries[0]?.id ?? '']);
    expect((await readRetraction(at.runtime, article.id))?.channels[0]).toMatchObject({ outcome: 'cancelled' });
  });

  it('tells what stays', async () => {
    const draft = draftArticle();
    const { article } = await publish(draft, { channels: ['x-ar', 'facebook-ar'] });
    at.sandbox.setFaults('x', { rules: [{ on: 'change', skip: 0, fault: { kind: 'refuse', status: 403 } }] });
    const places = await retractNow(article.id);
    expect(places.map(({ outcome }) => outcome)).toEqual(['stays', 'removed']);
    expect(places[0]?.reason).toMatch(/^X: /);
    expect(shown('x', draft.title)).toHaveLength(1);
  });

  it('waits where the platform cannot be reached, and is made at last', async () => {
    const draft = draftArticle();
    const { article } = await publish(draft, { channels: ['telegram-ar', 'x-ar', 'facebook-ar'] });
    for (const [id, kind] of [
      ['telegram', 'reset-after'],
      ['x', 'reset-after'],
      ['facebook', 'hang'],
    ] as const) {
      const fault = kind === 'hang' ? { kind, accept: true } : { kind };
      at.sandbox.setFaults(id, { rules: [{ on: 'change', skip: 0, times: 1, fault }] });
    }
    expect((await retractNow(article.id)).map(({ outcome }) => outcome)).toEqual(['removed', 'removed', 'removed']);
    for (const id of ['telegram', 'x', 'facebook']) expect(shown(id, draft.title)).toEqual([]);
  });

  it('does not send again what the channel would send twice', async () => {
    const { article, deliveries } = await ingest(at.runtime.ingest, draftArticle(), {
      channels: ['x-ar'],
      at: Date.now() + 600_000,
    });
    const id = deliveries[0]?.id ?? '';
    await at.runtime.redis.hset(`munadi:delivery:${id}`, 'due', Date.now() - 1_000, 'wish', 0);
    expect((await at.runtime.deliveries.claim(claimOf(id, 't', { way: 'resend' }))).verdict).toBe('claimed');
    await retract(at.runtime.retract, article.id);
    await at.runtime.deliveries.settle(failureOf(id, 't', 'retryable'));
    expect(await at.runtime.deliveries.claim(claimOf(id, 'u', { way: 'resend' }))).toEqual({
      verdict: 'settled',
      state: 'cancelled',
    });
  });
});
