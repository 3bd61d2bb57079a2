import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { startRoles } from '../../src/runtime/roles.ts';
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

describe('a refusal by the platform', () => {
  it.each([
    ['stops whoever stopped marketing there', 131050, { consent: 'stopped', how: 'marketing stopped' }],
    ['keeps others out for a while', 131026, { consent: 'known', blocked: { code: '131026' } }],
  ])('%s', async (_, code, expected) => {
    await people.forget(account, phone);
    const body = JSON.stringify({ error: { code, message: 'No' } });
    at.sandbox.setFaults('whatsapp', {
      rules: [{ on: 'publish', times: 1, fault: { kind: 'refuse', status: 400, body } }],
    });
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: [channel] });
    const [done] = await follow(at.runtime, [deliveries[0]?.id ?? ''], { timeoutMs: 20_000 });
    expect(done).toMatchObject({ state: 'rejected', failure: { code: String(code) } });
    expect(await people.get(account, phone)).toMatchObject(expected);
    await people.forget(account, phone);
  });
});

describe('a failure told later', () => {
  it('does the same, by the number it came for', async () => {
    const id = await newDelivery();
    const told = (code: number, number: string, to: string) => ({
      entry: [
        {
          changes: [
            {
              field: 'messages',
              value: {
                metadata: { phone_number_id: number },
                statuses: [
                  {
                    ...{ id: 'wamid.1', status: 'failed', timestamp: '1764000000', recipient_id: to },
                    ...{ biz_opaque_callback_data: `${id}.1.1`, errors: [{ code, title: 'No' }] },
                  },
                ],
              },
            },
          ],
        },
      ],
    });
    await startRoles(at.runtime, ['whatsapp']);
    await at.runtime.webhooks.add('whatsapp', Buffer.from(JSON.stringify(told(131050, '7', '963900000077'))));
    await at.runtime.webhooks.add(
      'whatsapp',
      Buffer.from(JSON.stringify(told(131050, '100000000000001', '963900000078'))),
    );
    await expect
      .poll(async () => (await people.get(account, '963900000078'))?.consent, { timeout: 10_000 })
      .toBe('stopped');
    expect(await people.get(account, '963900000077')).toBeUndefined();
  });
});
