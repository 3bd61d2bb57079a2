import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { WebhookFigures } from '../../../src/sandbox/whatsapp-webhook.ts';
import { type Asked, openSandbox } from './asking.ts';
import { openReceiver, type Receiver } from './receiver.ts';

let at: Asked;
let receiver: Receiver;

beforeAll(async () => {
  at = await openSandbox();
  receiver = await openReceiver();
});
afterAll(async () => {
  await at.sandbox.close();
  receiver.close();
});
beforeEach(() => receiver.clear());
afterEach(() => at.resetAll());

const until = (count: number) => receiver.until(() => receiver.statuses().length >= count);

async function send(to = '963900000000'): Promise<string> {
  const json = {
    messaging_product: 'whatsapp',
    to,
    type: 'text',
    text: { body: 'خبر' },
    biz_opaque_callback_data: `delivery-${to}`,
  };
  const headers = { authorization: 'Bearer token' };
  const answer = await at.call('whatsapp', 'POST', '/v26.0/100200/messages', { json, headers });
  return (answer.json.messages as unknown as { id: string }[])[0]?.id ?? '';
}
const hook = (more: object = {}) => {
  const { url, appSecret } = receiver;
  return at.settings('whatsapp', { webhook: { url, appSecret, ...more } });
};
const kinds = () => receiver.statuses().map(({ status }) => status);
const people = (count: number) => Array.from({ length: count }, (_, index) => String(963_900_000_000 + index));
const figures = async () => {
  const { json } = await at.call('whatsapp', 'GET', '/_sandbox/webhooks');
  return json as unknown as WebhookFigures;
};
/** Asks until all is told, as a proof does. */
async function allTold(): Promise<WebhookFigures> {
  for (;;) {
    const now = await figures();
    if (now.waiting === 0) return now;
  }
}

describe('status webhooks', () => {
  it('are signed over the raw body, name the message, and give back what the sender put beside it', async () => {
    await hook();
    const id = await send();
    await until(3);
    expect(kinds()).toEqual(['sent', 'delivered', 'read']);
    expect(receiver.changes.every(({ signed }) => signed)).toBe(true);
    expect(receiver.changes[0]?.value.metadata?.phone_number_id).toBe('100200');
    for (const status of receiver.statuses()) {
      expect(status).toMatchObject({
        id,
        recipient_id: '963900000000',
        biz_opaque_callback_data: 'delivery-963900000000',
      });
    }
  });

  it('come twice, backwards and late where told so', async () => {
    await hook({ twice: true, reversed: true, delayMs: 60, statuses: ['sent', 'delivered'] });
    const start = performance.now();
    await send();
    await until(4);
    expect(kinds()).toEqual(['delivered', 'delivered', 'sent', 'sent']);
    const times = receiver.changes.map(({ at: time }) => time - start);
    expect(times[0]).toBeGreaterThan(55);
    expect(times[2]).toBeGreaterThan(115);
  });

  it('say that a message failed, with the code', async () => {
    await hook({ statuses: ['failed'], errorCode: 131049 });
    await send();
    await until(1);
    expect(receiver.statuses()[0]).toMatchObject({ status: 'failed', errors: [{ code: 131049 }] });
  });

  it('come again to a receiver that failed, until they are given up', async () => {
    receiver.answerWith = [500];
    await hook({ statuses: ['sent'] });
    await send();
    await until(2);
    expect(kinds()).toEqual(['sent', 'sent']);
    expect(await allTold()).toMatchObject({
      statuses: { planned: 1, sent: 1, acknowledged: 1, lost: 0 },
      requests: { sent: 2, acknowledged: 1, refused: 1, unanswered: 0 },
    });
    receiver.answerWith = [503];
    await hook({ statuses: ['sent'], tries: 1 });
    await send();
    expect(await allTold()).toMatchObject({ statuses: { planned: 2, sent: 2, acknowledged: 1, lost: 1 } });
  });

  it('are sent for every one of many messages, on few connections', async () => {
    await hook({ statuses: ['sent'], connections: 5 });
    await Promise.all(people(300).map(send));
    await until(300);
    const named = receiver.statuses().map(({ recipient_id: person }) => person);
    expect(named.sort()).toEqual(people(300));
    expect(receiver.connections).toBeLessThanOrEqual(5);
  });

  it('stop where the sandbox is reset, and the figures begin anew', async () => {
    await hook({ statuses: ['sent'], delayMs: 100 });
    await send();
    await at.resetAll();
    expect((await figures()).statuses.planned).toBe(0);
    await hook({ statuses: ['read'], delayMs: 150 });
    await send();
    await until(1);
    expect(kinds()).toEqual(['read']);
  });
});

describe('statuses of many messages', () => {
  it('come many in one request, in another order and some of them twice, and none is lost', async () => {
    await hook({ batch: 20, gatherMs: 20, shuffleMs: 200, twice: 0.3, delayMs: [5, 30], seed: 7 });
    const ids = await Promise.all(people(100).map(send));
    const { statuses, requests, acknowledgeMs } = await allTold();
    const came = receiver.statuses();
    const distinct = new Set(came.map(({ id, status }) => `${id} ${status}`));
    expect(distinct.size).toBe(300);
    expect(new Set(came.map(({ id }) => id))).toEqual(new Set(ids));
    expect(came.length).toBe(statuses.planned);
    expect(statuses).toMatchObject({ sent: came.length, acknowledged: came.length, lost: 0 });
    expect(came.length - 300).toBeGreaterThan(40);
    expect(came.length - 300).toBeLessThan(140);
    for (const kind of ['sent', 'delivered', 'read'])
      expect(kinds().filter((one) => one === kind).length).toBeGreaterThan(105);
    const perRequest = receiver.changes.map(({ value }) => value.statuses?.length ?? 0);
    expect(Math.max(...perRequest)).toBe(20);
    expect(requests.sent).toBe(perRequest.length);
    expect(requests.sent).toBeLessThan(100);
    const order = ['sent', 'delivered', 'read'];
    const backwards = ids.filter((id) => {
      const places = came.filter((one) => one.id === id).map(({ status }) => order.indexOf(status));
      return places.some((place, index) => place < Math.max(0, ...places.slice(0, index)));
    });
    expect(backwards.length).toBeGreaterThan(20);
    expect(acknowledgeMs.p50).toBeGreaterThan(0);
    expect(acknowledgeMs.p99).toBeGreaterThanOrEqual(acknowledgeMs.p50 ?? 0);
  });

  it('wait for a request that is full, but not for long', async () => {
    await hook({ batch: 10, gatherMs: 80, statuses: ['sent'] });
    const start = performance.now();
    await send();
    await until(1);
    expect(Number(receiver.changes[0]?.at) - start).toBeGreaterThan(75);
    receiver.clear();
    await hook({ batch: 10, gatherMs: 60_000, statuses: ['sent'] });
    await Promise.all(people(10).map(send));
    await until(10);
    expect(receiver.changes).toHaveLength(1);
  });

  it('are drawn in the same way from the same seed', async () => {
    const seconds = async (seed: number) => {
      await at.resetAll();
      receiver.clear();
      await hook({ statuses: ['sent'], twice: 0.5, seed });
      for (const person of people(20)) {
        await send(person);
        await allTold();
      }
      return receiver.statuses().map(({ recipient_id: person }) => person);
    };
    const first = await seconds(1);
    expect(await seconds(1)).toEqual(first);
    expect(await seconds(2)).not.toEqual(first);
  });

  it('are refused as settings that cannot be', async () => {
    for (const wrong of [{ batch: 0 }, { twice: 2 }, { delayMs: [5, 1] }, { shuffleMs: -1 }, { tries: 0 }]) {
      expect((await hook(wrong)).status).toBe(422);
    }
  });
});
