import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import { type Api, startApi } from '../../src/desk/server.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { openEmbeddedRedis } from '../../src/store/embedded-redis.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;
let api: Api;
const keys = { appSecret: 'the-app-secret', verifyToken: 'a-word-of-our-own' };

beforeAll(async () => {
  at = await openInstallation((config) => {
    const account = config.accounts['whatsapp-main'];
    if (account) account.settings = { ...account.settings, ...keys };
    // Meta knows no token of ours.
    return { ...config, http: { ...config.http, token: 'the-api-token' } };
  });
  api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
});
afterAll(() => at.close());
afterEach(() => {
  at.sandbox.setFaults('whatsapp', {});
});

const path = '/webhooks/whatsapp';
const sign = (body: string | Uint8Array, secret = keys.appSecret) =>
  `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

const signed = (body: string, signature = sign(body)): Record<string, string> => ({
  'content-type': 'application/json',
  ...(signature === '' ? {} : { 'x-hub-signature-256': signature }),
});

async function send(body: string, signature: string | undefined = sign(body)) {
  const answer = await fetch(api.address + path, { method: 'POST', body, headers: signed(body, signature) });
  return { status: answer.status, text: await answer.text() };
}

const status = (delivery: string, name: string, remoteId = 'wamid.1', more: object = {}) => ({
  id: remoteId,
  status: name,
  timestamp: '1764000000',
  recipient_id: '963900000000',
  biz_opaque_callback_data: delivery,
  ...more,
});
const body = (...statuses: unknown[]) =>
  JSON.stringify({
    object: 'whatsapp_business_account',
    entry: statuses.map((one) => ({
      id: '0',
      changes: [{ field: 'messages', value: { messaging_product: 'whatsapp', statuses: [one] } }],
    })),
  });

const waiting = async () =>
  (await at.runtime.redis.keys('munadi:queue:whatsapp-webhook:w*')).filter((key) => /:w[0-9a-f]{32}$/.test(key));

async function publish(): Promise<Delivery> {
  const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['whatsapp-ar'] });
  const [delivery] = await follow(at.runtime, [deliveries[0]?.id ?? ''], { timeoutMs: 20_000 });
  if (!delivery) throw new Error('no delivery');
  return delivery;
}

const now = async ({ id }: Delivery) => (await at.runtime.deliveries.get([id]))[0];

describe('the handshake', () => {
  const ask = (query: Record<string, string>) => fetch(`${api.address}${path}?${new URLSearchParams(query)}`);
  const good = { 'hub.mode': 'subscribe', 'hub.verify_token': keys.verifyToken, 'hub.challenge': '1158201444' };

  it('gives the challenge back as it came, without our token', async () => {
    const answer = await ask(good);
    expect([answer.status, await answer.text()]).toEqual([200, '1158201444']);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain/);
  });

  it.each([
    ['another word', { ...good, 'hub.verify_token': 'a-word-of-our-owm' }],
    ['no word', { 'hub.mode': 'subscribe', 'hub.challenge': '1' }],
    ['another mode', { ...good, 'hub.mode': 'unsubscribe' }],
    ['nothing', {}],
  ])('is refused with %s', async (_, query) => {
    expect((await ask(query)).status).toBe(403);
  });
});

describe('a body', () => {
  const told = body(status(`d${'0'.repeat(24)}`, 'sent'));

  it.each([
    ['no signature', ''],
    ['that of another secret', sign(told, 'another-secret')],
    ['that of another body', sign(`${told} `)],
    ['one of another length', sign(told).slice(0, -2)],
    ['one without its name', sign(told).slice('sha256='.length)],
    ['one in another alphabet', 'sha256=ﷺ'.replace('ﷺ', 'é'.repeat(32))],
  ])('with %s is refused, and nothing is done', async (_, signature) => {
    const answer = await send(told, signature);
    expect(answer.status).toBe(401);
    expect(answer.text).not.toContain(keys.appSecret);
    expect(await waiting()).toEqual([]);
  });

  it('signed by an account is kept before it is answered, the same one once', async () => {
    expect((await send(told)).status).toBe(200);
    expect((await send(told)).status).toBe(200);
    expect(await waiting()).toHaveLength(1);
  });

  it('is signed over its bytes, not over its meaning', async () => {
    const bytes = Buffer.from('{"object":"x","entry":[],"emoji":"\\ud83d\\ude00 \u00e9"}');
    const headers = { 'content-type': 'application/json', 'x-hub-signature-256': sign(bytes) };
    const answer = await fetch(api.address + path, { method: 'POST', body: bytes, headers });
    expect(answer.status).toBe(200);
  });

  it('too large is 413 here only above what Meta sends, and one that is no JSON 400', async () => {
    const large = JSON.stringify({ entry: [], filler: 'a'.repeat(2 * 1024 * 1024) });
    expect((await send(large)).status).toBe(200);
    expect((await send(JSON.stringify('a'.repeat(4 * 1024 * 1024)))).status).toBe(413);
    expect((await send('{"entry":')).status).toBe(400);
  });

  it('by another method is 405, and another path is closed to strangers', async () => {
    const put = await fetch(api.address + path, { method: 'PUT', headers: { authorization: 'Bearer the-api-token' } });
    expect([put.status, put.headers.get('allow')]).toEqual([405, 'GET, POST']);
    expect((await fetch(`${api.address}/webhooks/x`)).status).toBe(401);
    expect((await fetch(`${api.address}/api/deliveries`)).status).toBe(401);
  });
});

describe('statuses', () => {
  it('of the platform move receipts forward, doubled and in any order', async () => {
    const webhook = { url: `${api.address}${path}`, appSecret: keys.appSecret, twice: true, reversed: true };
    at.sandbox.setSettings('whatsapp', { webhook });
    const delivery = await publish();
    await expect.poll(async () => (await now(delivery))?.receipt?.status, { timeout: 10_000 }).toBe('read');
    expect((await now(delivery))?.state).toBe('published');
  });

  it('settle what was never answered', async () => {
    const webhook = { url: `${api.address}${path}`, appSecret: keys.appSecret, statuses: ['sent'], delayMs: 50 };
    at.sandbox.setSettings('whatsapp', { webhook });
    at.sandbox.setFaults('whatsapp', { rules: [{ on: 'publish', times: 1, fault: { kind: 'hang', accept: true } }] });
    const delivery = await publish();
    const [post] = at.sandbox.posts('whatsapp').filter(({ opaque }) => opaque === delivery.id);
    expect(delivery).toMatchObject({ state: 'published', attempts: 1, remoteId: post?.id });
  });

  it('that say "failed" end the delivery with the reason', async () => {
    const webhook = { url: `${api.address}${path}`, appSecret: keys.appSecret, statuses: ['sent', 'failed'] };
    at.sandbox.setSettings('whatsapp', { webhook });
    const delivery = await publish();
    await expect.poll(async () => (await now(delivery))?.state, { timeout: 10_000 }).toBe('rejected');
    expect((await now(delivery))?.failure).toMatchObject({ class: 'rejected', code: '131026' });
  });

  it('of strangers, in strange forms, and other news do no harm, and keep nothing back', async () => {
    at.sandbox.setSettings('whatsapp', { webhook: undefined });
    const delivery = await publish();
    const remoteId = delivery.remoteId ?? '';
    const strange = [null, 7, {}, status('someone-else', 'read'), status(delivery.id, 'played', remoteId)];
    const other = { object: 'x', entry: [null, { changes: [{ field: 'user_preferences', value: {} }, null] }] };
    for (const one of [body(...strange), JSON.stringify(other), '[]', 'null', '"text"']) {
      expect((await send(one)).status).toBe(200);
    }
    expect((await send(body(status(delivery.id, 'delivered', remoteId)))).status).toBe(200);
    await expect.poll(async () => (await now(delivery))?.receipt?.status).toBe('delivered');
    await expect.poll(waiting).toEqual([]);
  });
});

describe('while Redis is away', () => {
  it('the answer is "come again", and what comes again is worked on', async () => {
    const delivery = await publish();
    const told = body(status(delivery.id, 'read', delivery.remoteId ?? ''));
    const record = await readFile(join(at.config.dataDir, 'redis', 'run.json'), 'utf8');
    process.kill((JSON.parse(record) as { pid: number }).pid, 'SIGKILL');
    let refused = await fetch(api.address + path, { method: 'POST', body: told, headers: signed(told) });
    // The first may come before the loss is noticed, and waits for an answer in vain.
    for (
      ;
      refused.status !== 503;
      refused = await fetch(api.address + path, { method: 'POST', body: told, headers: signed(told) })
    );
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    const revived = await openEmbeddedRedis(at.config.dataDir);
    try {
      await expect.poll(async () => (await send(told)).status, { timeout: 15_000 }).toBe(200);
      await expect.poll(async () => (await now(delivery))?.receipt?.status, { timeout: 15_000 }).toBe('read');
    } finally {
      await revived.close();
    }
  }, 60_000);
});

describe('a reason of the platform that cannot be cut or written as it is', () => {
  const said = `${'x'.repeat(298)}😀 and more`;

  it.each(['a cut emoji', 'half an emoji'])('with %s is kept from a status', async (what) => {
    const delivery = await publish();
    const message = what === 'half an emoji' ? 'No \ud83d' : said;
    const failed = status(delivery.id, 'failed', delivery.remoteId ?? '', { errors: [{ code: 131053, message }] });
    expect((await send(body(failed))).status).toBe(200);
    await expect.poll(async () => (await at.runtime.deliveries.get([delivery.id]))[0]?.state).toBe('rejected');
    await expect.poll(waiting).toEqual([]);
  });

  it('is kept from a refusal', async () => {
    const refusal = JSON.stringify({ error: { code: 100, message: said } });
    at.sandbox.setFaults('whatsapp', {
      rules: [{ on: 'publish', times: 1, fault: { kind: 'refuse', status: 400, body: refusal } }],
    });
    expect(await publish()).toMatchObject({ state: 'rejected', failure: { code: '100' } });
  });
});
