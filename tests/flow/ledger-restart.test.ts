import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ingest } from '../../src/pipeline/ingest.ts';
import type { ClaimReply, ClaimRequest } from '../../src/store/claims.ts';
import { type Deliveries, openDeliveries } from '../../src/store/deliveries.ts';
import {
  claimOf,
  draftArticle,
  failureOf,
  type Installation,
  liveOf,
  openInstallation,
} from '../support/installation.ts';

const leaseMs = 40;
const quarantineMs = 50;
let at: Installation;
let ledger: Deliveries;

beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());

async function openLedger(appendfsync: 'always' | 'everysec', change = {}): Promise<Deliveries> {
  await at.runtime.redis.config('SET', 'appendfsync', appendfsync);
  const opened = openDeliveries(at.runtime.redis, 'munadi', { leaseMs, quarantineMs, maxAttempts: 3, ...change });
  // The first look at the setting, and a claim by which this run of Redis is marked with it.
  await delay(20);
  await opened.claim(find(await newDelivery(), 'mark'));
  // Deliveries are due by this process' own idea of Redis' clock, which may be some milliseconds off.
  await delay(20);
  return opened;
}

async function newDelivery(): Promise<string> {
  const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['x-ar'] });
  await delay(2);
  return deliveries[0]?.id ?? '';
}

const find = (id: string, token: string, change: Partial<ClaimRequest> = {}) =>
  claimOf(id, token, { way: 'find', ...change });
const restart = () => at.runtime.redis.hset('munadi:epoch', 'run', 'another');
const stateOf = async (id: string) => (await at.runtime.deliveries.get([id]))[0]?.state;
const waitOut = (reply: ClaimReply) => delay('waitMs' in reply ? (reply.waitMs ?? 0) + 5 : 0);

async function ask(id: string, change: Partial<ClaimRequest> = {}): Promise<string> {
  const reply = await ledger.claim(find(id, 'asker', change));
  if (reply.verdict !== 'ask') throw new Error(`a claim answered ${reply.verdict}`);
  return reply.fence;
}

describe('a restart of Redis that may have lost writes', () => {
  beforeEach(async () => {
    ledger = await openLedger('everysec');
  });

  it('has the platform asked before anything that was due is sent, where it can be asked', async () => {
    const id = await newDelivery();
    await restart();
    const early = await ledger.claim(find(id, 't'));
    // A claim that is forgotten, and the quarantine after it.
    expect(early).toMatchObject({ verdict: 'early', waitMs: leaseMs + quarantineMs });
    expect(await stateOf(id)).toBe('unconfirmed');
    await waitOut(early);
    const reply = await ledger.claim(find(id, 't'));
    expect(reply).toMatchObject({ verdict: 'ask', parts: [], postHash: 'h' });
    const fence = 'fence' in reply ? reply.fence : '';
    await ledger.reconcile({ id, fence, account: 'x-main', outcome: 'retryable', waitMs: 0 });
    expect((await ledger.claim(find(id, 't'))).verdict).toBe('claimed');
    expect((await ledger.claim(find(await newDelivery(), 't'))).verdict).toBe('claimed');
  });

  it('makes earlier looks worthless: what was seen absent may have been sent since', async () => {
    const id = await newDelivery();
    await ledger.claim(find(id, 'first'));
    await ledger.settle(failureOf(id, 'first', 'unconfirmed', { waitMs: 0 }));
    await ledger.reconcile({ id, fence: await ask(id), account: 'x-main', outcome: 'absent', waitMs: 0 });
    const late = await ask(id);
    await delay(2);
    await restart();
    const early = await ledger.claim(find(id, 'asker'));
    expect(early.verdict).toBe('early');
    // Whoever asked before the restart is not heard after it.
    const given = { id, fence: late, account: 'x-main', outcome: 'absent', waitMs: 0 } as const;
    expect(await ledger.reconcile(given)).toEqual({ verdict: 'lost' });
    await waitOut(early);
    expect(await ledger.claim(find(id, 'asker'))).toMatchObject({ verdict: 'ask', looks: 0 });
  });

  it('has each part of a thread asked about, not the first alone', async () => {
    const id = await newDelivery();
    const acceptedAt = at.runtime.clock.now();
    await restart();
    await waitOut(await ledger.claim(find(id, 't', { total: 3 })));
    const receipt = { remoteId: `${id}-1`, at: '2026-01-01T00:00:00.000Z' };
    const finding = { id, account: 'x-main', outcome: 'found' as const, receipts: [receipt] };
    expect(await ledger.reconcile({ ...finding, fence: await ask(id) })).toEqual({
      verdict: 'recorded',
      state: 'retryable',
    });
    await waitOut(await ledger.claim(find(id, 't', { total: 3 })));
    const reply = await ledger.claim(find(id, 't', { total: 3 }));
    expect(reply).toMatchObject({ verdict: 'ask', parts: [{ remoteId: `${id}-1` }], looks: 0 });
    // Among the posts since it could first have been sent, not since the first part was found.
    expect('sinceMs' in reply ? reply.sinceMs : Infinity).toBeLessThanOrEqual(acceptedAt);
  });

  it('ends the attempts that began before it: their next part may be live', async () => {
    ledger = await openLedger('everysec', { leaseMs: 300 });
    const id = await newDelivery();
    await ledger.claim(find(id, 'before', { total: 3 }));
    await ledger.settle(liveOf(id, 'before', { total: 3 }));
    await delay(2);
    await restart();
    const reply = await ledger.claim(find(id, 'before', { total: 3 }));
    expect(reply.verdict).toBe('leased');
    await waitOut(reply);
    await waitOut(await ledger.claim(find(id, 'next', { total: 3 })));
    expect(await ledger.claim(find(id, 'next', { total: 3 }))).toMatchObject({ verdict: 'ask', parts: [{}] });
  });

  it('is noticed though nothing was claimed in the run before', async () => {
    const { redis } = at.runtime;
    await redis.del('munadi:epoch');
    openDeliveries(redis, 'munadi', { leaseMs, quarantineMs, maxAttempts: 3 });
    await delay(20);
    const id = await newDelivery();
    await restart();
    expect((await ledger.claim(find(id, 't'))).verdict).toBe('early');
  });
});

it('a restart costs nothing where every write was on disk before it was acknowledged', async () => {
  await restart();
  ledger = await openLedger('always');
  const id = await newDelivery();
  await restart();
  let reply = await ledger.claim(find(id, 't'));
  // On a busy machine, its idea of Redis' clock may be off by more than a few milliseconds.
  if ('waitMs' in reply && (reply.waitMs ?? 0) < quarantineMs) {
    await waitOut(reply);
    reply = await ledger.claim(find(id, 't'));
  }
  expect(reply.verdict).toBe('claimed');
});

it('a thread whose claim is forgotten, but not its first part, goes on', async () => {
  ledger = await openLedger('always');
  const id = await newDelivery();
  // Sent by an attempt of which Redis knows nothing any more.
  expect(await ledger.settle(liveOf(id, 'forgotten', { total: 2 }))).toBe('scheduled');
  const reply = await ledger.claim(claimOf(id, 'next', { total: 2, postHash: 'again' }));
  expect(reply).toMatchObject({ verdict: 'claimed', parts: [{}], postHash: 'again' });
  expect(await ledger.settle(liveOf(id, 'next', { part: 1, total: 2 }))).toBe('published');
});

it('a record that makes no sense takes nothing else of its batch with it', async () => {
  const { redis, deliveries } = at.runtime;
  const [bad, good] = [await newDelivery(), await newDelivery()];
  await redis.hset(`munadi:delivery:${bad}`, 'parts', 'not JSON');
  const [first, second] = await Promise.allSettled([
    deliveries.claim(claimOf(bad, 'a')),
    deliveries.claim(claimOf(good, 'a')),
  ]);
  expect([first.status, second.status]).toEqual(['rejected', 'fulfilled']);
  expect(await redis.zscore('munadi:state:sending', good)).not.toBeNull();
  expect(await redis.zscore('munadi:state:scheduled', good)).toBeNull();
  const settled = await Promise.allSettled([deliveries.settle(liveOf(bad, 'a')), deliveries.settle(liveOf(good, 'a'))]);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(await redis.zscore('munadi:state:published', good)).not.toBeNull();
});

it('a delivery that is listed where it does not belong is put right by whoever comes for it', async () => {
  const { redis, deliveries } = at.runtime;
  const id = await newDelivery();
  await deliveries.claim(claimOf(id, 't'));
  await deliveries.settle(liveOf(id, 't'));
  await redis.zrem('munadi:state:published', id);
  for (const list of ['state:sending', 'state:retryable', 'asking', 'held']) await redis.zadd(`munadi:${list}`, 0, id);
  expect(await deliveries.claim(claimOf(id, 'later'))).toEqual({ verdict: 'settled', state: 'published' });
  const lists = ['state:published', 'state:sending', 'state:retryable', 'asking', 'held'];
  const scores = await Promise.all(lists.map((list) => redis.zscore(`munadi:${list}`, id)));
  expect(scores.map((score) => score !== null)).toEqual([true, false, false, false, false]);
});
