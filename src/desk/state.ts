import { resolve } from 'node:path';
import type { Article } from '../core/article.ts';
import { type Delivery, type DeliveryState, type HistoryEntry, isLeftOut } from '../core/delivery.ts';
import type { Post } from '../core/post.ts';
import type { BudgetState } from '../limits/forecast.ts';
import { stepsOf } from '../pipeline/steps.ts';
import { platforms } from '../platforms/index.ts';
import type { Stores } from '../runtime/stores.ts';
import type { SkippedTwin } from '../store/articles.ts';
import type { FeedState } from '../store/feeds.ts';
import { listPresences, type Presence } from '../store/presence.ts';
import { type Asked, readAsked } from './approvals.ts';
import { type ConfigState, readConfigState } from './config-state.ts';
import { readAskedDeletions, type TitledDeletion } from './retractions.ts';

/** How things stand, as `munadi status` and the desk show it. */
export interface Overview {
  deliveries: Record<DeliveryState, number>;
  queues: Record<string, Record<string, number>>;
  paused: { kind: 'account' | 'channel'; id: string; reason: string }[];
  /** Those that may be live and wait for a person, longest first. */
  held: Delivery[];
  /** The newest that may be live and are being settled with the platform. */
  asking: Delivery[];
  /** How many of each there are in all; `oldestHeldAt` as ISO 8601. */
  unconfirmed: { held: number; asking: number; oldestHeldAt: string | null };
  /** The newest that ended without being posted, those aside that a rule of their channel left out. */
  failed: Delivery[];
  /** Those that wait for a person to say yes, longest first. */
  approvals: Delivery[];
  /** Articles that are gone at their source, of which a person is asked. */
  deletions: TitledDeletion[];
  /** How the feeds of this configuration do. */
  feeds: FeedState[];
  /** What the accounts have spent of their budgets. */
  budgets: BudgetState[];
  /** Which configuration holds, and where it does not. */
  config: ConfigState;
  processes: Presence[];
  /** Addresses of the sandbox, where one runs. */
  sandbox: Record<string, string> | null;
}

const shown = 20;
/** Among the newest so many unconfirmed ones, those are looked for that no person has to settle. */
const lookedThrough = 1_000;

export async function readOverview(
  { redis, articles, deliveries, deletions, approvals, queues, pauses, budgets, feedStates }: Stores,
  prefix: string,
): Promise<Overview> {
  const processes = await listPresences(redis, prefix);
  const ids = Object.keys(platforms);
  const counts = await Promise.all(ids.map((id) => queues.counts(id)));
  const failed = await Promise.all([deliveries.list('rejected', shown), deliveries.list('discarded', shown)]);
  const states = await deliveries.counts();
  const { held, sinceMs } = await deliveries.heldCount();
  const unconfirmed = await deliveries.list('unconfirmed', lookedThrough);
  return {
    deliveries: states,
    queues: Object.fromEntries(ids.map((id, index) => [id, counts[index] ?? {}])),
    paused: await pauses.list(),
    held: await deliveries.held(shown),
    asking: unconfirmed.filter((one) => !one.held).slice(0, shown),
    unconfirmed: {
      held,
      asking: Math.max(0, states.unconfirmed - held),
      oldestHeldAt: sinceMs === undefined ? null : new Date(sinceMs).toISOString(),
    },
    failed: failed.flat().filter((delivery) => !isLeftOut(delivery)),
    approvals: await approvals.list(shown),
    deletions: await readAskedDeletions({ articles, deletions }),
    feeds: await feedStates(),
    budgets: await budgets(),
    config: await readConfigState(redis, prefix, processes),
    processes,
    sandbox: processes.find(({ sandbox }) => sandbox)?.sandbox ?? null,
  };
}

/** Since when a delivery has been in doubt (ISO 8601). */
export function inDoubtSince({ failure, dueAt }: Delivery): string {
  return failure?.at ?? dueAt;
}

const usualFile = resolve(import.meta.dirname, '../../config/munadi.yaml');

/** The two commands that settle a held delivery, for an installation with this configuration file. */
export function settleCommands(id: string, file: string): { published: string; notPublished: string } {
  return {
    published: commandLine(`resolve ${id} --published URL`, file),
    notPublished: commandLine(`resolve ${id} --not-published`, file),
  };
}

/** The two commands for a post that waits for a person. */
export function decisionCommands(id: string, file: string): { yes: string; no: string } {
  return { yes: commandLine(`approve ${id}`, file), no: commandLine(`reject ${id}`, file) };
}

/** The two commands for an article that is gone at its source. */
export function deletionCommands(article: string, file: string): { retract: string; keep: string } {
  return {
    retract: commandLine(`retract ${article}`, file),
    keep: commandLine(`retract ${article} --keep`, file),
  };
}

/** The command that sends a failed delivery again; of all that have failed, with `--failed` as the id. */
export function retryCommand(id: string, file: string): string {
  return commandLine(`retry ${id}`, file);
}

/** A command for an installation with this configuration file. */
export function commandLine(words: string, file: string): string {
  const quoted = /^[\w./-]+$/.test(file) ? file : `'${file.replaceAll("'", `'\\''`)}'`;
  const config = resolve(file) === usualFile ? '' : ` --config ${quoted}`;
  return `npm run -s munadi -- ${words}${config}`;
}

/** A delivery with the headline of its article. */
export type TitledDelivery = Delivery & { title: string; direction: Article['direction'] };

/** A held delivery with what is in doubt: the text of that part (an index), where it is still stored. */
export type HeldDelivery = TitledDelivery & { text: string | null; part: number; partCount: number };

/** What the desk lists, beside the overview. */
export interface Desk {
  overview: Overview;
  /** Configuration file of this process. */
  file: string;
  /** Posts that wait for a person to say yes. */
  asked: Asked[];
  waiting: TitledDelivery[];
  held: HeldDelivery[];
  asking: TitledDelivery[];
  failed: TitledDelivery[];
  published: TitledDelivery[];
}

export async function readDesk(stores: Stores, prefix: string, file = usualFile): Promise<Desk> {
  const { deliveries, articles } = stores;
  const overview = await readOverview(stores, prefix);
  const waiting: Delivery[] = [];
  // In the order of their way, so that one that moves on meanwhile is not missed.
  for (const state of ['scheduled', 'retryable', 'sending'] as const)
    waiting.push(...(await deliveries.list(state, shown)));
  const lists = {
    waiting: [...new Map(waiting.map((delivery) => [delivery.id, delivery])).values()],
    held: overview.held,
    asking: overview.asking,
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
    file,
    asked: await readAsked(stores, shown),
    waiting: titled(lists.waiting),
    held: await Promise.all(titled(lists.held).map((delivery) => withText(stores, delivery))),
    asking: titled(lists.asking),
    failed: titled(lists.failed),
    published: titled(lists.published),
  };
}

async function withText(stores: Stores, delivery: TitledDelivery): Promise<HeldDelivery> {
  const history = await stores.deliveries.history(delivery.id);
  const hash = history.findLast(({ event, post }) => event === 'sending' && post !== undefined)?.post;
  const post = hash === undefined ? undefined : await stores.articles.post(delivery.article, hash);
  const part = delivery.parts.length;
  const step = post && stepsOf(post)[part];
  const text = step && step.do !== 'remove' ? post.parts[step.part]?.text : undefined;
  return { ...delivery, part, partCount: post ? stepsOf(post).length : 1, text: text ?? null };
}

/** An article with its deliveries; `retracted`: when it was retracted (ISO 8601), and why. */
export interface ArticleState {
  article: Article;
  retracted?: { at: string; why: string };
  deliveries: Delivery[];
}

/** An article with its deliveries, by the article's id or that of one of its deliveries. */
export async function readArticleState(
  { articles, deliveries, followUps }: Pick<Stores, 'articles' | 'deliveries' | 'followUps'>,
  id: string,
): Promise<ArticleState | undefined> {
  const [delivery] = await deliveries.get([id]);
  const article = await articles.get(delivery?.article ?? id);
  if (!article) return undefined;
  const retracted = await followUps.retracted(article.id);
  return {
    article,
    ...(retracted ? { retracted } : {}),
    deliveries: await deliveries.get(await articles.deliveryIds(article.id)),
  };
}

/** A delivery with its way, and the posts that were said on it by their hash. */
export type DeliveryStory = Delivery & { history: HistoryEntry[]; posts: Record<string, Post> };

/** Everything that is known of one delivery; undefined where it is not stored. */
export async function readDeliveryStory(
  stores: Pick<Stores, 'articles' | 'deliveries'>,
  id: string,
): Promise<DeliveryStory | undefined> {
  const [delivery] = await stores.deliveries.get([id]);
  return delivery && toStory(stores, delivery);
}

/** An article with the stories of its deliveries. `acceptedAt` as ISO 8601. */
export interface ArticleStory {
  article: Article;
  acceptedAt: string | null;
  /** Why the other channels did not take it when it was accepted, by channel. */
  left: Record<string, string>;
  /** When it was retracted (ISO 8601), and why; absent: it was not. */
  retracted?: { at: string; why: string };
  /** What came later, told the same, and was not accepted because of this article; oldest first. Absent: nothing. */
  twins?: SkippedTwin[];
  deliveries: DeliveryStory[];
}

/**
 * The whole story of an article, by its id; or of one delivery, by that one's. By the id of an article that was not
 * accepted since another one tells the same: the story of that one.
 */
export async function readArticleStory(
  stores: Pick<Stores, 'articles' | 'deliveries' | 'followUps'>,
  id: string,
): Promise<ArticleStory | undefined> {
  const { articles } = stores;
  const state =
    (await readArticleState(stores, id)) ?? (await readArticleState(stores, (await articles.skippedFor(id)) ?? id));
  if (!state) return undefined;
  const twins = await articles.skippedTwins(state.article.id);
  const wanted = state.deliveries.some((one) => one.id === id)
    ? state.deliveries.filter((one) => one.id === id)
    : state.deliveries;
  return {
    article: state.article,
    acceptedAt: (await articles.acceptedAt(state.article.id)) ?? null,
    left: await articles.left(state.article.id),
    ...(state.retracted ? { retracted: state.retracted } : {}),
    ...(twins.length > 0 ? { twins } : {}),
    deliveries: await Promise.all(wanted.map((one) => toStory(stores, one))),
  };
}

async function toStory(
  { articles, deliveries }: Pick<Stores, 'articles' | 'deliveries'>,
  delivery: Delivery,
): Promise<DeliveryStory> {
  const history = await deliveries.history(delivery.id);
  const hashes = [...new Set(history.flatMap(({ post }) => (post === undefined || post === '' ? [] : [post])))];
  const posts: Record<string, Post> = {};
  for (const hash of hashes) {
    const post = await articles.post(delivery.article, hash);
    if (post) posts[hash] = post;
  }
  return { ...delivery, history, posts };
}
