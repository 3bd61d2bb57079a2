import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery, HistoryEntry } from '../../../src/core/delivery.ts';
import type { SandboxPost } from '../../../src/sandbox/index.ts';
import type { Accepted } from './feed.ts';
import type { Installation } from './installation.ts';
import { platformIds } from './points.ts';

const pollMs = 250;
const patienceMs = 20_000;
const openStates = ['scheduled', 'sending', 'retryable', 'unconfirmed'];

/** Waits until every delivery is final or held. Resolves to how many were not when time was up. */
export async function untilSettled(
  { address }: Installation,
  { withinMs, say }: { withinMs: number; say(what: string): void },
): Promise<number> {
  const until = performance.now() + withinMs;
  let said = performance.now();
  for (;;) {
    const open = await Promise.all(openStates.map((state) => listOpen(address, state))).catch(() => undefined);
    const count = open?.flat().length ?? Number.NaN;
    if (count === 0 || performance.now() > until) return count;
    if (performance.now() - said > 5_000) {
      said = performance.now();
      say(
        `${count} deliveries are open: ${openStates.map((state, at) => `${open?.[at]?.length} ${state}`).join(', ')}`,
      );
    }
    await delay(pollMs);
  }
}

async function listOpen(address: string, state: string): Promise<Delivery[]> {
  const { deliveries } = await get<{ deliveries: Delivery[] }>(`${address}/api/deliveries?state=${state}&limit=1000`);
  return deliveries.filter(({ held }) => !held);
}

/** The stories of the first few deliveries that are open, for people. */
export async function tellOpen({ address, redis }: Installation): Promise<string[]> {
  const open = (await Promise.all(openStates.map((state) => listOpen(address, state)))).flat().slice(0, 3);
  return Promise.all(
    open.map(async ({ id, platform, state }) => {
      const { history } = await get<{ history: HistoryEntry[] }>(`${address}/api/deliveries/${id}`);
      const [record, job] = await Promise.all([
        redis.hgetall(`munadi:delivery:${id}`),
        redis.hgetall(`munadi:queue:${platform}:${id}`),
      ]);
      return JSON.stringify({ id, platform, state, history: history.slice(-6), record, job });
    }),
  );
}

/** Every delivery of the articles, as the API shows it. */
export async function readDeliveries(
  { address }: Pick<Installation, 'address'>,
  articles: readonly Pick<Accepted, 'id'>[],
): Promise<Map<string, Delivery>> {
  const found = new Map<string, Delivery>();
  const waiting = [...articles];
  async function reader(): Promise<void> {
    for (let article = waiting.pop(); article; article = waiting.pop()) {
      const deliveries = await readArticle(`${address}/api/articles/${article.id}`);
      for (const delivery of deliveries) found.set(delivery.id, delivery);
    }
  }
  await Promise.all(Array.from({ length: 8 }, reader));
  return found;
}

/** None where the article is gone; waits for a Redis that is away. */
async function readArticle(url: string): Promise<Delivery[]> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) }).catch(() => undefined);
    if (answer?.status === 404) return [];
    if (answer?.ok) return ((await answer.json()) as { deliveries: Delivery[] }).deliveries;
    if (performance.now() > until) throw new Error(`${url} answered ${answer?.status ?? 'nothing'}.`);
    await delay(pollMs);
  }
}

/** What the platforms took. */
export async function readPosts({ roots }: Pick<Installation, 'roots'>): Promise<Record<string, SandboxPost[]>> {
  const all = await Promise.all(platformIds.map((id) => get<SandboxPost[]>(`${roots[id]}/_sandbox/posts`)));
  return Object.fromEntries(platformIds.map((id, at) => [id, all[at] ?? []]));
}

async function get<Answer>(url: string): Promise<Answer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${(await answer.text()).slice(0, 200)}`);
  return (await answer.json()) as Answer;
}
