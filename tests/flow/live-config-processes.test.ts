import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ConfigState } from '../../src/desk/config-state.ts';
import { openAlarms } from '../../src/store/alarms.ts';
import type { Presence } from '../../src/store/presence.ts';
import { articleText, configText, createFolder, json, type Running, run, start } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

// Each process costs a second or several on a machine that is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const secrets = {
  TG: '123456:telegram-telegram-telegram-telegram',
  K: 'x-app-key-of-ours',
  S: 'x-secret-of-ours',
  W: 'whatsapp-token-of-ours',
  F: 'facebook-token-of-ours',
  API: 'api-token-of-ours',
};

const renewed = 'renewed-whatsapp-token';

let folder: Awaited<ReturnType<typeof createFolder>>;
let server: ChildProcess;
let redis: Redis;
let env: Record<string, string>;
let roots: Record<string, string>;
let address: string;
let service: Running;
let worker: Running;
const running: Running[] = [];

const accounts = () => ({
  'telegram-main': { platform: 'telegram', token: '${TG}', apiRoot: roots.telegram },
  'x-main': {
    platform: 'x',
    appKey: '${K}',
    appSecret: '${S}',
    accessToken: '${S}',
    accessSecret: '${S}',
    apiRoot: roots.x,
  },
  'whatsapp-main': { platform: 'whatsapp', phoneNumberId: '1', accessToken: '${W}', apiRoot: roots.whatsapp },
  'facebook-main': { platform: 'facebook', pageId: '1', accessToken: '${F}', apiRoot: roots.facebook },
});
const fileText = (change: Record<string, unknown> = {}, digits = 'source') => {
  const text = configText({
    redis: { url: '${REDIS_URL}' },
    http: { port: 0, token: '${API}' },
    accounts: accounts(),
    ...change,
  });
  return text.replace('id: telegram-ar', `id: telegram-ar\n    digits: ${digits}`);
};
const begin = (args: string[]) => {
  const one = start(args, { cwd: folder.path, env });
  running.push(one);
  return one;
};
const save = (place: string, text: string) => writeFile(join(folder.path, place, 'munadi.yaml'), text);

beforeAll(async () => {
  folder = await createFolder();
  const port = await freePort();
  const flags = ['--port', `${port}`, '--bind', '127.0.0.1', '--appendonly', 'yes', '--save', '', '--dir', folder.path];
  server = spawn('redis-server', [...flags, '--appendfsync', 'always'], { stdio: ['ignore', 'pipe', 'ignore'] });
  for await (const chunk of server.stdout ?? []) if (/Ready to accept/.test(String(chunk))) break;
  const { W, ...inEnvironment } = secrets;
  env = { REDIS_URL: `redis://127.0.0.1:${port}`, ...inEnvironment };
  await folder.write('.env', `W=${W}\n`);
  redis = new Redis(env.REDIS_URL as string);
  const sandbox = begin(['sandbox', '--port', '0', '--json']);
  const ready = await sandbox.ready<Record<string, { apiRoot: string }>>();
  roots = Object.fromEntries(Object.entries(ready).map(([id, { apiRoot }]) => [id, apiRoot]));
  for (const place of ['one', 'two']) {
    await mkdir(join(folder.path, place));
    await save(place, fileText());
  }
  service = begin(['start', '--json', '--config', 'one/munadi.yaml']);
  ({ address } = await service.ready<{ address: string }>());
  worker = begin(['worker', 'telegram', '--json', '--config', 'two/munadi.yaml']);
  await worker.ready();
});
afterAll(async () => {
  await Promise.all(running.map((one) => one.stop('SIGKILL')));
  redis.disconnect();
  server.kill('SIGKILL');
  await once(server, 'close');
  await folder.remove();
});

/** What each process says of its configuration, once `isSo` is true of it. */
async function reports(isSo: (all: Map<number, Presence['config']>) => boolean) {
  for (;;) {
    const all = Object.values(await redis.hgetall('munadi:processes')).map((text) => JSON.parse(text) as Presence);
    const told = new Map(all.map(({ pid, config }) => [pid, config]));
    if (isSo(told)) return told;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const agreedVersion = async () => (await redis.hget('munadi:config', 'version')) ?? '';
/** Resolves to the version once all processes work by one that is not `before`. */
async function anotherVersion(before: string): Promise<string> {
  for (;;) {
    const version = await agreedVersion();
    if (version !== before && version !== '') {
      await reports((all) => [...all.values()].every((config) => config?.version === version));
      return version;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
const status = async (place = 'one') =>
  json<{ config: ConfigState }>(
    await run(['status', '--json', '--config', `${place}/munadi.yaml`], { cwd: folder.path, env }),
  ).config;

async function contentOf(key: string): Promise<unknown> {
  const type = await redis.type(key);
  if (type === 'hash') return redis.hgetall(key);
  if (type === 'list') return redis.lrange(key, 0, -1);
  if (type === 'set') return redis.smembers(key);
  if (type === 'zset') return redis.zrange(key, '0', '-1');
  if (type === 'stream') return redis.xrange(key, '-', '+');
  return redis.get(key);
}

/** Each alarm, and whether it goes on. */
const alarms = async () =>
  (await openAlarms(redis, 'munadi').recent(10)).map(({ kind, overMs }) => [kind, overMs === undefined]);

/** Text of the Telegram post of a new article. */
async function posted(): Promise<string> {
  const headers = { 'content-type': 'text/plain', authorization: `Bearer ${secrets.API}` };
  const accepted = await fetch(`${address}/api/articles`, { method: 'POST', body: articleText(), headers });
  const { article } = (await accepted.json()) as { article: { id: string } };
  for (;;) {
    const state = (await (await fetch(`${address}/api/articles/${article.id}`, { headers })).json()) as {
      deliveries: { platform: string; state: string; remoteId: string }[];
    };
    const one = state.deliveries.find(({ platform }) => platform === 'telegram');
    if (one?.state === 'published') {
      const posts = (await (await fetch(`${roots.telegram}/_sandbox/posts`)).json()) as { id: string; text: string }[];
      return posts.find(({ id }) => id === one.remoteId)?.text ?? '';
    }
    expect(['scheduled', 'sending']).toContain(one?.state);
  }
}

describe('processes on one Redis', () => {
  it('work by the version of the scheduler', async () => {
    const version = await anotherVersion('');
    expect(version).toMatch(/^[0-9a-f]{12}$/);
    expect(await posted()).toMatch(/رقم \S*\d/);
  });

  it('take up what is saved, all of them; a file that differs is told, and does not hold', async () => {
    const before = await agreedVersion();
    await save('one', fileText({}, 'arabic'));
    const version = await anotherVersion(before);
    expect(await posted()).toMatch(/رقم \S*[٠-٩]/);
    await service.says(/"changes":\["channels\[telegram-ar\]\.digits/);
    const told = await reports((all) => all.get(worker.pid)?.differs !== undefined);
    expect(told.get(worker.pid)).toMatchObject({
      version,
      differs: ['channels[telegram-ar].digits: "arabic" -> "source"'],
    });
    expect(await status('two')).toMatchObject({
      version,
      by: expect.stringContaining('one/munadi.yaml'),
      problems: [{ kind: 'differs', pids: [worker.pid] }],
    });
    const article = await folder.write('article.txt', articleText());
    const published = await run(['publish', article, '--json', '--config', 'two/munadi.yaml'], {
      cwd: folder.path,
      env,
    });
    expect([published.code, published.stderr]).toEqual([
      0,
      expect.stringContaining('two/munadi.yaml differs from the configuration of the running service, which holds.'),
    ]);
    await save('two', fileText({}, 'arabic'));
    await reports((all) => all.get(worker.pid)?.differs === undefined);
  });

  it('go on as they are where a file is bad, which is told with line and remedy until it is good', async () => {
    const before = await agreedVersion();
    const bad = fileText({}, 'roman');
    const line = bad.split('\n').findIndex((one) => one.includes('roman')) + 1;
    await save('one', bad);
    const told = await reports((all) => all.get(service.pid)?.refused !== undefined);
    const said = `one/munadi.yaml:${line}  channels[0].digits: expected source, latin or arabic, got "roman". Write one of these.`;
    expect(told.get(service.pid)?.refused).toEqual([expect.stringContaining(said)]);
    // The command is told of the same file, and shows how things stand all the same.
    expect(await status()).toMatchObject({
      version: before,
      problems: [{ kind: 'refused', pids: [service.pid], lines: [expect.stringContaining(said)] }],
    });
    const people = await run(['status', '--config', 'one/munadi.yaml'], { cwd: folder.path, env });
    expect([people.code, people.stdout]).toEqual([
      0,
      expect.stringMatching(/config: the file of .* is refused: one\//),
    ]);
    const headers = { authorization: `Bearer ${secrets.API}` };
    expect(await (await fetch(`${address}/`, { headers })).text()).toContain('is refused: one/munadi.yaml');
    expect(await posted()).toMatch(/رقم \S*[٠-٩]/);
    expect(await alarms()).toEqual([['config-refused', true]]);
    await save('one', fileText({}, 'arabic'));
    await reports((all) => all.get(service.pid)?.refused === undefined);
    expect(await agreedVersion()).toBe(before);
    expect(await alarms()).toEqual([['config-refused', false]]);
  });

  it('take up a secret that is renewed in .env, each its own, under the same version', async () => {
    const before = await agreedVersion();
    await folder.write('.env', `W=${renewed}\n`);
    for (const one of [service, worker]) await one.says('"accounts.whatsapp-main.accessToken: another secret"');
    expect(await agreedVersion()).toBe(before);
  });

  it('refuse as a whole what needs a restart', async () => {
    const before = await agreedVersion();
    await save('one', fileText({ reliability: { requestTimeout: '2s', lease: '9s' } }, 'latin'));
    const told = await reports((all) => all.get(service.pid)?.refused !== undefined);
    expect(told.get(service.pid)).toMatchObject({
      version: before,
      refused: [
        "one/munadi.yaml  reliability.lease: 8s -> 9s needs a restart. Start Munadi's processes again, or take it back.",
      ],
    });
    await save('one', fileText({}, 'arabic'));
    await reports((all) => all.get(service.pid)?.refused === undefined);
    expect(await agreedVersion()).toBe(before);
  });

  it('follow another scheduler when that is told to stand for its file, by SIGHUP, which stops nothing', async () => {
    const before = await agreedVersion();
    await save('two', fileText({}, 'latin'));
    const other = begin(['scheduler', '--json', '--config', 'two/munadi.yaml']);
    await other.ready();
    await reports((all) => all.get(other.pid)?.differs !== undefined && all.get(other.pid)?.version === before);
    other.child.kill('SIGHUP');
    const version = await anotherVersion(before);
    const told = await reports((all) => all.get(service.pid)?.differs !== undefined);
    expect([told.get(service.pid)?.version, told.get(worker.pid)?.differs]).toEqual([version, undefined]);
    service.child.kill('SIGHUP');
    expect(await anotherVersion(version)).toBe(before);
    worker.child.kill('SIGHUP');
    expect((await other.stop()).code).toBe(0);
  });

  it('keep every secret out of Redis and the logs', async () => {
    const keys = await redis.keys('*');
    expect(keys).toContain('munadi:config');
    for (const key of keys) {
      const text = JSON.stringify(await contentOf(key));
      for (const secret of [renewed, ...Object.values(secrets)])
        expect(text.includes(secret), `${key} holds a secret`).toBe(false);
    }
    const ended = await Promise.all([service.stop(), worker.stop()]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    for (const { stdout, stderr } of ended) {
      for (const secret of [renewed, ...Object.values(secrets)]) expect(stdout + stderr).not.toContain(secret);
    }
  });
});
