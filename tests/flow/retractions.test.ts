import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { readRetraction } from '../../src/desk/retractions.ts';
import { correct } from '../../src/pipeline/correct.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { retract } from '../../src/pipeline/retract.ts';
import { idsOf, openChangeStage } from '../support/change-stage.ts';
import { claimOf, draftArticle, failureOf, liveOf } from '../support/installation.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let at: Awaited<ReturnType<typeof openChangeStage>>;
beforeAll(async () => {
  at = await openChangeStage();
});
afterAll(() => at.close());
afterEach(() => at.calm());

describe('a retraction', () => {
  it('takes away what is live, tells those who got a message, and cancels what waits', async () => {
    const draft = draftArticle({ url: 'https://example.org/retract-1' });
    const { article } = await at.publish(draft);
    await at.correctTo(article.id, { ...draft, title: `${draft.title} مجددا` });
    const { deliveries: late } = await ingest(at.runtime.ingest, draft, {
      channels: ['telegram-repost'],
      at: Date.now() + 600_000,
    });
    const places = await at.retractNow(article.id);
    expect(places.map(({ channel, outcome }) => [channel, outcome])).toEqual([
      ['telegram-ar', 'removed'],
      ['x-ar', 'removed'],
      ['whatsapp-ar', 'notice'],
      ['facebook-ar', 'removed'],
      ['telegram-repost', 'cancelled'],
    ]);
    for (const platform of ['telegram', 'x', 'facebook']) expect(at.shown(platform, draft.title)).toEqual([]);
    const [notice, ...more] = at.shown('whatsapp', 'سُحب');
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

  it('is told in the place of a message that is too old to be removed', async () => {
    const { article, deliveries } = await at.publish(draftArticle(), { channels: ['telegram-ar', 'facebook-ar'] });
    at.sandbox.setSettings('telegram', { ageMs: 49 * 3_600_000 });
    const places = await at.retractNow(article.id);
    at.sandbox.setSettings('telegram', { ageMs: 0 });
    expect(places.map(({ outcome, messages }) => [outcome, messages.notice])).toEqual([
      ['notice', 1],
      ['removed', 0],
    ]);
    const shown = at.sandbox.posts('telegram').find(({ id }) => id === deliveries[0]?.remoteId);
    expect(shown).toMatchObject({ text: 'تنويه: سُحب هذا الخبر', edited: true });
    expect(shown).not.toHaveProperty('removed');
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
    expect((await at.finish([own?.delivery ?? '']))[0]).toMatchObject({
      state: 'published',
      parts: [{ remoteId: '987654321' }],
    });
  });

  it('says maybe while nobody knows, and takes away what a person finds', async () => {
    at.sandbox.setFaults('telegram', { rules: [{ skip: 0, times: 1, fault: { kind: 'reset-after' } }] });
    const draft = draftArticle();
    const { article, deliveries } = await at.publish(draft, { channels: ['telegram-ar'] });
    const [live] = at.shown('telegram', draft.title);
    await retract(at.runtime.retract, article.id);
    const [place] = (await readRetraction(at.runtime, article.id))?.channels ?? [];
    expect(place).toMatchObject({ outcome: 'maybe', held: [deliveries[0]?.id] });
    await at.runtime.deliveries.resolve(deliveries[0]?.id ?? '', { published: true, remoteId: live?.id ?? '' });
    await at.finish([place?.delivery ?? '']);
    expect((await readRetraction(at.runtime, article.id))?.channels[0]).toMatchObject({ outcome: 'removed' });
    expect(at.shown('telegram', draft.title)).toEqual([]);
  });

  it('is cancelled where a person says that nothing is live', async () => {
    at.sandbox.setFaults('telegram', { rules: [{ skip: 0, times: 1, fault: { kind: 'reset-before' } }] });
    const { article, deliveries } = await at.publish(draftArticle(), { channels: ['telegram-ar'] });
    await retract(at.runtime.retract, article.id);
    await at.runtime.deliveries.resolve(deliveries[0]?.id ?? '', { published: false });
    const [place] = (await readRetraction(at.runtime, article.id))?.channels ?? [];
    await at.finish([place?.delivery ?? '', deliveries[0]?.id ?? '']);
    expect((await readRetraction(at.runtime, article.id))?.channels[0]).toMatchObject({ outcome: 'cancelled' });
  });

  it('begins again where a late answer tells of a message that was given up', async () => {
    const { article, deliveries } = await at.publish(draftArticle(), { channels: ['telegram-ar'] });
    const [live] = deliveries;
    const { redis, deliveries: ledger, followUps } = at.runtime;
    // As if it had been given up: its worker has stopped, and another one found nothing.
    await redis.hset(`munadi:delivery:${live?.id}`, {
      state: 'retryable',
      parts: '[]',
      token: 't',
      due: Date.now() + 60_000,
    });
    await redis.zrem('munadi:state:published', live?.id ?? '');
    await redis.zadd('munadi:state:retryable', Date.now() + 60_000, live?.id ?? '');
    expect((await at.retractNow(article.id)).map(({ outcome }) => outcome)).toEqual(['cancelled']);
    await ledger.settle(liveOf(live?.id ?? '', 't', { remoteId: live?.remoteId ?? '' }));
    const own = (await followUps.links(article.id)).find(({ act }) => act === 'retract');
    expect((await at.finish([own?.id ?? '']))[0]).toMatchObject({ state: 'published', remoteId: live?.remoteId });
    expect(at.postOf('telegram', live?.remoteId)).toMatchObject({ removed: true });
  });

  it('tells what stays', async () => {
    const draft = draftArticle();
    const { article } = await at.publish(draft, { channels: ['x-ar', 'facebook-ar'] });
    at.sandbox.setFaults('x', { rules: [{ on: 'change', skip: 0, fault: { kind: 'refuse', status: 403 } }] });
    const places = await at.retractNow(article.id);
    expect(places.map(({ outcome }) => outcome)).toEqual(['stays', 'removed']);
    expect(places[0]?.reason).toMatch(/^X: /);
    expect(at.shown('x', draft.title)).toHaveLength(1);
  });

  it('waits where the platform cannot be reached, and is made at last', async () => {
    const draft = draftArticle();
    const { article } = await at.publish(draft, { channels: ['telegram-ar', 'x-ar', 'facebook-ar'] });
    for (const [id, kind] of [
      ['telegram', 'reset-after'],
      ['x', 'reset-after'],
      ['facebook', 'hang'],
    ] as const) {
      const fault = kind === 'hang' ? { kind, accept: true } : { kind };
      at.sandbox.setFaults(id, { rules: [{ on: 'change', skip: 0, times: 1, fault }] });
    }
    expect((await at.retractNow(article.id)).map(({ outcome }) => outcome)).toEqual(['removed', 'removed', 'removed']);
    for (const id of ['telegram', 'x', 'facebook']) expect(at.shown(id, draft.title)).toEqual([]);
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
