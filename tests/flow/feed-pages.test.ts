import { createHmac } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Api, startApi } from '../../src/desk/server.ts';
import { startFeeds } from '../../src/runtime/feeds.ts';
import { type Entry, entry, give, openFeedStage, rss } from '../support/feed-stage.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let api: Api;
let at: Awaited<ReturnType<typeof openFeedStage>>;
beforeAll(async () => {
  at = await openFeedStage();
  api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
});
afterAll(() => at.close());
afterEach(() => at.calm());

describe('the text of a teaser', () => {
  const page = (text: string) =>
    `<!doctype html><html lang="ar"><head><title>عنوان الصفحة</title></head><body><article><h1>عنوان الصفحة</h1>${Array.from({ length: 6 }, (_, n) => `<p>الفقرة رقم ${n} من ${text} وفيها تفاصيل كثيرة عن الحدث وما جرى فيه من البداية حتى النهاية.</p>`).join('')}</article></body></html>`;
  const teaser = (link: string) => ({ ...entry(), body: undefined, link }) as unknown as Entry;

  it('comes from its page, as a polite guest reads it', async () => {
    const { id, path } = at.newFeed();
    const one = teaser(`${at.root}/${id}/story`);
    at.site.set(path, give(rss([one])));
    at.site.set(`/${id}/story`, give(page('القصة'), { 'content-type': 'text/html; charset=utf-8' }));
    await at.poll(id, at.settingOf(path, { fullText: 'auto' }));
    const { articles } = at.runtime;
    const found = (await Promise.all((await articles.list(5)).map((a) => articles.get(a)))).find(
      (a) => a?.title === one.title,
    );
    expect(found?.paragraphs[0]).toContain('الفقرة رقم 0 من القصة');
    expect(found?.tags).toContain('من الموقع');
    expect(at.asked.map((request) => request.path)).toEqual([path, '/robots.txt', `/${id}/story`]);
    expect(at.asked.at(-1)?.headers['user-agent']).toContain('Munadi');
  });

  it('is not read where robots.txt forbids it, and the teaser stands', async () => {
    const { id, path } = at.newFeed();
    const one = teaser(`${at.root}/private/${id}`);
    at.site.set(path, give(rss([one])));
    at.site.set(`/private/${id}`, give(page('السر'), { 'content-type': 'text/html' }));
    at.site.set('/robots.txt', give('User-agent: *\nDisallow: /private/\n', { 'content-type': 'text/plain' }));
    const deps = at.depsOf();
    await at.poll(id, at.settingOf(path, { fullText: 'auto' }), deps);
    expect(deps.told.join()).toContain('robots.txt');
    expect(at.asked.map((request) => request.path)).not.toContain(`/private/${id}`);
    expect(await at.storedTitles()).toContain(one.title);
  });
});

describe('a hub', () => {
  it('is asked, makes sure, and tells of news', async () => {
    const { runtime } = at;
    const { path } = at.newFeed();
    const id = 'pushed';
    const head = `<atom:link rel="hub" href="${at.root}/hub"/><atom:link rel="self" href="${at.root}${path}"/>`;
    at.site.set('/hub', (_request, response) => void response.writeHead(202).end());
    at.site.set(path, give(rss([entry()], head)));
    startFeeds(runtime);
    runtime.adopt({
      ...runtime.config,
      http: { ...runtime.config.http, publicUrl: api.address },
      feeds: { [id]: at.settingOf(path) },
    });
    const wish = () => at.asked.find((request) => request.path === '/hub');
    await vi.waitFor(() => expect(wish()).toBeDefined(), { timeout: 10_000 });
    const form = new URLSearchParams(wish()?.body);
    expect(form.get('hub.mode')).toBe('subscribe');
    const callback = form.get('hub.callback') ?? '';
    const verify = (topic: string) =>
      fetch(
        `${callback}?${new URLSearchParams({ 'hub.mode': 'subscribe', 'hub.topic': topic, 'hub.challenge': 'c-1', 'hub.lease_seconds': '864000' })}`,
      );
    expect((await verify('https://example.org/other')).status).toBe(404);
    expect(await (await verify(`${at.root}${path}`)).text()).toBe('c-1');
    expect((await runtime.feeds.state(id)).subscribedUntil).not.toBeNull();

    const news = entry();
    at.site.set(path, give(rss([news], head)));
    const push = (secret: string) =>
      fetch(callback, {
        method: 'POST',
        body: 'x',
        headers: {
          'content-type': 'text/plain',
          'x-hub-signature': `sha256=${createHmac('sha256', secret).update('x').digest('hex')}`,
        },
      });
    const before = at.asked.length;
    expect((await push('another secret')).status).toBe(202);
    expect(at.asked.length).toBe(before);
    expect((await push(form.get('hub.secret') ?? '')).status).toBe(202);
    await vi.waitFor(async () => expect(await at.storedTitles()).toContain(news.title), { timeout: 10_000 });

    at.asked.length = 0;
    runtime.adopt({ ...runtime.config, feeds: {} });
    await vi.waitFor(() => expect(new URLSearchParams(wish()?.body).get('hub.mode')).toBe('unsubscribe'), {
      timeout: 10_000,
    });
    const leave = new URLSearchParams({
      'hub.mode': 'unsubscribe',
      'hub.topic': `${at.root}${path}`,
      'hub.challenge': 'c-2',
    });
    expect(await (await fetch(`${callback}?${leave}`)).text()).toBe('c-2');
  });
});
