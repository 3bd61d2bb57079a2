import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { PersonEvent } from '../../src/core/subscriber.ts';
import { bucketOf } from '../../src/store/subscribers/record.ts';
import { bareLists } from '../support/bare-lists.ts';
import { account, inHex, type ListStage, openListStage } from '../support/list-stage.ts';

let at: ListStage;
beforeAll(async () => {
  at = await openListStage();
});
afterAll(() => at.close());
beforeEach(() => at.runtime.redis.flushall());

const { open, cut, fixed, claim, failed } = bareLists(() => at);

/** A number whose record is looked at before that of the id. */
function numberBefore(id: string): string {
  for (let n = 963_911_000_000; ; n += 1) if (bucketOf(String(n)) < bucketOf(id)) return String(n);
}

describe('a person of two names', () => {
  it('gets nothing any more under the one, having stopped under the other', async () => {
    const [id, number] = ['SY.abc123', '963944444444'];
    await at.people({ [id]: `s||ar|${inHex(Date.now() - 60_000)}|1` });
    const list = await open();
    await cut(list.id);
    const stop = { act: 'stop', how: 'message', isInbound: true, isUs: false } as const;
    const event: PersonEvent = { who: number, alias: id, atMs: Date.now(), ...stop };
    await at.runtime.people.tell(account, [event]);
    expect((await at.runtime.people.get(account, id))?.consent).toBe('stopped');
    expect(await claim(list)).toEqual([]);
    expect((await at.rows(list.id))[0]).toMatchObject({ state: 'cancelled', code: 'opted-out' });
  });
});

describe('two on a list who turn out to be one person', () => {
  const [id, number] = ['SY.abc123', '963944444444'];
  const record = `s||ar|${inHex(Date.now() - 60_000)}|1`;
  const join = () =>
    at.runtime.people.tell(account, [
      { who: number, alias: id, atMs: Date.now(), act: 'none', how: 'message', isInbound: true, isUs: false },
    ]);
  const seen = async (list: { id: string }) =>
    Object.fromEntries((await at.rows(list.id)).map(({ who, state, code }) => [who, code ?? state]));

  it('get it once, by the number', async () => {
    await at.people({ [id]: record, [number]: record });
    const list = await open();
    await cut(list.id);
    await join();
    expect((await claim(list)).map(({ who }) => who)).toEqual([number]);
    expect(await seen(list)).toEqual({ [id]: 'same-person', [number]: 'sending' });
  });

  it('get nothing by the number where it was sent by the id', async () => {
    await at.people({ [id]: record, [number]: record });
    const list = await fixed(id, number);
    const first = await claim(list, { most: 1 });
    expect(first.map(({ who }) => who)).toEqual([id]);
    await join();
    expect(await claim(list, { fence: 2 })).toEqual([]);
    expect(await seen(list)).toEqual({ [id]: 'sending', [number]: 'same-person' });
    await at.runtime.fanouts.erase(account, [id, number]);
    expect(await at.runtime.redis.keys('*:twins')).toEqual([]);
  });

  it.each([
    ['was not known', undefined],
    ['had written once', `k||ar|||${inHex(Date.now() - 90_000)}`],
  ])('miss nothing where the list is cut between one name and the other, and the number %s', async (_, before) => {
    const late = numberBefore(id);
    await at.people({ [id]: record, ...(before === undefined ? {} : { [late]: before }) });
    const list = await open();
    const key = `munadi:fanout:${list.id}`;
    await at.runtime.redis.hset(key, 'cut', bucketOf(id));
    await at.runtime.people.tell(account, [
      { who: late, alias: id, atMs: Date.now(), act: 'none', how: 'message', isInbound: true, isUs: false },
    ]);
    await cut(list.id);
    expect((await claim(list)).map(({ who }) => who)).toEqual([late]);
    expect(await at.runtime.redis.exists(`${key}:late`)).toBe(0);
  });

  it('get it once, too, where the article is corrected before either has it', async () => {
    await at.people({ [id]: record, [number]: record });
    const list = await open();
    await cut(list.id);
    await join();
    await at.runtime.redis.hset(`munadi:article:${list.article}`, { version: 2 });
    await claim(list);
    expect(await seen(list)).toEqual({ [id]: 'superseded', [number]: 'superseded' });
    const next = await open({ of: 'follow', follows: [list.id], held: false });
    await cut(next.id);
    expect((await claim(next)).map(({ who }) => who)).toEqual([number]);
    expect(await seen(next)).toEqual({ [id]: 'same-person', [number]: 'sending' });
  });

  it('get it once where that is known only before it is sent again', async () => {
    await at.people({ [id]: record, [number]: record });
    const list = await fixed(id, number);
    await claim(list);
    for (const place of [0, 1]) await failed(list.id, place, 'rejected');
    await join();
    expect(await at.runtime.fanouts.retry(list.id)).toBe(2);
    expect((await claim(list, { fence: 2 })).map(({ who }) => who)).toEqual([number]);
  });

  it('are known while the list is still cut', async () => {
    await at.people({ [id]: record });
    const list = await open();
    await join();
    expect(await at.runtime.redis.hgetall(`munadi:fanout:${list.id}:twins`)).toEqual({ [id]: number, [number]: id });
    await cut(list.id);
    expect((await claim(list)).map(({ who }) => who)).toEqual([number]);
  });
});
