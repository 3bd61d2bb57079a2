import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import type { RecipientRow } from '../../../src/core/fanout.ts';
import { openFanouts } from '../../../src/store/fanout/index.ts';
import { readBatch } from '../../../src/store/fanout/read.ts';
import type { Running } from '../../support/command.ts';
import { freePort } from '../../support/free-port.ts';
import { credentials, type Household, openHousehold } from '../faults/processes.ts';

/** Service, further workers and the sandbox, each a process, and how they are asked. */
export interface Site {
  household: Household;
  redis: Redis;
  /** Of the simulated WhatsApp. */
  sandbox: { root: string; pid: number };
  address: string;
  /** Worker processes, the service among them, by when they were started. */
  workers: Running[];
  startWorker(): Promise<Running>;
  ask<T>(url: string, init?: RequestInit): Promise<T>;
  /** Hands over an article to the list; its delivery's id. */
  post(title: string, more?: object): Promise<string>;
  list(delivery: string): Promise<ListState>;
  rows(delivery: string): Promise<RecipientRow[]>;
  /** Has so many people subscribe; their numbers. */
  subscribe(count: number): Promise<string[]>;
  /** Kills a process that sends, and starts another in its place. */
  replace(one: Running): Promise<void>;
  /** Ends all processes that send. */
  rest(): Promise<void>;
  /** Memory that Redis uses: in all; or, beside what was there before, what one list has left. */
  redisBytes(delivery?: string): Promise<number>;
  /** Has the list forget what is of no use once no statuses come any more. */
  compact(): Promise<void>;
  /** A request of the list, with NUMBER and DELIVERY in the place of what differs. */
  sampleBody(delivery: string): Promise<string>;
  close(): Promise<void>;
}

export interface ListState {
  state: string;
  list?: {
    total: number;
    isDone: boolean;
    states: Record<string, number>;
    held: number;
    statuses: Record<string, number>;
    failures: { code: string | null; count: number }[];
  };
}

/** Starts an installation whose list is everybody who subscribed, with so many processes that send. */
export async function openSite(tree: string, { workers, rate }: { workers: number; rate: string }): Promise<Site> {
  const household = await openHousehold(tree);
  try {
    const sandbox = household.run(['sandbox', '--port', '0', '--json']);
    const ready = await sandbox.ready<Record<string, { apiRoot: string }>>();
    const root = ready.whatsapp?.apiRoot ?? '';
    const port = await freePort();
    const config = {
      accounts: {
        wa: {
          ...{ platform: 'whatsapp', phoneNumberId: '1', accessToken: credentials.WA, apiRoot: root },
          ...{ appSecret: credentials.WS, verifyToken: credentials.WV },
        },
      },
      channels: [{ id: 'list', account: 'wa', subscribers: true, template: { name: 'news', language: 'ar' } }],
      limits: { enabled: true, whatsapp: { number: [rate], recipients: 'none' } },
      // Statuses are told within seconds here.
      reliability: { requestTimeout: '3s', lease: '8s', quarantine: '10s' },
      http: { port },
      log: { level: 'error' },
    };
    const file = await household.write('munadi.yaml', JSON.stringify(config));
    const all: Running[] = [household.run(['start', '--json', '--config', file])];
    await all[0]?.ready();
    const other = await household.write(
      'worker.yaml',
      JSON.stringify({ ...config, redis: { url: household.redis().url } }),
    );
    const redis = new Redis(household.redis().url);
    const address = `http://127.0.0.1:${port}`;
    const ask = async <T>(url: string, init: RequestInit = {}): Promise<T> => {
      const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) });
      if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
      return (await answer.json()) as T;
    };
    const site: Site = {
      household,
      redis,
      sandbox: { root, pid: sandbox.pid },
      address,
      workers: all,
      async startWorker() {
        const one = household.run(['worker', 'whatsapp', '--json', '--config', other]);
        all.push(one);
        await one.ready();
        return one;
      },
      ask,
      async post(title, more = {}) {
        const paragraphs = [`هذا نص الخبر الذي يصل كل مشترك مرة واحدة، وعنوانه ${title}.`];
        const body = JSON.stringify({ title, paragraphs, language: 'ar', ...more });
        const headers = { 'content-type': 'application/json' };
        const { deliveries } = await ask<{ deliveries: { id: string }[] }>(`${address}/api/articles`, {
          ...{ method: 'POST', headers, body },
        });
        return deliveries[0]?.id ?? '';
      },
      list: async (id) => (await ask<{ delivery: ListState }>(`${address}/api/deliveries/${id}`)).delivery,
      rows: async (id) => {
        const batches = Number(await redis.hget(`munadi:fanout:${id}`, 'batches'));
        const all: RecipientRow[] = [];
        for (let batch = 0; batch < batches; batch += 1) all.push(...(await readBatch(redis, 'munadi', id, batch)));
        return all;
      },
      async subscribe(count) {
        const people = Array.from({ length: count }, (_, index) => String(963_900_000_000 + index));
        const since = Math.floor(Date.now() / 1000).toString(16);
        for (let at = 0; at < count; at += 1_000) {
          const pipeline = redis.pipeline();
          for (const who of people.slice(at, at + 1_000)) pipeline.hset(bucketOf(who), who, `s||ar|${since}|1`);
          await pipeline.exec();
        }
        return people;
      },
      async replace(one) {
        const isService = all.indexOf(one) === 0;
        const index = all.indexOf(one);
        await one.stop('SIGKILL');
        const next = isService
          ? household.run(['start', '--json', '--config', file])
          : household.run(['worker', 'whatsapp', '--json', '--config', other]);
        all[index] = next;
        await next.ready();
      },
      async rest() {
        await Promise.all(all.slice(1).map((one) => one.stop('SIGTERM')));
      },
      async redisBytes(id) {
        if (id === undefined) return memoryOf(redis, '*');
        const [lists, jobs, own] = await Promise.all(
          [`munadi:fanout:${id}*`, `munadi:queue:whatsapp:${id}*`, 'munadi:people:*'].map((keys) =>
            memoryOf(redis, keys),
          ),
        );
        return (lists ?? 0) + (jobs ?? 0) + (own ?? 0);
      },
      async compact() {
        await openFanouts(redis, 'munadi', () => ({ failuresToRest: 0, restMs: 0 })).compact(Date.now() + 1_000);
      },
      async sampleBody(id) {
        const [post] = await ask<{ raw: Record<string, unknown> }[]>(`${root}/_sandbox/posts?fields=raw&from=0`);
        const { phone_number_id: _, ...raw } = post?.raw ?? {};
        return JSON.stringify({ ...raw, to: '+NUMBER', biz_opaque_callback_data: 'DELIVERY' }).replace(id, 'DELIVERY');
      },
      async close() {
        redis.disconnect();
        await household.close();
      },
    };
    for (let n = 1; n < workers; n += 1) await site.startWorker();
    return site;
  } catch (error) {
    await household.close();
    throw error;
  }
}

function bucketOf(who: string): string {
  const first = Number.parseInt(createHash('sha1').update(who).digest('hex').slice(0, 4), 16);
  return `munadi:people:wa:${Math.floor(first / 4)}`;
}

/** What the keys of a pattern take, as Redis counts it. */
async function memoryOf(redis: Redis, match: string): Promise<number> {
  let bytes = 0;
  let cursor = '0';
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', match, 'COUNT', 1_000);
    cursor = next;
    const pipeline = redis.pipeline();
    for (const key of keys) pipeline.memory('USAGE', key, 'SAMPLES', 0);
    for (const [, value] of (await pipeline.exec()) ?? []) bytes += Number(value ?? 0);
  } while (cursor !== '0');
  return bytes;
}

/** Resident memory of a process, in MiB. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
}

/** Processor time of a process so far, in seconds. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
