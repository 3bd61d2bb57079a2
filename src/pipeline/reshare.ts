import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import { priorities } from '../queue/queues.ts';
import type { ReshareWish } from '../schedule/action.ts';
import type { Articles } from '../store/articles.ts';
import type { Deliveries } from '../store/deliveries.ts';
import type { Evergreen } from '../store/evergreen.ts';
import { spelledName } from '../text/spelling.ts';
import { hash } from './dedupe.ts';
import { plan } from './plan.ts';

type Rule = Omit<ReshareWish, 'schedule' | 'tickMs'>;

export interface ReshareDeps {
  articles: Articles;
  deliveries: Deliveries;
  evergreen: Evergreen;
  recipientsOf: (channel: Channel) => readonly string[] | undefined;
  isSandbox: (channel: Channel) => boolean;
  /** The clock of all processes (epoch ms). */
  now: () => number;
}

const usualLeads: Record<string, readonly string[]> = {
  ar: ['من الأرشيف', 'للتذكير', 'قد يهمّك'],
  en: ['From our archive', 'In case you missed it', 'Worth another look'],
};

/** True where an article may be shared again. */
export function isEvergreen({ tags }: Article, rule: Pick<ReshareWish, 'tags'>): boolean {
  const wanted = rule.tags.map(spelledName);
  return tags.some((tag) => wanted.includes(spelledName(tag)));
}

/** Keeps articles that may be shared again by a rule. */
export function lookForEvergreen(
  { evergreen }: Pick<ReshareDeps, 'evergreen'>,
  { schedule, tags }: Pick<ReshareWish, 'schedule' | 'tags'>,
): Promise<void> {
  return evergreen.look(`${schedule}:${JSON.stringify(tags)}`, (article) => isEvergreen(article, { tags }));
}

/**
 * Shares one article again on a channel: the one that was there longest ago. It is an article of its own, low in priority,
 * with a lead before its headline. Resolves to its id; undefined: there is none to share. Safe to repeat within a tick.
 */
export async function reshare(
  deps: ReshareDeps,
  { schedule, tickMs, ...rule }: ReshareWish,
  channel: Channel,
): Promise<string | undefined> {
  await lookForEvergreen(deps, { schedule, tags: rule.tags });
  let oldest: { article: Article; times: number; lastMs: number } | undefined;
  for (const id of await deps.evergreen.list()) {
    const article = await deps.articles.get(id);
    if (!article || !isEvergreen(article, rule)) continue;
    const shared = (await deps.evergreen.reshared(channel.id, id)) ?? (await firstShared(deps, id, channel));
    // The same tick again finds what it did.
    if (shared?.lastMs === tickMs) return nameOf(article, channel, shared.times);
    if (!shared || shared.times >= rule.times || tickMs - shared.lastMs < rule.afterMs) continue;
    if (!oldest || shared.lastMs < oldest.lastMs) oldest = { article, ...shared };
  }
  if (!oldest) return undefined;
  const times = oldest.times + 1;
  const again = againOf(oldest.article, channel, { times, rule });
  if (!(await accept(deps, again, oldest.article.id, channel))) return undefined;
  await deps.evergreen.note(channel.id, oldest.article.id, { times, lastMs: tickMs });
  return again.id;
}

/** Lets go of articles that no rule wants any more, or that were shared as often as they may be. */
export async function releaseEvergreen(
  { articles, evergreen }: Pick<ReshareDeps, 'articles' | 'evergreen'>,
  rules: readonly (Pick<Rule, 'tags' | 'times'> & { channels: readonly string[] })[],
): Promise<void> {
  const over: string[] = [];
  for (const id of await evergreen.list()) {
    const article = await articles.get(id);
    let isWanted = false;
    for (const rule of rules.filter((one) => article && isEvergreen(article, one))) {
      for (const channel of rule.channels) {
        isWanted ||= ((await evergreen.reshared(channel, id))?.times ?? 0) < rule.times;
      }
    }
    if (!isWanted) over.push(id);
  }
  await evergreen.release(over);
}

/** When an article went out on a channel by itself; undefined: it did not. */
async function firstShared({ articles, deliveries }: ReshareDeps, id: string, channel: Channel) {
  const own = await deliveries.get(await articles.deliveryIds(id));
  const times = own
    .filter((delivery) => delivery.channel === channel.id && delivery.state === 'published')
    .map(({ receipt }) => Date.parse(receipt?.at ?? ''))
    .filter((ms) => !Number.isNaN(ms));
  return times.length === 0 ? undefined : { times: 0, lastMs: Math.max(...times) };
}

/** Ids of the articles as which one was shared again on a channel, as far as it may be. */
export async function repetitionsOf(evergreen: Evergreen, article: string, channel: string): Promise<string[]> {
  const times = (await evergreen.reshared(channel, article))?.times ?? 0;
  // The last one may be stored, and not be noted yet.
  return Array.from({ length: times + 1 }, (_, index) => nameOf({ id: article }, { id: channel }, index + 1));
}

function nameOf({ id }: Pick<Article, 'id'>, { id: channel }: Pick<Channel, 'id'>, times: number): string {
  return `again-${hash(`${id}\n${channel}`).slice(0, 16)}-${times}`;
}

function againOf(article: Article, channel: Channel, { times, rule }: { times: number; rule: Rule }): Article {
  const { texts: _texts, embargoUntil: _embargo, because: _because, ...rest } = article;
  const language = (channel.language ?? article.language).split('-')[0] ?? '';
  const leads = rule.leads ?? usualLeads[language] ?? (usualLeads.en as readonly string[]);
  const lead = leads[(times - 1) % leads.length];
  return {
    ...rest,
    id: nameOf(article, channel, times),
    version: 1,
    title: `${lead}: ${article.title}`,
    priority: 'low',
  };
}

/** False where the article was retracted meanwhile. */
async function accept(deps: ReshareDeps, article: Article, repeats: string, channel: Channel): Promise<boolean> {
  const { plans } = plan(article, [channel], { recipientsOf: deps.recipientsOf, now: deps.now(), only: [channel.id] });
  const { verdict } = await deps.articles.accept({
    article,
    kind: 'reshare',
    repeats,
    deliveries: plans.map(({ id, dueMs, ...rest }) => ({
      ...{ delivery: id, article: article.id, version: article.version, ...rest },
      ...{ priority: priorities[article.priority], due: dueMs, sandbox: deps.isSandbox(channel) },
    })),
    left: {},
    urlHash: undefined,
    contentHash: hash(article.id),
  });
  return verdict !== 'conflict';
}
