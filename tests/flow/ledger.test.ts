import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeliveryState, deliveryStates } from '../../src/core/delivery.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { openDeliveries } from '../../src/store/deliveries.ts';
import {
  claimOf,
  draftArticle,
  failureOf,
  type Installation,
  liveOf,
  openInstallation,
} from '../support/installation.ts';

let at: Installation;

beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());

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
const brief = (change: object = {}) =>
  openDeliveries(at.runtime.redis, 'munadi', { leaseMs: 30, quarantineMs: 50, maxAttempts: 3, ...change });

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
    else if (state === 'sending') expect(verdict).toBe('leased');
    else if (state === 'unconfirmed') expect(verdict).toBe('ask');
    else expect(verdict).toBe('settled');
  });

  it('that ran out while a request may have left become unconfirmed, never scheduled', async () => {
    const id = await newDelivery();
    await brief().claim(claimOf(id, 'dead'));
    await delay(60);
    expect(await brief().claim(claimOf(id, 'next'))).toEqual({ verdict: 'settled', state: 'unconfirmed' });
    expect((await at.runtime.deliveries.get([id]))[0]).toMatchObject({ state: 'unconfirmed', held: true });
    expect((await at.runtime.deliveries.held(10)).map((one) => one.id)).toContain(id);
  });

  it('that ran out are asked about after the quarantine where the platform can be asked', async () => {
    const id = await newDelivery();
    const ledger = brief({ quarantineMs: 200 });
    await ledger.claim(claimOf(id, 'dead', { way: 'find' }));
    await delay(60);
    const early = await ledger.claim(claimOf(id, 'next', { way: 'find' }));
    expect(early.verdict).toBe('early');
    await delay('waitMs' in early ? (early.waitMs ?? 0) + 5 : 0);
    expect(await ledger.claim(claimOf(id, 'next', { way: 'find' }))).toMatchObject({
      verdict: 'ask',
      asks: 1,
      looks: 0,
    });
    expect((await ledger.claim(claimOf(id, 'third', { way: 'find' }))).verdict).toBe('early');
  });

  it('that ran out are sent again where the channel prefers a double, but not for ever', async () => {
    const id = await newDelivery();
    const ledger = brief();
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const reply = await ledger.claim(claimOf(id, `t${attempt}`, { way: 'resend' }));
      expect(reply).toMatchObject({ verdict: 'claimed', attempts: attempt });
      await delay(60);
    }
    expect((await ledger.claim(claimOf(id, 't4', { way: 'resend' }))).verdict).toBe('settled');
    expect((await at.runtime.deliveries.get([id]))[0]).toMatchObject({ state: 'unconfirmed', held: true, attempts: 3 });
  });

  it('that had nothing to say are simply free again', async () => {
    const id = await newDelivery();
    await brief().claim(claimOf(id, 'dead', { postHash: '' }));
    await delay(60);
    expect((await brief().claim(claimOf(id, 'next'))).verdict).toBe('claimed');
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

  it('leave records of a newer version alone, and so does everything else', async () => {
    const id = await newDelivery();
    await at.runtime.redis.hset(`munadi:delivery:${id}`, 'schema', '99', 'state', 'unconfirmed');
    const before = await at.runtime.redis.hgetall(`munadi:delivery:${id}`);
    const { deliveries } = at.runtime;
    expect((await deliveries.claim(claimOf(id, 't'))).verdict).toBe('newer');
    expect(await deliveries.settle(liveOf(id, 't'))).toBe('lost');
    expect(await deliveries.resolve(id, { published: false })).toMatchObject({ verdict: 'refused' });
    const report = { delivery: id, remoteId: 'w', status: 'sent' as const, at: '2026-01-01T00:00:00.000Z' };
    await expect(deliveries.report([report])).rejects.toThrow(/newer/);
    expect(await at.runtime.redis.hgetall(`munadi:delivery:${id}`)).toEqual(before);
    await at.runtime.redis.del(`munadi:delivery:${id}`);
    await at.runtime.redis.zrem('munadi:state:scheduled', id);
  });

  it('read records of an older version', async () => {
    const id = await newDelivery();
    await at.runtime.redis.hdel(`munadi:delivery:${id}`, 'schema');
    expect((await at.runtime.deliveries.claim(claimOf(id, 't'))).verdict).toBe('claimed');
    expect(await at.runtime.deliveries.settle(liveOf(id, 't'))).toBe('published');
  });
});

describe('staleness', () => {
  it('counts from the time a post was planned for, not from its acceptance', async () => {
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), {
      channels: ['x-ar'],
      at: Date.now() + 1_500,
    });
    const id = deliveries[0]?.id ?? '';
    await delay(1_520);
    expect(await at.runtime.deliveries.claim(claimOf(id, 't', { staleAfterMs: 1_450 }))).toMatchObject({
      verdict: 'claimed',
    });
  });

  it('never leaves a post unfinished', async () => {
    const id = await newDelivery();
    await at.runtime.deliveries.claim(claimOf(id, 'a', { total: 2 }));
    await at.runtime.deliveries.settle(liveOf(id, 'a', { total: 2 }));
    await at.runtime.deliveries.settle(failureOf(id, 'a', 'retryable', { waitMs: 0 }));
    await delay(20);
    expect((await at.runtime.deliveries.claim(claimOf(id, 'b', { staleAfterMs: 5 }))).verdict).toBe('claimed');
  });
});

describe('settling', () => {
  it('needs the token of the claim, and happens once', async () => {
    const id = await newDelivery();
    await at.runtime.deliveries.claim(claimOf(id, 'mine'));
    expect(await at.runtime.deliveries.settle(liveOf(id, 'other'))).toBe('lost');
    expect(await at.runtime.deliveries.settle(failureOf(id, 'other', 'rejected'))).toBe('lost');
    expect(await at.runtime.deliveries.settle(liveOf(id, 'mine'))).toBe('published');
    expect(await at.runtime.deliveries.settle(failureOf(id, 'mine', 'rejected'))).toBe('lost');
    expect(await stateOf(id)).toBe('published');
  });

  it('takes a late success as the fact that it is, wherever nobody is sending', async () => {
    for (const state of ['unconfirmed', 'retryable', 'discarded'] as const) {
      const id = await newDelivery();
      await at.runtime.deliveries.claim(claimOf(id, 'mine'));
      await at.runtime.deliveries.settle(failureOf(id, 'mine', state, { held: true, waitMs: 60_000 }));
      expect(await at.runtime.deliveries.settle(liveOf(id, 'late'))).toBe('published');
      expect(await at.runtime.deliveries.held(100)).not.toContainEqual(expect.objectContaining({ id }));
    }
    const id = await newDelivery();
    await at.runtime.deliveries.claim(claimOf(id, 'mine'));
    await at.runtime.deliveries.settle(failureOf(id, 'mine', 'rejected'));
    expect(await at.runtime.deliveries.settle(liveOf(id, 'late'))).toBe('lost');
  });

  it('lets a late success settle another attempt that ends in doubt', async () => {
    const id = await newDelivery();
    await at.runtime.deliveries.claim(claimOf(id, 'second'));
    expect(await at.runtime.deliveries.settle(liveOf(id, 'first', { remoteId: 'r1' }))).toBe('lost');
    expect(await at.runtime.deliveries.settle(failureOf(id, 'second', 'unconfirmed', { held: true }))).toBe(
      'published',
    );
    expect((await at.runtime.deliveries.get([id]))[0]).toMatchObject({ remoteId: 'r1', held: false, failure: null });
  });

  it('lets it settle one that failed for certain, too: what is live is not sent again', async () => {
    for (const state of ['retryable', 'rejected'] as const) {
      const id = await newDelivery();
      await at.runtime.deliveries.claim(claimOf(id, 'second'));
      await at.runtime.deliveries.settle(liveOf(id, 'first', { remoteId: 'r1' }));
      expect(await at.runtime.deliveries.settle(failureOf(id, 'second', state, { waitMs: 0 }))).toBe('published');
    }
  });

  it('forgets what failed in an earlier attempt, once another one has ended', async () => {
    const id = await newDelivery();
    const { claim, report, settle } = at.runtime.deliveries;
    await claim(claimOf(id, 'a'));
    const at0 = '2026-01-01T00:00:00.000Z';
    await report([{ delivery: id, remoteId: 'w', status: 'failed', at: at0, failure: { code: '1', reason: 'no' } }]);
    expect(await settle(failureOf(id, 'a', 'retryable', { waitMs: 0 }))).toBe('retryable');
    await claim(claimOf(id, 'b'));
    expect(await settle(failureOf(id, 'b', 'unconfirmed', { held: true }))).toBe('unconfirmed');
  });

  it('counts a part that is live once', async () => {
    const id = await newDelivery();
    await at.runtime.deliveries.claim(claimOf(id, 'a', { total: 2 }));
    await at.runtime.deliveries.settle(liveOf(id, 'a', { total: 2 }));
    expect(await at.runtime.deliveries.settle(liveOf(id, 'a', { total: 2 }))).toBe('sending');
    expect(await at.runtime.deliveries.settle(liveOf(id, 'a', { part: 2, total: 3 }))).toBe('lost');
    expect((await at.runtime.deliveries.get([id]))[0]?.parts).toHaveLength(1);
  });

  it('keeps the order of what is settled in one breath', async () => {
    const id = await newDelivery();
    await at.runtime.deliveries.claim(claimOf(id, 'mine'));
    const { settle } = at.runtime.deliveries;
    const settled = await Promise.all([
      settle(failureOf(id, 'mine', 'unconfirmed', { held: true })),
      settle(liveOf(id, 'mine')),
    ]);
    expect(settled).toEqual(['unconfirmed', 'published']);
    expect(await at.runtime.redis.zscore('munadi:state:unconfirmed', id)).toBeNull();
    expect(await at.runtime.redis.zscore('munadi:held', id)).toBeNull();
    expect(await at.runtime.redis.zscore('munadi:state:published', id)).not.toBeNull();
  });

  it('keeps the parts that are live when a later one fails, and goes on with the same post', async () => {
    const id = await newDelivery();
    await at.runtime.deliveries.claim(claimOf(id, 'a', { postHash: 'first', total: 2 }));
    await at.runtime.deliveries.settle(liveOf(id, 'a', { total: 2, remoteId: '1' }));
    await at.runtime.deliveries.claim(claimOf(id, 'a', { postHash: 'first', total: 2 }));
    await at.runtime.deliveries.settle(failureOf(id, 'a', 'retryable', { waitMs: 0 }));
    const reply = await at.runtime.deliveries.claim(claimOf(id, 'b', { postHash: 'shorter', total: 1 }));
    expect(reply).toMatchObject({ verdict: 'claimed', attempts: 2, parts: [{ remoteId: '1' }], postHash: 'first' });
    expect(await at.runtime.deliveries.settle(liveOf(id, 'b', { part: 1, total: 2 }))).toBe('published');
  });

  it('between two parts leaves nothing in doubt: an expired claim may go on', async () => {
    const id = await newDelivery();
    await brief().claim(claimOf(id, 'a', { total: 2 }));
    await brief().settle(liveOf(id, 'a', { total: 2, remoteId: '1' }));
    await delay(60);
    expect(await brief().claim(claimOf(id, 'b', { total: 2 }))).toMatchObject({
      verdict: 'claimed',
      parts: [{ remoteId: '1' }],
    });
  });

  it('keeps every delivery in exactly one state list', async () => {
    const counts = await at.runtime.deliveries.counts();
    const records = await at.runtime.redis.keys('munadi:delivery:*');
    expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(records.length);
    for (const key of records) {
      const id = key.slice('munadi:delivery:'.length);
      const [state, held] = await at.runtime.redis.hmget(key, 'state', 'held');
      expect(await at.runtime.redis.zscore(`munadi:state:${state}`, id)).not.toBeNull();
      expect((await at.runtime.redis.zscore('munadi:held', id)) !== null).toBe(state === 'unconfirmed' && held === '1');
    }
  });
});
