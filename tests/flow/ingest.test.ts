import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingest } from '../../src/pipeline/ingest.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;

beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());

describe('accepting an article', () => {
  it('stores article, deliveries and outbox entries together', async () => {
    const draft = draftArticle();
    const { verdict, article, deliveries } = await ingest(at.runtime.ingest, draft);
    expect(verdict).toBe('new');
    expect(await at.runtime.articles.get(article.id)).toEqual(article);
    expect(deliveries.map(({ state, attempts }) => [state, attempts])).toEqual(deliveries.map(() => ['scheduled', 0]));
    const outbox = (await at.runtime.articles.outbox(100)).map(
      (entry) => (JSON.parse(entry) as { delivery: string }).delivery,
    );
    expect(outbox).toEqual(expect.arrayContaining(deliveries.map(({ id }) => id)));
  });

  it.each([
    ['the same id', { id: 'story-1' }, { id: 'story-1', title: 'عنوان آخر' }],
    [
      'the same address with tracking',
      { url: 'https://Example.org/a/?x=1' },
      { url: 'https://example.org/a?utm_source=feed&x=1#top' },
    ],
  ])('knows it again by %s', async (_, first, second) => {
    const before = await ingest(at.runtime.ingest, draftArticle(first));
    const after = await ingest(at.runtime.ingest, draftArticle(second));
    expect(after.verdict).toBe('duplicate');
    expect(after.article.id).toBe(before.article.id);
    expect(after.deliveries).toEqual(before.deliveries);
  });

  it('knows it again by its text, whatever its white space and diacritics', async () => {
    const draft = draftArticle();
    const before = await ingest(at.runtime.ingest, draft);
    const after = await ingest(at.runtime.ingest, { ...draft, title: draft.title.replace('بلدية', 'بَلَدية') });
    expect(after).toMatchObject({ verdict: 'duplicate', article: { id: before.article.id } });
  });

  it('accepts once what many hand in at the same moment', async () => {
    const draft = draftArticle();
    const results = await Promise.all(Array.from({ length: 30 }, () => ingest(at.runtime.ingest, draft)));
    expect(results.filter(({ verdict }) => verdict === 'new')).toHaveLength(1);
    expect(new Set(results.flatMap(({ deliveries }) => deliveries.map(({ id }) => id))).size).toBe(4);
  });

  it('gives the first result again under the same key, and refuses the key for another request', async () => {
    const draft = draftArticle();
    const first = await ingest(at.runtime.ingest, draft, { idempotency: { key: 'k1', request: 'one' } });
    const again = await ingest(at.runtime.ingest, draft, { idempotency: { key: 'k1', request: 'one' } });
    expect([first.verdict, again.verdict]).toEqual(['new', 'replayed']);
    await expect(
      ingest(at.runtime.ingest, draft, { idempotency: { key: 'k1', request: 'two' } }),
    ).rejects.toMatchObject({ status: 409 });
  });

  it('adds a channel asked for by hand to an article that has not been there', async () => {
    const draft = draftArticle();
    await ingest(at.runtime.ingest, draft, { channels: ['telegram-ar'] });
    const { verdict, deliveries } = await ingest(at.runtime.ingest, draft, { channels: ['x-ar', 'telegram-ar'] });
    expect(verdict).toBe('duplicate');
    expect(deliveries.map(({ channel }) => channel)).toEqual(['telegram-ar', 'x-ar']);
  });

  it('names the channels that exist when one does not', async () => {
    await expect(ingest(at.runtime.ingest, draftArticle(), { channels: ['telegram'] })).rejects.toThrow(
      /"telegram".*telegram-ar, x-ar/,
    );
  });

  it('plans nothing before the embargo', async () => {
    const embargoUntil = new Date(Date.now() + 3_600_000).toISOString();
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle({ embargoUntil }), { at: Date.now() });
    expect(deliveries.map(({ dueAt }) => dueAt)).toEqual(deliveries.map(() => embargoUntil));
  });

  it('forgets old articles whose deliveries are final, and only those', async () => {
    const { article } = await ingest(at.runtime.ingest, draftArticle());
    const empty = await ingest({ ...at.runtime.ingest, channels: [] }, draftArticle());
    await at.runtime.articles.prune(Date.now() + 1_000);
    expect(await at.runtime.articles.get(article.id)).toBeDefined();
    expect(await at.runtime.articles.get(empty.article.id)).toBeUndefined();
  });
});
