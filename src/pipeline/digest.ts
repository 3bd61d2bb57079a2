import type { Article, DigestItem } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import { type Delivery, finalStates, hasFailed } from '../core/delivery.ts';
import { RejectedError } from '../core/errors.ts';
import type { Post } from '../core/post.ts';
import { priorities } from '../queue/queues.ts';
import type { DigestWish } from '../schedule/action.ts';
import type { Articles } from '../store/articles.ts';
import type { Deliveries } from '../store/deliveries.ts';
import type { Digests, Ended, Gathered, Given } from '../store/digests.ts';
import { hash } from './dedupe.ts';
import { isSameStory } from './likeness.ts';
import { plan } from './plan.ts';
import { type RetractDeps, takeOut } from './retract.ts';

export interface DigestDeps {
  articles: Articles;
  deliveries: Deliveries;
  digests: Digests;
  /** To leave out what goes away meanwhile. */
  retract: RetractDeps;
  compose: (article: Article, channel: Channel) => Post;
  recipientsOf: (channel: Channel) => readonly string[] | undefined;
  isSandbox: (channel: Channel) => boolean;
  /** The clock of all processes (epoch ms). */
  now: () => number;
}

/** What came of it: how many entries the digest has; 0: nothing to tell, and nothing sent. */
export interface Digested {
  channel: string;
  digest?: string;
  entries: number;
  /** Gathered, and not among the best. */
  left: number;
}

const digestPrefix = 'digest-';

/** Whether an article may be a digest, by its id. */
export function isDigest(article: string): boolean {
  return article.startsWith(digestPrefix);
}

/**
 * Makes the digest of a channel: the best of what it has gathered, near-duplicates folded, as an article of its own with
 * deliveries to that channel. Safe to repeat: the same wish makes the same digest.
 */
export async function sendDigest(deps: DigestDeps, wish: DigestWish, channel: Channel): Promise<Digested> {
  const id = `${digestPrefix}${wish.schedule}-${channel.id}-${wish.tickMs}`;
  const gathered = await deps.digests.gathered(channel.id, wish.tickMs);
  const stored = await deps.articles.get(id);
  const groups = Map.groupBy(gathered, ({ delivery }) => delivery.article);
  const stories = await readStories(deps.articles, [...groups.keys()]);
  const choice = choose(stories, groups, { wish, channel, now: deps.now() });
  if (!stored && choice.best.length < Math.max(1, wish.least)) {
    await deps.digests.give(channel.id, id, leaveStale(choice, groups));
    return { channel: channel.id, entries: 0, left: 0 };
  }
  const { article, isOurs } = stored
    ? { article: stored, isOurs: false }
    : await accept(deps, shorten(deps, digestOf(id, wish, channel, choice.best), channel), channel);
  const items = new Set(article.digest?.map((item) => item.article));
  // Whoever stored it may have known of more, and may not have given it that yet.
  const late = isOurs ? [] : await deps.digests.gathered(channel.id, wish.tickMs);
  const told = [...gathered, ...late].filter(({ delivery }) => items.has(delivery.article));
  const left = isOurs ? gathered.filter(({ delivery }) => !items.has(delivery.article)) : [];
  await deps.digests.give(channel.id, id, [
    ...[...new Set(told.map(({ delivery }) => delivery.id))].map((one): Given => ({ id: one })),
    ...left.map(
      ({ delivery }): Given => ({
        id: delivery.id,
        left: choice.reasons.get(delivery.article) ?? {
          code: 'digest',
          reason: `Not among the best ${items.size} of its digest.`,
        },
      }),
    ),
  ]);
  await leaveOutGone(deps, article, channel);
  return { channel: channel.id, digest: id, entries: items.size, left: groups.size - items.size };
}

/**
 * What was retracted or corrected before the digest got hold of it is not told: nobody else knows that it is in there. Its
 * new version comes in another one.
 */
async function leaveOutGone({ retract }: DigestDeps, { id, digest = [] }: Article, channel: Channel): Promise<void> {
  const links = await Promise.all(digest.map(({ article }) => retract.followUps.links(article)));
  for (const [index, { article }] of digest.entries()) {
    const isOurs = links[index]?.some((link) => link.channel === channel.id && link.digest === id);
    if (!isOurs) await takeOut(retract, id, article);
  }
}

interface Choice {
  best: Article[];
  /** Why the others are not told, by article. */
  reasons: Map<string, NonNullable<Given['left']>>;
}

async function readStories(articles: Articles, ids: readonly string[]): Promise<Article[]> {
  const found = await Promise.all(ids.map((id) => articles.get(id)));
  return found.filter((article) => article !== undefined);
}

/** Breaking news first, then what is newest; of near-duplicates the better one. */
function choose(
  stories: readonly Article[],
  groups: ReadonlyMap<string, readonly Gathered[]>,
  { wish, channel, now }: { wish: DigestWish; channel: Channel; now: number },
): Choice {
  const plannedOf = ({ id }: Article) => groups.get(id)?.[0]?.plannedMs ?? 0;
  const reasons: Choice['reasons'] = new Map();
  const best: Article[] = [];
  const ranked = [...stories].sort(
    (one, other) =>
      priorities[one.priority] - priorities[other.priority] ||
      plannedOf(other) - plannedOf(one) ||
      (one.id < other.id ? -1 : 1),
  );
  for (const story of ranked) {
    const twin = best.find((other) => isSameStory(other, story));
    if (channel.staleAfterMs !== undefined && now > plannedOf(story) + channel.staleAfterMs) {
      reasons.set(story.id, { code: 'stale', reason: "Older than the channel's staleAfter when its digest came." });
    } else if (twin) {
      reasons.set(story.id, { code: 'folded', reason: `The digest tells the same story as "${twin.title}".` });
    } else if (best.length < wish.top) best.push(story);
  }
  return { best, reasons };
}

/** What ends although there is no digest. */
function leaveStale({ reasons }: Choice, groups: ReadonlyMap<string, readonly Gathered[]>): Given[] {
  return [...reasons]
    .filter(([, { code }]) => code === 'stale')
    .flatMap(([story, left]) => (groups.get(story) ?? []).map(({ delivery }) => ({ id: delivery.id, left })));
}

const usualTitles: Record<string, string> = { ar: 'أبرز الأخبار' };

function digestOf(id: string, { title }: DigestWish, { language: own }: Channel, stories: readonly Article[]): Article {
  const [first] = stories;
  const language = own ?? first?.language ?? 'ar';
  return {
    id,
    version: 1,
    title: title ?? usualTitles[language.split('-')[0] ?? ''] ?? 'Top stories',
    paragraphs: [],
    language,
    direction: first?.direction ?? 'rtl',
    images: [],
    tags: [],
    priority: 'normal',
    digest: stories.map(
      (story): DigestItem => ({
        article: story.id,
        title: story.title,
        direction: story.direction,
        ...(story.url === undefined ? {} : { url: story.url }),
      }),
    ),
  };
}

/** The digest with as many entries as its post has room for. Throws `RejectedError` where not even one has. */
function shorten({ compose }: DigestDeps, article: Article, channel: Channel): Article {
  for (let items = article.digest ?? []; ; items = items.slice(0, -1)) {
    const shorter = { ...article, digest: items };
    try {
      compose(shorter, channel);
      return shorter;
    } catch (error) {
      if (!(error instanceof RejectedError) || error.code !== 'text-too-long' || items.length <= 1) throw error;
    }
  }
}

/** Resolves to the digest as it is stored; `isOurs`: no other process was first. */
async function accept(
  deps: DigestDeps,
  article: Article,
  channel: Channel,
): Promise<{ article: Article; isOurs: boolean }> {
  const { plans } = plan(article, [channel], { recipientsOf: deps.recipientsOf, now: deps.now(), only: [channel.id] });
  const { verdict } = await deps.articles.accept({
    article,
    kind: 'digest',
    deliveries: plans.map(({ id, dueMs, ...rest }) => ({
      ...{ delivery: id, article: article.id, version: article.version, ...rest },
      ...{ priority: priorities.normal, due: dueMs, sandbox: deps.isSandbox(channel) },
    })),
    left: {},
    urlHash: undefined,
    contentHash: hash(article.id),
  });
  return { article: (await deps.articles.get(article.id)) ?? article, isOurs: verdict === 'new' };
}

/** Records for the entries of digests under way what has become of them. Safe to repeat, by many at once. */
export async function settleDigests({
  articles,
  deliveries,
  digests,
}: Pick<DigestDeps, 'articles' | 'deliveries' | 'digests'>): Promise<void> {
  for (const id of await digests.open()) {
    const own = await deliveries.get(await articles.deliveryIds(id));
    const byPerson = new Map(
      [...Map.groupBy(own, ({ recipient = '' }) => recipient)].map(([person, all]) => [person, tellingOf(all)]),
    );
    const ended = (await digests.told(id)).flatMap(({ id: told, recipient }): Ended[] => {
      const digest = byPerson.get(recipient ?? '');
      if (!digest) return [{ id: told, reason: 'The digest did not go to this person.' }];
      if (digest.state === 'published' && digest.receipt) return [{ id: told, receipt: digest.receipt }];
      if (!finalStates.has(digest.state)) return [];
      return [{ id: told, reason: `The digest was not posted: ${digest.failure?.reason ?? digest.state}` }];
    });
    // One that failed may be sent again by a person.
    const isOver = own.every((delivery) => finalStates.has(delivery.state) && !mayComeBack(delivery));
    await digests.end(id, ended, isOver);
  }
}

/** The one that told it, whatever corrections came after; else the last one. */
function tellingOf(deliveries: readonly Delivery[]): Delivery | undefined {
  const posts = deliveries.filter(({ act }) => act !== 'retract');
  return posts.find(({ state, receipt }) => state === 'published' && receipt !== null) ?? posts.at(-1);
}

function mayComeBack(delivery: Delivery): boolean {
  return hasFailed(delivery) || delivery.state === 'cancelled';
}
