import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxPost } from '../../../src/sandbox/index.ts';
import type { Running } from '../../support/command.ts';
import { freePort } from '../../support/free-port.ts';
import { project } from '../faults/plan.ts';
import { type Household, openHousehold } from '../faults/processes.ts';
import { configOf, platformDelayMs, processes } from './plan.ts';

export const platforms = ['telegram', 'x', 'whatsapp', 'facebook'];

/** An API, the articles' worker, a sandbox and workers, each a process of its own. */
export interface Site {
  /** Starts the workers of the platforms; resolves when they work. */
  work(): Promise<void>;
  /** Stops them. */
  rest(): Promise<void>;
  /** Hands an article over. Resolves to its id. */
  post(article: { title: string; paragraphs: string[] }): Promise<string>;
  /** Resolves once every delivery of the article is published. */
  published(id: string): Promise<void>;
  /** Jobs in the queues. */
  queued(): Promise<number>;
  /** What a platform accepted. */
  posts(platform: string): Promise<SandboxPost[]>;
  close(): Promise<void>;
}

/** Often enough not to wait for long, and seldom enough to take nothing from what is timed. */
const pollMs = 25;
const patienceMs = 60_000;

export async function openSite(): Promise<Site> {
  const household = await openHousehold(project);
  try {
    return await furnish(household);
  } catch (error) {
    await household.close();
    throw error;
  }
}

async function furnish(household: Household): Promise<Site> {
  const ready = await household.run(['sandbox', '--port', '0', '--json']).ready<Record<string, { apiRoot: string }>>();
  const roots = Object.fromEntries(platforms.map((id) => [id, ready[id]?.apiRoot ?? '']));
  for (const id of platforms) {
    await ask(`${roots[id]}/_sandbox/faults`, 'PUT', {
      allowDuplicates: true,
      rules: [{ fault: { kind: 'delay', ms: platformDelayMs } }],
    });
  }
  const port = await freePort();
  const address = `http://127.0.0.1:${port}`;
  const file = await household.write('munadi.yaml', JSON.stringify(configOf(roots, port)));
  await household.run(['api', '--json', '--config', file]).ready();
  await household.run(['worker', 'articles', '--json', '--config', file]).ready();
  let workers: Running[] = [];

  return {
    async work() {
      workers = Array.from({ length: processes }, () =>
        household.run(['worker', ...platforms, '--json', '--config', file]),
      );
      await Promise.all(workers.map((one) => one.ready()));
    },
    async rest() {
      await Promise.all(workers.splice(0).map((one) => one.stop('SIGTERM')));
    },
    async post(article) {
      const { article: stored } = (await ask(`${address}/api/articles`, 'POST', { ...article, language: 'ar' })) as {
        article: { id: string };
      };
      return stored.id;
    },
    async published(id) {
      const end = performance.now() + patienceMs;
      for (;;) {
        const { deliveries } = (await ask(`${address}/api/articles/${id}`)) as { deliveries: { state: string }[] };
        if (deliveries.every(({ state }) => state === 'published')) return;
        if (performance.now() > end) throw new Error(`Article ${id} was not published: ${JSON.stringify(deliveries)}`);
        await delay(pollMs);
      }
    },
    async queued() {
      const metrics = await (await fetch(`${address}/metrics`, { signal: AbortSignal.timeout(20_000) })).text();
      const counts = [...metrics.matchAll(/^munadi_queue_jobs\{.*\} (\d+)$/gm)].map(([, count]) => Number(count));
      return counts.reduce((sum, count) => sum + count, 0);
    },
    posts: async (platform) => (await ask(`${roots[platform]}/_sandbox/posts`)) as SandboxPost[],
    close: household.close,
  };
}

async function ask(url: string, method = 'GET', body?: object): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    ...(body ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) } : {}),
    signal: AbortSignal.timeout(20_000),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
