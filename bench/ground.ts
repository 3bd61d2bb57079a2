import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Config } from '../src/config/config.ts';
import type { Channel } from '../src/core/channel.ts';
import { platforms } from '../src/platforms/index.ts';
import { type EmbeddedRedis, openEmbeddedRedis } from '../src/store/embedded-redis.ts';

/** One Redis and one sandbox (in a process of its own), shared by both sides of a comparison. */
export interface Ground {
  redisUrl: string;
  roots: Record<string, string>;
  /** A config whose every platform has `channels` channels, each to a target of its own. */
  config(prefix: string, channels: number, concurrency: number): Config;
  /** Forgets what was posted, and lets equal texts through (both sides send the same text many times). */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function openGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'munadi-bench-'));
  const redis: EmbeddedRedis = await openEmbeddedRedis(folder);
  const { child, roots } = await startSandboxProcess();
  return {
    redisUrl: redis.url,
    roots,
    config: (prefix, channels, concurrency) => benchConfig(redis.url, folder, roots, { prefix, channels, concurrency }),
    async reset() {
      for (const root of Object.values(roots)) {
        await fetch(`${root}/_sandbox`, { method: 'DELETE' });
        await fetch(`${root}/_sandbox/faults`, { method: 'PUT', body: JSON.stringify({ allowDuplicates: true }) });
      }
    },
    async close() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await redis.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function startSandboxProcess(): Promise<{ child: ChildProcess; roots: Record<string, string> }> {
  const child = spawn(process.execPath, ['src/cli/main.ts', 'sandbox', '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), 'line')) as [string];
  const told = JSON.parse(line) as Record<string, { apiRoot: string }>;
  return { child, roots: Object.fromEntries(Object.entries(told).map(([id, { apiRoot }]) => [id, apiRoot])) };
}

function benchConfig(
  redisUrl: string,
  dataDir: string,
  roots: Record<string, string>,
  { prefix, channels, concurrency }: { prefix: string; channels: number; concurrency: number },
): Config {
  const ids = Object.keys(platforms);
  return {
    file: 'bench',
    dataDir,
    redis: { url: redisUrl, prefix },
    timezone: 'UTC',
    http: { host: '127.0.0.1', port: 0 },
    accounts: Object.fromEntries(
      ids.map((id) => [
        id,
        { id, platform: id, apiRoot: roots[id] ?? '', sandbox: false, settings: { ...platforms[id]?.example.account } },
      ]),
    ),
    channels: ids.flatMap((id) => Array.from({ length: channels }, (_, n) => channel(id, n))),
    reliability: {
      leaseMs: 60_000,
      requestTimeoutMs: 20_000,
      quarantineMs: 30_000,
      maxAttempts: 8,
      backoffMs: 2_000,
      maxBackoffMs: 600_000,
      failuresToRest: 0,
      restMs: 500,
    },
    priorities: { breaking: { tags: [], sections: [], keywords: [] }, low: { tags: [], sections: [], keywords: [] } },
    limits: { enabled: false, marginMs: 30, catchUp: { afterMs: 900_000, rates: [] }, platforms: {}, accounts: {} },
    budgets: {},
    schedules: [],
    fetch: { allow: [], ports: [80, 443], timeoutMs: 10_000, maxBytes: 10_000_000 },
    workers: { concurrency },
    alarms: {
      targets: { log: { to: 'log' } },
      wake: ['log'],
      day: ['log'],
      dayHours: { fromMinute: 0, toMinute: 24 * 60 },
      dedupeMs: 900_000,
      severity: {},
      breakingAfterMs: 60_000,
    },
    feeds: {},
    sources: {},
    deletions: { perHour: 3 },
    duplicates: { near: 'skip', threshold: 0.55, windowMs: 3 * 86_400_000 },
    retention: { days: 30, statusDays: 7 },
    log: { level: 'error' },
  };
}

function channel(platform: string, n: number): Channel {
  const settings = { ...platforms[platform]?.example.channel };
  if (platform === 'telegram') settings.chat = `@bench_channel_${n}`;
  if (platform === 'whatsapp') settings.recipients = [`+96390${String(n).padStart(7, '0')}`];
  return { id: `${platform}-${n}`, platform, account: platform, filters: {}, unconfirmed: 'hold', settings };
}
