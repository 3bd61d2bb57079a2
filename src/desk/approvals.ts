import type { Article } from '../core/article.ts';
import type { Delivery } from '../core/delivery.ts';
import type { Stores } from '../runtime/stores.ts';

/** A post that waits for a person to say yes: one article to one channel, to all its people. */
export interface Asked {
  article: string;
  title: string;
  direction: Article['direction'];
  priority: Article['priority'];
  channel: string;
  platform: string;
  sandbox: boolean;
  deliveries: string[];
  /** How many people would get it, of a list as of now; null where that is no number of people. */
  people: number | null;
  /** The text of each part, as it would go now; what keeps it from being composed, as `problem`. */
  texts: string[];
  problem?: string;
  /** What all of it costs, in the currency of the prices; 0 where no prices are known. */
  cost: number;
  /** When it is discarded if nobody says yes (ISO 8601); null: it waits. */
  expiresAt: string | null;
}

/** The longest waiting first; `limit`: of deliveries that are looked at. */
export async function readAsked(
  {
    approvals,
    articles,
    ingest,
    pacing,
    estimate,
  }: Pick<Stores, 'approvals' | 'articles' | 'ingest' | 'pacing' | 'estimate'>,
  limit: number,
): Promise<Asked[]> {
  const waiting = await approvals.list(limit);
  const groups = Map.groupBy(waiting, ({ article, channel }) => `${article}\n${channel}`);
  const asked = [...groups.values()].map(async (group): Promise<Asked | undefined> => {
    const [first] = group as [Delivery, ...Delivery[]];
    const article = await articles.get(first.article, first.version);
    const channel = ingest.channels.find(({ id }) => id === first.channel);
    if (!article) return undefined;
    const about = {
      article: article.id,
      title: article.title,
      direction: article.direction,
      priority: article.priority,
      channel: first.channel,
      platform: first.platform,
      sandbox: first.sandbox,
      deliveries: group.map(({ id }) => id),
      people: group.every(({ recipient }) => recipient === undefined) ? null : group.length,
      expiresAt: channel?.staleAfterMs === undefined ? null : first.dueAt,
    };
    if (!channel) return { ...about, texts: [], problem: 'The config has no such channel any more.', cost: 0 };
    try {
      const post = ingest.compose(article, channel);
      const cost = group.reduce((sum, { recipient }) => sum + pacing.cost(channel, recipient, post), 0);
      const list = await estimate(channel, article, post);
      return { ...about, texts: post.parts.map(({ text }) => text), cost, ...list };
    } catch (error) {
      return { ...about, texts: [], problem: (error as Error).message, cost: 0 };
    }
  });
  return (await Promise.all(asked)).filter((one) => one !== undefined);
}
