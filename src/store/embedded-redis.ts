import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { InputError } from '../core/errors.ts';
import { withFolderLock } from './folder-lock.ts';
import { connectRedis } from './redis.ts';

/** `data/redis/run.json`: how to reach the Redis that serves this folder. */
interface RunRecord {
  /** Process id of the Redis server. */
  pid: number;
  /** With password; the file is readable by its owner only. */
  url: string;
  startedAt: string;
  /** Process id of the service (`munadi start`) that uses the folder, where there is one. */
  service?: number;
}

export interface EmbeddedRedis {
  url: string;
  /** True where a Redis was running already. */
  joined: boolean;
  /** Starts the server again where it has died; at the same address, so that whoever used it finds it by itself. */
  revive(): Promise<void>;
  /** Leaves; the last process to leave stops the server. */
  close(): Promise<void>;
}

/** Counts the users within this process; each has a connection name of its own, by which the last one is known. */
let users = 0;

/**
 * A real Redis for this folder: joins the one that runs (also one left over from a crash), or starts one with an
 * append-only file fsynced at every write, on a free loopback port. Throws `InputError` where `service` is set and
 * another service uses the folder, or where no server program is installed.
 */
export async function openEmbeddedRedis(dataDir: string, { service = false } = {}): Promise<EmbeddedRedis> {
  const dir = join(dataDir, 'redis');
  await mkdir(dir, { recursive: true, mode: 0o700 });
  return withFolderLock(dir, async () => {
    const before = await readRun(dir);
    const alive = before !== undefined && (await answers(before.url));
    if (service && alive && before.service && before.service !== process.pid && isRunning(before.service)) {
      throw new InputError(
        `${dir}: another Munadi service (process ${before.service}) uses this folder. Stop it first, or give this one another folder by the setting "data".`,
        { code: 'folder-in-use' },
      );
    }
    const record = alive ? before : await startServer(dir, before);
    if (service || !alive) await writeRun(dir, { ...record, ...(service ? { service: process.pid } : {}) });
    // The named connection marks this process as a user of the server for as long as it lives.
    users += 1;
    const name = `munadi-${process.pid}-${users}`;
    const marker = connectRedis(record.url, { name });
    await marker.connect();
    return {
      url: record.url,
      joined: alive,
      revive: () => revive(dir, record),
      close: () => leave(dir, marker, name),
    };
  });
}

async function revive(dir: string, record: RunRecord): Promise<void> {
  await withFolderLock(dir, async () => {
    const now = (await readRun(dir)) ?? record;
    if (await answers(now.url)) return;
    await writeRun(dir, { ...now, ...(await startServer(dir, now)) });
  });
}

async function leave(dir: string, marker: Redis, name: string): Promise<void> {
  await withFolderLock(dir, async () => {
    try {
      if (marker.status !== 'ready') return;
      const clients = String(await marker.client('LIST'));
      if ([...clients.matchAll(/ name=(munadi-\d+-\d+) /g)].some(([, other]) => other !== name)) return;
      // Otherwise ioredis waits for the server to come back.
      marker.options.retryStrategy = () => null;
      await marker.shutdown().catch(() => {});
      const record = await readRun(dir);
      while (record && isRunning(record.pid)) await delay(20);
      await rm(join(dir, 'run.json'), { force: true });
    } finally {
      marker.disconnect();
    }
  });
}

/** At the address of the server before it, where that is free. */
async function startServer(dir: string, before: RunRecord | undefined): Promise<RunRecord> {
  if (before && isRunning(before.pid) && (await listens(before.url))) {
    // Two servers on one folder would ruin its files.
    throw new InputError(
      `The Redis of ${dir} (process ${before.pid}) runs, but does not answer. Wait until it does, or end it.`,
      { code: 'redis-unreachable', status: 503 },
    );
  }
  const last = before && URL.parse(before.url);
  const password = last?.password || randomBytes(24).toString('hex');
  for (let attempt = last?.port ? 0 : 1; ; attempt += 1) {
    const port = attempt === 0 ? Number(last?.port) : await freePort();
    const url = `redis://:${password}@127.0.0.1:${port}`;
    const exit = await run(dir, configuration(dir, port, password), url);
    if (typeof exit !== 'string') return { pid: exit.pid, url, startedAt: new Date().toISOString() };
    if (attempt === 3 || !/in use|bind/i.test(exit)) {
      throw new Error(`The embedded Redis in ${dir} did not start. Its last words: ${exit}`);
    }
  }
}

/** By standard input, so that the password shows in no process list. */
function configuration(dir: string, port: number, password: string): string {
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `requirepass ${password}`,
    `dir ${JSON.stringify(dir)}`,
    'logfile redis.log',
    'appendonly yes',
    'appendfsync always',
    'save ""',
    'maxmemory-policy noeviction',
    'hash-max-listpack-value 512',
    'daemonize no',
    '',
  ].join('\n');
}

/** Resolves to the running server, or to what it said before it ended. */
async function run(dir: string, configText: string, url: string): Promise<{ pid: number } | string> {
  for (const program of ['redis-server', 'valkey-server']) {
    // Detached: Ctrl-C in a terminal must not stop Redis before the workers have drained.
    const child = spawn(program, ['-'], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    let ended: string | undefined;
    child.once('error', (error: NodeJS.ErrnoException) => {
      ended = error.code ?? error.message;
    });
    child.once('exit', (code) => {
      ended = `exit code ${code}`;
    });
    child.stdin.on('error', () => {});
    child.stdin.end(configText);
    child.unref();
    for (;;) {
      if (ended === undefined && (await answers(url)) && child.pid) return { pid: child.pid };
      if (ended === 'ENOENT') break;
      if (ended !== undefined) {
        const log = await readFile(join(dir, 'redis.log'), 'utf8').catch(() => '');
        return `${ended}; ${log.trim().split('\n').slice(-3).join(' | ')}`;
      }
      await delay(15);
    }
  }
  throw new InputError(
    'No redis-server and no valkey-server is installed. Run "npm start" once (it installs one), or set REDIS_URL to a Redis of yours, or use "docker compose up".',
    { code: 'no-redis' },
  );
}

async function answers(url: string): Promise<boolean> {
  const probe = connectRedis(url, { name: 'munadi-probe', patience: 'fail' });
  probe.options.retryStrategy = () => null;
  try {
    await probe.connect();
    return (await probe.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    probe.disconnect();
  }
}

function listens(url: string): Promise<boolean> {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

async function readRun(dir: string): Promise<RunRecord | undefined> {
  const text = await readFile(join(dir, 'run.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as RunRecord;
  } catch {
    return undefined;
  }
}

async function writeRun(dir: string, record: RunRecord): Promise<void> {
  const temporary = join(dir, `run.json.${process.pid}`);
  await writeFile(temporary, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await rename(temporary, join(dir, 'run.json'));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
