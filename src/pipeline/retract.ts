import type { Article } from '../core/article.ts';
import { InputError } from '../core/errors.ts';
import { priorities } from '../queue/queues.ts';
import type { Evergreen } from '../store/evergreen.ts';
import type { OwnLink } from '../store/follow-ups.ts';
import { type CorrectDeps, correct } from './correct.ts';
import { followersOf } from './followers.ts';
import { repetitionsOf } from './reshare.ts';

export interface RetractDeps extends CorrectDeps {
  evergreen: Evergreen;
}

/** What came of it: `already`: it was retracted before, and stays so. */
export type Retracted = { verdict: 'retracted' | 'already'; article: Article } | { verdict: 'missing' };

/** Another process may change the same article at the same time: it is read again so often. */
const tries = 20;

/**
 * Withdraws an article for good: from here on nothing of it is sent; what waits is cancelled, what is live is taken away,
 * and what is under way is settled first. Digests that told it are corrected, and what was shared again of it goes, too.
 * Safe to repeat.
 */
export async function retract(deps: RetractDeps, id: string, { why = '' }: { why?: string } = {}): Promise<Retracted> {
  const { followUps } = deps;
  for (let turn = 0; turn < tries; turn += 1) {
    const article = await deps.articles.get(id);
    if (!article) return { verdict: 'missing' };
    const links = await followUps.links(id);
    const about = { article: id, version: article.version, act: 'retract', priority: priorities.breaking } as const;
    const reply = await followUps.retract(id, { known: links.length, why, followers: followersOf(links, about) });
    if (reply === 'missing') return { verdict: reply };
    if (reply === 'changed') continue;
    await finishRetraction(deps, id);
    return { verdict: reply, article };
  }
  throw new InputError('The article changes all the time. Try again.', { code: 'busy', status: 503 });
}

/** Looks after the digests and repetitions of retracted articles, where the process died that was to do it. */
export async function finishRetractions(deps: RetractDeps): Promise<void> {
  for (const id of await deps.followUps.unfinished()) await finishRetraction(deps, id);
}

async function finishRetraction(deps: RetractDeps, id: string): Promise<void> {
  const links = await deps.followUps.links(id);
  for (const digest of new Set(links.map((link) => link.digest).filter((one) => one !== ''))) {
    await takeOut(deps, digest, id);
  }
  const channels = new Set([...links.map(({ channel }) => channel), ...deps.channels.map((channel) => channel.id)]);
  for (const channel of channels) {
    for (const again of await repetitionsOf(deps.evergreen, id, channel)) await retract(deps, again);
  }
  await deps.followUps.finished(id);
}

/**
 * A digest without one of its entries; one that is left without any goes. Safe to repeat, and while others take out other
 * entries.
 */
export async function takeOut(deps: RetractDeps, id: string, entry: string): Promise<void> {
  const itemsOf = ({ digest = [] }: Article) => digest;
  const isOther = ({ article }: { article: string }) => article !== entry;
  const before = await deps.articles.get(id);
  if (!before) return;
  if (!itemsOf(before).some(isOther)) return void (await retract(deps, id));
  if (itemsOf(before).every(isOther)) return;
  const corrected = await correct(deps, id, (now) => ({ ...now, digest: itemsOf(now).filter(isOther) }));
  const isEmpty = corrected.verdict !== 'missing' && itemsOf(corrected.article).length === 0;
  if (isEmpty) await retract(deps, id);
}

/**
 * What became of a retracted article in one place:
 * - `cancelled`: nothing of it was there.
 * - `removed`: it is gone.
 * - `notice`: those who see it, or got it, are told that it was withdrawn.
 * - `digest`: it was told in a digest, which is corrected.
 * - `pending`: under way.
 * - `maybe`: it may be live, and a person has to say.
 * - `stays`: it is live, and cannot be taken away.
 */
export type Outcome = 'cancelled' | 'removed' | 'notice' | 'digest' | 'pending' | 'maybe' | 'stays';

export interface Place {
  channel: string;
  platform: string;
  recipient?: string;
  outcome: Outcome;
  /** How many messages: gone, showing a notice, and there still. */
  messages: { removed: number; notice: number; stays: number };
  /** Why it stays, or what it waits for, in words. */
  reason?: string;
  /** Delivery that takes it away, where there is one. */
  delivery?: string;
  /** Deliveries that may be live, and wait for a person. */
  held: string[];
}

/** Outcomes after which nothing is left to do. */
export const doneOutcomes: ReadonlySet<Outcome> = new Set(['cancelled', 'removed', 'notice', 'digest']);

/** What became of a retracted article on one channel (and person), by its deliveries there. Pure. */
export function placeOf(chain: readonly OwnLink[]): Place {
  const { channel, platform, recipient } = chain[0] as OwnLink;
  const own = chain.find(({ act }) => act === 'retract');
  const held = chain.filter((link) => link.held).map(({ id }) => id);
  const count = (status: string) => own?.parts.filter((part) => part.status === status).length ?? 0;
  const messages = { removed: count('removed'), notice: 0, stays: count('stays') };
  messages.notice = (own?.parts.length ?? 0) - messages.removed - messages.stays;
  const outcome = outcomeOf(own, { held, stays: messages.stays, notice: messages.notice });
  const reason = outcome === 'stays' ? own?.failure?.reason : undefined;
  return {
    ...{ channel, platform, ...(recipient === undefined ? {} : { recipient }), outcome, messages, held },
    ...(reason === undefined ? {} : { reason }),
    ...(own ? { delivery: own.id } : {}),
  };
}

function outcomeOf(own: OwnLink | undefined, seen: { held: string[]; stays: number; notice: number }): Outcome {
  if (seen.held.length > 0) return 'maybe';
  switch (own?.state) {
    case undefined:
      return 'cancelled';
    case 'published':
      if (seen.stays > 0) return 'stays';
      return seen.notice > 0 ? 'notice' : 'removed';
    case 'discarded':
      return own.code === 'not-live' ? 'cancelled' : own.code === 'in-digest' ? 'digest' : 'stays';
    case 'rejected':
    case 'cancelled':
      return 'stays';
    default:
      return 'pending';
  }
}
