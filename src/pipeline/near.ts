import type { Article } from '../core/article.ts';
import type { Acceptance, AcceptReply, Articles, Twin } from '../store/articles.ts';
import type { Deliveries } from '../store/deliveries.ts';
import type { FollowUps } from '../store/follow-ups.ts';
import { likeness } from '../text/likeness.ts';
import { type Profile, profileOf } from '../text/profile.ts';
import { sketchOf } from '../text/sketch.ts';
import { answeringTo } from './followers.ts';

/** What becomes of an article that tells what another one has told. */
export interface DuplicateRules {
  /**
   * `skip`: it is a duplicate of the first, on every channel that the first goes to. `followUp`: it is an article of its
   * own, whose posts reply to those of the first. `post`: nobody looks.
   */
  near: 'skip' | 'followUp' | 'post';
  /** From this likeness on two articles are the same, 0 to 1. */
  threshold: number;
  /** How long an article is compared with those that come after it. */
  windowMs: number;
}

export interface NearDeps {
  articles: Articles;
  deliveries: Pick<Deliveries, 'get'>;
  followUps: Pick<FollowUps, 'links' | 'retracted'>;
  duplicates: DuplicateRules;
  /** The clock of all processes (epoch ms). */
  now: () => number;
}

/** What came of it, and the article as it was stored, where it is new. */
export interface AcceptedOnce {
  reply: Extract<AcceptReply, { article: string }>;
  article: Article;
}

/** New articles that look alike may come in all the time: so often those are compared that have come meanwhile. */
const mostRounds = 50;

/**
 * Accepts an article unless another one tells the same. Many may do so at once: the store accepts nothing while there is
 * an article of likely the same text that this one was not compared with.
 */
export async function acceptOnce(deps: NearDeps, acceptance: Acceptance): Promise<AcceptedOnce> {
  const { article } = acceptance;
  const { near, threshold, windowMs } = deps.duplicates;
  const own = profileOf(article);
  const sketch = near === 'post' ? '' : toHex(sketchOf(own));
  const compared: string[] = [];
  const twins: Twin[] = [];
  let wanted = acceptance;
  for (let round = 0; round < mostRounds; round += 1) {
    const reply = await deps.articles.accept({ ...wanted, near: { sketch, windowMs, compared } });
    if (reply.verdict !== 'near') return { reply, article: wanted.article };
    const found = await Promise.all(
      reply.candidates.map(async (other) => ({
        article: other.id,
        likeness: Number((await likenessTo(deps.articles, other, own)).toFixed(3)),
      })),
    );
    compared.push(...reply.candidates.map(({ id }) => id));
    twins.push(...found.filter((other) => other.likeness >= threshold));
    const [first] = await oldestFirst(deps.articles, twins);
    if (first) wanted = await decide(deps, acceptance, { first, twins });
  }
  const reply = await deps.articles.accept({ ...wanted, near: { sketch, windowMs, compared: 'all' } });
  return { reply: reply as AcceptedOnce['reply'], article: wanted.article };
}

/** What is handed to the store of an article that has twins. */
async function decide(
  { articles, deliveries, followUps, duplicates, now }: NearDeps,
  acceptance: Acceptance,
  { first, twins }: { first: Twin; twins: readonly Twin[] },
): Promise<Acceptance> {
  if (duplicates.near === 'followUp' && !(await followUps.retracted(first.article))) {
    const answers = answeringTo(acceptance.deliveries, await followUps.links(first.article));
    return { ...acceptance, article: { ...acceptance.article, follows: first.article }, deliveries: answers };
  }
  const ids = (await Promise.all(twins.map(({ article }) => articles.deliveryIds(article)))).flat();
  const told = new Set((await deliveries.get(ids)).map(({ channel }) => channel));
  const rest = acceptance.deliveries.filter(({ channel }) => !told.has(channel));
  if (rest.length === 0) return { ...acceptance, twin: { ...first, at: new Date(now()).toISOString() } };
  const reason = `${first.article} tells the same there (${percent(first.likeness)} alike)`;
  const kept = acceptance.deliveries.filter(({ channel }) => told.has(channel));
  const left = { ...acceptance.left, ...Object.fromEntries(kept.map(({ channel }) => [channel, reason])) };
  return { ...acceptance, deliveries: rest, left };
}

/** The newest version counts, and the first one: others copy that. */
async function likenessTo(
  articles: Articles,
  { id, version }: { id: string; version: number },
  own: Profile,
): Promise<number> {
  const profiles = await Promise.all([...new Set([version, 1])].map((one) => storedProfile(articles, id, one)));
  return Math.max(0, ...profiles.map((profile) => (profile ? likeness(own, profile) : 0)));
}

/** Those that were compared last: reports of one template are compared with each other again and again. */
const profiles = new WeakMap<Articles, Map<string, Profile>>();
const mostProfiles = 300;

async function storedProfile(articles: Articles, id: string, version: number): Promise<Profile | undefined> {
  const kept = profiles.get(articles) ?? new Map<string, Profile>();
  profiles.set(articles, kept);
  const name = `${version} ${id}`;
  let profile = kept.get(name);
  if (!profile) {
    const article = await articles.get(id, version);
    if (!article) return undefined;
    profile = profileOf(article);
  }
  kept.delete(name);
  kept.set(name, profile);
  const [oldest] = kept.keys();
  if (kept.size > mostProfiles && oldest !== undefined) kept.delete(oldest);
  return profile;
}

async function oldestFirst(articles: Articles, twins: readonly Twin[]): Promise<Twin[]> {
  const times = await Promise.all(twins.map(async (twin) => ({ twin, at: await articles.acceptedAt(twin.article) })));
  return times
    .filter(({ at }) => at !== undefined)
    .sort((one, other) => ((one.at as string) < (other.at as string) ? -1 : 1))
    .map(({ twin }) => twin);
}

/** Has a stored article known by its newest text too. */
export async function listNewText({ articles, duplicates }: NearDeps, article: Article): Promise<void> {
  if (duplicates.near === 'post') return;
  await articles.listNear(article.id, toHex(sketchOf(profileOf(article))), duplicates.windowMs);
}

function toHex(marks: readonly number[]): string {
  return marks.map((mark) => mark.toString(16).padStart(8, '0')).join('');
}

/** Such as `93 %`. */
export function percent(alike: number): string {
  return `${Math.round(alike * 100)} %`;
}
