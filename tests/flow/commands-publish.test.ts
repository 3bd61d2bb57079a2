import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import {
  articleText,
  configText,
  createFolder,
  json,
  type Running,
  run,
  start,
  withoutMarks,
} from '../support/command.ts';
import { executeHere } from '../support/execute.ts';

interface Row {
  article: { id: string; title: string };
  duplicate?: boolean;
  deliveries: Delivery[];
}

interface Ready {
  address: string;
  roles: string[];
  channels: { id: string; platform: string; sandbox: boolean; apiRoot: string }[];
}

interface Post {
  id: string;
  text: string;
}

// Each process costs a second or several on a machine that is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: Awaited<ReturnType<typeof createFolder>>;
let config: string;
let service: Running | undefined;
let ready: Ready;

beforeAll(async () => {
  folder = await createFolder();
  config = await folder.write('munadi.yaml', configText({ data: `${folder.path}/data` }));
});
afterAll(async () => {
  await service?.stop('SIGKILL');
  // The last command to leave stops the Redis that a killed service left.
  await munadi('status');
  await folder.remove();
});

const munadi = (...args: string[]) => executeHere([...args, '--config', config]);
const rowsOf = <T extends { stdout: string; stderr: string }>(ended: T) => ({
  ...ended,
  rows: ended.stdout === '' ? [] : json<Row[]>(ended),
});
const publish = async (...args: string[]) => rowsOf(await munadi('publish', '--json', ...args));
/** The same in a process of its own. */
const publishAlone = async (...args: string[]) =>
  rowsOf(await run(['publish', '--json', ...args, '--config', config], { cwd: folder.path }));
const posts = async (platform: string, article: string) => {
  const apiRoot = ready.channels.find((channel) => channel.platform === platform)?.apiRoot;
  const all = (await (await fetch(`${apiRoot}/_sandbox/posts`)).json()) as Post[];
  return all.filter(({ text }) => withoutMarks(text).includes(article.split('\n')[0] as string));
};
const states = ({ deliveries }: Row) => deliveries.map(({ state }) => state);
const four = (state: string) => [state, state, state, state];

describe('where no service runs', () => {
  it('publish only stores, the next start posts it, and publish --wait works by itself', async () => {
    const first = articleText();
    const file = await folder.write('first.txt', first);
    const stored = await publishAlone(file);
    expect([stored.code, stored.rows.map(states)]).toEqual([0, [four('scheduled')]]);
    expect(stored.rows[0]?.deliveries[0]).toMatchObject({ held: false, sandbox: true, url: null, failure: null });

    const waited = await publishAlone(await folder.write('second.txt', articleText()), '--wait');
    expect([waited.code, waited.rows.map(states)]).toEqual([0, [four('published')]]);
    expect(waited.stderr).toMatch(/telegram-ar: published/);

    service = start(['start', '--json', '--config', config], { cwd: folder.path });
    ready = await service.ready<Ready>();
    expect(ready.roles).toEqual(['telegram', 'x', 'whatsapp', 'facebook', 'articles', 'scheduler', 'api']);
    expect(ready.channels.every(({ sandbox, apiRoot }) => sandbox && apiRoot.startsWith('http://'))).toBe(true);
    const again = await publish(file, '--wait');
    expect(again).toMatchObject({ code: 0, rows: [{ duplicate: true }] });
    for (const { platform, remoteId, state, sandbox } of again.rows[0]?.deliveries ?? []) {
      expect([platform, state, sandbox]).toEqual([platform, 'published', true]);
      expect((await posts(platform, first)).map(({ id }) => id)).toEqual([remoteId]);
    }
  });
});

describe('beside a running service', () => {
  it('publish --wait joins its Redis and its sandbox', async () => {
    const text = articleText();
    const third = await folder.write('third.txt', text);
    const { code, rows } = await publishAlone(third, '--wait', '--breaking');
    expect([code, rows.map(states)]).toEqual([0, [four('published')]]);
    for (const { platform, remoteId } of rows[0]?.deliveries ?? [])
      expect((await posts(platform, text)).map(({ id }) => id)).toEqual([remoteId]);
  });

  it('one bad file among several stores none', async () => {
    const good = await folder.write('good.txt', articleText());
    const bad = await folder.write('bad.txt', '\0\x01\x02binary');
    const before = json<{ deliveries: object }>(await munadi('status', '--json')).deliveries;
    const { code, stdout, stderr } = await publish(good, bad, good);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/bad\.txt.*\nNothing was stored/);
    expect(json<{ deliveries: object }>(await munadi('status', '--json')).deliveries).toEqual(before);
  });

  it('--channel goes only there; --at in the future waits, and --wait does not wait for it', async () => {
    const at = new Date(Date.now() + 3_600_000).toISOString();
    const file = await folder.write('later.txt', articleText());
    const { code, rows } = await publish(file, '--channel', 'x-ar', '--at', at, '--wait');
    expect(code).toBe(1);
    expect(rows[0]?.deliveries).toMatchObject([{ channel: 'x-ar', state: 'scheduled', dueAt: at }]);
    const past = await publish(
      await folder.write('past.txt', articleText()),
      '--channel=x-ar',
      '--at',
      '2020-01-01T00:00:00+03:00',
      '--wait',
    );
    expect([past.code, past.rows.map(states)]).toEqual([0, [['published']]]);
    expect(past.stderr).toMatch(/--at is in the past/);
  });

  it('--wait ends at --timeout, and by a signal, with how things stand', async () => {
    const roots = Object.fromEntries(ready.channels.map(({ platform, apiRoot }) => [platform, apiRoot]));
    const faults = (rules: unknown[]) =>
      fetch(`${roots.x}/_sandbox/faults`, { method: 'PUT', body: JSON.stringify({ rules }) });
    const answer = await faults([{ on: 'publish', fault: { kind: 'refuse', status: 429, retryAfter: 3 } }]);
    expect(answer.status).toBe(200);
    const slow = await publish(
      await folder.write('slow.txt', articleText()),
      ...['--channel', 'x-ar', '--wait', '--timeout', '1'],
    );
    expect([slow.code, slow.rows.map(states)]).toEqual([1, [['retryable']]]);
    const waiting = start(
      [
        'publish',
        await folder.write('stopped.txt', articleText()),
        '--channel',
        'x-ar',
        '--wait',
        '--json',
        '--config',
        config,
      ],
      { cwd: folder.path },
    );
    await waiting.says('x-ar: retryable');
    const ended = await waiting.stop('SIGINT');
    expect(ended.code).toBe(1);
    expect(states(json<Row[]>(ended)[0] as Row)).toEqual(['retryable']);
    await faults([]);
  });

  it('pause lets a channel rest, publish --wait says so at once, and resume lets it go on', async () => {
    const paused = await munadi('pause', 'facebook-ar', '--reason', 'holiday', '--json');
    expect(json(paused)).toEqual({ channel: 'facebook-ar', paused: true, reason: 'holiday' });
    const file = await folder.write('resting.txt', articleText());
    const resting = await publish(file, '--channel', 'facebook-ar', '--wait');
    expect([resting.code, resting.rows.map(states)]).toEqual([1, [['scheduled']]]);
    expect(json(await munadi('status', '--json'))).toMatchObject({
      paused: [{ kind: 'channel', id: 'facebook-ar', reason: 'holiday' }],
    });
    const resumed = await munadi('resume', 'facebook-ar', '--json');
    expect(json(resumed)).toMatchObject({ channel: 'facebook-ar', resumed: true });
  });

  it('status tells of all, of one article and of one delivery; of a stranger it exits 2', async () => {
    const { rows } = await publish(await folder.write('asked.txt', articleText()), '--channel', 'x-ar', '--wait');
    const [delivery] = rows[0]?.deliveries ?? [];
    const { id = '', article = '' } = delivery ?? {};
    const all = await munadi('status', '--json');
    const ofArticle = await munadi('status', article, '--json');
    const ofDelivery = await munadi('status', id, '--json');
    const stranger = await munadi('status', 'nobody');
    const people = await munadi('status', article);
    expect(json(all)).toMatchObject({
      deliveries: { published: expect.any(Number), unconfirmed: 0 },
      held: [],
      sandbox: { telegram: expect.any(String) },
      processes: [{ pid: service?.pid }],
    });
    expect(json(ofArticle)).toMatchObject({ article: { id: article }, deliveries: [{ id, state: 'published' }] });
    expect(ofDelivery.stdout).toBe(ofArticle.stdout);
    expect([stranger.code, stranger.stderr]).toEqual([2, expect.stringContaining('"nobody"')]);
    expect(people.stdout).toMatch(/published .* https?:/);
  });
});

describe('the editor’s words', () => {
  const article = (words: object) =>
    JSON.stringify({ title: `الخبر ${Math.random()}`, body: 'افتتح الوزير الجسر. وقال إن العبور مجاني.', ...words });
  const long = 'كلمة '.repeat(70).trim();

  it('that do not fit a channel are refused with their count, and nothing is stored', async () => {
    const good = await folder.write('fits.json', article({ summary: 'جسر جديد فوق النهر' }));
    const bad = await folder.write('long.json', article({ summary: long }));
    const before = json<{ deliveries: object }>(await munadi('status', '--json')).deliveries;
    for (const command of ['publish', 'preview']) {
      const { code, stdout, stderr } = await munadi(command, good, bad);
      expect([code, stdout]).toEqual([2, '']);
      expect(stderr).toMatch(/summary has 349 characters by X's count.* x-ar has room for \d+/);
    }
    expect(json<{ deliveries: object }>(await munadi('status', '--json')).deliveries).toEqual(before);
    const unknown = await folder.write('unknown.json', article({ texts: { 'x-arr': 'نص' } }));
    expect((await munadi('preview', unknown)).stderr).toContain('There is no channel "x-arr"');
  });

  it('that fit are posted as they are', async () => {
    const texts = { 'x-ar': `نص المحرر ${Math.random()}` };
    const file = await folder.write('own.json', article({ summary: 'ملخص المحرر', texts }));
    const { code } = await publish(file, '--wait');
    expect(code).toBe(0);
    expect(await posts('x', texts['x-ar'])).toHaveLength(1);
    expect((await posts('telegram', 'ملخص المحرر')).length).toBeGreaterThan(0);
  });
});
