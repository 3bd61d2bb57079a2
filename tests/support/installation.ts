import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/config.ts';
import type { Account, Channel } from '../../src/core/channel.ts';
import { platforms } from '../../src/platforms/index.ts';
import { openRuntime, type Runtime } from '../../src/runtime/open.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import type { ClaimRequest } from '../../src/store/claims.ts';
import type { Settlement } from '../../src/store/deliveries.ts';

/** A whole installation for one test file: real Redis in a temporary folder, and the sandbox in this process. */
export interface Installation {
  config: Config;
  runtime: Runtime;
  sandbox: Sandbox;
  close(): Promise<void>;
}

export async function openInstallation(change: (config: Config) => Config = (config) => config): Promise<Installation> {
  const folder = await mkdtemp(join(tmpdir(), 'munadi-test-'));
  const sandbox = await startSandbox();
  const config = change(testConfig(folder, sandbox.roots));
  const runtime = await openRuntime(config, { logLevel: 'silent' });
  return {
    config,
    runtime,
    sandbox,
    async close() {
      await runtime.close();
      await sandbox.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** One account and one channel per platform, all posting to `roots`. */
export function testConfig(dataDir: string, roots: Record<string, string>): Config {
  const ids = Object.keys(platforms);
  const accounts = ids.map(
    (id): Account => ({
      id: `${id}-main`,
      platform: id,
      apiRoot: roots[id] ?? '',
      sandbox: false,
      settings: { ...platforms[id]?.example.account },
    }),
  );
  const channels = ids.map(
    (id): Channel => ({
      id: `${id}-ar`,
      platform: id,
      account: `${id}-main`,
      filters: {},
      unconfirmed: 'hold',
      settings: { ...platforms[id]?.example.channel },
    }),
  );
  return {
    file: 'test.yaml',
    dataDir,
    redis: { prefix: 'munadi' },
    timezone: 'UTC',
    http: { host: '127.0.0.1', port: 0 },
    accounts: Object.fromEntries(accounts.map((account) => [account.id, account])),
    channels,
    reliability: {
      leaseMs: 60_000,
      requestTimeoutMs: 1_500,
      quarantineMs: 400,
      maxAttempts: 5,
      backoffMs: 20,
      maxBackoffMs: 100,
      failuresToRest: 0,
      restMs: 500,
    },
    priorities: { breaking: { tags: [], sections: [], keywords: [] }, low: { tags: [], sections: [], keywords: [] } },
    limits: { enabled: false, marginMs: 30, catchUp: { afterMs: 900_000, rates: [] }, platforms: {}, accounts: {} },
    budgets: {},
    schedules: [],
    fetch: { allow: ['127.0.0.1/32'], ports: [80, 443], timeoutMs: 2_000, maxBytes: 10_000_000 },
    workers: { concurrency: 20 },
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
    duplicates: { near: 'post', threshold: 0.55, windowMs: 3 * 86_400_000 },
    retention: { days: 30, statusDays: 7 },
    log: { level: 'silent' },
  };
}

let serial = 0;

/** An Arabic article, another one each time. */
export function draftArticle(change: Partial<ArticleDraft> = {}): ArticleDraft {
  serial += 1;
  return {
    title: `بلدية المدينة تفتتح الحديقة رقم ${serial} على ضفة النهر`,
    paragraphs: [
      `افتتحت بلدية المدينة صباح السبت حديقة جديدة على ضفة النهر هي الحديقة رقم ${serial} في الحي القديم.`,
      'وقال رئيس البلدية إن “الأشجار زُرعت بأيدي تلاميذ المدارس”، مشيرا إلى أن الدخول مجاني.',
    ],
    language: 'ar',
    direction: 'rtl',
    images: [],
    tags: [],
    ...change,
  };
}

/** A claim on a delivery of `x-ar`. */
export const claimOf = (id: string, token: string, change: Partial<ClaimRequest> = {}): ClaimRequest => ({
  id,
  token,
  postHash: 'h',
  total: 1,
  account: 'x-main',
  channel: 'x-ar',
  staleAfterMs: undefined,
  way: 'hold',
  scopes: '',
  charge: '',
  whenSpent: 'hold',
  hours: '',
  needsApproval: false,
  collects: false,
  ...change,
});

/** The part `part` of `total` went live, as the attempt `token` knows. */
export const liveOf = (
  id: string,
  token: string,
  { part = 0, total = 1, remoteId }: { part?: number; total?: number; remoteId?: string } = {},
): Settlement => ({
  id,
  token,
  state: 'live',
  part,
  total,
  receipt: { remoteId: remoteId ?? `${id}/${part}`, at: '2026-01-01T00:00:00.000Z' },
});

/** The attempt `token` failed. */
export const failureOf = (
  id: string,
  token: string,
  state: 'retryable' | 'unconfirmed' | 'rejected' | 'discarded',
  change: { waitMs?: number; held?: boolean; code?: string } = {},
): Settlement => {
  const { code = null, ...rest } = change;
  return {
    id,
    token,
    state,
    failure: { class: 'unconfirmed', code, reason: 'test', at: '2026-01-01T00:00:00.000Z' },
    ...rest,
  };
};
