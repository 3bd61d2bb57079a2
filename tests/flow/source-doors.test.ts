import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startFolders } from '../../src/runtime/folders.ts';
import { openDropFolder } from '../../src/sources/folder.ts';
import { openSourceStage, type SourceStage, secret } from '../contract/sources/stage.ts';
import { draftArticle } from '../support/installation.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

let stage: SourceStage;
beforeAll(async () => {
  stage = await openSourceStage();
});
afterAll(() => stage.close());

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === 'string' ? value : JSON.stringify(value));
let serial = 0;
const article = (change: object = {}) => {
  serial += 1;
  const { title, paragraphs } = draftArticle();
  return { id: `door-${serial}`, title, paragraphs, ...change };
};
const stored = async () => (await stage.runtime.articles.list(10_000)).length;

describe('the hook of a CMS', () => {
  it('is taken by its signature over the raw body, with any of its secrets, and once', async () => {
    const body = bytes(article());
    const first = await stage.call('own', body);
    expect(first).toMatchObject({ status: 202, json: { verdict: 'new' } });
    expect(await stage.call('own', body, { at: Date.now() - 5_000 })).toMatchObject({ json: { verdict: 'known' } });
    const older = await stage.call('cms', bytes({ type: 'publish', data: { id: 'q', headline: 'خبر قديم' } }), {
      secret: 'an-older-secret-of-the-cms',
    });
    expect(older.status).toBe(202);
  });

  it.each([
    ['another secret', { secret: 'another-secret-altogether' }, 'bad-signature'],
    ['a signature of another length', { signature: 'sha256=abcd' }, 'bad-signature'],
    ['another form', { signature: 'md5=abcd' }, 'bad-signature'],
    ['an old time', { at: Date.now() - 400_000 }, 'bad-time'],
    ['a time to come', { at: Date.now() + 400_000 }, 'bad-time'],
  ])('refuses %s, and does nothing', async (_, change, code) => {
    const before = await stored();
    const answer = await stage.call('own', bytes(article()), change);
    expect(answer).toMatchObject({ status: 401, json: { error: { code } } });
    expect(answer.reason).not.toContain(secret);
    expect(await stored()).toBe(before);
  });

  it('refuses what is not signed, what is not there, and what is too large', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await stage.post('/webhooks/cms/own', bytes(article()), headers)).status).toBe(401);
    expect((await stage.call('nobody', bytes(article()))).status).toBe(401);
    expect((await stage.call('own', bytes('x'.repeat(5_000_000)))).status).toBe(413);
  });

  it('answers the same call as it did before, and does nothing', async () => {
    const [own, at] = [article(), Date.now()];
    const first = await stage.call('own', bytes(own), { at });
    await stage.call('own', bytes({ ...own, title: `${own.title} مساء` }), { at });
    expect(await stage.call('own', bytes(own), { at })).toEqual(first);
    expect((await stage.runtime.articles.get(own.id))?.title).toContain('مساء');
  });

  it('knows Standard Webhooks, too', async () => {
    const body = bytes(article());
    const seconds = String(Math.floor(Date.now() / 1_000));
    const mac = createHmac('sha256', secret).update(`msg_1.${seconds}.`).update(body).digest('base64');
    const headers = { 'content-type': 'application/json', 'webhook-id': 'msg_1', 'webhook-timestamp': seconds };
    const answer = await stage.post('/webhooks/cms/own', body, {
      ...headers,
      'webhook-signature': `v1,AAAA v1,${mac}`,
    });
    expect(answer.status).toBe(202);
  });

  it('asks about what is deleted or unpublished, and lets drafts wait', async () => {
    const own = article();
    await stage.call('own', bytes(own));
    expect(await stage.call('own', bytes({ event: 'deleted', id: own.id }))).toMatchObject({
      status: 202,
      json: { verdict: 'asked', article: own.id },
    });
    expect(await stage.call('own', bytes({ event: 'deleted', id: 'never-seen' }))).toMatchObject({
      json: { verdict: 'unknown' },
    });
    const { title } = draftArticle();
    const post = {
      id: 77,
      title: { rendered: title },
      content: { rendered: '<p>نص</p>' },
      date_gmt: '2026-05-01T10:00:00',
    };
    expect(await stage.call('wp', bytes({ ...post, status: 'future' }))).toMatchObject({
      json: { verdict: 'waiting' },
    });
    expect(await stage.call('wp', bytes({ ...post, status: 'publish' }))).toMatchObject({ json: { verdict: 'new' } });
    const asDatabase = {
      post_id: 77,
      post: { ID: 77, post_title: `${title} غدا`, post_content: '<p>نص</p>', post_status: 'publish' },
    };
    expect(await stage.call('wp', bytes(asDatabase))).toMatchObject({ json: { verdict: 'updated' } });
    expect(await stage.call('wp', bytes({ event: 'wp_trash_post', post: { ...post, status: 'trash' } }))).toMatchObject(
      { json: { verdict: 'asked' } },
    );
    const draftAgain = { post: { id: 78, status: 'publish', title: `${title} أولا`, content: '<p>نص.</p>' } };
    await stage.call('wp', bytes(draftAgain));
    expect(
      await stage.call('wp', bytes({ ...draftAgain, post: { ...draftAgain.post, status: 'draft' } })),
    ).toMatchObject({ json: { verdict: 'asked' } });
    expect((await stage.call('cms', bytes({ type: 'publish', data: { id: 1 } }))).reason).toContain('data.headline');
  });
});

describe('articles in bulk', () => {
  const bulk = (lines: unknown[], headers: Record<string, string> = {}) =>
    stage.post(
      '/api/articles',
      bytes(lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n')),
      {
        'content-type': 'application/x-ndjson',
        ...headers,
      },
    );

  it('are answered line by line, and a bad one stops no other', async () => {
    const [first, last] = [article(), article()];
    const { json, status } = await bulk([first, '', { titel: 'x' }, '{"title":', first, last]);
    expect(status).toBe(200);
    expect((json as { results: object[] }).results).toMatchObject([
      { line: 1, status: 202, article: first.id },
      { line: 3, status: 422, error: { code: 'unknown-key' } },
      { line: 4, status: 400, error: { code: 'bad-json' } },
      { line: 5, status: 200, duplicate: true, article: first.id },
      { line: 6, status: 202, article: last.id },
    ]);
  });

  it('have limits', async () => {
    expect((await bulk([])).status).toBe(400);
    expect((await bulk([article()], { 'idempotency-key': 'k' })).status).toBe(422);
    expect((await bulk(Array.from({ length: 1_001 }, () => '{}'))).status).toBe(413);
    const one = await stage.post('/api/articles', bytes(`{"title":"${'خ'.repeat(1_100_000)}"}`), {
      'content-type': 'application/json',
    });
    expect(one.status).toBe(413);
  });
});

describe('the folder', () => {
  const at = (...names: string[]) => join(stage.folder, ...names);
  const names = (folder: string) => readdir(at(folder)).then((all) => all.sort());
  const put = (name: string, value: unknown) => writeFile(at(name), bytes(value));

  it('takes each file once, whoever looks, and overwrites nothing', async () => {
    const before = await stored();
    for (let n = 0; n < 30; n += 1) await put(`a${n}.json`, article());
    await mkdir(at('done'), { recursive: true });
    await writeFile(at('done', 'a0.json'), 'an older one');
    const counts = await Promise.all(Array.from({ length: 4 }, () => stage.dropFolder().round()));
    expect(counts.reduce((sum, count) => sum + count)).toBe(30);
    expect(await stored()).toBe(before + 30);
    expect(await names('done')).toHaveLength(31);
    expect(await readFile(at('done', 'a0.json'), 'utf8')).toBe('an older one');
    expect(await names('.working')).toEqual([]);
  });

  it('leaves alone what is not whole or not meant, and opens nothing but plain files', async () => {
    for (const name of ['.hidden.json', 'half.json.part', 'copy.tmp', 'backup~']) await put(name, article());
    await mkdir(at('a-folder'));
    await symlink('/etc/passwd', at('link.txt'));
    spawnSync('mkfifo', [at('pipe.txt')]);
    expect(await stage.dropFolder().round()).toBe(2);
    expect(await names('failed')).toEqual(['link.txt', 'link.txt.reason.txt', 'pipe.txt', 'pipe.txt.reason.txt']);
    expect(await readFile(at('failed', 'pipe.txt.reason.txt'), 'utf8')).toContain('no plain file');
    expect(await names('')).toEqual(expect.arrayContaining(['.hidden.json', 'a-folder', 'half.json.part']));
  });

  it('stops at no file that it cannot use, whatever its name', async () => {
    const long = `${'خبر'.repeat(40)}.json`;
    await put(long, article());
    await put('deep.md', `# خبر\n\n${'['.repeat(3_000)}`);
    await put('deep.json', `{"uri": "urn:x", "headlines": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
    await put('after.json', article());
    expect(await stage.dropFolder().round()).toBe(4);
    expect(await names('')).not.toContain(long);
    expect((await names('failed')).filter((name) => name.startsWith('deep.json'))).toHaveLength(2);
    expect(await names('done')).toContain('after.json');
    const doneLong = (await names('done')).find((name) => name.startsWith('خبرخبر'));
    expect(Buffer.byteLength(doneLong ?? '')).toBeLessThan(200);
  });

  it('waits until a file has not changed for a while', async () => {
    const patient = openDropFolder({
      path: stage.folder,
      settleMs: 60_000,
      leaseMs: 60_000,
      owner: 'p',
      take: async () => ({ done: true }),
    });
    await put('growing.txt', 'خبر');
    expect(await patient.round()).toBe(0);
    const old = new Date(Date.now() - 120_000);
    await utimes(at('growing.txt'), old, old);
    // It has just changed again, as far as one can see; one that came by renaming is whole.
    await put('moved.txt', 'خبر آخر وصل كاملا');
    await utimes(at('moved.txt'), old, old);
    expect(await patient.round()).toBe(1);
    expect(await stage.dropFolder().round()).toBe(1);
  });

  it('goes on with what a process left that died, and gives back what cannot be taken now', async () => {
    const own = article();
    await put('left.json', own);
    const away = openDropFolder({
      ...{ path: stage.folder, settleMs: 0, leaseMs: 60_000, owner: 'away' },
      take: () => Promise.reject(new Error('Redis is away')),
    });
    await expect(away.round()).rejects.toThrow('Redis is away');
    expect(await names('')).toContain('left.json');
    await writeFile(at('.working', 'dead~7~left-too.json'), bytes(article()));
    const old = new Date(Date.now() - 120_000);
    await utimes(at('.working', 'dead~7~left-too.json'), old, old);
    const before = await stored();
    expect(await stage.dropFolder().round()).toBe(2);
    expect(await stored()).toBe(before + 2);
    expect(await names('done')).toEqual(expect.arrayContaining(['left.json', 'left-too.json']));
  });

  it('is looked into while the configuration has it, and follows what is canceled', async () => {
    const { runtime } = stage;
    const newsml = (status: string) =>
      `<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:g2:1"><itemMeta><pubStatus qcode="stat:${status}"/></itemMeta><contentMeta><urgency>1</urgency><headline>هزة أرضية في الساحل</headline></contentMeta><contentSet><inlineData>نص الخبر هنا.</inlineData></contentSet></newsItem>`;
    const inbox = {
      kind: 'folder',
      path: at('inbox'),
      settleMs: 100,
      tags: ['زلازل'],
      updates: 'follow',
      onDelete: 'ask',
    } as const;
    startFolders(runtime);
    runtime.adopt({
      ...runtime.config,
      sources: { ...runtime.config.sources, inbox: { ...inbox, tags: [...inbox.tags] } },
    });
    await vi.waitFor(() => readdir(at('inbox', 'done')), { timeout: 10_000 });
    await writeFile(at('inbox', 'quake.xml'), newsml('usable'));
    await vi.waitFor(async () => expect(await readdir(at('inbox', 'done'))).toContain('quake.xml'), {
      timeout: 10_000,
    });
    const [id] = await runtime.articles.list(1);
    expect(await runtime.articles.get(id ?? '')).toMatchObject({
      title: 'هزة أرضية في الساحل',
      priority: 'breaking',
      tags: ['زلازل'],
    });
    await writeFile(at('inbox', 'quake-kill.xml'), newsml('canceled'));
    await vi.waitFor(async () => expect((await runtime.deletions.asked()).map((one) => one.article)).toContain(id), {
      timeout: 10_000,
    });
  });
});
