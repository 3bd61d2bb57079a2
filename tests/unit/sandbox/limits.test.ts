import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../../src/sandbox/index.ts';

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox();
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.reset());

async function ask(
  platform: string,
  path: string,
  init: { method?: string; body?: object; authorization?: string } = {},
) {
  const { method = 'POST', body, authorization } = init;
  const answer = await fetch(`${sandbox.roots[platform]}${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Record<string, unknown> };
}
const hold = (platform: string, plan: object = {}) =>
  ask(platform, '/_sandbox/limits', { method: 'PUT', body: { on: true, ...plan } });

describe('limits that the sandbox holds', () => {
  it('Telegram: one a second to a chat, with the seconds to wait', async () => {
    await hold('telegram');
    const send = () => ask('telegram', '/bot1:token/sendMessage', { body: { chat_id: '@channel', text: 'خبر' } });
    expect((await send()).status).toBe(200);
    expect(await send()).toMatchObject({
      status: 429,
      json: {
        ok: false,
        error_code: 429,
        description: 'Too Many Requests: retry after 1',
        parameters: { retry_after: 1 },
      },
    });
    expect(sandbox.posts('telegram')).toHaveLength(1);
    const { json } = await ask('telegram', '/_sandbox/limits', { method: 'GET' });
    expect(json).toMatchObject({ on: true, requests: 2, refused: 1 });
    expect(JSON.stringify(json)).not.toContain('channel');
  });

  it('X: true headers, and a refusal with its reset', async () => {
    await hold('x', { rates: { user: ['2/1m'] } });
    const post = (text: string) => ask('x', '/2/tweets', { body: { text }, authorization: 'Bearer 71-token' });
    expect((await post('خبر أول')).headers.get('x-rate-limit-remaining')).toBe('1');
    expect((await post('خبر ثان')).headers.get('x-rate-limit-remaining')).toBe('0');
    const { status, headers } = await post('خبر ثالث');
    expect([status, headers.get('x-rate-limit-remaining')]).toEqual([429, '0']);
    expect(Number(headers.get('x-rate-limit-reset')) - Date.now() / 1_000).toBeGreaterThan(50);
  });

  it('WhatsApp: the pair, and the people of a day', async () => {
    await hold('whatsapp', { rates: { recipients: ['2/24h'] } });
    const send = (to: string) =>
      ask('whatsapp', '/v26.0/1/messages', {
        body: { messaging_product: 'whatsapp', to, type: 'text', text: { body: 'خبر' } },
        authorization: 'Bearer token',
      });
    expect((await send('963900000001')).status).toBe(200);
    expect(await send('963900000001')).toMatchObject({ status: 400, json: { error: { code: 131056 } } });
    expect((await send('963900000002')).status).toBe(200);
    expect(await send('963900000003')).toMatchObject({ status: 400, json: { error: { code: 131048 } } });
  });

  it('Facebook: how much is used, and a refusal beyond it', async () => {
    await hold('facebook', { rates: { page: ['2/24h'] } });
    const post = (message: string) =>
      ask('facebook', '/v26.0/1/feed', { body: { message }, authorization: 'Bearer token' });
    const usage = (headers: Headers) => JSON.parse(headers.get('x-business-use-case-usage') ?? '{}')['1']?.[0];
    expect(usage((await post('خبر أول')).headers)).toMatchObject({ call_count: 50 });
    await post('خبر ثان');
    const refused = await post('خبر ثالث');
    expect(refused).toMatchObject({ status: 400, json: { error: { code: 80001 } } });
    expect(usage(refused.headers).estimated_time_to_regain_access).toBeGreaterThan(1_400);
  });

  it('are gone with everything else, and refuse what is no plan', async () => {
    expect((await hold('telegram', { rates: { page: ['1/1s'] } })).status).toBe(422);
    await hold('telegram');
    await ask('telegram', '/_sandbox', { method: 'DELETE' });
    expect((await ask('telegram', '/_sandbox/limits', { method: 'GET' })).json).toMatchObject({
      on: false,
      scopes: [],
    });
  });
});
