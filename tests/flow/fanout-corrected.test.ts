import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { correct } from '../../src/pipeline/correct.ts';
import { crowd, type ListStage, openListStage } from '../support/list-stage.ts';

let at: ListStage;
beforeAll(async () => {
  at = await openListStage();
  await at.people(crowd(20));
  await at.work();
});
afterAll(() => at.close());
afterEach(() => at.sandbox.setFaults('whatsapp', {}));

const refusing = (fault: object) =>
  at.sandbox.setFaults('whatsapp', { rules: [{ on: 'publish', skip: 0, times: 10_000, fault }] } as never);

/** The article with another title, to the end of its list. */
async function corrected(article: string) {
  await correct(at.runtime.retract, article, (before) => ({ ...before, title: `${before.title} أخيرا` }));
  const [, second = ''] = await at.runtime.articles.deliveryIds(article);
  return second;
}

describe('an article that is corrected', () => {
  it('goes to all where its list was under way, and nobody had it yet', async () => {
    refusing({ kind: 'refuse', status: 429, code: 130429, retryAfter: 1 });
    const { id, article, title } = await at.accept();
    await at.until(id, ({ list }) => list?.isCut === true);
    const second = await corrected(article);
    const first = await at.done(id);
    expect([first.state, first.list?.states.cancelled]).toEqual(['cancelled', 20]);
    at.sandbox.setFaults('whatsapp', {});
    const done = await at.until(
      second,
      ({ state }) => state !== 'scheduled' && state !== 'sending' && state !== 'retryable',
    );
    expect([done.state, done.failure?.code, done.list?.states.published]).toEqual(['published', undefined, 20]);
    expect(at.posts(`${title} أخيرا`)).toHaveLength(20);
  });

  it('goes to those who were refused, where nobody got it', async () => {
    refusing({ kind: 'refuse', status: 400, code: 131009 });
    const { id, article, title } = await at.accept();
    await at.until(id, ({ state }) => state === 'rejected');
    at.sandbox.setFaults('whatsapp', {});
    const second = await corrected(article);
    const done = await at.until(
      second,
      ({ state }) => state !== 'scheduled' && state !== 'sending' && state !== 'retryable',
    );
    expect([done.state, done.list?.states.published]).toEqual(['published', 20]);
    expect(at.posts(`${title} أخيرا`)).toHaveLength(20);
  });
});
