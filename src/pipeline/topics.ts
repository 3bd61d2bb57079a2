import type { Article } from '../core/article.ts';
import type { Subscriptions } from '../core/subscriber.ts';
import type { Subscribers } from '../store/subscribers/index.ts';
import { accepts } from './accepts.ts';

/**
 * Bits of the topics that an article belongs to, in hex, as people's records have them; undefined: the account has no
 * topics. Topics that nobody has asked for yet have no bit.
 */
export async function topicBitsOf(
  people: Pick<Subscribers, 'topicBits'>,
  account: string,
  subscriptions: Subscriptions | undefined,
  article: Article,
): Promise<string | undefined> {
  if (!subscriptions || subscriptions.topics.length === 0) return undefined;
  const bits = await people.topicBits(account);
  let all = 0;
  for (const { id, filters } of subscriptions.topics) {
    const bit = bits.get(id);
    if (bit !== undefined && accepts(filters, article)) all |= 1 << bit;
  }
  return all.toString(16);
}
