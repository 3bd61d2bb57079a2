import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeliveryState, deliveryStates } from '../../src/core/delivery.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { openDeliveries } from '../../src/store/deliveries.ts';
import { claimOf, draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;

beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());

const receipt = { remoteId: '1', at: '2026-01-01T00:00:00.000Z' };

async function newDelivery(): Promise<string> {
  const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['x-ar'] });
  return deliveries[0]?.id ?? '';
}

async function force(id: string, state: DeliveryState): Promise<void> {
  await at.runtime.redis.hset(`munadi:delivery:${id}`, 'state', state, 'until', Date.now() + 60_000);
  await at.runtime.redis.zrem('munadi:state:scheduled', id);
  await at.runtime.redis.zadd(`munadi:state:${state}`, 0, id);
}
const stateOf = async (id: string) => (await at.runtime.deliveries.get([id]))[0]?.state;

describe('claims', () => {
  it('are won by exactly one of many', async () => {
    const id = await newDelivery();
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, n) => at.runtime.deliveries.claim(claimOf(id, `t${n}`))),
    );
    expect(replies.filter(({ verdict }) => verdict === 'claimed')).toHaveLength(1);
    expect(replies.filter(({ verdict }) => verdict === 'leased')).toHaveLength(49);
  });

  it.each(deliveryStates)('from state %s are granted only where it waits', async (state) => {
    const id = await newDelivery();
    await force(id, state);
    const { verdict } = await at.runtime.deliveries.claim(claimOf(id, 'mine'));
    if (state === 'scheduled' || state === 'retryable') expect(verdict).toBe('claimed');
    else if (state === 'sending') expect(verdict).not.toBe('claimed');
    else expect(verdict).toBe('settled');
  });

  it('that ran out while a request may have left become unconfirmed, never scheduled', async () => {
    const brief = openDeliveries(at.runtime.redis, 'munadi', 30);
    const id = await newDelivery();
    await brief.claim(claimOf(id, 'dead'));
    await delay(60);
    expect((await brief.claim(claimOf(id, 'next'))).verdict).toBe('expired');
    expect(await stateOf(id)).toBe('unconfirmed');
  });

  it('are refused before the due time, and for a paused account or channel', async () => {
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), {
      channels: ['x-ar'],
      at: Date.now() + 60_000,
    });
    expect((await at.runtime.deliveries.claim(claimOf(deliveries[0]?.id ?? '', 't'))).verdict).toBe('early');
    const id = await newDelivery();
    await at.runtime.pauses.pauseAccount('x-main', 'test');
    expect((await at.runtime.deliveries.claim(claimOf(id, 't'))).verdict).toBe('paused');
    await at.runtime.pauses.resume('account', 'x-main');
    await at.runtime.pauses.pauseChannel('x-ar', 'test');
    expect((await at.runtime.deliveries.claim(claimOf(id, 't'))).verdict).toBe('paused');
    await at.runtime.pauses.resume('channel', 'x-ar');
    expect((await at.runtime.deliveries.claim(claimOf(id, 't'))).verdict).toBe('claimed');
  });

  it('discard news that is stale', async () => {
    const id = await newDelivery();
    await delay(20);
    expect(await at.runtime.deliveries.claim(claimOf(id, 't', { staleAfterMs: 5 }))).toEqual({
      verdict: 'settled',
      state: 'discarded',
    });
    expect(await stateOf(id)).toBe('discarded');
  });
});

describe('staleness', () => {
  it('counts from the time a post was planned for, not from its acceptance', async () => {
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), {
      channels: ['x-ar'],
      at: Date.now() + 300,
    });
    const id = deliveries[0]?.id ?? '';
    await delay(320);
    expect(await at.runtime.deliveries.claim(claimOf(id, 't', { staleAfterMs: 250 }))).toMatchObject({
      verdict: 'claimed',
    });
  });
});

describe('settling', () => {
  it('needs the token of the claim, and happens once', async () => {
    const id = await newDelivery();
    await at.runtime.deliveries.claim(claimOf(id, 'mine'));
    expect(await at.runtime.deliveries.settle({ id, token: 'other', state: 'published', receipt })).toBe('lost');
    expect(await at.runtime.deliveries.settle({ id, token: 'mine', state: 'published', receipt })).toBe('published');
    expect(await at.runtime.deliveries.settle({ id, token: 'mine', state: 'rejected' })).toBe('lost');
    expect(await stateOf(id)).toBe('published');
  });

  it('lets a late success of the same attempt close an unconfirmed one', async () => {
    const id = await newDelivery();
    await at.runtime.deliveries.claim(claimOf(id, 'mine'));
    await at.runtime.deliveries.settle({ id, token: 'mine', state: 'unconfirmed' });
    expect(await at.runtime.deliveries.settle({ id, token: 'mine', state: 'published', receipt })).toBe('published');
  });

  it('keeps the order of what is settled in one breath', async () => {
    const id = await newDelivery();
    await at.runtime.deliveries.claim(claimOf(id, 'mine'));
    const { settle } = at.runtime.deliveries;
    const settled = await Promise.all([
      settle({ id, token: 'mine', state: 'unconfirmed' }),
      settle({ id, token: 'mine', state: 'published', receipt }),
    ]);
    expect(settled).toEqual(['unconfirmed', 'published']);
    expect(await at.runtime.redis.zscore('munadi:state:unconfirmed', id)).toBeNull();
    expect(await at.runtime.redis.zscore('munadi:state:published', id)).not.toBeNull();
  });

  it('keeps the parts that are live when a later one fails', async () => {
    const id = await newDelivery();
    await at.runtime.deliveries.claim(claimOf(id, 'a'));
    await at.runtime.deliveries.settle({ id, token: 'a', state: 'part', receipt });
    await at.runtime.deliveries.claim(claimOf(id, 'a', { part: 1 }));
    await at.runtime.deliveries.settle({ id, token: 'a', state: 'retryable', dueMs: Date.now() });
    expect(await at.runtime.deliveries.claim(claimOf(id, 'b'))).toMatchObject({
      verdict: 'claimed',
      attempts: 2,
      parts: [receipt],
    });
  });

  it('between two parts leaves nothing in doubt: an expired claim may go on', async () => {
    const brief = openDeliveries(at.runtime.redis, 'munadi', 30);
    const id = await newDelivery();
    await brief.claim(claimOf(id, 'a'));
    await brief.settle({ id, token: 'a', state: 'part', receipt });
    await delay(60);
    expect(await brief.claim(claimOf(id, 'b', { part: 1 }))).toMatchObject({ verdict: 'claimed', parts: [receipt] });
  });

  it('keeps every delivery in exactly one state list', async () => {
    const counts = await at.runtime.deliveries.counts();
    const records = await at.runtime.redis.keys('munadi:delivery:*');
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(records.length);
    for (const key of records) {
      const id = key.slice('munadi:delivery:'.length);
      const state = await at.runtime.redis.hget(key, 'state');
      expect(await at.runtime.redis.zscore(`munadi:state:${state}`, id)).not.toBeNull();
    }
  });
});
