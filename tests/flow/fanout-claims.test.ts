import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bareLists } from '../support/bare-lists.ts';
import { account, crowd, inHex, type ListStage, openListStage } from '../support/list-stage.ts';

let at: ListStage;
beforeAll(async () => {
  at = await openListStage();
});
afterAll(() => at.close());
beforeEach(() => at.runtime.redis.flushall());

const { open, cut, fixed, claim, published, failed, countsOf, seen } = bareLists(() => at);
const spentOf = (period: string) => at.runtime.redis.hmget(`munadi:spent:${account}:${period}`, 'requests', 'money');

/** A list of three people, of whom the last is inside the window for free text. */
async function openThree() {
  const now = inHex(Date.now());
  await at.people({ '963900000003': `s||ar|${now}|1|${now}` });
  const list = await open(
    { of: 'fixed', people: ['963900000001', '963900000002', '963900000003'].join('\n') },
    { default: 0, languages: {}, text: 1 },
  );
  await cut(list.id);
  return list;
}

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

  it('leaves nobody in doubt either where nobody may go when it is asked again', async () => {
    const list = await fixed('963900000001', '963900000002', '963900000003');
    list.by.scopes = JSON.stringify([['number', [[2, 60_000, 2]], '']]);
    expect(await claim(list, { fence: 7 })).toHaveLength(2);
    expect(await claim(list, { fence: 7 })).toEqual([]);
    expect(await seen(list.id)).toEqual(['retryable', 'retryable', 'scheduled']);
    list.by.scopes = '';
    expect(await claim(list, { fence: 8 })).toHaveLength(3);
    await at.runtime.redis.hset('munadi:paused', `account:${account}`, '1');
    expect(await claim(list, { fence: 8 })).toEqual([]);
    expect(await seen(list.id)).toEqual(['retryable', 'retryable', 'retryable']);
    expect(await spentOf('d')).toEqual(['0', '0']);
    expect(await countsOf(list.id)).toMatchObject({ money: 0, states: { retryable: 3 } });
  });
});

describe('a person whose own limit is counted', () => {
  it('leaves no key behind, however late the answer came', async () => {
    const list = await fixed('963900000001');
    const pair: [string, number[][]] = ['pair:', [[1, 500, 1]]];
    Object.assign(list.by, { pair });
    const [one] = await claim(list);
    const scopes = JSON.stringify([['pair:+963900000001', pair[1], '']]);
    await at.runtime.fanouts.settle({
      ...{ delivery: list.id, batch: 0, place: 0, fence: 1, circuit: '', state: 'published' },
      ...{ remoteId: 'wamid.1', status: 'accepted' },
      sent: { scopes, slotAt: one?.slotAt ?? 0, arrivedAt: (one?.slotAt ?? 0) + 300 },
    });
    const keys = await at.runtime.redis.keys('munadi:limit:pair:*');
    expect(keys).toHaveLength(1);
    for (const key of keys) expect(await at.runtime.redis.pttl(key)).toBeGreaterThan(0);
  });

  it('leaves none either where another list looked while the answer was awaited', async () => {
    const [first, second] = [await fixed('963900000001'), await fixed('963900000001')];
    for (const list of [first, second]) Object.assign(list.by, { pair: ['pair:', [[1, 500, 1]]] });
    await claim(first);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await claim(second)).toEqual([]);
    for (const key of await at.runtime.redis.keys('munadi:limit:pair:*')) {
      expect(await at.runtime.redis.pttl(key)).toBeGreaterThan(0);
    }
  });
});

describe('a list that is cancelled', () => {
  it('is not sent on because what failed of it is to be sent again', async () => {
    const list = await fixed('963900000001', '963900000002', '963900000003');
    await claim(list, { most: 1 });
    await failed(list.id, 0, 'rejected');
    expect(await at.runtime.fanouts.cancel(list.id)).toBe(2);
    await at.runtime.fanouts.retry(list.id);
    const claimed = await claim(list, { fence: 2 });
    expect(claimed.map(({ place }) => place)).not.toContain(1);
    expect(claimed.map(({ place }) => place)).not.toContain(2);
  });

  it('nor because a person says that what is held was not sent', async () => {
    const list = await fixed('963900000001', '963900000002', '963900000003');
    await claim(list, { most: 1 });
    await failed(list.id, 0, 'held');
    await at.runtime.fanouts.cancel(list.id);
    await at.runtime.fanouts.resolve(list.id, 'not-published');
    expect((await claim(list, { fence: 2 })).map(({ place }) => place).filter((place) => place > 0)).toEqual([]);
  });
});

describe('a list whose article was corrected or withdrawn', () => {
  it('is not sent again, and keeps why it failed', async () => {
    const list = await fixed('963900000001', '963900000002');
    await claim(list);
    await failed(list.id, 0, 'rejected');
    await published(list.id, 1, 'wamid.1');
    for (const change of [{ version: 2 }, { retracted: 1 }]) {
      await at.runtime.redis.hset(`munadi:article:${list.article}`, change);
      expect(await at.runtime.fanouts.retry(list.id)).toBe(0);
      await claim(list, { fence: 2 });
      expect(await seen(list.id)).toEqual(['131026', 'published']);
    }
  });
});

describe('what is held and was not sent', () => {
  it('costs nothing', async () => {
    const list = await fixed('963900000001');
    await claim(list);
    await failed(list.id, 0, 'held');
    expect(await spentOf('d')).toEqual(['1', '50']);
    await at.runtime.fanouts.resolve(list.id, 'not-published');
    expect(await spentOf('d')).toEqual(['0', '0']);
    expect(await claim(list, { fence: 2 })).toHaveLength(1);
    await published(list.id, 0, 'wamid.1', { fence: 2 });
    expect(await spentOf('d')).toEqual(['1', '50']);
    expect((await countsOf(list.id)).money).toBe(0.000_05);
  });

  it.each(['held', 'retryable'] as const)(
    'costs nothing either where it was %s and failed after all',
    async (state) => {
      const list = await fixed('963900000001');
      await claim(list);
      await failed(list.id, 0, state);
      if (state === 'held') await at.runtime.fanouts.resolve(list.id, 'not-published');
      const told = { delivery: list.id, batch: 0, place: 0, remoteId: 'wamid.1', status: 'failed' } as const;
      await at.runtime.fanouts.report([{ ...told, at: '', failure: { code: '131026', reason: 'no' } }]);
      expect(await spentOf('d')).toEqual(['0', '0']);
    },
  );
});

describe('a list under way when its channel closes', () => {
  it('is not stale for that when the channel opens', async () => {
    const list = await fixed('963900000001');
    const now = Date.now();
    Object.assign(list.by, { staleAfter: 300, hours: `0|${now + 400}|next|night` });
    expect(await claim(list)).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 450));
    expect(await claim(list, { by: { ...list.by, hours: '' } })).toHaveLength(1);
  });

  it('waits for that, once it is sent again by a person', async () => {
    const list = await fixed('963900000001');
    list.by.hours = `0|${Date.now() + 300_000}|drop|night`;
    expect(await claim(list)).toEqual([]);
    expect(await seen(list.id)).toEqual(['closed']);
    expect(await at.runtime.fanouts.retry(list.id)).toBe(1);
    expect(await claim(list)).toEqual([]);
    expect(await seen(list.id)).toEqual(['retryable']);
  });
});

describe('a list whose channel is moved to another account', () => {
  it('is sent to nobody who has stopped at the account that they had subscribed to', async () => {
    await at.people(crowd(2));
    const list = await open();
    await cut(list.id);
    const [who = ''] = (await at.rows(list.id)).map((row) => row.who);
    await at.people({ [who]: `x||ar|${inHex(Date.now())}|1` });
    const claimed = await claim(list, { by: { ...list.by, account: 'another' } });
    expect(claimed).toHaveLength(1);
    expect(claimed.map((one) => one.who)).not.toContain(who);
  });
});

describe('what the platform tells of a message that nobody knew the end of', () => {
  it('counts, also where it was given up since', async () => {
    const list = await fixed('963900000001', '963900000002');
    await claim(list);
    for (const place of [0, 1]) await failed(list.id, place, 'held');
    await at.runtime.fanouts.resolve(list.id, 'not-published');
    await claim(list, { fence: 2, most: 1 });
    await failed(list.id, 0, 'rejected', 2);
    await at.runtime.fanouts.cancel(list.id);
    await claim(list, { fence: 3 });
    expect(await seen(list.id)).toEqual(['131026', 'cancelled']);
    expect((await at.delivery(list.id)).state).toBe('rejected');
    const about = { delivery: list.id, batch: 0, status: 'delivered' as const, at: new Date().toISOString() };
    await at.runtime.fanouts.report([0, 1].map((place) => ({ ...about, place, remoteId: `wamid.${place}` })));
    expect(await seen(list.id)).toEqual(['published', 'published']);
    expect((await at.delivery(list.id)).state).toBe('published');
    // It is paid for, too.
    expect(await spentOf('d')).toEqual(['2', '100']);
    expect((await countsOf(list.id)).money).toBe(0.0001);
    // And nobody gets it twice.
    expect(await at.runtime.fanouts.retry(list.id)).toBe(0);
  });
});

describe('the limit of people outside their window', () => {
  it('holds up nobody who is inside', async () => {
    const list = await openThree();
    Object.assign(list.by, { unique: ['unique', [[1, 86_400_000, 1]]] });
    expect((await claim(list)).map(({ who }) => who)).toEqual(['963900000001', '963900000003']);
  });

  it('holds up no less urgent list', async () => {
    const [urgent, low] = [await fixed('963900000001', '963900000002'), await fixed('963900000001')];
    const unique: [string, number[][]] = ['unique', [[1, 86_400_000, 1]]];
    Object.assign(urgent.by, { unique });
    Object.assign(low.by, { unique, priority: 20 });
    await at.runtime.redis.zadd(`munadi:fanouts:ranks:${account}`, 20, low.id);
    expect(await claim(urgent)).toHaveLength(1);
    expect(await claim(urgent, { fence: 2 })).toHaveLength(0);
    expect(await claim(low)).toHaveLength(1);
  });
});

describe('a list of several batches', () => {
  it('goes before less urgent ones to its end, also while the last of a batch are sent', async () => {
    const people = Array.from({ length: 150 }, (_, n) => String(963_900_000_000 + n));
    const [urgent, low] = [await fixed(...people), await fixed('963911111111')];
    urgent.by.priority = 5;
    low.by.priority = 20;
    await at.runtime.redis.zadd(`munadi:fanouts:ranks:${account}`, 5, urgent.id, 20, low.id);
    expect(await claim(urgent)).toHaveLength(100);
    // Its batch has nobody left.
    expect(await claim(urgent, { fence: 2 })).toEqual([]);
    expect(await claim(low)).toEqual([]);
    expect(await claim(urgent, { fence: 3, batch: 1 })).toHaveLength(50);
    expect(await claim(low)).toHaveLength(1);
  });
});

describe('a budget that is spent', () => {
  it('holds up nobody whose message is free', async () => {
    const list = await openThree();
    Object.assign(list.by.charge, { most: { day: [-1, -1, 60], month: [-1, -1, -1] } });
    expect((await claim(list)).map(({ who }) => who)).toEqual(['963900000001', '963900000003']);
  });
});

describe('an article that is retracted while its list rests', () => {
  it('is seen to be so within seconds, where the list is not large', async () => {
    const list = await fixed('963900000001', '963900000002');
    list.by.hours = `0|${Date.now() + 8 * 3_600_000}|next|night`;
    const reply = await at.runtime.fanouts.claim({
      ...{ delivery: list.id, batch: 0, fence: 1, most: 10, leaseMs: 60_000, quarantineMs: 0, maxAttempts: 5 },
      ...{ way: 'status', by: list.by },
    });
    expect(reply).toMatchObject({ verdict: 'wait', why: 'timetable', waitMs: 10_060 });
  });
});

describe('a message that is reported as failed on the next day', () => {
  it('gives its money back to the day on which it was spent', async () => {
    const list = await fixed('963900000001', '963900000002');
    await claim(list, { most: 1 });
    await published(list.id, 0, 'wamid.0');
    await new Promise((resolve) => setTimeout(resolve, 30));
    const next = { ...list.by, bill: { ...list.by.bill, day: 'e' }, charge: { ...list.by.charge, day: 'e' } };
    await claim(list, { by: next, fence: 2 });
    await published(list.id, 1, 'wamid.1', { fence: 2 });
    const told = { delivery: list.id, batch: 0, status: 'failed', at: '' } as const;
    const failure = { code: '131026', reason: 'no' };
    await at.runtime.fanouts.report([{ ...told, place: 0, remoteId: 'wamid.0', failure }]);
    expect([await spentOf('d'), await spentOf('e')]).toEqual([
      ['0', '0'],
      ['1', '50'],
    ]);
    await at.runtime.fanouts.report([{ ...told, place: 1, remoteId: 'wamid.1', failure }]);
    expect(await spentOf('e')).toEqual(['0', '0']);
  });
});
