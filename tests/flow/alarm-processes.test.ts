import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { openRuntime, type Runtime } from '../../src/runtime/open.ts';
import { configText, createFolder, json, type Running, run, start } from '../support/command.ts';
import { draftArticle } from '../support/installation.ts';

/** Schedulers as processes of their own, one of which is killed while it tells. */

let folder: Awaited<ReturnType<typeof createFolder>>;
let server: Server;
let config = '';
let runtime: Runtime;
const running: Running[] = [];
const calls: { headers: IncomingHttpHeaders; response: ServerResponse }[] = [];

beforeAll(async () => {
  folder = await createFolder();
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      calls.push({ headers: request.headers, response });
      server.emit('called');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const targets = {
    pager: { to: 'webhook', url },
    desk: { to: 'telegram', account: 'telegram-main', chat: '@desk_example' },
  };
  config = await folder.write(
    'munadi.yaml',
    configText({ data: `${folder.path}/data`, alarms: { targets, wake: ['pager', 'desk'], breakingAfter: '1s' } }),
  );
  runtime = await openRuntime(loadConfig(config, { env: {} }), { logLevel: 'silent' });
});
afterAll(async () => {
  await Promise.all(running.map((one) => one.stop('SIGKILL')));
  await runtime.close();
  server.close();
  server.closeAllConnections();
  await folder.remove();
});

async function schedule(): Promise<Running> {
  const one = start(['scheduler', '--config', config, '--json']);
  running.push(one);
  await one.ready();
  return one;
}

async function call(number: number) {
  while (calls.length < number) await once(server, 'called');
  return calls[number - 1];
}

/** The newest alarm is this one, and both targets have it. */
async function sent(alarm: object) {
  for (;;) {
    const [newest] = await runtime.alarms.recent(1);
    expect(newest).toMatchObject(alarm);
    if (newest?.sent.pager && newest.sent.desk) return;
  }
}

describe('a scheduler that is killed while it tells an alarm', () => {
  it('is followed by another one, which tells the same alarm again', async () => {
    const first = await schedule();
    await runtime.alarms.raise({ kind: 'account-paused', subject: 'x-main', detail: { account: 'x-main' } });
    const unanswered = await call(1);
    await first.stop('SIGKILL');
    // Its lease has ended.
    await runtime.redis.del('munadi:alarms:reader');
    await schedule();
    const again = await call(2);
    expect(again?.headers['webhook-id']).toBe(unanswered?.headers['webhook-id']);
    again?.response.writeHead(204).end();
    await sent({ kind: 'account-paused', subject: 'x-main', untold: 0 });
  });

  it('and that one sees breaking news that nobody posts', async () => {
    const { article } = await ingest(runtime.ingest, draftArticle({ priority: 'breaking' }), { channels: ['x-ar'] });
    (await call(3))?.response.writeHead(204).end();
    const detail = { channel: 'x-ar' };
    await sent({ kind: 'breaking-late', subject: `${article.id} x-ar`, detail });
    await running.at(-1)?.stop();
    await runtime.articles.embargo(article.id, Date.now() + 3_600_000);
    await runtime.alarms.over({ kind: 'breaking-late', subject: `${article.id} x-ar` });
  });
});

describe('munadi alarms', () => {
  it('shows what was told, to whom, and which targets there are', async () => {
    const ended = await run(['alarms', '--json', '--config', config]);
    expect(ended.code).toBe(0);
    const { alarms, targets } = json<{ alarms: object[]; targets: object[] }>(ended);
    expect(alarms).toMatchObject([
      { kind: 'breaking-late', severity: 'wake', open: false },
      { kind: 'account-paused', subject: 'x-main', severity: 'wake', open: true, over: null, untold: 0 },
    ]);
    expect(targets).toMatchObject([
      { name: 'log', to: 'log', severities: ['day'] },
      { name: 'pager', to: 'webhook', severities: ['wake'], waiting: expect.any(Number) },
      { name: 'desk', to: 'telegram', severities: ['wake'], waiting: 0, trouble: null },
    ]);
    const { stdout } = await run(['alarms', '--config', config]);
    expect(stdout).toContain('account-paused, wake, goes on: the account x-main rests, as it was refused');
    expect(stdout).toMatch(/told: .*desk \(/);
  });

  it('--test sends to each target, and says what came of it', async () => {
    const before = calls.length;
    const ending = run(['alarms', '--test', '--json', '--config', config]);
    (await call(before + 1))?.response.writeHead(500).end();
    const ended = await ending;
    expect(ended.code).toBe(1);
    expect(json(ended)).toEqual([
      { name: 'log', to: 'log', ok: true, sandbox: false, error: null },
      { name: 'pager', to: 'webhook', ok: false, sandbox: false, error: 'The address answered with status 500.' },
      { name: 'desk', to: 'telegram', ok: true, sandbox: true, error: null },
    ]);
  });
});

describe('munadi check', () => {
  it('says that a target writes to the sandbox', async () => {
    const { checks } = json<{ checks: { name: string; result: string; detail: string }[] }>(
      await run(['check', '--json', '--config', config]),
    );
    expect(checks.find(({ name }) => name === 'alarms')).toEqual({
      name: 'alarms',
      result: 'warning',
      detail: 'desk writes to the sandbox, where nobody reads: the account has no credentials.',
    });
  });
});
