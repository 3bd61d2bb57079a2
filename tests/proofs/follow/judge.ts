import { finalStates } from '../../../src/core/delivery.ts';
import type { Place } from '../../../src/pipeline/retract.ts';
import type { SandboxPost } from '../../../src/sandbox/index.ts';
import { targetOf as exchangeTarget } from '../faults/exchange.ts';
import type { Exchange } from '../faults/http-proxy.ts';
import { numbersIn } from '../faults/numbers.ts';
import { timings } from '../faults/topology.ts';
import type { Sightings } from '../faults/trap.ts';
import type { Tally } from '../proof.ts';
import type { Ledger, Row, Story } from './ledger.ts';
import type { Life } from './lives.ts';
import { type FollowTarget, targetOf } from './topology.ts';
import { editionsIn, isNotice } from './words.ts';

/** The promises, as the verdict names them. */
export const followChecks = [
  'missing',
  'shown twice',
  'not the newest',
  'an older one after a newer',
  'live after a retraction',
  'sent after a retraction',
  'notices',
  'versions',
  'held wrongly',
  'not told as maybe',
  'reports',
  'final',
  'states',
] as const;
export type FollowCheck = (typeof followChecks)[number];

/** What is known at the end. */
export interface FollowEvidence {
  lives: readonly Life[];
  ledger: Ledger;
  posts: Readonly<Record<string, readonly SandboxPost[]>>;
  sightings: Sightings;
  /** What `GET /api/articles/:id/retraction` says, by article id. */
  reports: ReadonlyMap<string, readonly Place[]>;
}

type Fail = (name: FollowCheck, what: string) => void;

/** One article on one channel (and person). */
interface Scene {
  target: FollowTarget;
  /** Its deliveries there, in the order in which they were planned. */
  chain: Row[];
  /** All messages that the platform has ever taken of it there, and those that readers see. */
  all: SandboxPost[];
  live: SandboxPost[];
  newest: number;
  number: number;
}

/** Judges by what the simulated platforms show, and by what the ledger says it did, against what was asked. */
export function judgeFollow(evidence: FollowEvidence, tally: Tally): void {
  const { lives, ledger, posts } = evidence;
  const found = groupPosts(posts);
  const chains = Map.groupBy(ledger.rows, ({ article }) => article);
  for (const life of lives) {
    const story = ledger.stories.get(life.id);
    const fail =
      (channel?: string): Fail =>
      (name, what) =>
        tally.fail(name, { article: `article ${life.number}`, ...(channel ? { channel } : {}), what });
    if (!story) {
      fail()('missing', 'it is not stored');
      continue;
    }
    judgeVersions(life, story, fail());
    const own = Map.groupBy(chains.get(life.id) ?? [], ({ channel, recipient = '' }) => `${channel} ${recipient}`);
    for (const channel of life.channels) {
      if (![...own.keys()].some((key) => key.startsWith(`${channel} `))) fail(channel)('missing', 'it has no delivery');
    }
    for (const chain of own.values()) {
      const target = targetOf(chain[0] as Row);
      const all = found.get(`${life.number} ${target.target}`) ?? [];
      const scene: Scene = {
        ...{ target, chain, all, live: all.filter(({ removed }) => !removed), number: life.number },
        newest: story.editions.get(story.newest) ?? -1,
      };
      const tell = fail(target.recipient ?? target.channel);
      if (story.retracted) judgeRetracted(scene, tell);
      else judgeShown(scene, tell);
    }
    if (story.retracted) judgeReport(evidence.reports.get(life.id) ?? [], found, life, fail());
    judgeOrder(life, evidence.sightings, fail());
    judgeSilence(life, story, evidence, fail());
  }
  for (const { id, state, waits, reason } of ledger.rows) {
    if (finalStates.has(state)) continue;
    tally.fail('final', { article: id, what: `it is ${state}${waits ? `, waiting for ${waits}` : ''} ${reason}` });
  }
  for (const what of ledger.misfiled) tally.fail('states', { article: '-', what });
}

/** Of every message, by article and target. */
function groupPosts(posts: FollowEvidence['posts']): Map<string, SandboxPost[]> {
  const found = new Map<string, SandboxPost[]>();
  for (const post of Object.values(posts).flat()) {
    for (const article of new Set(editionsIn(post.text).map((one) => one.article))) {
      const key = `${article} ${post.target}`;
      found.set(key, [...(found.get(key) ?? []), post]);
    }
  }
  return found;
}

function judgeVersions({ asked, retractedAt }: Life, { editions, retracted, newest }: Story, fail: Fail): void {
  for (const [version, edition] of asked) {
    if (editions.get(version) === edition) continue;
    fail('versions', `version ${version} was to tell edition ${edition}, and tells ${editions.get(version)}`);
  }
  if (newest !== Math.max(...editions.keys())) fail('versions', `the newest is ${newest} of ${[...editions.keys()]}`);
  if (retractedAt !== undefined && !retracted) fail('versions', 'it was retracted, and the ledger has forgotten it');
}

const told = ({ chain, live }: Scene) =>
  `${chain.map(({ act = 'post', version, state, code, parts }) => `${act} ${version}: ${state}${code ? ` (${code})` : ''} [${parts}]`).join('; ')}; readers see ${live.map(({ id, text }) => `${id} (${editionsIn(text).map((one) => one.edition)})`).join(', ') || 'nothing'}`;

const editionOf = ({ text }: SandboxPost) => editionsIn(text)[0]?.edition ?? -1;

function judgeShown(scene: Scene, fail: Fail): void {
  const { target, chain, live, newest } = scene;
  const rejected = chain.filter(({ state }) => state === 'rejected');
  if (rejected.length > 0) {
    fail('missing', `rejected, though no fault refused it: ${rejected[0]?.reason}`);
    return;
  }
  if (target.form === 'digest') {
    const isTold = chain.some(({ state }) => state === 'published');
    if (live.length > 1) fail('shown twice', told(scene));
    else if (isTold && live.length === 0) fail('missing', told(scene));
    return;
  }
  if (live.length === 0) {
    fail('missing', told(scene));
    return;
  }
  const groups = [...Map.groupBy(live, editionOf)].sort(([one], [other]) => one - other);
  if (!groups.some(([edition]) => edition === newest)) fail('not the newest', `edition ${newest}: ${told(scene)}`);
  if (target.form !== 'reply' && groups.length > 1) fail('shown twice', told(scene));
  for (const [index, [, posts]] of groups.entries()) {
    if (!isOneThread(posts, target)) fail('shown twice', `not one thread: ${told(scene)}`);
    if (index > 0 && target.platform === 'x' && posts[0]?.replyTo !== groups[0]?.[1][0]?.id) {
      fail('shown twice', `a correction that answers ${posts[0]?.replyTo}: ${told(scene)}`);
    }
  }
  if (groups[0]?.[1][0]?.replyTo !== undefined) fail('missing', `what the rest answers is gone: ${told(scene)}`);
  // Each message is the work of one delivery that says so, and each that says so has made one.
  const done = chain.filter(({ state, parts }) => state === 'published' && parts.length > 0);
  if (target.form === 'reply' && done.length !== groups.length) {
    fail('shown twice', `${done.length} deliveries made ${groups.length} posts: ${told(scene)}`);
  }
  const recorded = new Set(chain.flatMap(({ parts }) => parts));
  if (live.some(({ id }) => !recorded.has(id))) fail('shown twice', `one is in no record: ${told(scene)}`);
}

/** Each message after the first answers the one before, and none says what another says. */
function isOneThread(posts: readonly SandboxPost[], { inParts }: FollowTarget): boolean {
  if (!inParts && posts.length > 1) return false;
  const sentences = posts.flatMap(({ text }) => [...new Set(numbersIn(text).map(({ sentence }) => sentence))]);
  const isOnce = new Set(sentences).size === sentences.length;
  return isOnce && posts.every(({ replyTo }, at) => at === 0 || replyTo === posts[at - 1]?.id);
}

function judgeRetracted(scene: Scene, fail: Fail): void {
  const { target, live, all } = scene;
  if (target.platform !== 'whatsapp') {
    if (live.length > 0) fail('live after a retraction', told(scene));
    return;
  }
  const notices = all.filter(({ text }) => isNotice(text)).length;
  const got = all.length - notices;
  if (notices !== Math.min(1, got)) fail('notices', `${got} messages, ${notices} notices: ${told(scene)}`);
  const twice = Map.groupBy(
    all.filter(({ text }) => !isNotice(text)),
    editionOf,
  );
  if ([...twice.values()].some(({ length }) => length > 1)) fail('shown twice', told(scene));
}

/** What a retraction is said to have come to is what became of it. */
function judgeReport(
  places: readonly Place[],
  found: ReadonlyMap<string, SandboxPost[]>,
  { number }: Life,
  fail: Fail,
): void {
  for (const place of places) {
    const target = targetOf(place);
    const all = found.get(`${number} ${target.target}`) ?? [];
    const wanted =
      all.length === 0
        ? ['cancelled', 'digest']
        : target.form === 'digest'
          ? ['digest', 'cancelled']
          : target.form === 'repost'
            ? // It may have been taken away already, for a correction that was not sent any more.
              ['removed', 'cancelled']
            : [target.platform === 'whatsapp' ? 'notice' : 'removed'];
    if (wanted.includes(place.outcome)) continue;
    fail('reports', `${target.channel}: ${place.outcome}, and ${all.length} messages ever; ${place.reason ?? ''}`);
  }
}

/** Nothing that shows an older edition begins after a newer one was answered for. */
function judgeOrder({ number }: Life, { exchanges }: Sightings, fail: Fail): void {
  const shown = exchanges.flatMap((one) => {
    if (!showsText(one)) return [];
    const about = editionsIn(decoded(one.body)).filter(({ article }) => article === number);
    const target = exchangeTarget(one);
    return about.length > 0 && !target.includes('digest') ? [{ one, target, edition: about[0]?.edition ?? -1 }] : [];
  });
  for (const { one, target, edition } of shown) {
    const newer = shown.find(
      (other) =>
        other.target === target && other.edition > edition && isDone(other.one) && other.one.endedAt < one.begunAt,
    );
    if (newer && isDone(one)) {
      fail('an older one after a newer', `${one.line} showed edition ${edition} after ${newer.edition}, at ${target}`);
    }
  }
}

const showsText = ({ publishes, changes, body }: Exchange) =>
  (publishes || changes === 'edit') && !isNotice(decoded(body));
const isDone = ({ state, status = 0 }: Exchange) => state === 'answered' && status < 300;

/** Text of a form or JSON, as far as numbers and notices need it. */
export function decoded(body: string): string {
  try {
    return decodeURIComponent(body.replaceAll('+', ' '));
  } catch {
    return body;
  }
}

/**
 * Once a retraction was committed, no claim on a post of the article is granted: by the ledger's own history, and by what
 * passed between the workers and Redis. Nothing leaves but what was claimed before, whose claims run out.
 */
function judgeSilence(
  { id, number, retractedAt }: Life,
  { retracted }: Story,
  { ledger, sightings }: FollowEvidence,
  fail: Fail,
): void {
  if (retracted === undefined || retractedAt === undefined) return;
  const posting = ledger.rows.filter((row) => row.article === id && row.act !== 'retract');
  for (const row of posting) {
    const late = row.claims.find((at) => at > retracted);
    if (late !== undefined) fail('sent after a retraction', `${row.id} was claimed ${late - retracted} ms after it`);
  }
  const ids = new Set(posting.map((row) => row.id));
  for (const { delivery, askedAt } of sightings.grants) {
    if (askedAt <= retractedAt || !ids.has(delivery)) continue;
    fail('sent after a retraction', `${delivery} was claimed ${Math.round(askedAt - retractedAt)} ms after its answer`);
  }
  const last = retractedAt + timings.lease;
  for (const one of sightings.exchanges) {
    if (one.begunAt < last || !showsText(one) || exchangeTarget(one).includes('digest')) continue;
    if (!editionsIn(decoded(one.body)).some(({ article }) => article === number)) continue;
    fail('sent after a retraction', `${one.line} began ${Math.round(one.begunAt - retractedAt)} ms after its answer`);
  }
}

/** Judges what waits for a person, before one has spoken. */
export function judgeHeld({ lives, ledger, sightings, reports }: Omit<FollowEvidence, 'posts'>, tally: Tally): void {
  const numbers = new Map(lives.map(({ id, number }) => [id, number]));
  const held = ledger.rows.filter((row) => row.held);
  for (const row of held) {
    const { id, article, platform, version, channel, reason } = row;
    const story = ledger.stories.get(article);
    const { target } = targetOf(row);
    const edition = story?.editions.get(version);
    const about = (story?.numbers ?? []).flatMap((number) =>
      edition === undefined ? Array.from({ length: 10 }, (_, n) => number * 10 + n) : [number * 10 + edition],
    );
    const isDoubtful = sightings.doubtful.has(id) || about.some((one) => sightings.doubtful.has(`${one} ${target}`));
    const sample = { article: `article ${numbers.get(article) ?? article}`, channel };
    if (platform !== 'telegram' && platform !== 'whatsapp') {
      tally.fail('held wrongly', { ...sample, what: `${id} is held, though ${platform} can be asked: ${reason}` });
    } else if (!isDoubtful)
      tally.fail('held wrongly', { ...sample, what: `${id} is held, and no fault struck it: ${reason}` });
    const places = reports.get(article);
    if (!story?.retracted || places?.some((place) => place.held.includes(id) && place.outcome === 'maybe')) continue;
    tally.fail('not told as maybe', { ...sample, what: `${id} is held: ${JSON.stringify(places)}` });
  }
  const heldIds = new Set(held.map(({ id }) => id));
  for (const [article, places] of reports) {
    for (const place of places) {
      const sample = { article: `article ${numbers.get(article) ?? article}`, channel: place.channel };
      if (place.outcome === 'maybe' && !place.held.every((id) => heldIds.has(id))) {
        tally.fail('not told as maybe', { ...sample, what: `maybe, and nothing is held: ${JSON.stringify(place)}` });
      }
    }
  }
  // What waits for a person's word says so, and there is something to say a word about.
  for (const { id, article, channel, recipient, waits } of ledger.rows) {
    if (waits !== 'maybe') continue;
    const isRight = held.some(
      (one) => one.article === article && one.channel === channel && one.recipient === recipient,
    );
    if (!isRight) {
      tally.fail('not told as maybe', {
        article: `article ${numbers.get(article) ?? article}`,
        channel,
        what: `${id} waits for a word about nothing`,
      });
    }
  }
}
