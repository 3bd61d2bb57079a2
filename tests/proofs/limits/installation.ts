import type { SandboxPost } from '../../../src/sandbox/index.ts';
import { freePort } from '../../support/free-port.ts';
import type { Household } from '../faults/processes.ts';
import { openHousehold } from '../faults/processes.ts';

/** Service, further workers and a sandbox that holds limits: all processes of their own. */
export interface Site {
  household: Household;
  startWorker(): Promise<void>;
  /** Base address of each simulated platform. */
  roots: Record<string, string>;
  address: string;
  /** Sets the sandbox's limits. */
  hold(platform: string, limits: object): Promise<void>;
  figures(platform: string): Promise<Figures>;
  /** What the platform accepted. */
  posts(platform: string): Promise<SandboxPost[]>;
  /** Hands over articles, each to the channels that take its tag. */
  post(tag: string, count: number, more?: object): Promise<void>;
  /** How many deliveries are in each state. */
  counts(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** What `GET /_sandbox/limits` gives. */
export interface Figures {
  refused: number;
  requests: number;
  scopes: {
    rate: string;
    scope: string;
    count: number;
    perMs: number;
    granted: number;
    refused: number;
    firstAt: number;
    lastAt: number;
    most: number;
    used: number;
  }[];
}

const platforms = ['telegram', 'x', 'whatsapp', 'facebook'];

/** Starts the installation from the tree `root`, with so many worker processes, the service's own among them. */
export async function openSite(
  root: string,
  { workers, config }: { workers: number; config: (roots: Record<string, string>) => object },
): Promise<Site> {
  const household = await openHousehold(root);
  try {
    const sandbox = household.run(['sandbox', '--port', '0', '--json']);
    const ready = await sandbox.ready<Record<string, { apiRoot: string }>>();
    const roots = Object.fromEntries(platforms.map((id) => [id, ready[id]?.apiRoot ?? '']));
    const port = await freePort();
    const address = `http://127.0.0.1:${port}`;
    const whole = { ...config(roots), http: { port }, log: { level: 'error' } };
    const file = await household.write('munadi.yaml', JSON.stringify(whole));
    await household.run(['start', '--json', '--config', file]).ready();
    const other = { ...whole, redis: { url: household.redis().url } };
    const own = await household.write('worker.yaml', JSON.stringify(other));
    const site = furnish(household, { roots, address, config: own });
    for (let n = 1; n < workers; n += 1) await site.startWorker();
    return site;
  } catch (error) {
    await household.close();
    throw error;
  }
}

function furnish(
  household: Household,
  { roots, address, config }: { roots: Record<string, string>; address: string; config: string },
): Site {
  let written = 0;
  const ask = async (url: string, init: RequestInit = {}): Promise<unknown> => {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(20_000) });
    if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  };

  return {
    household,
    async startWorker() {
      await household.run(['worker', ...platforms, '--json', '--config', config]).ready();
    },
    roots,
    address,
    async hold(platform, limits) {
      const headers = { 'content-type': 'application/json' };
      const put = (path: string, body: object) =>
        ask(`${roots[platform]}/_sandbox/${path}`, { method: 'PUT', headers, body: JSON.stringify(body) });
      await put('limits', { on: true, ...limits });
    },
    figures: async (platform) => (await ask(`${roots[platform]}/_sandbox/limits`)) as Figures,
    posts: async (platform) => (await ask(`${roots[platform]}/_sandbox/posts`)) as SandboxPost[],
    async post(tag, count, more = {}) {
      const headers = { 'content-type': 'application/json' };
      for (let n = 0; n < count; n += 1) {
        written += 1;
        const paragraphs = [`هذا هو الخبر رقم ${written} من سلسلة طويلة أُعدّت لقياس سرعة النشر وحدها.`];
        const body = JSON.stringify({
          title: `خبر القياس رقم ${written}`,
          paragraphs,
          language: 'ar',
          tags: [tag],
          ...more,
        });
        await ask(`${address}/api/articles`, { method: 'POST', headers, body });
      }
    },
    async counts() {
      const states = ['scheduled', 'retryable', 'sending', 'unconfirmed', 'rejected', 'discarded', 'published'];
      const text = await (await fetch(`${address}/metrics`, { signal: AbortSignal.timeout(20_000) })).text();
      const of = (name: string, state: string) =>
        Number(new RegExp(`${name}{state="${state}"} (\\d+)`).exec(text)?.[1] ?? 0);
      // A list is a delivery, and so is each of its people.
      const count = (state: string) => of('munadi_deliveries', state) + of('munadi_list_people', state);
      return Object.fromEntries(states.map((state) => [state, count(state)]));
    },
    close: household.close,
  };
}
