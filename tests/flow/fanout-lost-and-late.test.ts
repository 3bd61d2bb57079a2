import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { BatchRules, Claimed } from '../../src/store/fanout/index.ts';
import { type BareList, bareLists } from '../support/bare-lists.ts';
import { account, crowd, inHex, type ListStage, openListStage } from '../support/list-stage.ts';

let at: ListStage;
beforeAll(async () => {
  at = await openListStage();
});
afterAll(() => at.close());
beforeEach(() => at.runtime.redis.flushall());

const bare = bareLists(() => at);
const { open, cut, fixed, published, countsOf } = bare;
const claim = (list: BareList, batch = 0, fence = 1, leaseMs = 60_000) =>
  bare.claim(list, { batch, fence, leaseMs, way: 'resend' });

describe('a list that follows several', () => {
  it('is not begun twice where a later one of them is still under way', async () => {
    await at.people(crowd(150));
    const first = await open();
    await cut(first.id);
    for (const batch of [0, 1]) {
      const claimed = await claim(first, batch);
      const settle = ({ place }: Claimed) => published(first.id, place, `wamid.${batch}.${place}`, { batch });
      await Promise.all(claimed.map(settle));
    }
    const second = await open();
    const third = await open({ of: 'follow', follows: [first.id, second.id], held: false });
    for (let n = 0; n < 3; n += 1) {
      expect(await at.runtime.fanouts.cut(third.id)).toEqual({ verdict: 'wait', on: second.id });
    }
    await at.runtime.fanouts.cancel(second.id);
    await cut(second.id);
    for (const batch of [0, 1]) await claim(second, batch);
    await cut(third.id);
    const { total, states } = await countsOf(third.id);
    expect([total, states.scheduled]).toEqual([150, 150]);
    let got = 0;
    for (const batch of [0, 1]) {
      const claimed = await claim(third, batch);
      got += claimed.length;
      await Promise.all(claimed.map(({ place }) => published(third.id, place, `wamid.t${batch}.${place}`, { batch })));
    }
    expect(got).toBe(150);
    expect(await countsOf(third.id)).toMatchObject({ isDone: true, states: { published: 150, scheduled: 0 } });
    expect(await at.runtime.redis.zrange('munadi:fanouts:open', '0', '-1')).toEqual([]);
  });
});

const failedStatus = (delivery: string, place: number, remoteId: string) =>
  at.runtime.fanouts.report([
    {
      ...{ delivery, batch: 0, place, remoteId, status: 'failed', at: new Date().toISOString() },
      failure: { code: '131000', reason: 'no' },
    },
  ]);

describe('a failure that is told of a message before the last one', () => {
  it('takes nothing from the message that a person had sent again, however often it is told', async () => {
    await at.people(crowd(1));
    const list = await open();
    await cut(list.id);
    await claim(list);
    await published(list.id, 0, 'wamid.first');
    await failedStatus(list.id, 0, 'wamid.first');
    await at.runtime.fanouts.retry(list.id);
    await failedStatus(list.id, 0, 'wamid.first');
    expect((await countsOf(list.id)).states.retryable).toBe(1);
    expect(await claim(list, 0, 2)).toHaveLength(1);
    await failedStatus(list.id, 0, 'wamid.first');
    expect(await published(list.id, 0, 'wamid.second', { fence: 2 })).toBe('published');
    await failedStatus(list.id, 0, 'wamid.first');
    const counts = await countsOf(list.id);
    expect(counts).toMatchObject({ money: 0.000_05, failures: [], states: { published: 1, rejected: 0 } });
    expect((await at.rows(list.id))[0]).toMatchObject({ state: 'published', remoteId: 'wamid.second' });
  });

  it('does not hide that the one sent after it is live', async () => {
    await at.people(crowd(1));
    const list = await open();
    await cut(list.id);
    await claim(list, 0, 1, 20);
    while ((await claim(list, 0, 2)).length === 0);
    await failedStatus(list.id, 0, 'wamid.first');
    expect(await published(list.id, 0, 'wamid.second', { fence: 2 })).toBe('published');
    expect((await at.rows(list.id))[0]).toMatchObject({ state: 'published', remoteId: 'wamid.second' });
    expect(await countsOf(list.id)).toMatchObject({
      ...{ isDone: true, failures: [], states: { published: 1, rejected: 0 } },
      statuses: { accepted: 1, failed: 0 },
    });
  });
});

describe('free text that fails later', () => {
  it('gives no money back, as it has cost none', async () => {
    const now = inHex(Date.now());
    await at.people({ '963955555555': `s||ar|${now}|1|${now}` });
    const list = await open(undefined, { default: 0, languages: {}, text: 1 });
    await cut(list.id);
    expect(await claim(list)).toMatchObject([{ variant: 1 }]);
    await published(list.id, 0, 'wamid.first');
    await failedStatus(list.id, 0, 'wamid.first');
    expect((await countsOf(list.id)).money).toBe(0);
  });
});

describe('a person who is erased', () => {
  it('stays so, whatever is told of the message afterwards', async () => {
    await at.people(crowd(2));
    const list = await open();
    await cut(list.id);
    const claimed = await claim(list);
    await published(list.id, 0, 'wamid.0');
    for (const { who } of claimed) expect(await at.runtime.fanouts.erase(account, [who])).toBe(1);
    await published(list.id, 1, 'wamid.1');
    const about = { delivery: list.id, batch: 0, status: 'delivered' as const, at: new Date().toISOString() };
    await at.runtime.fanouts.report([0, 1].map((place) => ({ ...about, place, remoteId: `wamid.${place}` })));
    const rows = await at.rows(list.id);
    expect(rows.map(({ who, status, remoteId }) => [who, status, remoteId])).toEqual([
      ['', 'delivered', null],
      ['', 'delivered', null],
    ]);
  });
});

describe('a list whose channel is moved to another account', () => {
  it('holds up nothing of that account once it has ended', async () => {
    await at.people(crowd(2));
    const list = await open();
    await cut(list.id);
    const by = { ...list.by, account: 'another' };
    const moved = { delivery: list.id, batch: 0, most: 1, leaseMs: 60_000, quarantineMs: 0, maxAttempts: 5 };
    for (const fence of [1, 2]) await at.runtime.fanouts.claim({ ...moved, fence, way: 'status', by });
    for (const place of [0, 1]) await published(list.id, place, `wamid.${place}`, { fence: place + 1 });
    expect(await countsOf(list.id)).toMatchObject({ isDone: true });
    expect(await at.runtime.redis.keys('munadi:fanouts:ranks:*')).toEqual([]);
  });
});

describe('a list of more batches than Redis goes through in one step', () => {
  it('is sent again, settled and searched to its end', async () => {
    const people = Array.from({ length: 10_150 }, (_, n) => `9639${String(n).padStart(8, '0')}`);
    const list = await fixed(...people);
    const places = [0, 101].map((batch) => ({ batch, place: 49, fence: 1 }));
    const settle = (state: 'rejected' | 'held') =>
      places.map(({ batch, place, fence }) =>
        at.runtime.fanouts.settle({
          ...{ delivery: list.id, batch, place, fence, circuit: '', state: state === 'held' ? 'unconfirmed' : state },
          ...{
            failure: { class: state === 'held' ? 'unconfirmed' : state, code: '1', reason: 'no', at: '' },
            waitMs: 0,
          },
        } as Parameters<typeof at.runtime.fanouts.settle>[0]),
      );
    for (const { batch } of places) expect(await claim(list, batch)).toHaveLength(batch === 0 ? 100 : 50);
    expect(await Promise.all(settle('rejected'))).toEqual(['rejected', 'rejected']);
    expect(await at.runtime.fanouts.retry(list.id)).toBe(2);
    expect((await countsOf(list.id)).states.retryable).toBe(2);
    expect(await at.runtime.fanouts.retry('none')).toBeUndefined();
    const last = people.at(-1) ?? '';
    expect((await at.runtime.fanouts.ofPerson(account, [last])).map(({ who }) => who)).toEqual([last]);
    expect(await at.runtime.fanouts.erase(account, [last])).toBe(1);
    expect(await at.runtime.fanouts.ofPerson(account, [last])).toEqual([]);
  });
});

describe('a list with its people in the configuration', () => {
  it('keeps nobody who is erased, before it is cut or after', async () => {
    const people = ['963900000001', '963900000002', '963900000003'];
    const list = await open({ of: 'fixed', people: people.join('\n') });
    await at.runtime.fanouts.erase(account, people.slice(0, 1));
    await cut(list.id);
    await at.runtime.fanouts.erase(account, people.slice(1, 2));
    expect((await at.rows(list.id)).map(({ who }) => who)).toEqual(['', '', '963900000003']);
    expect(await at.runtime.fanouts.cut(list.id)).toEqual({ verdict: 'done', total: 3 });
    const kept = JSON.stringify(await at.runtime.redis.hgetall(`munadi:fanout:${list.id}`));
    for (const who of people) expect(kept).not.toContain(who);
    expect((await claim(list)).map(({ who }) => who)).toEqual(['963900000003']);
  });
});

describe('a list whose people must all wait for their own limit', () => {
  it('holds up no list that is less urgent', async () => {
    const rule = { pair: ['pair:', [[1, 3_600_000, 1]]] } as Pick<BatchRules, 'pair'>;
    const [first, second, low] = [
      await fixed('963900000001'),
      await fixed('963900000001'),
      await fixed('963900000002'),
    ];
    for (const list of [first, second, low]) Object.assign(list.by, rule);
    low.by.priority = 20;
    await at.runtime.redis.zadd(`munadi:fanouts:ranks:${account}`, 20, low.id);
    expect(await claim(first)).toHaveLength(1);
    await published(first.id, 0, 'wamid.first');
    expect(await claim(low)).toHaveLength(0);
    expect(await claim(second)).toHaveLength(0);
    expect(await claim(low)).toHaveLength(1);
  });
});

describe('cutting what nobody cuts', () => {
  it('is not held up by lists that wait for others', async () => {
    await at.people(crowd(3));
    const first = await open();
    await cut(first.id);
    for (let n = 0; n < 10; n += 1) await open({ of: 'follow', follows: [first.id], held: false });
    const last = await open();
    await at.runtime.fanouts.cutOverdue(Date.now() + 60_000);
    expect((await countsOf(last.id)).isCut).toBe(true);
  });
});
