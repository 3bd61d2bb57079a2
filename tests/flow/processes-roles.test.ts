import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Delivery } from '../../src/core/delivery.ts';
import { articleText, configText, createFolder, json, type Running, root, run, start } from '../support/command.ts';
import { freePort } from '../support/free-port.ts';

interface Row {
  article: { id: string };
  deliveries: Delivery[];
}

interface Ready {
  address: string;
  roles: string[];
  redis: string;
  channels: { id: string; platform: string; apiRoot: string }[];
}

// Each process costs a second or several on a machine that is busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let folder: Awaited<ReturnType<typeof createFolder>>;
let config: string;
let redis: ChildProcess;
let env: Record<string, string>;
const running: Running[] = [];

beforeAll(async () => {
  folder = await createFolder();
  const port = await freePort();
  const flags = [
    '--port',
    `${port}`,
    '--bind',
    '127.0.0.1',
    '--requirepass',
    'geheim',
    '--appendonly',
    'yes',
    '--save',
    '',
  ];
  redis = spawn('redis-server', [...flags, '--appendfsync', 'always', '--dir', folder.path], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  for await (const chunk of redis.stdout ?? []) if (/Ready to accept/.test(String(chunk))) break;
  env = { REDIS_URL: `redis://:geheim@127.0.0.1:${port}` };
  config = await folder.write('munadi.yaml', configText({ redis: { url: '${REDIS_URL}' } }));
});
afterAll(async () => {
  await Promise.all(running.map((one) => one.stop('SIGKILL')));
  redis.kill('SIGKILL');
  await once(redis, 'close');
  await folder.remove();
});

const begin = (args: string[], file?: string) => {
  const one = start(args, { cwd: folder.path, env, ...(file ? { file } : {}) });
  running.push(one);
  return one;
};

describe('one process a role, on one Redis', () => {
  it('do the same as the single process', async () => {
    // Two by the command, the others by the files that stand for it.
    const workers = [
      begin(['worker', 'telegram', '--json', '--config', config]),
      begin(['worker', 'articles', '--json', '--config', config]),
      begin([config, '--json'], join(root, 'workers/x.ts')),
      begin([config, '--json'], join(root, 'workers/whatsapp.ts')),
      begin(['--config', config, '--json'], join(root, 'workers/facebook.ts')),
      begin([config, '--json'], join(root, 'workers/scheduler.ts')),
    ];
    const api = begin(['api', '--json', '--config', config]);
    const ready = await Promise.all(workers.map((one) => one.ready<Ready>()));
    expect(ready.map(({ roles }) => roles)).toEqual([
      ['telegram'],
      ['articles'],
      ['x'],
      ['whatsapp'],
      ['facebook'],
      ['scheduler'],
    ]);
    const { address, redis: where, channels } = await api.ready<Ready>();
    expect(where).toMatch(/^redis:\/\/127\.0\.0\.1:\d+$/);
    expect(ready.map((one) => one.channels)).toEqual(ready.map(() => channels));
    expect(await (await fetch(`${address}/ready`)).json()).toEqual({ ready: true, missing: [] });

    const text = articleText();
    const headers = { 'content-type': 'text/plain' };
    const accepted = await fetch(`${address}/api/articles`, { method: 'POST', body: text, headers });
    expect(accepted.status).toBe(202);
    const file = await folder.write('article.txt', text);
    const followed = await run(['publish', file, '--wait', '--json', '--config', config], { cwd: folder.path, env });
    expect(followed.code).toBe(0);
    for (const { platform, remoteId, state } of json<Row[]>(followed)[0]?.deliveries ?? []) {
      const apiRoot = channels.find((channel) => channel.platform === platform)?.apiRoot;
      const posts = (await (await fetch(`${apiRoot}/_sandbox/posts`)).json()) as { id: string; text: string }[];
      expect([platform, state, posts.map(({ id }) => id)]).toEqual([platform, 'published', [remoteId]]);
    }

    const ended = await Promise.all([...workers, api].map((one) => one.stop('SIGTERM')));
    expect(ended.map(({ code }) => code)).toEqual(ended.map(() => 0));
    expect(ended.map(({ stderr }) => stderr).join('')).not.toContain('geheim');
  });

  it('a demo where no server program is installed uses that Redis, and leaves nothing there', async () => {
    const ended = await run(['demo', '--json', '--config', config], {
      cwd: folder.path,
      env: { ...env, PATH: join(folder.path, 'nothing') },
    });
    const { ok, deliveries } = json<{ ok: boolean; deliveries: Delivery[] }>(ended);
    expect([ended.code, ok, deliveries.length >= 12]).toEqual([0, true, true]);
    const client = new Redis(env.REDIS_URL as string);
    expect(await client.keys('munadi-demo-*')).toEqual([]);
    client.disconnect();
  });

  it('a worker file tells of a bad config as the command does', async () => {
    const bad = await folder.write('bad.yaml', 'accounts: {}\nchannels: []\n');
    const { code, stderr } = await run([bad], { cwd: folder.path, env, file: join(root, 'workers/telegram.ts') });
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^.*bad\.yaml:\d+ {2}channels: expected/)]);
  });
});
