import type { Article } from '../core/article.ts';
import type { Delivery, DeliveryState } from '../core/delivery.ts';
import { platforms } from '../platforms/index.ts';
import type { Runtime } from '../runtime/open.ts';
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

export async function readOverview({ redis, config, deliveries, queues, pauses }: Runtime): Promise<Overview> {
  const processes = await listPresences(redis, config.redis.prefix);
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

/** An article with its deliveries, by the article's id or that of one of its deliveries. */
export async function readArticleState(
  { articles, deliveries }: Pick<Runtime, 'articles' | 'deliveries'>,
  id: string,
): Promise<{ article: Article; deliveries: Delivery[] } | undefined> {
  const [delivery] = await deliveries.get([id]);
  const article = await articles.get(delivery?.article ?? id);
  if (!article) return undefined;
  return { article, deliveries: await deliveries.get(await articles.deliveryIds(article.id)) };
}
