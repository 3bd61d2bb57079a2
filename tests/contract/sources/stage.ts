import { createHmac, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArticles } from '../../../src/cli/articles.ts';
import { InputError } from '../../../src/core/errors.ts';
import type { FeedSetting, SourceSetting, SourceTraits } from '../../../src/core/source.ts';
import { type Api, startApi } from '../../../src/desk/server.ts';
import { ingest } from '../../../src/pipeline/ingest.ts';
import { type PollDeps, pollFeed } from '../../../src/pipeline/poll.ts';
import { takeFile } from '../../../src/runtime/folders.ts';
import { readFeed } from '../../../src/sources/feed.ts';
import { openDropFolder } from '../../../src/sources/folder.ts';
import { createFullTexts } from '../../../src/sources/full-text.ts';
import { createGuardedFetch } from '../../../src/sources/index.ts';
import { createPolite } from '../../../src/sources/polite.ts';
import { type Installation, openInstallation } from '../../support/installation.ts';

export const secret = 'a-secret-of-the-cms-for-tests';
const traits: SourceTraits = { tags: [], updates: 'follow', onDelete: 'ask' };

export const hooks = {
  cms: {
    ...traits,
    kind: 'webhook',
    secrets: ['an-older-secret-of-the-cms', secret],
    toleranceMs: 300_000,
    map: {
      event: 'type',
      id: 'data.id',
      url: 'data.links.web',
      title: 'data.headline',
      body: 'data.blocks.*.html',
      byline: 'data.author.name',
      image: 'data.image.src',
      alt: 'data.image.alt',
      tags: 'data.topics',
      updatedAt: 'data.changed',
      language: "'ar'",
    },
  },
  own: { ...traits, kind: 'webhook', secrets: [secret], toleranceMs: 300_000 },
  wp: { ...traits, kind: 'wordpress', secrets: [secret], toleranceMs: 300_000 },
} satisfies Record<string, SourceSetting>;

/** What a source made of a document. */
export interface Given {
  isTaken: boolean;
  /** Why not, for people. */
  reason: string;
}

/** An installation with sources of each kind, and ways to give each of them a document. */
export async function openSourceStage() {
  const folder = await mkdtemp(join(tmpdir(), 'munadi-drop-'));
  const at: Installation = await openInstallation((config) => ({ ...config, sources: hooks }));
  const api: Api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
  let served: Uint8Array = new Uint8Array();
  const server = createServer((_request, response) => void response.end(served));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const fetch = createGuardedFetch({ ...at.config.fetch, maxBytes: 100_000_000 });
  const polite = createPolite();
  const call = globalThis.fetch;
  let owners = 0;
  const dropFolder = () => {
    owners += 1;
    const setting = { ...traits, kind: 'folder' as const, path: folder, settleMs: 0 };
    return openDropFolder({
      ...{ path: folder, settleMs: 0, leaseMs: 60_000, owner: `owner-${owners}` },
      take: (file) => takeFile(at.runtime, 'inbox', setting, file),
    });
  };

  const answerOf = async (response: Response): Promise<Given & { status: number; json: unknown }> => {
    const json = (await response.json()) as {
      error?: { message: string };
      results?: { error?: { message: string } }[];
    };
    const error = json.error ?? json.results?.[0]?.error;
    return { status: response.status, json, isTaken: error === undefined, reason: error?.message ?? '' };
  };

  return {
    ...at,
    folder,
    dropFolder,
    /** The whole path of an API request. */
    async post(path: string, body: Uint8Array, headers: Record<string, string>) {
      return answerOf(await call(api.address + path, { method: 'POST', body: Buffer.from(body), headers }));
    },
    call(source: string, body: Uint8Array, change: { secret?: string; at?: number; signature?: string } = {}) {
      const timestamp = String(Math.floor((change.at ?? Date.now()) / 1_000));
      const mac = createHmac('sha256', change.secret ?? secret)
        .update(`${timestamp}.`)
        .update(body)
        .digest('hex');
      return this.post(`/webhooks/cms/${source}`, body, {
        'content-type': 'application/json',
        'x-munadi-timestamp': timestamp,
        'x-munadi-signature': change.signature ?? `sha256=${mac}`,
      });
    },
    /** Puts a file into the folder, and looks there once. */
    async drop(name: string, bytes: Uint8Array): Promise<Given> {
      await writeFile(join(folder, name), bytes);
      await dropFolder().round();
      const failed = await readdir(join(folder, 'failed'));
      const [reason] = failed.filter((one) => one.startsWith(name) && one.endsWith('.reason.txt'));
      const text = reason === undefined ? '' : await readFile(join(folder, 'failed', reason), 'utf8');
      await rm(join(folder, 'failed'), { recursive: true, force: true });
      await rm(join(folder, 'done'), { recursive: true, force: true });
      return { isTaken: reason === undefined, reason: text };
    },
    /** Puts it in under as many names, and looks there from as many processes at once. */
    async dropAtOnce(ending: string, bytes: Uint8Array, count: number): Promise<void> {
      const names = Array.from({ length: count }, (_, n) => `copy-${n}.${ending}`);
      await Promise.all(names.map((name) => writeFile(join(folder, name), bytes)));
      const taken = await Promise.all(names.map(() => dropFolder().round()));
      if (taken.reduce((sum, one) => sum + one) !== count) throw new Error('A file was taken twice, or not at all.');
    },
    /** As `munadi publish` takes a file. */
    async publish(bytes: Uint8Array): Promise<Given> {
      const file = join(folder, '.published.json');
      await writeFile(file, bytes);
      try {
        const drafts = await readArticles([file], at.config);
        for (const draft of drafts) await ingest(at.runtime.ingest, draft);
        return { isTaken: true, reason: '' };
      } catch (error) {
        if (error instanceof InputError) return { isTaken: false, reason: error.message };
        throw error;
      }
    },
    /** Serves a document as a feed, and polls it once. */
    feed(bytes: Uint8Array): Promise<Given> {
      // One after the other, as turns are.
      return polite.at('http://turns.example', () => this.poll(bytes));
    },
    async poll(bytes: Uint8Array): Promise<Given> {
      served = bytes;
      const { runtime } = at;
      await runtime.feeds.wake('suite');
      const told: string[] = [];
      const setting: FeedSetting = {
        ...{ ...traits, url: `${root}/feed.xml`, everyMs: 300_000, fullText: 'never', first: 'post', webSub: false },
        source: 'suite',
      };
      const turn = await runtime.feeds.claim('suite', randomUUID(), 60_000, setting);
      if ('waitMs' in turn) throw new Error('not our turn');
      const deps: PollDeps = {
        ...{ feeds: runtime.feeds, intake: runtime.intake, alarms: runtime.alarms, fetch, polite },
        pages: createFullTexts(fetch, { polite, politeMs: 0 }),
        readFeed: async (given, about) => readFeed(given, about),
        ...{ retentionDays: 30, leaseMs: 60_000, now: runtime.clock.now },
        report: ({ level, what }) => void (level === 'warn' && told.push(what)),
      };
      const { items } = await pollFeed(deps, 'suite', setting, turn);
      const { error } = await runtime.feeds.state('suite');
      const isTaken = error === null && items > 0;
      return { isTaken, reason: error ?? (isTaken ? '' : told.join(' ')) };
    },
    async close() {
      await fetch.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await at.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export type SourceStage = Awaited<ReturnType<typeof openSourceStage>>;
