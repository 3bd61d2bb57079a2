import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ingest } from '../../src/pipeline/ingest.ts';
import { claimOf, draftArticle, type Installation, openInstallation } from '../support/installation.ts';

/** No worker runs here: what is claimed is claimed by the test. */
const [account, channel, phone] = ['whatsapp-main', 'whatsapp-ar', '963900000000'];
let at: Installation;

beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());

async function newDelivery(): Promise<string> {
  const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: [channel] });
  return deliveries[0]?.id ?? '';
}
const claim = (id: string, token = 'mine') => at.runtime.deliveries.claim(claimOf(id, token, { account, channel }));

describe('whatever comes between', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constantFrom('start', 'stop'), n: fc.integer({ min: 0, max: 8 }) }),
    fc.record({ kind: fc.constant('claim'), n: fc.integer({ min: 0, max: 2 }) }),
  );

  it('no claim is granted after a stop, until somebody starts later', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const who = phone;
        await at.runtime.people.forget(account, who);
        const ids = [await newDelivery(), await newDelivery(), await newDelivery()];
        const told = { start: -1, stop: -1 };
        for (const [index, { kind, n }] of steps.entries()) {
          if (kind !== 'claim') {
            const act = kind as 'start' | 'stop';
            told[act] = Math.max(told[act], n);
            await at.runtime.people.tell(account, [{ who, act, atMs: 1_700_000_000_000 + n * 1_000 }]);
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
      await at.runtime.people.forget(account, phone);
      const ids = await Promise.all(Array.from({ length: 6 }, newDelivery));
      let isStopped = false;
      const claims = ids.map(async (id, index) => {
        for (let turn = 0; turn < index; turn += 1) await at.runtime.redis.ping();
        const before = isStopped;
        return { before, verdict: (await claim(id)).verdict };
      });
      const stop = at.runtime.people.tell(account, [{ who: phone, act: 'stop' }]).then(() => {
        isStopped = true;
      });
      await stop;
      for (const { before, verdict } of await Promise.all(claims)) if (before) expect(verdict).toBe('settled');
    }
  });
});
