import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import { finalStates } from '../core/delivery.ts';
import { RejectedError } from '../core/errors.ts';
import type { Platform, Publisher } from '../core/platform.ts';
import type { Post } from '../core/post.ts';
import type { Articles, DeliveryJob } from '../store/articles.ts';
import type { Found } from '../store/claims.ts';
import type { Chain, FollowUps, Link } from '../store/follow-ups.ts';
import { asCorrection } from './correction-lead.ts';
import { composeNotice } from './notice.ts';
import { editSteps, type LiveMessage, liveMessages, removeSteps, saysTheSame } from './steps.ts';

/**
 * What a delivery that follows others is to do now. `as`: how its channel sees it, which decides about hours, limits and
 * whether a person has to say yes.
 */
export interface FollowUp {
  found: Found;
  as: 'post' | 'edit' | 'reply' | 'remove' | 'nothing';
  /** More is to be done once a person has said what else is live. */
  isOpen?: boolean;
  /** Absent where it is not known yet, or nothing is to be done. */
  post?: Post;
  /** Steps that are done. */
  done?: number;
}

export interface FollowUpDeps {
  platform: Platform;
  articles: Articles;
  followUps: Pick<FollowUps, 'chain'>;
}

interface Subject {
  job: DeliveryJob;
  channel: Channel;
  publisher: Publisher;
  /** The version that the delivery carries. */
  story: Article;
  compose(story: Article, channel: Channel): Post;
}

/** How those stand that a delivery follows, should no more come of it. Undefined where it is no longer stored. */
export async function firstLook({ followUps }: Pick<FollowUpDeps, 'followUps'>, { delivery }: DeliveryJob) {
  const chain = await followUps.chain(delivery);
  return chain && lookOnly(chain);
}

function lookOnly({ basis }: Chain): FollowUp {
  return { found: { basis, steps: Number.MAX_SAFE_INTEGER }, as: 'nothing' };
}

/**
 * Looks at the deliveries that one follows, and decides what it has to do on its channel. Throws `RejectedError` where it
 * is no longer stored, or the post cannot be composed.
 */
export async function planFollowUp(deps: FollowUpDeps, subject: Subject): Promise<FollowUp> {
  const chain = await deps.followUps.chain(subject.job.delivery);
  if (!chain) throw new RejectedError('It is no longer stored.');
  return { ...(await decide(deps, subject, chain)), done: chain.own.parts.length };
}

async function decide(deps: FollowUpDeps, subject: Subject, chain: Chain): Promise<FollowUp> {
  const { basis } = chain;
  const isUnderWay = chain.before.some(({ state, held }) => !finalStates.has(state) && !held);
  if (isUnderWay) return lookOnly(chain);
  const posts = new Map<string, Post | undefined>();
  for (const link of chain.before) {
    if (link.postHash !== '') posts.set(link.id, await deps.articles.post(link.article, link.postHash));
  }
  const live = liveMessages(chain.before, ({ id }) => posts.get(id));
  switch (chain.own.act) {
    case 'correct':
      return correction(deps, subject, { chain, live });
    case 'retract':
      return retraction(deps, subject, { chain, live });
    default: {
      const post = subject.compose(subject.story, subject.channel);
      return { found: { basis, steps: post.parts.length }, as: 'post', post: answering(post, live) };
    }
  }
}

interface Ahead {
  chain: Chain;
  live: LiveMessage[];
}

async function correction(
  { articles, platform }: FollowUpDeps,
  { channel, publisher, story, compose }: Subject,
  { chain, live }: Ahead,
): Promise<FollowUp> {
  const { basis, before } = chain;
  const nothing = (code: string, reason: string): FollowUp => ({
    found: { basis, steps: 0, leave: { code, reason } },
    as: 'nothing',
  });
  if (live.length === 0) {
    if (!isToBePosted(before)) return nothing('not-live', 'Nothing of the article is on the channel.');
    const post = compose(story, channel);
    return { found: { basis, steps: post.parts.length }, as: 'post', post };
  }
  const way = channel.corrections ?? platform.corrections[0];
  if (way === 'leave') return nothing('left', 'The channel leaves what is live as it is.');

  if (way === 'edit' && publisher.edit) {
    const post = compose(...inTheFormOf(live, story, channel));
    const steps = editSteps(post, live);
    if (steps.length === 0) return nothing('unchanged', 'What the channel shows stays the same.');
    return { found: { basis, steps: steps.length }, as: 'edit', post: { ...post, steps } };
  }
  const shown = await articles.get(story.id, lastSaid(before)?.version);
  if (shown && saysTheSame(compose(shown, channel), compose(story, channel))) {
    return nothing('unchanged', 'What the channel shows stays the same.');
  }
  if (way === 'repost' && publisher.remove) {
    const post = compose(story, channel);
    const sends = post.parts.map((_, part) => ({ do: 'send' as const, part }));
    const steps = [...removeSteps(live), ...sends];
    return { found: { basis, steps: steps.length }, as: 'reply', post: { ...post, steps } };
  }
  const post = compose(asCorrection(story, channel), channel);
  return { found: { basis, steps: post.parts.length }, as: 'reply', post: answering(post, live) };
}

/** All was given up for the new version, or the last for what was wrong with it. What a digest told is told. */
function isToBePosted(before: readonly Link[]): boolean {
  const last = before.findLast(({ code }) => code !== 'superseded');
  return last === undefined || last.state === 'rejected';
}

function lastSaid(links: readonly Link[]): Link | undefined {
  return links.findLast(({ parts }) => parts.length > 0);
}

/** A message with a picture keeps it and changes its caption; one without gets none. */
function inTheFormOf([first]: readonly LiveMessage[], story: Article, channel: Channel): [Article, Channel] {
  const images = first?.part?.media ?? [];
  const ladder = images.length > 0 ? (['photo'] as const) : (['text', 'headline'] as const);
  return [
    { ...story, images },
    { ...channel, style: { ...channel.style, ladder: [...ladder] } },
  ];
}

function answering(post: Post, [first]: readonly LiveMessage[]): Post {
  return first ? { ...post, replyTo: first.receipt } : post;
}

/** Where the platform lets nothing be taken away, those who got the message are told. */
function retraction(
  { platform }: FollowUpDeps,
  { channel, publisher, story }: Subject,
  { chain, live }: Ahead,
): FollowUp {
  const { own, before, basis } = chain;
  const mayBeLive = before.some(({ held }) => held);
  const notice = composeNotice(platform, story, channel, !publisher.remove);
  const digest = before.find((link) => link.digest !== '')?.digest;
  const leave =
    live.length > 0 || own.parts.length > 0 || mayBeLive
      ? {}
      : digest
        ? { leave: { code: 'in-digest', reason: `It was told in the digest ${digest}, which is corrected by itself.` } }
        : { leave: { code: 'not-live', reason: 'Nothing of it is on the channel.' } };
  if (!publisher.remove) {
    const steps = live.length === 0 && own.parts.length === 0 ? 0 : notice.parts.length;
    return { found: { basis, steps, ...leave }, as: 'remove', isOpen: mayBeLive, post: answering(notice, live) };
  }
  const done = own.parts.map((receipt): LiveMessage => ({ receipt }));
  const gone = new Set(own.parts.map(({ remoteId }) => remoteId));
  const steps = removeSteps([...done, ...live.filter(({ receipt }) => !gone.has(receipt.remoteId))]);
  // What may be live as well is taken away once a person has said where it is.
  return {
    found: { basis, steps: steps.length, ...leave },
    as: 'remove',
    isOpen: mayBeLive,
    post: { ...notice, steps },
  };
}
