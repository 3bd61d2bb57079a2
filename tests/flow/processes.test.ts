import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import {
  articleText,
  configText,
  createFolder,
  isAlive,
  json,
  type Running,
  run,
  start,
  withoutMarks,
} from '../support/command.ts';

interface Row {
  article: { id: string };
  deliveries: Delivery[];
}

interface Post {
  id: string;
  text: string;
}

const ids = ['telegram', 'x', 'whatsapp', 'facebook'];
/** Credentials of the sandbox's making: any will do there. */
const env = {
  TG: '123456:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  K: 'key',
  S: 'secret',
  T: 'token',
  W: 'wa-token',
  F: 'fb-token',
};

// Each process costs a second or several on a machine that is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: Awaited<ReturnType<typeof createFolder>>;
/** Outside of the installation under test, as another simulator would be. */
let sandbox: Running;
let roots: Record<string, string>;
let config: string;
const running = new Set<Running>();

beforeAll(async () => {
  folder = await createFolder();
  sandbox = start(['sandbox', '--port', '0', '--json']);
  const ready = await sandbox.ready<Record<string, { apiRoot: string }>>();
  roots = Object.fromEntries(Object.entries(ready).map(([id, { apiRoot }]) => [id, apiRoot]));
  config = await folder.write('munadi.yaml', configText({ accounts: accounts() }));
});
afterEach(async () => void (await Promise.all([...running].map((one) => one.stop('SIGKILL')))));
afterAll(async () => {
  await run(['status', '--config', config], { cwd: folder.path, env });
  await sandbox.stop();
  await folder.remove();
});

const accounts = () => ({
  'telegram-main': { platform: 'telegram', token: '${TG}', apiRoot: roots.telegram },
  'x-main': {
    ...{ platform: 'x', appKey: '${K}', appSecret: '${S}', accessToken: '${T}', accessSecret: '${S}' },
    apiRoot: roots.x,
  },
  'whatsapp-main': { platform: 'whatsapp', phoneNumberId: '1', accessToken: '${W}', apiRoot: roots.whatsapp },
  'facebook-main': { platform: 'facebook', pageId: '1', accessToken: '${F}', apiRoot: roots.facebook },
});
const munadi = (args: string[], file = config) => run([...args, '--config', file], { cwd: folder.path, env });
const begin = (args: string[], file = config, entry?: string) => {
  const options = { cwd: folder.path, env, ...(entry ? { file: entry } : {}) };
  const one = start([...args, '--config', file], options);
  running.add(one);
  void one.ended.then(() => running.delete(one));
  return one;
};
const faults = (platform: string, rules: unknown[]) =>
  fetch(`${roots[platform]}/_sandbox/faults`, { method: 'PUT', body: JSON.stringify({ rules }) });
const posts = async (platform: string, article: string) => {
  const all = (await (await fetch(`${roots[platform]}/_sandbox/posts`)).json()) as Post[];
  return all.filter(({ text }) => withoutMarks(text).includes(article.split('\n')[0] as string));
};
const redisOf = async () =>
  JSON.parse(await readFile(join(folder.path, 'data', 'redis', 'run.json'), 'utf8')) as { pid: number; url: string };

describe('the service', () => {
  it('is the only one on its folder, drains what it sends when told to stop, and leaves no process', async () => {
    // How long an answer may take is not what this is about.
    const reliability = { requestTimeout: '20s', lease: '60s' };
    const patient = await folder.write('patient.yaml', configText({ accounts: accounts(), reliability }));
    const service = begin(['start', '--json'], patient);
    const { address } = await service.ready<{ address: string }>();
    const { pid } = await redisOf();
    const second = await munadi(['start']);
    expect([second.code, second.stderr]).toEqual([2, expect.stringContaining(`process ${service.pid}`)]);
    expect(second.stderr).not.toMatch(/\n {4}at /);

    await faults('telegram', [{ on: 'publish', times: 1, fault: { kind: 'delay', ms: 1_000 } }]);
    const text = articleText();
    const headers = { 'content-type': 'text/plain' };
    const accepted = await fetch(`${address}/api/articles`, { method: 'POST', body: text, headers });
    const { article } = (await accepted.json()) as Row;
    // The request is under way once the record says so.
    for (let state = ''; state !== 'sending'; ) {
      const row = (await (await fetch(`${address}/api/articles/${article.id}`)).json()) as Row;
      state = row.deliveries.find(({ platform }) => platform === 'telegram')?.state ?? '';
      expect(['scheduled', 'sending']).toContain(state);
    }
    const ended = await service.stop('SIGTERM');
    expect([ended.code, ended.signal]).toEqual([0, null]);
    expect(isAlive(pid)).toBe(false);
    expect(await posts('telegram', text)).toHaveLength(1);
    const after = json<Row>(await munadi(['status', article.id, '--json']));
    expect(after.deliveries).toMatchObject(ids.map(() => ({ state: 'published', attempts: 1, failure: null })));
  });

  it('that is killed loses nothing: its Redis is taken over, and what was stored is posted once', async () => {
    const killed = begin(['start', '--json']);
    await killed.ready();
    const before = await redisOf();
    await killed.stop('SIGKILL');
    expect(isAlive(before.pid)).toBe(true);
    const texts = [articleText(), articleText()];
    const files = await Promise.all(texts.map((text, index) => folder.write(`kept-${index}.txt`, text)));
    // A reader of the folder leaves the Redis of the dead service as it found it, or starts it again with all its data.
    const stored = json<Row[]>(await munadi(['publish', ...files, '--json']));
    const next = begin(['start', '--json']);
    await next.ready();
    const done = await munadi(['publish', ...files, '--wait', '--json']);
    expect([done.code, json<{ duplicate: boolean }[]>(done).map(({ duplicate }) => duplicate)]).toEqual([
      0,
      [true, true],
    ]);
    for (const [index, { deliveries }] of stored.entries()) {
      expect(deliveries.map(({ state }) => state)).toEqual(ids.map(() => 'scheduled'));
      for (const id of ids) expect(await posts(id, texts[index] as string)).toHaveLength(1);
    }
    await next.stop();
  });

  it('starts its Redis again when that dies, and goes on with what was stored', async () => {
    const service = begin(['start', '--json']);
    const { address } = await service.ready<{ address: string }>();
    const before = await redisOf();
    process.kill(before.pid, 'SIGKILL');
    const isReady = async () => (await fetch(`${address}/ready`)).status === 200;
    while (await isReady());
    while (!(await isReady()));
    expect((await redisOf()).url).toBe(before.url);
    const text = articleText();
    const done = await munadi(['publish', await folder.write('revived.txt', text), '--wait', '--json']);
    expect(done.code).toBe(0);
    for (const id of ids) expect(await posts(id, text)).toHaveLength(1);
    const { pid } = await redisOf();
    expect(await service.stop()).toMatchObject({ code: 0 });
    expect([pid === before.pid, isAlive(pid)]).toEqual([false, false]);
  });

  it('told to stop while it starts ends well, and leaves no Redis', async () => {
    const service = begin(['start']);
    await service.says('"roles"|Munadi is running');
    const { pid } = await redisOf();
    expect(await service.stop('SIGINT')).toMatchObject({ code: 0 });
    expect(isAlive(pid)).toBe(false);
  });
});

describe('publish --wait', () => {
  it('exits 1 and says held where a post may or may not be live', async () => {
    await faults('telegram', [{ on: 'publish', times: 1, fault: { kind: 'reset-after' } }]);
    const text = articleText();
    const ended = await munadi([
      'publish',
      await folder.write('held.txt', text),
      '--channel=telegram-ar',
      '--wait',
      '--json',
    ]);
    expect(ended.code).toBe(1);
    expect(json<Row[]>(ended)[0]?.deliveries).toMatchObject([
      { state: 'unconfirmed', held: true, failure: { class: 'unconfirmed' } },
    ]);
    expect(ended.stderr).toMatch(/telegram-ar: held, may be live/);
    expect(ended.stdout + ended.stderr).not.toMatch(/wa-token|aaaaaaaa/);
    expect(await posts('telegram', text)).toHaveLength(1);
    await faults('telegram', []);
  });
});

describe('a config with one live account', () => {
  it('does not start while another has no credentials', async () => {
    const mixed = { ...accounts(), 'x-main': { platform: 'x' } };
    const file = await folder.write('mixed.yaml', configText({ accounts: mixed }));
    const [started, published] = await Promise.all([
      munadi(['start'], file),
      munadi(['publish', await folder.write('mixed.txt', articleText()), '--wait'], file),
    ]);
    expect([started.code, published.code]).toEqual([2, 2]);
    expect(started.stderr).toMatch(/mixed\.yaml:\d+ {2}accounts\.x-main.*expected/);
  });
});
