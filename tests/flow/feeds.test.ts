import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Intake } from '../../src/pipeline/intake.ts';
import { type Entry, entry, give, openFeedStage, rss, type SiteAnswer } from '../support/feed-stage.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let at: Awaited<ReturnType<typeof openFeedStage>>;
beforeAll(async () => {
  at = await openFeedStage();
});
afterAll(() => at.close());
afterEach(() => at.calm());

describe('a poll', () => {
  it('hands in all of a burst, oldest first, and each item once', async () => {
    const { id, path } = at.newFeed();
    const entries = Array.from({ length: 60 }, (_, n) =>
      entry({ at: new Date(Date.UTC(2026, 4, 1, 0, n)).toISOString() }),
    );
    at.site.set(path, give(rss([...entries].reverse())));
    const order: string[] = [];
    const intake: Intake = {
      ...at.runtime.intake,
      take: (item, rules) => {
        order.push(item.draft.title);
        return at.runtime.intake.take(item, rules);
      },
    };
    expect(await at.poll(id, at.settingOf(path), at.depsOf({ intake }))).toMatchObject({ items: 60, handedIn: 60 });
    expect(order).toEqual(entries.map(({ title }) => title));
    expect(await at.poll(id, at.settingOf(path))).toMatchObject({ handedIn: 0 });
    const titles = await at.storedTitles();
    expect(entries.filter(({ title }) => titles.filter((one) => one === title).length !== 1)).toEqual([]);
  });

  it('remembers without posting what was there before, whatever becomes of it', async () => {
    const { id, path } = at.newFeed();
    const [old, fresh] = [entry(), entry()];
    const setting = at.settingOf(path, { first: 'remember' });
    at.site.set(path, give(rss([old])));
    expect(await at.poll(id, setting)).toMatchObject({ items: 1, handedIn: 0 });
    at.site.set(path, give(rss([fresh, { ...old, title: `${old.title} معدل` }])));
    expect(await at.poll(id, setting)).toMatchObject({ handedIn: 1 });
    expect(await at.storedTitles()).toContain(fresh.title);
    expect((await at.storedTitles()).some((title) => title.startsWith(old.title))).toBe(false);
  });

  it('takes back-dated and undated items, and follows what changes', async () => {
    const { id, path } = at.newFeed();
    const first = entry({ at: '2026-05-02T10:00:00Z' });
    at.site.set(path, give(rss([first])));
    await at.poll(id, at.settingOf(path));
    const late = [entry({ at: '2020-01-01T00:00:00Z' }), entry(), { ...first, title: `${first.title} وبيان جديد` }];
    at.site.set(path, give(rss(late)));
    expect(await at.poll(id, at.settingOf(path))).toMatchObject({ handedIn: 3 });
    expect(await at.storedTitles()).toEqual(expect.arrayContaining(late.map(({ title }) => title)));
    expect((await at.storedTitles()).filter((title) => title === first.title)).toEqual([]);
  });

  it('loses nothing and doubles nothing where its process dies between taking and noting', async () => {
    const { id, path } = at.newFeed();
    const entries = [entry(), entry(), entry()];
    at.site.set(path, give(rss(entries)));
    let calls = 0;
    const intake: Intake = {
      ...at.runtime.intake,
      async take(item, rules) {
        const taken = await at.runtime.intake.take(item, rules);
        calls += 1;
        if (calls === 2) throw new Error('the process dies');
        return taken;
      },
    };
    await expect(at.poll(id, at.settingOf(path), at.depsOf({ intake }))).rejects.toThrow('dies');
    await at.poll(id, at.settingOf(path));
    const titles = await at.storedTitles();
    for (const { title } of entries) expect(titles.filter((one) => one === title)).toHaveLength(1);
  });

  it('is made by one of several processes, and again when that one has died', async () => {
    const { feeds } = at.runtime;
    const { id, path } = at.newFeed();
    const asked = at.settingOf(path);
    const turns = await Promise.all(Array.from({ length: 5 }, () => feeds.claim(id, randomUUID(), 300, asked)));
    expect(turns.filter((turn) => 'token' in turn)).toHaveLength(1);
    await vi.waitFor(async () => expect('token' in (await feeds.claim(id, 'next', 300, asked))).toBe(true), {
      timeout: 5_000,
    });
    expect(await feeds.settle(id, 'another', 1_000, {})).toBe(false);
    expect(await feeds.settle(id, 'next', 60_000, {})).toBe(true);
    expect(await feeds.claim(id, 'later', 300, asked)).toMatchObject({ waitMs: expect.any(Number) });
    // An address that was put right is read at once.
    expect('token' in (await feeds.claim(id, 'moved', 300, at.settingOf('/moved.xml')))).toBe(true);
  });

  it('ends a turn that would take long, and goes on with the rest in the next one', async () => {
    const { id, path } = at.newFeed();
    const entries = [entry(), entry(), entry()];
    at.site.set(path, give(rss(entries), { etag: '"whole"' }));
    const short = at.depsOf({ leaseMs: 0 });
    const turns = [];
    for (let turn = 0; turn < 4; turn += 1) turns.push((await at.poll(id, at.settingOf(path), short)).handedIn);
    expect(turns).toEqual([1, 1, 1, 0]);
    expect(await at.storedTitles()).toEqual(expect.arrayContaining(entries.map(({ title }) => title)));
  });

  it('asks whether the feed has changed, and takes its word', async () => {
    const { id, path } = at.newFeed();
    at.site.set(path, give(rss([entry()]), { etag: '"v1"', 'last-modified': 'Fri, 01 May 2026 10:00:00 GMT' }));
    await at.poll(id, at.settingOf(path));
    at.site.set(path, (_request, response) => void response.writeHead(304).end());
    const hub = { url: 'https://hub.example/', topic: at.root + path };
    await at.runtime.feeds.subscribe(id, { hub: hub.url, topic: hub.topic, secret: 's', askedMs: 0 });
    // The hub is told, for a subscription to be renewed while nothing changes.
    expect(await at.poll(id, at.settingOf(path))).toEqual({ items: 0, handedIn: 0, hub });
    expect(at.asked.at(-1)?.headers).toMatchObject({
      'if-none-match': '"v1"',
      'if-modified-since': 'Fri, 01 May 2026 10:00:00 GMT',
    });
    expect((await at.runtime.feeds.state(id)).error).toBeNull();
    // What one address said of its answer is nothing to another.
    const moved = `${path}?moved`;
    at.site.set(moved, give(rss([entry()])));
    expect(await at.poll(id, at.settingOf(moved))).toMatchObject({ handedIn: 1 });
    expect(at.asked.at(-1)?.headers).not.toHaveProperty('if-none-match');
  });

  it.each([
    [
      'a page instead of a feed',
      give('<!doctype html><html><body>صيانة</body></html>', { 'content-type': 'text/html' }),
    ],
    ['a feed that ends early', give(rss([entry()]).slice(0, 300))],
    [
      'an answer without end',
      (_request: IncomingMessage, response: ServerResponse) => {
        response.writeHead(200, { 'content-type': 'application/rss+xml' });
        const timer = setInterval(() => response.write('<item>'), 100);
        response.on('close', () => clearInterval(timer));
      },
    ],
    [
      'a bomb',
      (_request: IncomingMessage, response: ServerResponse) =>
        void response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(60_000_000))),
    ],
    [
      'redirects without end',
      (request: IncomingMessage, response: ServerResponse) =>
        void response.writeHead(302, { location: `${request.url}` }).end(),
    ],
    [
      'a way into this machine',
      (_request: IncomingMessage, response: ServerResponse) =>
        void response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    ],
    ['trouble', give('', {}, 500)],
  ] as [string, SiteAnswer][])(
    'ends with a reason at %s, keeps what it has seen, and harms no other feed',
    async (_, answer) => {
      const { id, path } = at.newFeed();
      const first = entry();
      at.site.set(path, give(rss([first])));
      await at.poll(id, at.settingOf(path));
      at.site.set(path, answer);
      const other = at.newFeed();
      at.site.set(other.path, give(rss([entry()])));
      const before = performance.now();
      const [, fine] = await Promise.all([
        at.poll(id, at.settingOf(path)),
        at.poll(other.id, at.settingOf(other.path)),
      ]);
      expect(performance.now() - before).toBeLessThan(6_000);
      expect(fine.handedIn).toBe(1);
      const state = await at.runtime.feeds.state(id);
      expect(state.failures).toBe(1);
      expect(state.error?.length).toBeGreaterThan(20);
      at.site.set(path, give(rss([first])));
      expect(await at.poll(id, at.settingOf(path))).toMatchObject({ handedIn: 0 });
      expect(await at.runtime.feeds.state(id)).toMatchObject({ error: null, failures: 0, failingSince: null });
    },
  );

  it('waits as the server asks, and stops at what is gone for good, with an alarm', async () => {
    const { id, path } = at.newFeed();
    at.site.set(path, give('', { 'retry-after': '7200' }, 503));
    await at.poll(id, at.settingOf(path));
    const { nextAt } = await at.runtime.feeds.state(id);
    expect(Date.parse(nextAt ?? '') - at.runtime.clock.now()).toBeGreaterThan(7_100_000);
    at.site.set(path, give('', {}, 410));
    await at.poll(id, at.settingOf(path));
    expect((await at.runtime.alarms.recent(20)).map(({ kind, subject }) => `${kind} ${subject}`)).toContain(
      `feed ${id}`,
    );
  });

  it('asks about an item that is missing while an older one is there, where its page is gone', async () => {
    const { id, path } = at.newFeed();
    const [oldest, gone, moved, newest] = ['a', 'b', 'c', 'd'].map((name, n) =>
      entry({ link: `${at.root}/${id}/${name}`, at: `2026-05-0${n + 1}T10:00:00Z` }),
    ) as [Entry, Entry, Entry, Entry];
    at.site.set(path, give(rss([newest, moved, gone, oldest])));
    await at.poll(id, at.settingOf(path));
    at.site.set(`/${id}/c`, give('<p>لا يزال هنا</p>', { 'content-type': 'text/html' }));
    at.site.set(path, give(rss([newest, oldest])));
    await at.poll(id, at.settingOf(path));
    const asks = (await at.runtime.deletions.asked()).map(({ article }) => article);
    const articles = await Promise.all(asks.map((one) => at.runtime.articles.get(one)));
    expect(articles.filter((one) => one?.source === 'site').map((one) => one?.title)).toContain(gone.title);
    expect(articles.map((one) => one?.title)).not.toContain(moved.title);
    // What falls off the end is only old.
    at.site.set(path, give(rss([newest])));
    await at.poll(id, at.settingOf(path));
    expect(await at.runtime.deletions.asked()).toHaveLength(asks.length);
  });

  it('looks at a few missing items a turn, and at all of them in the end', async () => {
    const { id, path } = at.newFeed();
    const [oldest, ...others] = Array.from({ length: 8 }, (_, n) =>
      entry({ link: `${at.root}/${id}/${n}`, at: `2026-05-0${n + 1}T10:00:00Z` }),
    ) as [Entry, ...Entry[]];
    at.site.set(path, give(rss([oldest, ...others])));
    await at.poll(id, at.settingOf(path));
    const before = (await at.runtime.deletions.asked()).length;
    at.site.set(path, give(rss([oldest])));
    const asked = [];
    for (let turn = 0; turn < 3; turn += 1) {
      await at.poll(id, at.settingOf(path));
      asked.push((await at.runtime.deletions.asked()).length - before);
    }
    expect(asked).toEqual([5, 7, 7]);
  });
});
