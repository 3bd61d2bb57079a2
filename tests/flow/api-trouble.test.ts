import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Api, startApi } from '../../src/desk/server.ts';
import { openEmbeddedRedis } from '../../src/store/embedded-redis.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

const token = 'geheim-0123456789';
let at: Installation;
let api: Api;

beforeAll(async () => {
  at = await openInstallation((config) => ({ ...config, http: { ...config.http, token } }));
  api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
});
afterAll(() => at.close());

const bearer = { authorization: `Bearer ${token}` };
const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`desk:${password}`).toString('base64')}` });
const call = async (path: string, headers: Record<string, string> = {}, body?: string) => {
  const init = body === undefined ? {} : { method: 'POST', body };
  const type = { 'content-type': 'application/json' };
  const response = await fetch(api.address + path, { ...init, headers: { ...type, ...headers } });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const article = () => {
  const { title, paragraphs } = draftArticle();
  return JSON.stringify({ title, paragraphs });
};

describe('with a token', () => {
  it('only its bearers are served, whatever they ask for; life signs are open', async () => {
    const wrong = [{}, { authorization: 'Bearer ' }, { authorization: `Bearer ${token}x` }, { authorization: token }];
    for (const headers of [...wrong, { authorization: `Bearer ${token.slice(1)}` }, basic(token)]) {
      for (const path of ['/api/deliveries', '/metrics', '/api/articles/a', '/nothing']) {
        expect((await call(path, headers as Record<string, string>)).status).toBe(401);
      }
      const refused = await call('/api/articles', headers as Record<string, string>, article());
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="Munadi"']);
      expect(refused.text).not.toContain(token);
    }
    expect(await at.runtime.articles.list(10)).toEqual([]);
    expect((await call('/health?probe=1')).status).toBe(200);
    expect((await call('/ready')).status).toBe(503);
    expect((await call('/api/deliveries', bearer)).status).toBe(200);
  });

  it('the desk asks a browser for it as a password', async () => {
    const asked = await call('/');
    expect([asked.status, asked.headers.get('www-authenticate')]).toEqual([401, expect.stringMatching(/^Basic /)]);
    expect((await call('/', basic('wrong'))).status).toBe(401);
    expect((await call('/', basic(token))).status).toBe(200);
    expect((await call('/', bearer)).status).toBe(200);
  });
});

describe('Redis', () => {
  const kept = async () => (await at.runtime.articles.list(100)).length;

  it('that falls silent: callers hear 503 within seconds, and life signs go on', async () => {
    const { pid } = JSON.parse(await readFile(join(at.config.dataDir, 'redis', 'run.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGSTOP');
    try {
      const started = performance.now();
      const [posted, ready, health] = await Promise.all([
        call('/api/articles', bearer, article()),
        call('/ready'),
        call('/health'),
      ]);
      expect(performance.now() - started).toBeLessThan(10_000);
      expect([posted.status, ready.status, health.status]).toEqual([503, 503, 200]);
      expect(JSON.parse(ready.text)).toEqual({ ready: false, missing: ['redis'] });
      expect(posted.headers.get('retry-after')).toBe('5');
      expect(posted.text).not.toContain(token);
      // A second server on the same folder would ruin its files.
      await expect(openEmbeddedRedis(at.config.dataDir)).rejects.toThrow(/runs, but does not answer/);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('that is gone: callers hear 503 at once, and nothing is stored', async () => {
    const before = await kept();
    const { pid } = JSON.parse(await readFile(join(at.config.dataDir, 'redis', 'run.json'), 'utf8')) as { pid: number };
    // Only a service starts its Redis again.
    process.kill(pid, 'SIGKILL');
    for (;;) {
      const { missing } = JSON.parse((await call('/ready')).text) as { missing: string[] };
      if (missing[0] === 'redis') break;
    }
    const started = performance.now();
    for (const path of ['/api/deliveries', '/metrics', '/', '/api/articles/a']) {
      expect((await call(path, bearer)).status).toBe(503);
    }
    const posted = await call('/api/articles', bearer, article());
    expect([posted.status, JSON.parse(posted.text).error.message]).toEqual([503, expect.stringMatching(/nothing was/)]);
    expect((await call('/health')).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(3_000);
    expect(before).toBeLessThanOrEqual(1);
  });
});
