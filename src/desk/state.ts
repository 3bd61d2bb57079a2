import type { Article } from '../core/article.ts';
import type { Delivery, DeliveryState } from '../core/delivery.ts';
import { platforms } from '../platforms/index.ts';
import type { Stores } from '../runtime/stores.ts';
import { listPresences, type Presence } from '../store/presence.ts';

/** How things stand, as `munadi status` and the desk show it. */
export interface Overview {
  deliveries: Record<DeliveryState, number>;
  queues: Record<string, Record<string, number>>;
  paused: { kind: 'account' | 'channel'; id: string; reason: string }[];
  /** The newest that may be live and wait for a person. */
  held: Delivery[];
  /** The newest that ended without being posted. */
  failed: Delivery[];
  processes: Presence[];
  /** Addresses of the sandbox, where one runs. */
  sandbox: Record<string, string> | null;
}

export async function readOverview({ redis, deliveries, queues, pauses }: Stores, prefix: string): Promise<Overview> {
  const processes = await listPresences(redis, prefix);
  const ids = Object.keys(platforms);
  const counts = await Promise.all(ids.map((id) => queues.counts(id)));
  const failed = await Promise.all([deliveries.list('rejected', 20), deliveries.list('discarded', 20)]);
  return {
    deliveries: await deliveries.counts(),
    queues: Object.fromEntries(ids.map((id, index) => [id, counts[index] ?? {}])),
    paused: await pauses.list(),
    held: await deliveries.list('unconfirmed', 20),
    failed: failed.flat(),
    processes,
    sandbox: processes.find(({ sandbox }) => sandbox)?.sandbox ?? null,
  };
}

/** A delivery with the headline of its article. */
export type TitledDelivery = Delivery & { title: string; direction: Article['direction'] };

/** What the desk lists, beside the overview. */
export interface Desk {
  overview: Overview;
  waiting: TitledDelivery[];
  held: TitledDelivery[];
  failed: TitledDelivery[];
  published: TitledDelivery[];
}

export async function readDesk(stores: Stores, prefix: string): Promise<Desk> {
  const { deliveries, articles } = stores;
  const overview = await readOverview(stores, prefix);
  const waiting: Delivery[] = [];
  // In the order of their way, so that one that moves on meanwhile is not missed.
  for (const state of ['scheduled', 'retryable', 'sending'] as const)
    waiting.push(...(await deliveries.list(state, 20)));
  const lists = {
    waiting: [...new Map(waiting.map((delivery) => [delivery.id, delivery])).values()],
    held: overview.held,
    failed: overview.failed,
    published: await deliveries.list('published', 30),
  };
  const ids = [...new Set(Object.values(lists).flatMap((list) => list.map(({ article }) => article)))];
  const stories = new Map(await Promise.all(ids.map(async (id) => [id, await articles.get(id)] as const)));
  const titled = (list: Delivery[]) =>
    list.map((delivery): TitledDelivery => {
      const { title = delivery.article, direction = 'ltr' } = stories.get(delivery.article) ?? {};
      return { ...delivery, title, direction };
    });
  return {
    overview,
    waiting: titled(lists.waiting),
    held: titled(lists.held),
    failed: titled(lists.failed),
    published: titled(lists.published),
  };
}

/** An article with its deliveries, by the article's id or that of one of its deliveries. */
export async function readArticleState(
  { articles, deliveries }: Pick<Stores, 'articles' | 'deliveries'>,
  id: string,
): Promise<{ article: Article; deliveries: Delivery[] } | undefined> {
  const [delivery] = await deliveries.get([id]);
  const article = await articles.get(delivery?.article ?? id);
  if (!article) return undefined;
  return { article, deliveries: await deliveries.get(await articles.deliveryIds(article.id)) };
}
