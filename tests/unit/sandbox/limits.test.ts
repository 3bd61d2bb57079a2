import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LimitsFigures, LimitsPlan } from '../../../src/sandbox/limits.ts';
import { type Asked, openSandbox } from './asking.ts';

let at: Asked;
beforeAll(async () => {
  at = await openSandbox();
});
afterAll(() => at.sandbox.close());
beforeEach(() => at.resetAll());

const hold = (platform: string, plan: Omit<LimitsPlan, 'on'> = {}) =>
  at.call(platform, 'PUT', '/_sandbox/limits', { json: { on: true, ...plan } });
const figures = async (platform: string) =>
  (await at.call(platform, 'GET', '/_sandbox/limits')).json as unknown as LimitsFigures;
/** The first limit of a name: how many in how many ms, and how many were granted. */
const scopesOf = async (platform: string) =>
  (await figures(platform)).scopes.map(({ rate, count, perMs, granted }) => [rate, count, perMs, granted]);

const telegram = (chat: string, bot = 1) =>
  at.call('telegram', 'POST', `/bot${bot}:token/sendMessage`, { json: { chat_id: chat, text: 'خبر' } });
const bearer = { authorization: 'Bearer 71-token' };
const signed = (user: number, key: string) => ({
  authorization: `OAuth oauth_consumer_key="${key}", oauth_token="${user}-token", oauth_signature="s", oauth_signature_method="HMAC-SHA1", oauth_timestamp="1", oauth_nonce="n"`,
});
const x = (text: string, headers: Record<string, string> = bearer) =>
  at.call('x', 'POST', '/2/tweets', { json: { text }, headers });
const whatsapp = (to: string, number = 1) =>
  at.call('whatsapp', 'POST', `/v26.0/${number}/messages`, {
    json: { messaging_product: 'whatsapp', to, type: 'text', text: { body: 'خبر' } },
    headers: bearer,
  });
const facebook = (message: string, page = 7) =>
  at.call('facebook', 'POST', `/v26.0/${page}/feed`, { json: { message }, headers: bearer });

describe('limits held on Telegram', () => {
  it('are those of the bot, the chat, and of groups and channels', async () => {
    await hold('telegram');
    expect((await telegram('@channel')).status).toBe(200);
    expect((await telegram('7001')).status).toBe(200);
    expect(await scopesOf('telegram')).toEqual([
      ['account', 30, 1_000, 2],
      ['chat', 1, 1_000, 1],
      ['group', 20, 60_000, 1],
      ['chat', 1, 1_000, 1],
    ]);
  });

  it('refuse with the whole seconds to wait, and put nothing on record', async () => {
    await hold('telegram', { rates: { chat: ['1/1h'] } });
    expect((await telegram('@channel')).status).toBe(200);
    const json = { ok: false, error_code: 429, description: 'Too Many Requests: retry after 3600' };
    const refused = await telegram('@Channel');
    expect(refused).toMatchObject({ status: 429, json: { ...json, parameters: { retry_after: 3_600 } } });
    expect((await telegram('@other')).status).toBe(200);
    expect(await at.posts('telegram')).toHaveLength(2);
    const seen = await figures('telegram');
    expect(seen).toMatchObject({ on: true, requests: 3, refused: 1 });
    expect(JSON.stringify(seen)).not.toMatch(/channel|token/i);
  });

  it('count each bot and each group apart; people are no group', async () => {
    await hold('telegram', { rates: { account: ['3/1h'], chat: [], group: ['1/1h'] } });
    const statuses: number[] = [];
    for (const chat of ['-1001', '-1001', '-1002', '7001', '7001']) statuses.push((await telegram(chat)).status);
    expect(statuses).toEqual([200, 429, 200, 200, 429]);
    expect((await telegram('-1001', 2)).status).toBe(200);
  });

  it('hold back what publishes or changes alone, and count only what was accepted', async () => {
    await hold('telegram', { rates: { account: ['4/1h'], chat: ['2/1h'], group: ['1/1h'] } });
    await at.call('telegram', 'POST', '/bot1:token/sendMessage', { json: { chat_id: '@channel', text: '' } });
    const sent = await telegram('@channel');
    const { message_id } = sent.json.result as unknown as { message_id: number };
    const change = (method: string, more: object = {}) =>
      at.call('telegram', 'POST', `/bot1:token/${method}`, { json: { chat_id: '@channel', message_id, ...more } });
    expect((await change('editMessageText', { text: 'خبر مصحح' })).status).toBe(200);
    expect((await change('editMessageText', { text: 'خبر آخر' })).status).toBe(429);
    expect((await change('deleteMessage')).status).toBe(200);
    expect((await at.call('telegram', 'POST', '/bot1:token/getMe')).status).toBe(200);
    expect(await figures('telegram')).toMatchObject({ requests: 5, refused: 1 });
    const granted = (await figures('telegram')).scopes.map(({ rate, granted }) => [rate, granted]);
    expect(granted).toEqual([
      ['account', 3],
      ['chat', 2],
      ['group', 1],
    ]);
  });
});

describe('limits held on X', () => {
  const window = ({ headers }: { headers: Headers }) =>
    ['limit', 'remaining'].map((name) => Number(headers.get(`x-rate-limit-${name}`)));
  const resetIn = ({ headers }: { headers: Headers }) => Number(headers.get('x-rate-limit-reset')) - Date.now() / 1_000;

  it('are those of the user and of the app; answers tell the true window', async () => {
    await hold('x');
    const first = await x('خبر أول');
    expect([first.status, ...window(first)]).toEqual([201, 100, 99]);
    expect(resetIn(first)).toBeGreaterThan(890);
    expect(resetIn(first)).toBeLessThanOrEqual(901);
    expect(window(await x('خبر ثان'))).toEqual([100, 98]);
    expect(window(await x('خبر ثالث', { authorization: 'Bearer 72-token' }))).toEqual([100, 99]);
    expect(await scopesOf('x')).toEqual([
      ['user', 100, 900_000, 2],
      ['app', 10_000, 86_400_000, 3],
      ['user', 100, 900_000, 1],
    ]);
  });

  it('refuse as a problem, with the window that is used up and when it opens', async () => {
    await hold('x', { rates: { user: ['1/15m'] } });
    await x('خبر أول');
    const refused = await x('خبر ثان');
    expect(refused).toMatchObject({ status: 429, json: { title: 'Too Many Requests', status: 429 } });
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(window(refused)).toEqual([1, 0]);
    expect(resetIn(refused)).toBeGreaterThan(890);
    expect(await at.posts('x')).toHaveLength(1);
  });

  it('count deletions of a user apart from posts, and tell what is left of them', async () => {
    await hold('x', { rates: { deletions: ['1/15m'] } });
    const ids: string[] = [];
    for (const text of ['خبر أول', 'خبر ثان']) ids.push(((await x(text)).json.data as unknown as { id: string }).id);
    const remove = (id = '', headers = bearer) => at.call('x', 'DELETE', `/2/tweets/${id}`, { headers });
    expect((await remove('1')).status).toBe(404);
    const first = await remove(ids[0]);
    expect([first.status, ...window(first)]).toEqual([200, 1, 0]);
    const second = await remove(ids[1]);
    expect([second.status, ...window(second)]).toEqual([429, 1, 0]);
    expect(resetIn(second)).toBeGreaterThan(890);
    expect((await remove(ids[1], { authorization: 'Bearer 72-token' })).status).toBe(403);
    expect((await x('خبر ثالث')).status).toBe(201);
    expect(await scopesOf('x')).toContainEqual(['deletions', 1, 900_000, 1]);
    await at.call('x', 'DELETE', '/_sandbox');
    await hold('x');
    expect(window(await remove('2'))).toEqual([50, 50]);
  });

  it('give each consumer key an app of its own, and all bearer tokens one', async () => {
    await hold('x', { rates: { app: ['1/24h'] } });
    const ask = async (headers: Record<string, string>) => {
      const answer = await x(`خبر من ${headers.authorization?.length}`, headers);
      return [answer.status, window(answer)[0]];
    };
    expect(await ask(signed(81, 'first'))).toEqual([201, 100]);
    expect(await ask(signed(82, 'first'))).toEqual([429, 1]);
    expect(await ask(signed(82, 'second'))).toEqual([201, 100]);
    expect(await ask(bearer)).toEqual([201, 100]);
    expect(await ask({ authorization: 'Bearer 720-token' })).toEqual([429, 1]);
  });
});

describe('limits held on WhatsApp', () => {
  it('are those of the number, the pair, and the different people of a day', async () => {
    await hold('whatsapp');
    expect((await whatsapp('963900000001')).status).toBe(200);
    expect(await scopesOf('whatsapp')).toEqual([
      ['number', 80, 1_000, 1],
      ['recipient', 1, 6_000, 1],
      ['recipients', 250, 86_400_000, 1],
    ]);
    expect(JSON.stringify(await figures('whatsapp'))).not.toContain('963900000001');
  });

  it('refuse each by its own code', async () => {
    await hold('whatsapp', { rates: { number: ['4/1h'], recipient: ['1/2h'], recipients: ['2/24h'] } });
    const first = '963900000001';
    expect((await whatsapp(first)).status).toBe(200);
    expect(await whatsapp('+963 900 000 001')).toMatchObject({ status: 400, json: { error: { code: 131056 } } });
    expect((await whatsapp('963900000002')).status).toBe(200);
    expect(await whatsapp('963900000003')).toMatchObject({ status: 400, json: { error: { code: 131048 } } });
    expect((await whatsapp('963900000003', 2)).status).toBe(200);
    expect(await at.posts('whatsapp')).toHaveLength(3);

    await hold('whatsapp', { rates: { number: ['1/1h'], recipient: [], recipients: [] } });
    expect((await whatsapp(first)).status).toBe(200);
    expect(await whatsapp(first)).toMatchObject({ status: 400, json: { error: { code: 130429 } } });
    expect((await whatsapp(first, 2)).status).toBe(200);
  });

  it('let in again whoever was written to that day', async () => {
    await hold('whatsapp', { rates: { recipient: [], recipients: ['1/24h'] } });
    for (let n = 0; n < 3; n += 1) expect((await whatsapp('963900000001')).status).toBe(200);
    expect((await figures('whatsapp')).scopes.find(({ rate }) => rate === 'recipients')).toMatchObject({ granted: 1 });
  });
});

describe('limits held on Facebook', () => {
  const usage = ({ headers }: { headers: Headers }, page = 7) =>
    JSON.parse(headers.get('x-business-use-case-usage') ?? '{}')[page]?.[0];

  it('are calls of a page in a day; every answer tells how much of them is used', async () => {
    await hold('facebook');
    await facebook('خبر أول');
    expect(await scopesOf('facebook')).toEqual([['page', 4_800, 86_400_000, 1]]);
    await hold('facebook', { rates: { page: ['4/24h'] } });
    const read = () => at.call('facebook', 'GET', '/v26.0/7/published_posts?fields=id', { headers: bearer });
    expect(usage(await read())).toEqual({
      ...{ call_count: 0, total_cputime: 1, total_time: 1, type: 'pages', estimated_time_to_regain_access: 0 },
    });
    const { json } = await facebook('خبر ثان');
    expect(usage(await read())).toMatchObject({ call_count: 25 });
    const edit = { json: { message: 'خبر مصحح' }, headers: bearer };
    expect(usage(await at.call('facebook', 'POST', `/v26.0/${json.id}`, edit))).toMatchObject({ call_count: 50 });
    const wrong = await facebook('');
    expect([wrong.status, usage(wrong)?.call_count]).toEqual([400, 50]);
    expect(usage(await facebook('خبر ثالث', 8), 8)).toMatchObject({ call_count: 25 });
  });

  it('refuse beyond them with 80001, and the minutes until calls are let in again', async () => {
    await hold('facebook', { rates: { page: ['2/24h'] } });
    await facebook('خبر أول');
    const last = await facebook('خبر ثان');
    expect(usage(last)).toMatchObject({ call_count: 100, estimated_time_to_regain_access: 1_440 });
    const refused = await facebook('خبر ثالث');
    expect(refused).toMatchObject({ status: 400, json: { error: { code: 80001, type: 'OAuthException' } } });
    expect(usage(refused)).toMatchObject({ call_count: 100, estimated_time_to_regain_access: 1_440 });
    expect(await at.posts('facebook')).toHaveLength(2);
  });

  it('are in no header while they are off', async () => {
    expect((await facebook('خبر')).headers.get('x-business-use-case-usage')).toBeNull();
  });
});

describe('limits of the sandbox', () => {
  const strike = (fault: object) => at.faults('telegram', { rules: [{ times: 1, fault }] });

  it('count what a fault accepts without a proper answer, and not what it refuses', async () => {
    await hold('telegram', { rates: { chat: ['1/1h'] } });
    await strike({ kind: 'refuse', status: 403 });
    expect((await telegram('@channel')).status).toBe(403);
    await strike({ kind: 'reset-before' });
    await expect(telegram('@channel')).rejects.toThrow();
    await strike({ kind: 'reset-after' });
    await expect(telegram('@channel')).rejects.toThrow();
    expect((await telegram('@channel')).status).toBe(429);
    expect(await at.posts('telegram')).toHaveLength(1);
  });

  it('come before what a fault accepts', async () => {
    await hold('telegram', { rates: { chat: ['1/1h'] } });
    await telegram('@channel');
    await strike({ kind: 'reset-after' });
    await expect(telegram('@channel')).rejects.toThrow();
    await strike({ kind: 'delay', ms: 1 });
    expect((await telegram('@channel')).status).toBe(429);
    expect(await at.posts('telegram')).toHaveLength(1);
    expect(await figures('telegram')).toMatchObject({ requests: 3, refused: 2 });
  });

  it('are shared with another client, whose part is counted apart', async () => {
    // It takes one every 40 ms.
    await hold('telegram', { crowd: 0.5, rates: { account: [], chat: ['10/200ms'] } });
    let granted = 0;
    let refused = 0;
    while (granted < 30) {
      if ((await telegram('7001')).status === 200) granted += 1;
      else refused += 1;
    }
    const { crowd, scopes } = await figures('telegram');
    const [chat] = scopes;
    const span = (chat?.lastAt ?? 0) - (chat?.firstAt ?? 0);
    expect(crowd).toBe(0.5);
    expect(refused).toBeGreaterThan(0);
    expect(chat).toMatchObject({ rate: 'chat', granted, refused, crowd: Math.floor(span / 40) });
    expect(chat?.crowd).toBeGreaterThan(5);
    expect(chat?.used).toBeCloseTo(granted / ((10 * (span + 20)) / 200), 6);
  });

  it('are off at first, when switched off, and when everything is forgotten', async () => {
    const twice = async () => [(await telegram('@channel')).status, (await telegram('@channel')).status];
    expect(await twice()).toEqual([200, 200]);
    await hold('telegram', { rates: { chat: ['1/1h'] } });
    expect(await twice()).toEqual([200, 429]);
    await at.call('telegram', 'PUT', '/_sandbox/limits', { json: { on: false } });
    expect(await twice()).toEqual([200, 200]);
    expect(await figures('telegram')).toMatchObject({ on: false, requests: 2, refused: 1 });
    await hold('telegram', { rates: { chat: ['1/1h'] } });
    await at.call('telegram', 'DELETE', '/_sandbox');
    expect(await figures('telegram')).toEqual({ on: false, crowd: 0, requests: 0, refused: 0, scopes: [] });
    expect(await twice()).toEqual([200, 200]);
  });

  it('are no plan with unknown names or bad values: 422 with what is wrong', async () => {
    const unknown = await hold('telegram', { rates: { page: ['1/1s'] } });
    expect([unknown.status, JSON.stringify(unknown.json)]).toEqual([
      422,
      expect.stringMatching(/there is no limit page here; there are account, chat, group/),
    ]);
    const wrong = await hold('telegram', { rates: { chat: ['1 a second'] } });
    expect([wrong.status, JSON.stringify(wrong.json)]).toEqual([422, expect.stringMatching(/COUNT\/DURATION/)]);
    expect((await at.call('telegram', 'PUT', '/_sandbox/limits', { body: '{' })).status).toBe(422);
    expect(() => at.sandbox.setLimits('telegram', { on: true, crowd: 2 })).toThrow(/Not limits of the telegram/);
    expect(await figures('telegram')).toMatchObject({ on: false });
  });

  it('are held from the start where the sandbox is started so', async () => {
    const limited = await openSandbox(undefined, true);
    try {
      for (const platform of Object.keys(limited.sandbox.roots)) {
        const { json } = await limited.call(platform, 'GET', '/_sandbox/limits');
        expect(json).toMatchObject({ on: true, crowd: 0 });
      }
    } finally {
      await limited.sandbox.close();
    }
  });
});
