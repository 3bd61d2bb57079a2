import { connect } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, type Asked, openSandbox } from './asking.ts';

let at: Asked;
beforeAll(async () => {
  at = await openSandbox();
});
afterAll(() => at.sandbox.close());
afterEach(() => at.resetAll());

const path = '/bot1:abc/sendMessage';
let serial = 0;
const say = (chat_id = '@news', signal?: AbortSignal): Promise<Answer> =>
  at.call('telegram', 'POST', path, {
    json: { chat_id, text: `خبر ${++serial}` },
    ...(signal ? { signal } : {}),
  });
const strike = (fault: object, rule: object = {}) => at.faults('telegram', { rules: [{ ...rule, fault }] });
const accepted = async () => (await at.posts('telegram')).length;
/** Refuses to wait longer than a test would. */
const impatient = () => AbortSignal.timeout(250);

async function rawSay(): Promise<{ status: number; type: string | null; text: string }> {
  const body = JSON.stringify({ chat_id: '@news', text: `خبر ${++serial}` });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(at.root('telegram') + path, { method: 'POST', headers, body });
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
}

/** Until a condition of the record holds: its page is all there is to see of it from outside. */
async function untilAccepted(count: number): Promise<void> {
  const end = performance.now() + 5_000;
  while ((await accepted()) < count) if (performance.now() > end) throw new Error(`not ${count} posts within 5 s`);
}

describe('a fault', () => {
  it('delay: answers properly, late', async () => {
    await strike({ kind: 'delay', ms: 120 });
    const start = performance.now();
    expect((await say()).status).toBe(200);
    expect(performance.now() - start).toBeGreaterThan(115);
    expect(await accepted()).toBe(1);
  });

  it('refuse: in the platform’s form, or with body and headers as they are', async () => {
    await strike({ kind: 'refuse', status: 403 });
    expect(await say()).toMatchObject({ status: 403, json: { ok: false, error_code: 403 } });
    await strike({ kind: 'refuse', status: 418, body: { odd: true }, headers: { 'x-odd': 'yes' } });
    const odd = await say();
    expect(odd).toMatchObject({ status: 418, json: { odd: true } });
    expect(odd.headers.get('x-odd')).toBe('yes');
    await strike({ kind: 'refuse', status: 503, body: '<h1>no</h1>', headers: { 'content-type': 'text/html' } });
    expect(await rawSay()).toEqual({ status: 503, type: 'text/html', text: '<h1>no</h1>' });
    expect(await accepted()).toBe(0);
  });

  it('refuse with a body keeps its own status on every platform', async () => {
    for (const [platform, endpoint] of [
      ['facebook', '/v26.0/1/feed'],
      ['whatsapp', '/v26.0/1/messages'],
      ['x', '/2/tweets'],
    ] as const) {
      await at.faults(platform, { rules: [{ fault: { kind: 'refuse', status: 429, body: {} } }] });
      const headers = { authorization: 'Bearer t' };
      expect((await at.call(platform, 'POST', endpoint, { json: {}, headers })).status, platform).toBe(429);
    }
  });

  it('expired-token: as the platform says it', async () => {
    await strike({ kind: 'expired-token' });
    expect(await say()).toMatchObject({ status: 401, json: { description: 'Unauthorized' } });
    expect(await accepted()).toBe(0);
  });

  it.each([
    ['reset-before', 0],
    ['reset-after', 1],
  ])('%s: the connection breaks', async (kind, posts) => {
    await strike({ kind });
    await expect(say()).rejects.toMatchObject({ cause: { code: expect.stringMatching(/ECONNRESET|UND_ERR_SOCKET/) } });
    expect(await accepted()).toBe(posts);
  });

  it.each([
    ['error-before', 0],
    ['error-after', 1],
  ])('%s: a server error without readable body', async (kind, posts) => {
    await strike({ kind, status: 502 });
    expect(await rawSay()).toMatchObject({ status: 502, type: 'text/html' });
    expect(await accepted()).toBe(posts);
  });

  it.each([
    ['html', false],
    ['torn', false],
    ['empty', false],
    ['html', true],
    ['torn', true],
    ['empty', true],
  ] as const)('garbage: a 200 that says nothing (%s, accepted: %s)', async (form, accept) => {
    await strike({ kind: 'garbage', form, accept });
    const { status, text } = await rawSay();
    expect(status).toBe(200);
    expect(() => JSON.parse(text)).toThrow();
    expect(text === '').toBe(form === 'empty');
    expect(await accepted()).toBe(accept ? 1 : 0);
  });

  it.each([
    ['hang', false],
    ['hang', true],
  ])('%s: no answer (accepted: %s)', async (kind, accept) => {
    await strike({ kind, accept });
    await expect(say('@news', impatient())).rejects.toThrow('timeout');
    expect(await accepted()).toBe(accept ? 1 : 0);
  });

  it.each([true, false])('slow-drip: a head, then byte by byte without end (accepted: %s)', async (accept) => {
    await strike({ kind: 'slow-drip', ms: 20, accept });
    const body = JSON.stringify({ chat_id: '@news', text: `خبر ${++serial}` });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(at.root('telegram') + path, { method: 'POST', headers, body, signal: impatient() });
    expect(answer.status).toBe(200);
    await expect(answer.text()).rejects.toThrow();
    expect(await accepted()).toBe(accept ? 1 : 0);
  });

  it('late-accept: after the sender has given up', async () => {
    await strike({ kind: 'late-accept', ms: 400 });
    await expect(say('@news', impatient())).rejects.toThrow('timeout');
    expect(await accepted()).toBe(0);
    await untilAccepted(1);
  });

  it.each(['late-accept', 'delay'])('%s: is dropped by a reset', async (kind) => {
    await strike({ kind, ms: 400 });
    await expect(say('@before', impatient())).rejects.toThrow('timeout');
    await at.resetAll();
    await strike({ kind: 'delay', ms: 300 });
    await say('@after');
    expect((await at.posts('telegram')).map(({ target }) => target)).toEqual(['@after']);
    expect((await at.call('telegram', 'GET', '/_sandbox/requests')).json.counts).toEqual({ sendMessage: 1 });
  });
});

describe('a plan', () => {
  const statuses = async (count: number, chat?: string) => {
    const found: number[] = [];
    for (let time = 0; time < count; time += 1) found.push((await say(chat)).status);
    return found;
  };
  const no = { kind: 'refuse', status: 400 };

  it('strikes after `skip` requests, `times` times', async () => {
    await strike(no, { skip: 1, times: 2 });
    expect(await statuses(5)).toEqual([200, 400, 400, 200, 200]);
  });

  it('is taken as JSON, whatever its sender calls it', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = JSON.stringify({ rules: [{ fault: no }] });
    expect((await at.call('telegram', 'PUT', '/_sandbox/faults', { body, headers })).status).toBe(200);
    expect(await statuses(1)).toEqual([400]);
  });

  it('strikes by target, path and kind of request', async () => {
    await strike(no, { target: '@first' });
    expect([...(await statuses(1, '@first')), ...(await statuses(1, '@second'))]).toEqual([400, 200]);
    await strike(no, { path: 'sendPhoto' });
    expect(await statuses(1)).toEqual([200]);
    const me = async () => (await at.call('telegram', 'GET', '/bot1:abc/getMe')).status;
    await strike(no, { on: 'read' });
    expect([...(await statuses(1)), await me()]).toEqual([200, 400]);
    await strike(no, { on: 'any' });
    expect([...(await statuses(1)), await me()]).toEqual([400, 400]);
    await strike(no);
    expect([...(await statuses(1)), await me()]).toEqual([400, 200]);
  });

  it('tries its rules in order, one that is used up no more', async () => {
    const other = { kind: 'refuse', status: 403 };
    await at.faults('telegram', { rules: [{ times: 1, fault: no }, { fault: other }] });
    expect(await statuses(2)).toEqual([400, 403]);
  });

  it.each([
    [{ rules: [{ fault: { kind: 'explode' } }] }],
    [{ rules: [{ fault: { kind: 'delay' } }] }],
    [{ rules: [{ fault: { kind: 'delay', ms: 1e12 } }] }],
    [{ rules: [{ fault: { kind: 'refuse', status: 200 } }] }],
    [{ rules: [{ fault: { kind: 'refuse', headers: { 'x-a': 'b\nc' } } }] }],
    [{ rules: [{ fault: { kind: 'hang' }, time: 1 }] }],
    [{ rule: [] }],
    [[]],
  ])('is refused with 422 where it is none: %j', async (plan) => {
    const before = await strike(no);
    expect((await at.faults('telegram', plan)).status).toBe(422);
    expect((await at.call('telegram', 'PUT', '/_sandbox/faults', { body: '{' })).status).toBe(422);
    expect((await at.call('telegram', 'GET', '/_sandbox/faults')).json).toEqual(before.json);
  });

  it('closes connections that idle, and says nothing of it', async () => {
    await at.faults('telegram', { idleCloseMs: 100 });
    const { hostname, port } = new URL(at.root('telegram'));
    const socket = connect(Number(port), hostname);
    const closed = new Promise<number>((resolve) => socket.on('close', () => resolve(performance.now())));
    let head = '';
    const answered = new Promise<number>((resolve) =>
      socket.on('data', (chunk) => {
        head += chunk.toString();
        resolve(performance.now());
      }),
    );
    socket.write('GET /_sandbox/faults HTTP/1.1\r\nhost: sandbox\r\n\r\n');
    const idle = (await closed) - (await answered);
    expect(idle).toBeGreaterThan(80);
    expect(idle).toBeLessThan(3_000);
    expect(head).not.toMatch(/timeout=0/i);
  });

  it('is gone after DELETE, with settings and what was counted', async () => {
    await at.settings('telegram', { closedChats: ['@news'] });
    await strike(no);
    await say();
    expect((await at.settings('telegram', { closed: true })).status).toBe(422);
    expect((await at.settings('facebook', { windows: 'closed' })).status).toBe(422);
    await at.call('telegram', 'DELETE', '/_sandbox');
    expect((await at.call('telegram', 'GET', '/_sandbox/faults')).json).toEqual({ rules: [] });
    expect((await at.call('telegram', 'GET', '/_sandbox/requests')).json).toEqual({ counts: {}, requests: [] });
    expect(await statuses(1)).toEqual([200]);
  });
});

describe('the list of requests', () => {
  it('tells what came and what became of it, without tokens', async () => {
    await at.faults('telegram', { rules: [{ times: 1, fault: { kind: 'hang' } }] });
    await expect(say('@news', impatient())).rejects.toThrow();
    await say();
    await at.call('telegram', 'POST', '/bot1:very-secret/constructor', { json: {} });
    const { json } = await at.call('telegram', 'GET', '/_sandbox/requests');
    expect(json.counts).toEqual({ sendMessage: 2, constructor: 1 });
    expect(json.requests).toMatchObject([
      { method: 'POST', status: null, accepted: false },
      { method: 'POST', status: 200, accepted: true },
      { status: 404, accepted: false },
    ]);
    expect(JSON.stringify(json)).not.toMatch(/1:abc|very-secret/);
  });
});
