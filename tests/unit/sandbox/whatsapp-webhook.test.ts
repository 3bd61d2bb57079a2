import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Asked, openSandbox } from './asking.ts';

interface Status {
  id: string;
  status: string;
  recipient_id: string;
  biz_opaque_callback_data?: string;
  errors?: { code: number }[];
}

const appSecret = 'app-secret';
let at: Asked;
let receiver: Server;
let url: string;
let received: { status: Status; signed: boolean; at: number }[];
let answerWith: number[];
let onReceive: () => void;

beforeAll(async () => {
  at = await openSandbox();
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const raw = Buffer.concat(chunks);
    const signature = `sha256=${createHmac('sha256', appSecret).update(raw).digest('hex')}`;
    const { entry } = JSON.parse(raw.toString()) as {
      entry: { changes: { value: { statuses: [Status]; metadata: { phone_number_id: string } } }[] }[];
    };
    const value = entry[0]?.changes[0]?.value;
    const signed = signature === request.headers['x-hub-signature-256'] && value?.metadata.phone_number_id === '100200';
    response.writeHead(answerWith.shift() ?? 200).end();
    received.push({ status: value?.statuses[0] as Status, signed, at: performance.now() });
    onReceive();
  });
  await new Promise<void>((done) => receiver.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  await at.sandbox.close();
  receiver.close();
  receiver.closeAllConnections();
});
beforeEach(() => {
  received = [];
  answerWith = [];
  onReceive = () => {};
});
afterEach(() => at.resetAll());

const until = (count: number) =>
  new Promise<void>((resolve) => {
    const look = () => (received.length >= count ? resolve() : undefined);
    onReceive = look;
    look();
  });

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
const hook = (more: object = {}) => at.settings('whatsapp', { webhook: { url, appSecret, ...more } });
const kinds = () => received.map(({ status }) => status.status);

describe('status webhooks', () => {
  it('are signed over the raw body, name the message, and give back what the sender put beside it', async () => {
    await hook();
    const id = await send();
    await until(3);
    expect(kinds()).toEqual(['sent', 'delivered', 'read']);
    for (const { status, signed } of received) {
      expect(signed).toBe(true);
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
    expect(Number(received[0]?.at) - start).toBeGreaterThan(55);
    expect(Number(received[2]?.at) - start).toBeGreaterThan(115);
  });

  it('say that a message failed, with the code', async () => {
    await hook({ statuses: ['failed'], errorCode: 131049 });
    await send();
    await until(1);
    expect(received[0]?.status).toMatchObject({ status: 'failed', errors: [{ code: 131049 }] });
  });

  it('come again to a receiver that failed', async () => {
    answerWith = [500];
    await hook({ statuses: ['sent'] });
    await send();
    await until(2);
    expect(kinds()).toEqual(['sent', 'sent']);
  });

  it('are sent for every one of many messages', async () => {
    await hook({ statuses: ['sent'] });
    const people = Array.from({ length: 300 }, (_, index) => String(963_900_000_000 + index));
    await Promise.all(people.map(send));
    await until(people.length);
    expect(received.map(({ status }) => status.recipient_id).sort()).toEqual(people);
  });

  it('stop where the sandbox is reset', async () => {
    await hook({ statuses: ['sent'], delayMs: 100 });
    await send();
    await at.resetAll();
    await hook({ statuses: ['read'], delayMs: 150 });
    await send();
    await until(1);
    expect(kinds()).toEqual(['read']);
  });
});
