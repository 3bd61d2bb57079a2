import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DeliveryState, deliveryStates, transitions } from '../../src/core/delivery.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { openDeliveries } from '../../src/store/deliveries.ts';
import { loadScript } from '../../src/store/scripts.ts';
import { claimOf, draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;

beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());

async function newDelivery(): Promise<string> {
  const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['x-ar'] });
  return deliveries[0]?.id ?? '';
}

const stateOf = async (id: string) => (await at.runtime.deliveries.get([id]))[0]?.state;
const brief = (change: object = {}) =>
  openDeliveries(at.runtime.redis, 'munadi', { leaseMs: 30, quarantineMs: 50, maxAttempts: 3, ...change });

describe('a restart of Redis that may have lost writes', () => {
  const restarted = () => at.runtime.redis.hset('munadi:epoch', 'run', 'another');

  it('has the platform asked before anything that was due is sent, where it can be asked', async () => {
    await at.runtime.redis.config('SET', 'appendfsync', 'everysec');
    const ledger = brief({ quarantineMs: 20 });
    await delay(20);
    const id = await newDelivery();
    await delay(5);
    await restarted();
    expect((await ledger.claim(claimOf(id, 't', { way: 'find' }))).verdict).toBe('early');
    expect(await stateOf(id)).toBe('unconfirmed');
    await delay(40);
    const ask = await ledger.claim(claimOf(id, 't', { way: 'find' }));
    expect(ask).toMatchObject({ verdict: 'ask', parts: [], postHash: 'h' });
    const asks = 'asks' in ask ? ask.asks : 0;
    await ledger.reconcile({ id, asks, account: 'x-main', outcome: 'retryable', waitMs: 0 });
    expect((await ledger.claim(claimOf(id, 't', { way: 'find' }))).verdict).toBe('claimed');
    const next = await newDelivery();
    expect((await ledger.claim(claimOf(next, 't', { way: 'find' }))).verdict).toBe('claimed');
    await at.runtime.redis.config('SET', 'appendfsync', 'always');
  });

  it('costs nothing where every write is on disk before it is acknowledged', async () => {
    const ledger = brief();
    await delay(20);
    const id = await newDelivery();
    await restarted();
    expect((await ledger.claim(claimOf(id, 't', { way: 'find' }))).verdict).toBe('claimed');
  });
});

describe('states', () => {
  const pairs = deliveryStates.flatMap((from) => deliveryStates.map((to) => [from, to] as const));

  it.each(pairs)('%s -> %s is possible exactly where the table says so', async (from, to) => {
    const script = `pair${from}${to}`;
    await expect(runMove(script, from, to)).resolves.toBe(transitions[from].includes(to));
  });
});

/** Runs the ledger's own move between two states. */
async function runMove(id: string, from: DeliveryState, to: DeliveryState): Promise<boolean> {
  const run = loadScript(at.runtime.redis, new URL('./move.lua', import.meta.url), ['state-lists']);
  try {
    await run(['test', id, from, to]);
    return true;
  } catch (error) {
    if (!String(error).includes('no way from')) throw error;
    return false;
  }
}
