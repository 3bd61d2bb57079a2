import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import { openDeliveries } from '../../src/store/deliveries.ts';
import { readMessage } from '../proofs/faults/http-message.ts';
import { type Exchange, startPlatformProxy, type Verdict } from '../proofs/faults/http-proxy.ts';
import { createHits } from '../proofs/faults/points.ts';
import { type LedgerCall, startRedisProxy } from '../proofs/faults/redis-proxy.ts';
import { createCutter, readCommand, readReply } from '../proofs/faults/resp.ts';
import { readScripts } from '../proofs/faults/scripts.ts';
import { root } from '../support/command.ts';

describe('the reader of Redis commands and replies', () => {
  it('cuts a stream at any place into the same pieces', () => {
    const stream = Buffer.from('*2\r\n$3\r\nGET\r\n$6\r\nخبر\r\n*1\r\n$4\r\nPING\r\n');
    for (let at = 0; at <= stream.length; at += 1) {
      const cut = createCutter(readCommand);
      const pieces = [...cut(stream.subarray(0, at)), ...cut(stream.subarray(at))];
      expect(pieces.map(({ value }) => value.map(String))).toEqual([['GET', 'خبر'], ['PING']]);
      expect(Buffer.concat(pieces.map(({ bytes }) => bytes))).toEqual(stream);
    }
  });

  it.each<[string, unknown]>([
    ['+OK\r\n', 'OK'],
    [':7\r\n', 7],
    ['$-1\r\n', null],
    ['_\r\n', null],
    ['#t\r\n', true],
    ['*2\r\n*2\r\n$7\r\nclaimed\r\n$1\r\n1\r\n$4\r\nlost\r\n', [['claimed', '1'], 'lost']],
    ['%1\r\n+role\r\n+master\r\n', ['role', 'master']],
  ])('reads %j', (text, value) => {
    const bytes = Buffer.from(text);
    expect(readReply(bytes, 0)).toEqual({ end: bytes.length, value: { push: false, reply: value } });
    for (let short = 1; short < bytes.length; short += 1)
      expect(readReply(bytes.subarray(0, short), 0)).toBeUndefined();
  });
});

describe('the reader of HTTP messages', () => {
  it('knows where a message ends', () => {
    const plain = Buffer.from('POST /x HTTP/1.1\r\ncontent-length: 4\r\n\r\nbodyGET');
    expect(readMessage(plain)).toMatchObject({ body: 'body', end: plain.length - 3 });
    const chunked = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n');
    expect(readMessage(chunked)).toMatchObject({ body: 'abcd', end: chunked.length });
    expect(readMessage(chunked.subarray(0, -3))).toBeUndefined();
    expect(readMessage(Buffer.from('HTTP/1.1 200 OK\r\n\r\nuntil the end'))).toBeUndefined();
  });
});

describe('the proxy before Redis', () => {
  const folder = mkdtempSync(join(tmpdir(), 'munadi-proxy-'));
  const socket = join(folder, 'port');
  let server: ReturnType<typeof spawn>;
  let port = 0;
  beforeAll(async () => {
    // A free port by asking for one; Redis itself takes none as 0.
    port = 20_000 + (process.pid % 20_000);
    server = spawn('redis-server', ['--port', String(port), '--save', '', '--dir', folder, '--unixsocket', socket]);
    server.stdout?.setEncoding('utf8');
    for (let said = ''; !said.includes('Ready to accept connections'); ) {
      said += (await once(server.stdout as NodeJS.ReadableStream, 'data'))[0];
    }
  });
  afterAll(async () => {
    server.kill('SIGKILL');
    await once(server, 'close');
    rmSync(folder, { recursive: true, force: true });
  });

  const id = `d${'0'.repeat(24)}`;
  const claim = (redis: Redis) =>
    openDeliveries(redis, 'test', { leaseMs: 1_000, quarantineMs: 1_000, maxAttempts: 3 }).claim({
      ...{ id, token: 't', postHash: 'h', total: 1, account: 'a', channel: 'c', staleAfterMs: undefined, way: 'hold' },
    } as never);

  it('knows the scripts of the ledger, and holds what it is told to', async () => {
    const seen: string[] = [];
    let holds: 'command' | 'reply' | undefined;
    const note = (what: 'command' | 'reply', { script, entries }: LedgerCall) => {
      seen.push(`${what} ${script} ${entries[0]?.id}`);
      return holds === what;
    };
    const proxy = await startRedisProxy(port, {
      scripts: readScripts(root),
      watch: { command: (call) => note('command', call), reply: (call) => note('reply', call) },
    });
    const redis = new Redis(`redis://127.0.0.1:${proxy.port}`);
    expect(await claim(redis)).toEqual({ verdict: 'missing' });
    expect(seen).toEqual(expect.arrayContaining([`command claim ${id}`, `reply claim ${id}`]));

    for (const what of ['command', 'reply'] as const) {
      holds = what;
      seen.length = 0;
      const reply = claim(redis);
      while (!seen.some((one) => one.startsWith(what))) await new Promise((resolve) => setImmediate(resolve));
      // What comes behind it on the connection waits as well.
      const ping = redis.ping();
      holds = undefined;
      expect(await Promise.race([ping, reply, new Promise((resolve) => setTimeout(resolve, 50, 'held'))])).toBe('held');
      proxy.release();
      expect(await Promise.all([reply, ping])).toEqual([{ verdict: 'missing' }, 'PONG']);
    }
    redis.disconnect();
    await proxy.close();
  });
});

describe('the proxy before a platform', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.close());

  async function send(verdict: Verdict) {
    const ended: Exchange[] = [];
    let arrived: () => void = () => {};
    const here = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const proxy = await startPlatformProxy('telegram', sandbox.roots.telegram as string, {
      watch: {
        request: () => {
          if (verdict !== 'answer') arrived();
          return verdict;
        },
        answer: () => arrived(),
        ended: (exchange) => void ended.push(exchange),
      },
    });
    const before = sandbox.posts('telegram').length;
    const client = new AbortController();
    const answer = fetch(`${proxy.root}/bot1:${'a'.repeat(35)}/sendMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ chat_id: '@proxy', text: 'خبر' }),
      signal: client.signal,
    }).then(
      ({ status }) => status,
      () => 'nothing',
    );
    await here;
    const posts = () => sandbox.posts('telegram').length - before;
    if (verdict === 'pass') {
      const status = await answer;
      await proxy.close();
      return { status, posts: posts(), ended: ended[0]?.state };
    }
    const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 50, 'held'))]);
    expect(early).toBe('held');
    client.abort();
    const status = await answer;
    while (ended.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await proxy.close();
    return { status, posts: posts(), ended: ended[0]?.state };
  }

  it.each<[Verdict, object]>([
    ['pass', { status: 200, posts: 1, ended: 'answered' }],
    ['hold', { status: 'nothing', posts: 0, ended: 'cut' }],
    ['half', { status: 'nothing', posts: 0, ended: 'cut' }],
    ['answer', { status: 'nothing', posts: 1, ended: 'cut' }],
  ])('%s', async (verdict, outcome) => {
    expect(await send(verdict)).toEqual(outcome);
  });
});

describe('hits', () => {
  it('are missing where a failpoint struck a platform too seldom', () => {
    const hits = createHits();
    expect(hits.missing(1).length).toBe(6 * (4 + 2));
    const hit = { point: 'after-claim', later: false, platform: 'facebook' } as const;
    hits.add(hit);
    expect(hits.missing(1)).not.toContainEqual(hit);
    expect(hits.missing(2)).toContainEqual(hit);
    expect(hits.table()['after-claim']).toEqual({ telegram: 0, x: 0, whatsapp: 0, facebook: 1 });
  });
});
