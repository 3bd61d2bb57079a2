import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bareLists } from '../support/bare-lists.ts';
import { account, type ListStage, openListStage } from '../support/list-stage.ts';

let at: ListStage;
beforeAll(async () => {
  at = await openListStage();
});
afterAll(() => at.close());
beforeEach(() => at.runtime.redis.flushall());

const { fixed, claim, countsOf } = bareLists(() => at);
const spentOf = (period: string) => at.runtime.redis.hmget(`munadi:spent:${account}:${period}`, 'requests', 'money');

describe('a claim whose answer never came', () => {
  it('is granted again to who asks again, once: nobody is in doubt for it', async () => {
    const list = await fixed('963900000001', '963900000002', '963900000003');
    const first = await claim(list, { fence: 7, most: 2 });
    expect(first).toHaveLength(2);
    // The connection broke, and the command is given again.
    const again = await claim(list, { fence: 7, most: 2 });
    expect(again.map(({ place, attempts }) => [place, attempts])).toEqual([
      [0, 1],
      [1, 1],
    ]);
    expect(await spentOf('d')).toEqual(['2', '100']);
    expect(await countsOf(list.id)).toMatchObject({ money: 0.0001, states: { sending: 2, scheduled: 1 } });
    expect((await claim(list, { fence: 8 })).map(({ place }) => place)).toEqual([2]);
  });
});
