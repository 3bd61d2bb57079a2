import { afterAll, beforeAll, expect, it } from 'vitest';
import { bareLists } from '../support/bare-lists.ts';
import { type ListStage, openListStage } from '../support/list-stage.ts';

let at: ListStage;
beforeAll(async () => {
  at = await openListStage();
});
afterAll(() => at.close());

const { open, fixed, claim, countsOf } = bareLists(() => at);

/** How many scripts Redis has run. */
async function scripts(): Promise<number> {
  const said = await at.runtime.redis.info('commandstats');
  const calls = [...said.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)];
  return calls.reduce((sum, [, count]) => sum + Number(count), 0);
}
const numbers = (count: number) => Array.from({ length: count }, (_, n) => String(963_900_000_000 + n));

it('a large list is forgotten whole, and in steps that let others in', async () => {
  const { redis, articles, fanouts } = at.runtime;
  const small = await fixed('963900000000');
  await redis.hset(`munadi:delivery:${small.id}`, 'state', 'published');
  expect(await articles.prune(Date.now() + 1)).toBe(1);
  const list = await fixed(...numbers(60_150));
  expect(await fanouts.batches(list.id)).toBe(602);
  await redis.hset(`munadi:delivery:${list.id}`, 'state', 'published');
  expect((await countsOf(list.id)).total).toBe(60_150);
  const before = await scripts();
  expect(await articles.prune(Date.now() + 1)).toBe(1);
  expect((await scripts()) - before).toBe(2);
  expect(await redis.keys(`munadi:fanout:${list.id}*`)).toEqual([]);
  expect((await fanouts.allCounts()).states.scheduled).toBe(0);
});

it('a change of a large list that hardly anybody has looks for them in steps', async () => {
  const { fanouts } = at.runtime;
  const first = await fixed(...numbers(9_000));
  await fanouts.cancel(first.id);
  for (let batch = 0; batch < 90; batch += 1) await claim(first, { batch });
  const second = await open({ of: 'follow', follows: [first.id], held: true });
  expect(await fanouts.cut(second.id)).toEqual({ verdict: 'more', total: 0 });
  expect(await fanouts.cut(second.id)).toEqual({ verdict: 'more', total: 0 });
  expect(await fanouts.cut(second.id)).toEqual({ verdict: 'done', total: 0 });
});

it('a large list is sent again in steps', async () => {
  const { fanouts } = at.runtime;
  const list = await fixed(...numbers(3_000));
  for (let batch = 0; batch < 30; batch += 1) await claim(list, { batch });
  const all = Array.from({ length: 3_000 }, (_, n) => ({ batch: Math.floor(n / 100), place: n % 100 }));
  const failure = { class: 'rejected', code: '131009', reason: 'no', at: '' } as const;
  const about = { delivery: list.id, fence: 1, circuit: '', state: 'rejected', failure } as const;
  await Promise.all(all.map((place) => fanouts.settle({ ...about, ...place })));
  const before = await scripts();
  expect(await fanouts.retry(list.id)).toBe(3_000);
  expect((await scripts()) - before).toBeGreaterThanOrEqual(3);
});
