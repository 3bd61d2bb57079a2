import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { openSubscribers, type Subscribers } from '../../src/store/subscribers/index.ts';
import { claimOf, draftArticle, failureOf, type Installation, openInstallation } from '../support/installation.ts';

const [account, channel, phone] = ['whatsapp-main', 'whatsapp-ar', '963900000000'];
let at: Installation;
let people: Subscribers;

beforeAll(async () => {
  at = await openInstallation();
  people = openSubscribers(at.runtime.redis, 'munadi');
});
afterAll(() => at.close());

async function newDelivery(): Promise<string> {
  const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: [channel] });
  return deliveries[0]?.id ?? '';
}
const claim = (id: string, token = 'mine') => at.runtime.deliveries.claim(claimOf(id, token, { account, channel }));
const deliveryOf = async (id: string) => (await at.runtime.deliveries.get([id]))[0];

describe('a delivery to somebody who has stopped', () => {
  it('is cancelled in the moment of sending, says why, and goes by itself once news is wanted again', async () => {
    const id = await newDelivery();
    await people.tell(account, [{ who: phone, act: 'stop' }]);
    expect(await claim(id)).toEqual({ verdict: 'settled', state: 'cancelled' });
    expect(await deliveryOf(id)).toMatchObject({
      state: 'cancelled',
      failure: { class: 'cancelled', code: 'opted-out', reason: expect.stringContaining('has stopped') },
    });
    // Sent back by hand, it is asked again.
    await at.runtime.deliveries.retry([id]);
    expect(await claim(id)).toEqual({ verdict: 'settled', state: 'cancelled' });
    await people.tell(account, [{ who: phone, act: 'start', atMs: Date.now() + 2_000 }]);
    await at.runtime.deliveries.retry([id]);
    expect(await claim(id)).toMatchObject({ verdict: 'claimed' });
    await people.forget(account, phone);
  });

  it('is not tried again after a failure, nor claimed again after a broken connection', async () => {
    const [failed, broken] = [await newDelivery(), await newDelivery()];
    await claim(failed);
    await at.runtime.deliveries.settle(failureOf(failed, 'mine', 'retryable', { waitMs: 0 }));
    await claim(broken);
    await people.tell(account, [{ who: phone, act: 'stop' }]);
    expect(await claim(failed, 'next')).toEqual({ verdict: 'settled', state: 'cancelled' });
    expect(await claim(broken)).toEqual({ verdict: 'settled', state: 'cancelled' });
    await people.forget(account, phone);
  });

  it('of another account, or to another person, is none of its business', async () => {
    await people.tell('another', [{ who: phone, act: 'stop' }]);
    await people.tell(account, [{ who: '963900000001', act: 'stop' }]);
    expect(await claim(await newDelivery())).toMatchObject({ verdict: 'claimed' });
  });

  it('leaves nothing on the platform', async () => {
    await people.tell(account, [{ who: phone, act: 'stop' }]);
    const before = at.sandbox.posts('whatsapp').length;
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: [channel] });
    const [done] = await follow(at.runtime, [deliveries[0]?.id ?? ''], { timeoutMs: 20_000 });
    expect(done?.state).toBe('cancelled');
    expect(at.sandbox.posts('whatsapp')).toHaveLength(before);
    await people.forget(account, phone);
  });
});

describe('whatever comes between', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('start', 'stop'), n: fc.integer({ min: 0, max: 8 }) }),
    fc.record({ kind: fc.constant('claim'), n: fc.integer({ min: 0, max: 2 }) }),
  );

  it('no claim is granted after a stop, until somebody starts later', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const who = phone;
        await people.forget(account, who);
        const ids = [await newDelivery(), await newDelivery(), await newDelivery()];
        const told = { start: -1, stop: -1 };
        for (const [index, { kind, n }] of steps.entries()) {
          if (kind !== 'claim') {
            const act = kind as 'start' | 'stop';
            told[act] = Math.max(told[act], n);
            await people.tell(account, [{ who, act, atMs: 1_700_000_000_000 + n * 1_000 }]);
            continue;
          }
          const { verdict } = await claim(ids[n] ?? '', `t${index}`);
          if (told.stop >= 0 && told.stop >= told.start) expect(verdict).not.toBe('claimed');
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is seen by claims that are under way at once', async () => {
    for (let round = 0; round < 20; round += 1) {
      await people.forget(account, phone);
      const ids = await Promise.all(Array.from({ length: 6 }, newDelivery));
      let isStopped = false;
      const claims = ids.map(async (id, index) => {
        for (let turn = 0; turn < index; turn += 1) await at.runtime.redis.ping();
        const before = isStopped;
        return { before, verdict: (await claim(id)).verdict };
      });
      const stop = people.tell(account, [{ who: phone, act: 'stop' }]).then(() => {
        isStopped = true;
      });
      await stop;
      for (const { before, verdict } of await Promise.all(claims)) if (before) expect(verdict).toBe('settled');
    }
  });
});
