import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import type { Delivery } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import type { Post } from '../core/post.ts';
import type { PriorityRules } from '../core/priority.ts';
import { priorities } from '../queue/queues.ts';
import type { ArticleDraft } from '../sources/index.ts';
import type { Articles, PlannedDelivery } from '../store/articles.ts';
import type { Deliveries } from '../store/deliveries.ts';
import type { FollowUps } from '../store/follow-ups.ts';
import { canonicalUrl, contentHash, hash } from './dedupe.ts';
import { checkChannels, checkEditorsWords, checkPictures } from './editor.ts';
import { acceptOnce, type DuplicateRules } from './near.ts';
import { plan } from './plan.ts';
import { priorityOf, type Ranked } from './priority.ts';

export interface IngestOptions {
  /** Channels asked for by hand, instead of all whose filters take the article. */
  channels?: readonly string[];
  breaking?: boolean;
  /** True where a rule of the config names the channels: one that cannot show the article is left out, not refused. */
  byRule?: boolean;
  /** Not before this (epoch ms). */
  at?: number;
  /** `Idempotency-Key`, with the raw request it came with. */
  idempotency?: { key: string; request: string | Uint8Array };
}

export interface Ingested {
  verdict: 'new' | 'duplicate' | 'replayed';
  article: Article;
  deliveries: Delivery[];
  /** Of a duplicate whose text is not quite the same: how much it is, 0 to 1. */
  likeness?: number;
}

export interface IngestDeps {
  articles: Articles;
  deliveries: Deliveries;
  channels: readonly Channel[];
  /** For articles that come without a priority. */
  priorities: PriorityRules;
  followUps: Pick<FollowUps, 'links' | 'retracted'>;
  duplicates: DuplicateRules;
  recipientsOf: (channel: Channel) => readonly string[] | undefined;
  /** Whether a post of the channel cannot be sent without a picture. */
  needsPicture: (channel: Channel) => boolean;
  isSandbox: (channel: Channel) => boolean;
  /** The clock of all processes (epoch ms). */
  now: () => number;
  /** Composes the post of a channel; throws `RejectedError` where the editor's words do not fit. */
  compose: (article: Article, channel: Channel) => Post;
}

/**
 * The article that a draft becomes: an id of its own or one derived from URL or content; the priority that was asked for,
 * or else its own, or else the one that the rules give it.
 */
export function toArticle(
  draft: ArticleDraft,
  { breaking = false, priorities }: { breaking?: boolean; priorities?: PriorityRules } = {},
): Article {
  const id =
    draft.id ??
    `a${hash(draft.url ? canonicalUrl(draft.url) : contentHash(draft.title, draft.paragraphs)).slice(0, 20)}`;
  return { ...draft, id, version: 1, ...ranked(draft, breaking, priorities) };
}

function ranked(draft: ArticleDraft, breaking: boolean, rules: PriorityRules | undefined): Ranked {
  if (breaking) return { priority: 'breaking' };
  if (draft.priority !== undefined) return { priority: draft.priority };
  return rules ? priorityOf(draft, rules) : { priority: 'normal' };
}

/**
 * Accepts an article: dedupes, plans and stores it with its deliveries in one atomic step. What is accepted is durable.
 * Throws `InputError` (422) for an unknown channel, for a channel asked for by hand that needs a picture the article lacks, and for an editor's summary or text that does not fit, (409) for an idempotency key used with another request.
 */
export async function ingest(deps: IngestDeps, draft: ArticleDraft, options: IngestOptions = {}): Promise<Ingested> {
  checkChannels(deps.channels, options.channels);
  const article = toArticle(draft, { ...options, priorities: deps.priorities });
  checkEditorsWords(article, deps, options.channels);
  if (!options.byRule) checkPictures(article, deps, options.channels);
  const keyHash = options.idempotency && hash(options.idempotency.key);
  const { reply, article: accepted } = await acceptOnce(deps, {
    article,
    ...planned(deps, article, options),
    urlHash: article.url ? hash(canonicalUrl(article.url)) : undefined,
    contentHash: contentHash(article.title, article.paragraphs),
    ...(options.idempotency && keyHash
      ? { idempotency: { keyHash, requestHash: hash(Buffer.from(options.idempotency.request).toString('base64')) } }
      : {}),
  });
  if (reply.verdict === 'conflict') {
    throw new InputError(
      'This Idempotency-Key was used before with another request. Use a new key for a new request.',
      { code: 'idempotency-conflict', status: 409 },
    );
  }
  if (reply.verdict === 'duplicate') await moveEmbargo(deps, draft, reply.article);
  const isNew = reply.verdict === 'new';
  const stored = isNew ? accepted : ((await deps.articles.get(reply.article)) ?? article);
  // Asking by hand for a channel that an article has not been to yet is a new wish, not a repetition.
  // What only tells the same was planned for such channels as an article of its own.
  if (reply.verdict === 'duplicate' && reply.likeness === undefined && options.channels)
    await extend(deps, stored, options);
  const ids = await deps.articles.deliveryIds(reply.article);
  const alike = reply.likeness === undefined ? {} : { likeness: reply.likeness };
  return { verdict: reply.verdict, article: stored, deliveries: await deps.deliveries.get(ids), ...alike };
}

/** Adds deliveries of the version that holds when they are stored. */
async function extend(deps: IngestDeps, article: Article, options: IngestOptions): Promise<void> {
  for (let current = article; ; ) {
    if ((await deps.articles.extend(planned(deps, current, options).deliveries)) === 'extended') return;
    current = (await deps.articles.get(article.id)) ?? current;
  }
}

/** The same article, by its own id, comes again with another embargo: that one holds. */
async function moveEmbargo({ articles }: IngestDeps, { id, embargoUntil }: ArticleDraft, known: string): Promise<void> {
  if (id !== known || embargoUntil === undefined) return;
  const before = (await articles.get(known))?.embargoUntil;
  const untilMs = Date.parse(embargoUntil);
  if (before === undefined || Date.parse(before) !== untilMs) await articles.embargo(known, untilMs);
}

function planned(
  deps: IngestDeps,
  article: Article,
  options: IngestOptions,
): { deliveries: PlannedDelivery[]; left: Record<string, string> } {
  const channelOf = new Map(deps.channels.map((channel) => [channel.id, channel]));
  const { plans, left } = plan(article, deps.channels, {
    recipientsOf: deps.recipientsOf,
    needsPicture: deps.needsPicture,
    now: deps.now(),
    ...(options.channels ? { only: options.channels } : {}),
    ...(options.at === undefined ? {} : { at: options.at }),
  });
  const deliveries = plans.map(({ id, dueMs, ...rest }) => ({
    delivery: id,
    article: article.id,
    version: article.version,
    ...rest,
    priority: priorities[article.priority],
    due: dueMs,
    ...(options.at === undefined ? {} : { wish: options.at }),
    sandbox: deps.isSandbox(channelOf.get(rest.channel) as Channel),
  }));
  return { deliveries, left };
}
