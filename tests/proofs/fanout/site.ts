import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
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
