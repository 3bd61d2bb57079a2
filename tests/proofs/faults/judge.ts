import type { Delivery } from '../../../src/core/delivery.ts';
import type { SandboxPost } from '../../../src/sandbox/index.ts';
import type { Sample } from '../proof.ts';
import type { Accepted } from './feed.ts';
import { numbersIn } from './numbers.ts';
import { platformIds } from './points.ts';
import { type Target, targets } from './topology.ts';

/** What became of the deliveries of one platform. */
export type PlatformCount = {
  /** Deliveries of articles that got a 2xx. */
  accepted: number;
  /** Every part before readers, once; and so recorded. */
  received: number;
  lost: number;
  doubled: number;
  held: number;
  rejected: number;
  /** Once unconfirmed, and settled by the program itself. */
  resolved: number;
};

/** What is known at the end. */
export interface Evidence {
  articles: readonly Accepted[];
  /** Deliveries by their id, as the API shows them; absent ones are gone. */
  deliveries: ReadonlyMap<string, Delivery>;
  /** What each simulated platform took. */
  posts: Readonly<Record<string, readonly SandboxPost[]>>;
  /** As in `Sightings.doubtful`. */
  doubtful: ReadonlySet<string>;
  unconfirmed: ReadonlySet<string>;
  /** Deliveries of which a status came. */
  told: ReadonlySet<string>;
}

export interface Judgement {
  platforms: Record<string, PlatformCount>;
  fail: { name: CheckName; sample: Sample }[];
}

export const checkNames = ['lost', 'doubled', 'unsettled', 'held-told', 'held-clear', 'sum', 'stray'] as const;
export type CheckName = (typeof checkNames)[number];

type Fate = 'received' | 'lost' | 'doubled' | 'held' | 'rejected';

/** Judges by the platforms' own record alone; the program's word counts only for what it says it has not posted. */
export function judge(evidence: Evidence): Judgement {
  const { articles, deliveries, posts, unconfirmed } = evidence;
  const platforms = Object.fromEntries(
    platformIds.map((id): [string, PlatformCount] => [
      id,
      { accepted: 0, received: 0, lost: 0, doubled: 0, held: 0, rejected: 0, resolved: 0 },
    ]),
  );
  const fail: Judgement['fail'] = [];
  const found = groupPosts(posts);
  for (const article of articles) {
    for (const given of article.deliveries) {
      const target = targetOf(given);
      const count = platforms[given.platform];
      if (!count || !target) throw new Error(`The proof has no channel ${given.channel}.`);
      const delivery = deliveries.get(given.id);
      const key = `${article.number} ${target.target}`;
      const own = found.get(`${given.platform} ${key}`) ?? [];
      found.delete(`${given.platform} ${key}`);
      count.accepted += 1;
      const { fate, what } = fateOf(delivery, own, target);
      count[fate] += 1;
      const sample = { article: `article ${article.number}`, channel: target.target, what };
      if (fate === 'lost' || fate === 'doubled') fail.push({ name: fate, sample });
      if (fate === 'received' && unconfirmed.has(given.id)) count.resolved += 1;
      if (fate !== 'held') continue;
      const why = unjustHold(given, key, evidence);
      if (why !== undefined) fail.push({ name: why.name, sample: { ...sample, what: `${why.what} (${what})` } });
    }
  }
  for (const [key, own] of found) {
    const what = `${own.length} posts of no article that was accepted`;
    fail.push({ name: 'stray', sample: { article: key, what } });
  }
  for (const [id, { accepted, received, held, rejected }] of Object.entries(platforms)) {
    if (accepted === received + held + rejected) continue;
    fail.push({
      name: 'sum',
      sample: { article: id, what: `${accepted} accepted, ${received + held + rejected} accounted for` },
    });
  }
  return { platforms, fail };
}

/** Why a delivery should not wait for a person. */
function unjustHold(
  { id, platform }: Accepted['deliveries'][number],
  key: string,
  { doubtful, told }: Evidence,
): { name: CheckName; what: string } | undefined {
  if (platform === 'x' || platform === 'facebook') {
    return { name: 'unsettled', what: 'held, though the platform can be asked' };
  }
  if (platform === 'whatsapp' && told.has(id)) return { name: 'held-told', what: 'held, though its status came' };
  if (!doubtful.has(id) && !doubtful.has(key)) return { name: 'held-clear', what: 'held, though no fault struck it' };
  return undefined;
}

function fateOf(
  delivery: Delivery | undefined,
  posts: readonly SandboxPost[],
  target: Target,
): { fate: Fate; what: string } {
  const said = delivery ? `${delivery.state}${delivery.held ? ', held' : ''}` : 'gone';
  const twice = posts.find((post, at) => posts.findIndex((other) => isSame(post, other)) !== at);
  if (twice)
    return { fate: 'doubled', what: `${said}; ${posts.length} posts: ${posts.map(({ id }) => id).join(', ')}` };
  if (delivery?.state === 'unconfirmed' && delivery.held) {
    return { fate: 'held', what: `${said}; ${posts.length} posts${reasonOf(delivery)}` };
  }
  if (delivery?.state === 'rejected' && posts.length === 0) return { fate: 'rejected', what: said };
  if (delivery?.state === 'published' && isWhole(delivery, posts, target)) return { fate: 'received', what: said };
  const ids = delivery?.parts.map(({ remoteId }) => remoteId).join(', ');
  const there = posts.map(({ id }) => id).join(', ');
  return { fate: 'lost', what: `${said} with [${ids}]; the platform has [${there}]${reasonOf(delivery)}` };
}

const reasonOf = (delivery: Delivery | undefined) => (delivery?.failure ? `: ${delivery.failure.reason}` : '');

/** Two posts that say the same: parts of a thread never share a sentence. */
export function isSame(one: SandboxPost, other: SandboxPost): boolean {
  const sentences = new Set(numbersIn(other.text).map(({ sentence }) => sentence));
  return numbersIn(one.text).some(({ sentence }) => sentences.has(sentence));
}

/** The parts on record are those before readers; a thread is one, and each part answers the one before. */
export function isWhole(
  { parts }: Delivery,
  posts: readonly SandboxPost[],
  { inParts }: Pick<Target, 'inParts'>,
): boolean {
  const ids = parts.map(({ remoteId }) => remoteId);
  if (ids.length !== posts.length || (inParts ? ids.length < 2 : ids.length !== 1)) return false;
  return ids.every((id, at) => {
    const post = posts.find((one) => one.id === id);
    return post !== undefined && (at === 0 || post.replyTo === ids[at - 1]);
  });
}

function groupPosts(posts: Evidence['posts']): Map<string, SandboxPost[]> {
  return Map.groupBy(
    Object.values(posts).flat(),
    ({ platform, text, target }) => `${platform} ${numbersIn(text)[0]?.article} ${target}`,
  );
}

function targetOf({ channel, recipient }: Accepted['deliveries'][number]): Target | undefined {
  return targets.find((one) => one.channel === channel && one.recipient === recipient);
}
