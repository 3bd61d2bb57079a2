import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import { correct, isTrivialChange } from '../../src/pipeline/correct.ts';
import { answeringTo } from '../../src/pipeline/followers.ts';
import { ingest, toArticle } from '../../src/pipeline/ingest.ts';
import { plan } from '../../src/pipeline/plan.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { idsOf, openChangeStage, platformIds } from '../support/change-stage.ts';
import { draftArticle } from '../support/installation.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let at: Awaited<ReturnType<typeof openChangeStage>>;
beforeAll(async () => {
  at = await openChangeStage();
});
afterAll(() => at.close());
afterEach(() => at.calm());

describe('a correction', () => {
  it('edits where that can be done, and answers where it cannot', async () => {
    const draft = draftArticle({ url: 'https://example.org/correct-1' });
    const { article, deliveries } = await at.publish(draft);
    const next = {
      ...draft,
      title: `${draft.title}، ومعها ملعب`,
      paragraphs: [`${draft.paragraphs[0]} وافتتح معها ملعب.`],
    };
    const corrected = await at.correctTo(article.id, next);
    expect(corrected.article.version).toBe(2);
    expect(corrected.deliveries.map(({ platform, act, state, failure }) => [platform, act, state, failure])).toEqual(
      platformIds.map((id) => [id, 'correct', 'published', null]),
    );
    const first = new Map(deliveries.map(({ platform, remoteId }) => [platform, remoteId]));
    for (const platform of ['telegram', 'facebook']) {
      const post = at.postOf(platform, first.get(platform));
      expect(post).toMatchObject({ edited: true });
      expect(post?.text).toContain('ومعها ملعب');
      expect(at.sandbox.posts(platform).filter(({ text }) => text.includes(draft.title))).toHaveLength(1);
    }
    const answer = at.postOf('x', corrected.deliveries.find(({ platform }) => platform === 'x')?.remoteId);
    expect(answer?.replyTo).toBe(first.get('x'));
    expect(answer?.text.startsWith(`تصحيح: ${next.title}`)).toBe(true);
    expect(at.shown('whatsapp', `تصحيح: ${next.title}`)).toHaveLength(1);
    // The same version once more changes nothing.
    expect((await at.correctTo(article.id, next)).verdict).toBe('unchanged');
  });

  it('replaces, answers or leaves a post, as the channel wants it', async () => {
    const draft = draftArticle();
    const channels = ['telegram-reply', 'telegram-repost', 'telegram-leave', 'x-repost'];
    const { article, deliveries } = await at.publish(draft, { channels });
    const next = { ...draft, title: `${draft.title} بعد تأجيل` };
    const corrected = await at.correctTo(article.id, next);
    const states = corrected.deliveries.map(({ channel, state, failure }) => [channel, state, failure?.code]);
    expect(states).toEqual([
      ['telegram-reply', 'published', undefined],
      ['telegram-repost', 'published', undefined],
      ['telegram-leave', 'discarded', 'left'],
      ['x-repost', 'published', undefined],
    ]);
    const firstOf = (channel: string) => deliveries.find((one) => one.channel === channel)?.remoteId;
    expect(at.shown('telegram', draft.title, '@munadi_reply').map(({ id }) => id)).toContain(firstOf('telegram-reply'));
    expect(at.shown('telegram', 'تصحيح: ', '@munadi_reply').map(({ replyTo }) => replyTo)).toEqual([
      firstOf('telegram-reply'),
    ]);
    for (const [platform, target] of [
      ['telegram', '@munadi_repost'],
      ['x', undefined],
    ] as const) {
      const posts = at.shown(platform, draft.title, target);
      expect(posts.map(({ text }) => text.includes('بعد تأجيل'))).toEqual([true]);
      expect(posts[0]?.id).not.toBe(firstOf(`${platform}-repost`));
    }
    expect(at.shown('telegram', draft.title, '@munadi_leave').map(({ edited }) => edited)).toEqual([undefined]);
  });

  it('goes out instead of what still waits, once', async () => {
    const draft = draftArticle();
    const { article, deliveries } = await ingest(at.runtime.ingest, draft, {
      channels: ['telegram-ar', 'x-ar'],
      at: Date.now() + 1_500,
    });
    const next = { ...draft, title: `${draft.title} مساء` };
    const corrected = await at.correctTo(article.id, next);
    const before = await at.runtime.deliveries.get(idsOf(deliveries));
    expect(before.map(({ state, failure }) => [state, failure?.code])).toEqual([
      ['cancelled', 'superseded'],
      ['cancelled', 'superseded'],
    ]);
    expect(corrected.deliveries.map(({ state }) => state)).toEqual(['published', 'published']);
    for (const platform of ['telegram', 'x']) {
      expect(
        at.shown(platform, draft.title).map(({ text, replyTo }) => [text.startsWith(next.title), replyTo]),
      ).toEqual([[true, undefined]]);
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
    const { article, deliveries } = await at.publish(draft, { channels: ['telegram-long'] });
    expect(deliveries[0]?.parts.length).toBeGreaterThan(1);
    const { deliveries: next } = await at.correctTo(article.id, { ...draft, paragraphs: words(2, 'النفق') });
    expect(next[0]).toMatchObject({ state: 'published' });
    const posts = at.sandbox.posts('telegram').filter(({ target }) => target === '@munadi_long');
    expect(posts.map(({ removed = false }) => removed)).toEqual(posts.map((_, index) => index > 0));
    expect(posts[0]?.text).toContain('النفق');
  });

  it('waits for what nobody knows the end of, and follows what a person says', async () => {
    at.sandbox.setFaults('telegram', { rules: [{ skip: 0, times: 1, fault: { kind: 'reset-after' } }] });
    const draft = draftArticle();
    const { article, deliveries } = await at.publish(draft, { channels: ['telegram-ar'] });
    expect(deliveries[0]).toMatchObject({ state: 'unconfirmed', held: true });
    const [live] = at.shown('telegram', draft.title);
    const { deliveries: next } = (await correct(at.runtime.retract, article.id, {
      ...draft,
      title: `${draft.title} غدا`,
    })) as { deliveries: Delivery[] };
    const id = next[0]?.id ?? '';
    await vi.waitFor(async () => expect((await at.runtime.deliveries.get([id]))[0]?.waitsFor).toContain('a person'));
    await at.runtime.deliveries.resolve(deliveries[0]?.id ?? '', { published: true, remoteId: live?.id ?? '' });
    expect((await at.finish([id]))[0]).toMatchObject({ state: 'published', remoteId: live?.id });
    expect(at.postOf('telegram', live?.id)?.text).toContain('غدا');
  });

  it.each(['reset-before', 'reset-after'] as const)('is made again after %s', async (kind) => {
    const draft = draftArticle();
    const { article } = await at.publish(draft, { channels: ['telegram-ar', 'facebook-ar'] });
    for (const id of ['telegram', 'facebook']) {
      at.sandbox.setFaults(id, { rules: [{ on: 'change', skip: 0, times: 1, fault: { kind } }] });
    }
    const { deliveries } = await at.correctTo(article.id, { ...draft, title: `${draft.title} فجرا` });
    expect(deliveries.map(({ state }) => state)).toEqual(['published', 'published']);
    for (const id of ['telegram', 'facebook']) {
      expect(at.shown(id, draft.title).map(({ text }) => text.includes('فجرا'))).toEqual([true]);
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

describe('a further story', () => {
  const further = async (id: string, draft: ArticleDraft, channels: string[]) => {
    const { runtime } = at;
    const article = toArticle(draft);
    const { plans } = plan(article, runtime.config.channels, {
      recipientsOf: () => undefined,
      now: runtime.clock.now(),
      only: channels,
    });
    const planned = plans.map(({ id: delivery, dueMs: due, ...rest }) => ({
      ...{ delivery, article: article.id, version: 1, ...rest, priority: 10, due, sandbox: false },
    }));
    const deliveries = answeringTo(planned, await runtime.followUps.links(id));
    await runtime.articles.accept({ article, deliveries, left: {}, urlHash: undefined, contentHash: article.id });
    return at.finish(deliveries.map(({ delivery }) => delivery));
  };

  it('replies to the first one where that is live, and stands alone where it is not', async () => {
    const draft = draftArticle();
    const { article, deliveries } = await at.publish(draft, { channels: ['telegram-ar', 'x-ar'] });
    const next = draftArticle();
    const posts = await further(article.id, next, ['telegram-ar', 'x-ar', 'facebook-ar']);
    expect(posts.map(({ channel, act, state }) => [channel, act, state])).toEqual([
      ['telegram-ar', 'followUp', 'published'],
      ['x-ar', 'followUp', 'published'],
      ['facebook-ar', undefined, 'published'],
    ]);
    for (const [index, platform] of ['telegram', 'x'].entries()) {
      expect(at.postOf(platform, posts[index]?.remoteId)?.replyTo).toBe(deliveries[index]?.remoteId);
      expect(at.postOf(platform, posts[index]?.remoteId)?.text.startsWith(next.title)).toBe(true);
    }
    // Once the first is gone, the next one stands alone.
    await at.retractNow(article.id);
    const [last] = await further(article.id, draftArticle(), ['telegram-ar']);
    expect(at.postOf('telegram', last?.remoteId)?.replyTo).toBeUndefined();
  });
});
