import { request as rawRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import { type Api, startApi } from '../../src/desk/server.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import { claimOf, draftArticle, type Installation, openInstallation } from '../support/installation.ts';

interface Answer {
  article: { id: string; title: string };
  deliveries: Delivery[];
  duplicate?: boolean;
  error?: { code: string; message: string };
}

let at: Installation;
let api: Api;

beforeAll(async () => {
  at = await openInstallation();
  api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
});
afterAll(() => at.close());

const call = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(api.address + path, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text };
};
const post = async (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) => {
  const answer = await call('/api/articles', {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json', ...headers },
  });
  return { ...answer, json: JSON.parse(answer.text) as Answer };
};
const article = () => {
  const { title, paragraphs } = draftArticle();
  return { title, paragraphs };
};
const stored = async () => (await at.runtime.articles.list(10_000)).length;
/** A request with headers that fetch does not let through. */
const raw = (path: string, headers: Record<string, string>, method = 'GET') =>
  new Promise<number | undefined>((done, fail) => {
    rawRequest(api.address + path, { headers, method, agent: false }, (response) => {
      response.resume();
      done(response.statusCode);
    })
      .on('error', fail)
      .end();
  });

describe('POST /api/articles', () => {
  it('answers 202 with article and deliveries, and 200 with the same ones for what is known', async () => {
    const body = JSON.stringify(article());
    const first = await post(body);
    expect(first.status).toBe(202);
    expect(first.json.deliveries).toHaveLength(4);
    expect(first.json.deliveries[0]).toMatchObject({ article: first.json.article.id, state: 'scheduled', held: false });
    const again = await post(body);
    expect(again.status).toBe(200);
    expect(again.json).toMatchObject({ duplicate: true, article: { id: first.json.article.id } });
    expect(again.json.deliveries.map(({ id }) => id)).toEqual(first.json.deliveries.map(({ id }) => id));
  });

  it('takes text and pages as scraped', async () => {
    const { title, paragraphs } = article();
    const text = await post([title, ...paragraphs].join('\n\n'), { 'content-type': 'text/plain; charset=utf-8' });
    expect([text.status, text.json.article.title]).toEqual([202, title]);
    const other = article();
    const page = `<!doctype html><title>${other.title}</title><article><h1>${other.title}</h1>${other.paragraphs.map((one) => `<p>${one}</p>`).join('')}</article>`;
    const html = await post(page, { 'content-type': 'text/html' });
    expect([html.status, html.json.article.title]).toEqual([202, other.title]);
  });

  const refusals: [string, number, string | Uint8Array<ArrayBuffer>, Record<string, string>?][] = [
    ['nothing', 400, ''],
    ['no JSON', 400, '{"title": '],
    ['an unknown key', 422, JSON.stringify({ title: 'a', body: 'b', titel: 'c' })],
    ['no headline', 422, JSON.stringify({ body: 'some text' })],
    ['a binary', 415, Buffer.from('\x89PNG\r\n\x1a\n\0\0'), { 'content-type': 'text/plain' }],
    [
      'another encoding',
      415,
      Buffer.from('خبر عاجل', 'utf16le') as Buffer<ArrayBuffer>,
      { 'content-type': 'text/plain' },
    ],
    ['another content type', 415, '<a/>', { 'content-type': 'application/xml' }],
    ['over 1 MB', 413, `{"title":"${'a'.repeat(1024 * 1024)}"}`],
  ];

  it.each(refusals)('refuses %s by %i, and stores nothing', async (_, status, body, headers = {}) => {
    const before = await stored();
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.json.error).toEqual({ code: expect.any(String), message: expect.stringMatching(/./) });
    expect(await stored()).toBe(before);
  });
});

describe('Idempotency-Key', () => {
  it('gives the first answer again, byte for byte, however far the article has come', async () => {
    const body = JSON.stringify(article());
    const [one, two, three] = await Promise.all([1, 2, 3].map(() => post(body, { 'idempotency-key': 'at-once' })));
    expect([one?.status, two?.text, three?.text]).toEqual([202, one?.text, one?.text]);
    const { deliveries = [] } = one?.json ?? {};
    await at.runtime.deliveries.claim(claimOf(deliveries[0]?.id ?? '', 't'));
    expect(await post(body, { 'idempotency-key': 'at-once' })).toMatchObject({ status: 202, text: one?.text });
  });

  it('also keeps the answer about a duplicate, and refuses another body', async () => {
    const body = JSON.stringify(article());
    await post(body);
    const first = await post(body, { 'idempotency-key': 'known' });
    expect([first.status, first.json.duplicate]).toEqual([200, true]);
    expect(await post(body, { 'idempotency-key': 'known' })).toMatchObject({ status: 200, text: first.text });
    const atOnce = await Promise.all(Array.from({ length: 8 }, () => post(body, { 'idempotency-key': 'known too' })));
    expect(atOnce.map(({ status, text }) => [status, text])).toEqual(atOnce.map(() => [200, first.text]));
    const before = await stored();
    const other = await post(JSON.stringify(article()), { 'idempotency-key': 'known' });
    expect([other.status, other.json.error?.code]).toEqual([409, 'idempotency-conflict']);
    expect(await stored()).toBe(before);
  });

  it('keeps the answer that came first, also where a slow one comes after it', async () => {
    const { articles } = at.runtime;
    expect(await articles.keepAnswer('hash', 'first')).toBe('first');
    expect(await articles.keepAnswer('hash', 'second')).toBe('first');
    expect(await articles.answer('hash')).toBe('first');
  });

  it('answers where the first request died before it was answered', async () => {
    const body = JSON.stringify(article());
    const first = await post(body, { 'idempotency-key': 'torn' });
    const [key] = await at.runtime.redis.keys('munadi:idempotency:*');
    for (const one of await at.runtime.redis.keys('munadi:idempotency:*')) await at.runtime.redis.hdel(one, 'answer');
    expect(key).toBeDefined();
    const again = await post(body, { 'idempotency-key': 'torn' });
    expect([again.status, again.json.article.id]).toEqual([202, first.json.article.id]);
  });
});

describe('reading', () => {
  it('an article by its id or a delivery of it, as status tells it', async () => {
    const { json } = await post(JSON.stringify(article()));
    const byArticle = await call(`/api/articles/${json.article.id}`);
    const byDelivery = await call(`/api/articles/${json.deliveries[0]?.id}`);
    expect(JSON.parse(byArticle.text)).toMatchObject({ article: json.article, deliveries: json.deliveries });
    expect(byDelivery.text).toBe(byArticle.text);
    expect((await call('/api/articles/nobody')).status).toBe(404);
  });

  it('deliveries by state', async () => {
    const { status, text } = await call('/api/deliveries?state=scheduled&limit=2');
    expect(status).toBe(200);
    expect(JSON.parse(text).deliveries).toMatchObject([{ state: 'scheduled' }, { state: 'scheduled' }]);
    expect((await call('/api/deliveries?state=gone')).status).toBe(422);
    expect((await call('/api/deliveries?limit=many')).status).toBe(422);
  });

  it('an unknown path or method by 404 and 405', async () => {
    expect((await call('/api/nothing')).status).toBe(404);
    const answer = await call('/api/articles', { method: 'DELETE' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('numbers for Prometheus', async () => {
    const { status, text } = await call('/metrics');
    expect(status).toBe(200);
    expect(text).toMatch(/munadi_deliveries\{state="scheduled"\} [1-9]/);
    expect(text).toMatch(/munadi_queue_jobs\{platform="x"/);
  });

  it('headers of any length do no harm', async () => {
    expect(await raw('/health', { 'x-long': 'a'.repeat(40_000) })).toBe(431);
    expect((await call('/health')).status).toBe(200);
  });
});

describe('the desk', () => {
  it('shows headlines in their direction, and nothing of an article as markup', async () => {
    const { title } = article();
    const draft = draftArticle({ title: `${title} <script>alert("1")</script>` });
    const { deliveries } = await ingest(at.runtime.ingest, draft);
    const [id = ''] = deliveries.map((delivery) => delivery.id);
    await at.runtime.deliveries.claim(claimOf(id, 't'));
    const receipt = { remoteId: '1', url: 'javascript:alert(1)', at: new Date().toISOString() };
    await at.runtime.deliveries.settle({ id, token: 't', state: 'live', part: 0, total: 1, receipt });
    const { status, text, headers } = await call('/');
    expect(status).toBe(200);
    expect(text).toContain(`<td dir="rtl">${title} &lt;script&gt;`);
    expect(text).not.toMatch(/<script|href="(?!https?:)/);
    expect(text).toContain('javascript:alert(1)');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'.*frame-ancestors 'none'/);
  });
});

describe('without a token', () => {
  it.each([
    ['another host name', { host: 'evil.example' }],
    ['a host name that begins like ours', { host: '127.0.0.1.evil.example' }],
    ['a page of another site', { origin: 'https://evil.example' }],
    ['a page that hides its site', { origin: 'null' }],
  ])('callers by %s are refused', async (_, headers) => {
    for (const path of ['/', '/api/deliveries', '/metrics', '/nothing']) expect(await raw(path, headers)).toBe(403);
    expect(await raw('/api/articles', headers, 'POST')).toBe(403);
    expect(await raw('/health', headers)).toBe(200);
  });

  it('a page of this machine is served', async () => {
    expect(await raw('/', { origin: 'http://localhost:5173', host: 'localhost:3000' })).toBe(200);
  });
});

describe('/ready', () => {
  it('names the workers that are missing, until they run', async () => {
    const before = await call('/ready');
    expect(before.status).toBe(503);
    const missing = ['telegram', 'x', 'whatsapp', 'facebook', 'articles'].map((role) => `worker ${role}`);
    expect(JSON.parse(before.text)).toEqual({ ready: false, missing });
    await startRoles(at.runtime, ['telegram', 'x', 'whatsapp', 'facebook', 'articles']);
    expect(JSON.parse((await call('/ready')).text)).toEqual({ ready: true, missing: [] });
  });
});
