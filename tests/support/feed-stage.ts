import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FeedSetting } from '../../src/core/source.ts';
import { type PollDeps, pollFeed } from '../../src/pipeline/poll.ts';
import { readFeed } from '../../src/sources/feed.ts';
import { createFullTexts } from '../../src/sources/full-text.ts';
import { createGuardedFetch } from '../../src/sources/index.ts';
import { createPolite } from '../../src/sources/polite.ts';
import type { FeedTurn } from '../../src/store/feeds.ts';
import { openInstallation } from './installation.ts';

export type SiteAnswer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

export interface Entry {
  guid: string;
  title: string;
  body?: string;
  link?: string;
  at?: string;
}

export const rss = (entries: readonly Entry[], head = '') =>
  `<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>موقع</title>${head}${entries
    .map(
      ({ guid, title, body, link, at: time }) =>
        `<item><guid isPermaLink="false">${guid}</guid><title>${title}</title>${link ? `<link>${link}</link>` : ''}${time ? `<pubDate>${new Date(time).toUTCString()}</pubDate>` : ''}${body ? `<content:encoded><![CDATA[<p>${body}</p>]]></content:encoded>` : ''}</item>`,
    )
    .join('')}</channel></rss>`;

export const give =
  (text: string, headers: Record<string, string> = {}, status = 200): SiteAnswer =>
  (_request, response) =>
    void response.writeHead(status, { 'content-type': 'application/rss+xml', ...headers }).end(text);

const long = (text: string) => `${text} ${'تفاصيل أخرى عن الخبر كما وردت من مصادرها في المكان نفسه. '.repeat(30)}`;
let serial = 0;
/** Another one each time. */
export const entry = (change: Partial<Entry> = {}): Entry => {
  serial += 1;
  return {
    guid: `g-${serial}`,
    title: `خبر رقم ${serial} من الموقع`,
    body: long(`نص الخبر رقم ${serial}.`),
    ...change,
  };
};

/** An installation, and a site of feeds and pages. */
export async function openFeedStage() {
  const at = await openInstallation((config) => ({
    ...config,
    fetch: { ...config.fetch, timeoutMs: 1_500, maxBytes: 2_000_000 },
  }));
  /** What the site answers, by path; and what it was asked. */
  const site = new Map<string, SiteAnswer>();
  const asked: { path: string; headers: IncomingMessage['headers']; body: string }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const body = Buffer.concat(chunks).toString('utf8');
      asked.push({ path, headers: request.headers, body });
      const answer = site.get(path);
      if (answer) answer(request, response, body);
      else response.writeHead(404).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let feeds = 0;

  const depsOf = (change: Partial<PollDeps> = {}): PollDeps & { told: string[] } => {
    const { runtime, config } = at;
    const fetch = createGuardedFetch({ ...config.fetch });
    runtime.onClose(async () => void (await fetch.close()));
    const polite = createPolite();
    const told: string[] = [];
    return {
      ...{ feeds: runtime.feeds, intake: runtime.intake, alarms: runtime.alarms, fetch, polite },
      pages: createFullTexts(fetch, { polite, politeMs: 0 }),
      readFeed: async (bytes, about) => readFeed(bytes, about),
      ...{ retentionDays: 30, leaseMs: 60_000, now: runtime.clock.now },
      report: ({ what }) => void told.push(what),
      told,
      ...change,
    };
  };

  /** A turn whenever it is wanted. */
  const turnAt = async (id: string, setting: FeedSetting): Promise<FeedTurn> => {
    await at.runtime.feeds.wake(id);
    const turn = await at.runtime.feeds.claim(id, randomUUID(), 60_000, setting);
    if ('waitMs' in turn) throw new Error(`not our turn for ${turn.waitMs} ms`);
    return turn;
  };

  return {
    ...at,
    root,
    site,
    asked,
    calm() {
      site.clear();
      asked.length = 0;
    },
    newFeed() {
      feeds += 1;
      return { id: `feed-${feeds}`, path: `/feed-${feeds}.xml` };
    },
    settingOf(path: string, change: Partial<FeedSetting> = {}): FeedSetting {
      return {
        ...{ url: root + path, everyMs: 300_000, fullText: 'never', first: 'post', webSub: true, source: 'site' },
        ...{ tags: ['من الموقع'], updates: 'follow', onDelete: 'ask', channels: ['telegram-ar'] },
        ...change,
      };
    },
    depsOf,
    poll: async (id: string, setting: FeedSetting, deps: PollDeps = depsOf()) =>
      pollFeed(deps, id, setting, await turnAt(id, setting)),
    async storedTitles() {
      const { articles } = at.runtime;
      const all = await Promise.all((await articles.list(1_000)).map((id) => articles.get(id)));
      return all.flatMap((article) => article?.title ?? []);
    },
    async close() {
      await at.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
