import { afterAll, beforeAll, expect, it } from 'vitest';
import { bareLists } from '../support/bare-lists.ts';
import { type ListStage, openListStage } from '../support/list-stage.ts';

let at: ListStage;
beforeAll(async () => {
  at = await openListStage();
});
afterAll(() => at.close());

const { fixed, countsOf } = bareLists(() => at);

it('a large list is forgotten whole, and in steps that let others in', async () => {
  const { redis, articles, fanouts } = at.runtime;
  const small = await fixed('963900000000');
  await redis.hset(`munadi:delivery:${small.id}`, 'state', 'published');
  expect(await articles.prune(Date.now() + 1)).toBe(1);
  const list = await fixed(...Array.from({ length: 60_150 }, (_, n) => String(963_900_000_000 + n)));
  expect(await fanouts.batches(list.id)).toBe(602);
  await redis.hset(`munadi:delivery:${list.id}`, 'state', 'published');
  expect((await countsOf(list.id)).total).toBe(60_150);
  const scripts = async () =>
    [...(await redis.info('commandstats')).matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce(
      (sum, [, calls]) => sum + Number(calls),
      0,
    );
  const before = await scripts();
  expect(await articles.prune(Date.now() + 1)).toBe(1);
  expect((await scripts()) - before).toBe(2);
  expect(await redis.keys(`munadi:fanout:${list.id}*`)).toEqual([]);
  expect((await fanouts.allCounts()).states.scheduled).toBe(0);
});
