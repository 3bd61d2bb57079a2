import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { correct } from '../../src/pipeline/correct.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { retract } from '../../src/pipeline/retract.ts';
import { draftArticle } from '../support/installation.ts';
import { crowd, type ListStage, openListStage } from '../support/list-stage.ts';

let at: ListStage;

beforeAll(async () => {
  at = await openListStage();
  await at.people(crowd(230));
  await at.work();
});
afterAll(() => at.close());
afterEach(() => at.sandbox.setFaults('whatsapp', {}));

/** An article whose list is begun, and not cut; its channel rests. */
async function beginPaused() {
  const draft = draftArticle();
  await at.runtime.pauses.pauseChannel('whatsapp-ar', 'a person wants it', 'person');
  const { article, deliveries } = await ingest(at.runtime.ingest, draft);
  const id = deliveries[0]?.id ?? '';
  const about = { article: article.id, version: 1, channel: 'whatsapp-ar' };
  await at.runtime.fanouts.open({
    ...{ id, account: 'whatsapp-main', ...about },
    variants: JSON.stringify({ posts: ['none'], plain: { default: 0, languages: {} } }),
    source: { of: 'people', account: 'whatsapp-main', breaking: false },
    job: { delivery: id, ...about, platform: 'whatsapp', priority: 10 },
  });
  return { draft, article, id, about };
}

describe('a change of the article', () => {
  it('reaches those who have the message as a correction, and no one twice', async () => {
    const { id, article, title } = await at.accept();
    await at.done(id);
    const first = at.posts(title).length;
    await correct(at.runtime.retract, article, (before) => ({
      ...before,
      paragraphs: ['افتتحت بلدية المدينة مساء الأحد حديقة أخرى على ضفة النهر بعد تأجيل الافتتاح.'],
    }));
    const [, second = ''] = await at.runtime.articles.deliveryIds(article);
    await at.done(second);
    const rows = await at.rows(second);
    expect(rows.map(({ who }) => who).sort()).toEqual(
      (await at.rows(id)).flatMap(({ who, state }) => (state === 'published' ? [who] : [])).sort(),
    );
    const corrections = at.posts(title).slice(first);
    expect(new Set(corrections.map(({ target }) => target)).size).toBe(rows.length);
  });

  it('does not wait for those who may or may not have the message: they are left out of a correction, told of a retraction', async () => {
    at.sandbox.setFaults('whatsapp', {
      rules: [{ on: 'publish', skip: 0, times: 2, fault: { kind: 'reset-after' } }],
    });
    const { id, article } = await at.accept();
    const { list } = await at.until(id, ({ held }) => held);
    expect(list?.held).toBe(2);
    await correct(at.runtime.retract, article, (before) => ({ ...before, title: `${before.title} غدا` }));
    const [, second = ''] = await at.runtime.articles.deliveryIds(article);
    expect((await at.done(second)).list?.total).toBe(228);
    await retract(at.runtime.retract, article);
    const [, , third = ''] = await at.runtime.articles.deliveryIds(article);
    expect((await at.done(third)).list?.total).toBe(230);
  });

  it('waits for a list that nobody has cut to its end, and loses none of its people', async () => {
    const { draft, article } = await beginPaused();
    await correct(at.runtime.retract, article.id, (before) => ({ ...before, title: `${before.title} أخيرا` }));
    await at.runtime.pauses.resume('channel', 'whatsapp-ar');
    const [, second = ''] = await at.runtime.articles.deliveryIds(article.id);
    const { list, state, attempts } = await at.done(second);
    expect([state, attempts]).toEqual(['published', 1]);
    // Nobody had the first one: all get the new one.
    expect(at.posts(`${draft.title} أخيرا`)).toHaveLength(list?.states.published ?? 0);
    expect(list?.states.published).toBeGreaterThan(200);
  });

  it('stops what waits once the article is retracted, and tells those who have it', async () => {
    at.sandbox.setFaults('whatsapp', {
      rules: [{ on: 'publish', skip: 60, times: 1_000, fault: { kind: 'delay', ms: 700 } }],
    });
    const { id, article, title } = await at.accept();
    await at.until(id, ({ list }) => (list?.states.published ?? 0) >= 60);
    await retract(at.runtime.retract, article);
    const retractedAt = Date.now();
    at.sandbox.setFaults('whatsapp', {});
    const { list } = await at.done(id);
    const leftOut = list?.failures.find(({ code }) => code === 'us-number')?.count ?? 0;
    const retracted = list?.failures.find(({ code }) => code === 'retracted')?.count ?? 0;
    expect(retracted).toBeGreaterThan(0);
    expect(retracted + leftOut + (list?.failures.find(({ code }) => code === '131049')?.count ?? 0)).toBe(
      list?.states.cancelled,
    );
    const [, notice = ''] = await at.runtime.articles.deliveryIds(article);
    await at.done(notice);
    const told = (await at.rows(notice)).map(({ who }) => who).sort();
    const got = at.posts(title).filter(({ template }) => template?.parameters[0] === title);
    expect(told).toEqual((await at.rows(id)).flatMap(({ who, state }) => (state === 'published' ? [who] : [])).sort());
    expect(got.filter((post) => Date.parse(post.at) > retractedAt + 1_500)).toEqual([]);
  });
});

describe('a retraction of a list whose delivery ended before it', () => {
  it('tells those who have the message', async () => {
    const { article, id, about } = await beginPaused();
    while ((await at.runtime.fanouts.cut(id)).verdict === 'more');
    const unlimited = [-1, -1, -1];
    const charge = {
      ...{ account: 'whatsapp-main', day: 'd', month: 'm', requests: 1, recipients: 1, money: [], reserve: 0 },
      ...{ most: { day: unlimited, month: unlimited }, endsInMs: { day: 1_000, month: 1_000 } },
    };
    const reply = await at.runtime.fanouts.claim({
      ...{ delivery: id, batch: 0, fence: 1, most: 20, leaseMs: 60_000, quarantineMs: 60_000, maxAttempts: 5 },
      way: 'status',
      by: {
        ...{ account: 'whatsapp-main', ...about, channel: 'none', priority: 10, hours: '', scopes: '' },
        ...{ bill: { account: 'whatsapp-main', day: 'd', month: 'm', prices: {} }, charge },
        ...{ whenSpent: 'hold', mode: 'template' },
      },
    });
    const claimed = reply.verdict === 'go' ? reply.claimed : [];
    expect(claimed).toHaveLength(20);
    await retract(at.runtime.retract, article.id);
    for (const { place } of claimed) {
      const one = { delivery: id, batch: 0, place, fence: 1, circuit: '', remoteId: `wamid.${place}` };
      await at.runtime.fanouts.settle({ ...one, state: 'published', status: 'accepted' });
    }
    await at.runtime.pauses.resume('channel', 'whatsapp-ar');
    await at.done(id);
    const [, notice = ''] = await at.runtime.articles.deliveryIds(article.id);
    const { list, state } = await at.until(notice, (now) => now.list?.isDone === true || now.state === 'discarded');
    expect([state, list?.total]).toEqual(['published', 20]);
  });
});
