import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import { RejectedError, UnavailableError } from '../core/errors.ts';
import type { Publisher } from '../core/platform.ts';
import type { Receipt } from '../core/post.ts';
import type { Hands } from '../queue/hands.ts';
import type { RetryPolicy } from '../queue/outcome.ts';
import type { JobResult } from '../queue/worker.ts';
import type { Articles, DeliveryJob } from '../store/articles.ts';
import type { Deliveries } from '../store/deliveries.ts';
import type { FollowUps } from '../store/follow-ups.ts';
import type { Pauses } from '../store/pauses.ts';
import { type Claimed, later } from './again.ts';
import { type Attempt, scopesOfStep, stepAt, stepsIn, wayOfStep } from './attempt.ts';
import { claimOf } from './claiming.ts';
import { type Composed, composeWith, type Pictures } from './compose.ts';
import { createDeadline } from './deadline.ts';
import { hash } from './dedupe.ts';
import type { PublishEvent } from './events.ts';
import { createLists, type ListTools } from './fanout/lists.ts';
import { findOut } from './find-out.ts';
import { type FollowUp, firstLook, planFollowUp } from './follow-up.ts';
import type { Pacing } from './pacing.ts';
import { perform } from './perform.ts';
import { createPrepare, type PrepareDeps, type Ready } from './prepare.ts';
import { createRecording } from './recording.ts';
import { remember } from './remember.ts';
import type { Rhythms } from './rhythms.ts';
import { beforeSending, fence } from './sending.ts';

export interface PublishDeps extends PrepareDeps {
  channel(id: string): Channel | undefined;
  publisher(account: string): Publisher;
  articles: Articles;
  deliveries: Deliveries;
  followUps: Pick<FollowUps, 'chain'>;
  pauses: Pauses;
  /** Fingerprint of an account's credentials. */
  credentialsOf(account: string): string;
  pacing: Pacing;
  rhythms: Rhythms;
  policy: RetryPolicy;
  leaseMs: number;
  /** Waits for a slot; absent: by the clock on the wall. */
  wait?: (ms: number) => Promise<void>;
  /** For channels that write to a list; absent: what goes to one is one message. */
  lists?: ListTools;
  /** Told what happened; must not throw. */
  report(event: PublishEvent): void;
}

export interface Publish {
  /**
   * The way of one delivery: prepare, claim, send, record, part by part; or, where it may be live, find out. Resolves to
   * when to come again, if ever. `again`: it was here before.
   */
  deliver(
    job: DeliveryJob,
    about: { again: boolean; lost?: AbortSignal | undefined; hands?: Hands; isStopping?: () => boolean },
  ): Promise<JobResult>;
  /** Resolves when every outcome so far is on record. */
  settled(): Promise<void>;
}

/** A post that is claimed. */
interface Sending {
  ready: Ready;
  followUp: FollowUp | undefined;
  first: Claimed;
  /** When it was claimed (`performance.now`). */
  claimed: number;
}

type Prepared = ({ ready: Ready } | { trouble: unknown }) & {
  followUp?: FollowUp | undefined;
};

const putOffMs = 1_000;

/** States in which a delivery may be sent. */
const sendable: ReadonlySet<string> = new Set(['scheduled', 'retryable', 'sending']);

export function createPublish(deps: PublishDeps): Publish {
  const prepare = createPrepare(deps);
  const lists = deps.lists && createLists({ ...deps, ...deps.lists, prepare });
  const audienceOf = (channel: Channel) => lists && deps.platform.audience?.(channel);
  const stories = new Map<string, Promise<Article | undefined>>();
  const kept = new Map<string, Promise<void>>();
  const { fail, record, finish, settled } = createRecording(deps);
  const pause = deps.wait ?? delay;
  const tokenBase = randomBytes(9).toString('base64url');
  let attempts = 0;

  /** Claims the step that comes after `done`. */
  async function claim(attempt: Attempt, composed: Partial<Composed>, done: number, followUp: FollowUp | undefined) {
    const before = performance.now();
    const step = stepAt(composed.post, done);
    const way = wayOfStep(deps, attempt.channel, step);
    const scopes = scopesOfStep(deps, attempt, step);
    const reply = await deps.deliveries.claim(claimOf(deps, attempt, { ...composed, way, scopes, followUp }));
    attempt.hands?.took(performance.now() - before);
    return reply;
  }

  const onDropped =
    ({ job }: Attempt) =>
    (reason: string) =>
      deps.report({ kind: 'picture-dropped', delivery: job.delivery, channel: job.channel, reason });

  async function makeReady(attempt: Attempt): Promise<Prepared> {
    const { job, channel } = attempt;
    let followUp: FollowUp | undefined;
    try {
      if (job.act) followUp = await firstLook(deps, job);
      if (!channel) throw new RejectedError(`The config of this worker has no channel "${job.channel}".`);
      const story = await remember(stories, `${job.article}\n${job.version}`, () =>
        deps.articles.get(job.article, job.version),
      );
      if (!story) throw new RejectedError('The article is no longer stored.');
      const publisher = deps.publisher(channel.account);
      const make = async (pictures: Pictures) => {
        const compose = composeWith(deps.platform, pictures);
        followUp = await planFollowUp(deps, { job, channel, publisher, story, compose });
        const { post } = followUp;
        return post && { post, hash: hash(JSON.stringify(post)) };
      };
      const ready = await prepare.fresh({ job, story, channel, publisher }, job.act && make, onDropped(attempt));
      if (!ready) return { trouble: new UnavailableError('There is nothing to send yet.'), followUp };
      await remember(kept, `${job.article}\n${ready.hash}`, () =>
        deps.articles.keepPost(job.article, ready.hash, ready.post),
      );
      return { ready, followUp };
    } catch (trouble) {
      return { trouble, followUp };
    }
  }

  /** Composes and keeps the post of a channel; its hash. */
  async function say(attempt: Attempt): Promise<string> {
    const prepared = await makeReady(attempt);
    if ('ready' in prepared) return prepared.ready.hash;
    throw beforeSending(prepared.trouble);
  }

  /** What is said from here on: a post that is live in part goes on as it began. */
  async function sayFrom(attempt: Attempt, channel: Channel, ready: Ready, reply: Claimed): Promise<Ready> {
    if (reply.postHash === ready.hash) return ready;
    const post = await deps.articles.post(attempt.job.article, reply.postHash);
    if (!post) throw new RejectedError('What is live of it in part is no longer stored, so the rest cannot follow.');
    const subject = { job: attempt.job, channel, publisher: deps.publisher(channel.account) };
    return prepare.rest(subject, { post, hash: reply.postHash }, reply.parts.length, onDropped(attempt));
  }

  /** Takes the steps that are not done yet, one by one. */
  async function send(attempt: Attempt, channel: Channel, { ready, followUp, first, claimed }: Sending) {
    const publisher = deps.publisher(channel.account);
    const receipts = [...first.parts];
    const total = stepsIn(ready.post, followUp);
    let claimedAt = claimed;
    let { inMs, slotAt } = first;
    for (let part = receipts.length; part < total; part += 1) {
      const step = stepAt(ready.post, part);
      const scopes = scopesOfStep(deps, attempt, step);
      const sent = () => deps.pacing.sent(channel, scopes, { slotAt, inMs, askedAt: claimedAt });
      if (part > first.parts.length) {
        claimedAt = performance.now();
        const reply = await claim(attempt, ready, part, followUp);
        if (reply.verdict !== 'claimed') return later(reply);
        // Redis has forgotten what this attempt did.
        if (reply.parts.length !== part) return { waitMs: deps.leaseMs };
        ({ inMs, slotAt } = reply);
      }
      if (inMs > 0) await (attempt.hands ? attempt.hands.idle(pause(inMs)) : pause(inMs));
      const deadline = createDeadline(deps.requestTimeoutMs);
      let receipt: Receipt;
      try {
        receipt = await perform(
          { attempt: { ...attempt, channel }, publisher, platform: deps.platform, ready, step, receipts },
          {
            signal: deadline.signal,
            beforeWrite: () => fence(deps, claimedAt, attempt.lost),
            onUsage: (usage) => deps.pacing.observe(channel, attempt.job, usage, step?.do),
          },
        );
      } catch (error) {
        return fail(attempt, { attempts: first.attempts, thrown: error, step, sent: sent() });
      } finally {
        deadline.clear();
      }
      receipts.push(receipt);
      const live = { part, total, receipt, step, sent: sent() };
      if (part === total - 1) finish(attempt, channel, live);
      else if (!(await record(attempt, channel, live))) return { waitMs: deps.leaseMs };
    }
    return undefined;
  }

  /** What it follows has not ended: it comes again soon, and has spent nothing. */
  async function putOff({ job, token }: Attempt): Promise<JobResult> {
    const reason = 'What it follows is still being sent.';
    const failure = { class: 'unavailable', code: null, reason, at: new Date().toISOString() } as const;
    const about = { id: job.delivery, token, circuit: '' };
    await deps.deliveries.settle({ ...about, state: 'retryable', failure, waitMs: putOffMs, spendAttempt: false });
    return { waitMs: putOffMs };
  }

  /** Begins the list of a delivery, which then goes on by itself. */
  async function begin(attempt: Attempt, channel: Channel, attempts: number): Promise<JobResult> {
    try {
      const isBegun = await lists?.open(attempt, channel, (as, job) => say({ ...attempt, channel: as, job }));
      return isBegun ? undefined : await putOff(attempt);
    } catch (thrown) {
      return fail(attempt, { attempts, thrown, step: undefined });
    }
  }

  const deliver: Publish['deliver'] = (job, { again, lost, hands, isStopping }) => {
    if (job.batch !== undefined && lists) return lists.deliver(job, deps.channel(job.channel), { lost, isStopping });
    attempts += 1;
    const token = `${tokenBase}.${attempts}`;
    const channel = deps.channel(job.channel);
    const scopes = channel ? deps.pacing.scopes(channel, job) : '';
    return tryOnce({ job, channel, token, startedAt: performance.now(), lost, hands, scopes }, again);
  };

  async function tryOnce(attempt: Attempt, again: boolean): Promise<JobResult> {
    const { job, channel } = attempt;
    // What is only asked about needs no pictures.
    const [known] = again ? await deps.deliveries.get([job.delivery]) : [];
    const prepared: Prepared =
      known && !sendable.has(known.state)
        ? { trouble: new UnavailableError('It was settled while it was being prepared.') }
        : await makeReady(attempt);
    const { followUp } = prepared;
    const claimedAt = performance.now();
    const reply = await claim(attempt, 'ready' in prepared ? prepared.ready : {}, followUp?.done ?? 0, followUp);
    if (reply.verdict === 'ask') return findOut(deps, { job, channel, doubt: reply });
    if (reply.verdict !== 'claimed') {
      if (reply.verdict === 'settled' && reply.state === 'unconfirmed') {
        const reason = 'nobody knows whether it was posted';
        deps.report({ kind: 'held', delivery: job.delivery, channel: job.channel, reason });
      }
      const cheaper = reply.verdict === 'spent' && !attempt.thrifty && channel && deps.pacing.cheaper(channel);
      if (cheaper) return tryOnce({ ...attempt, channel: cheaper, thrifty: true }, again);
      if (reply.verdict === 'spent') {
        const { of, period, waitMs } = reply;
        deps.report({ kind: 'spent', delivery: job.delivery, channel: job.channel, of, period, waitMs });
      }
      return later(reply);
    }
    if (!('ready' in prepared) || !channel) {
      const thrown = beforeSending('trouble' in prepared ? prepared.trouble : undefined);
      return fail(attempt, { attempts: reply.attempts, thrown });
    }
    if (audienceOf(channel)) return begin(attempt, channel, reply.attempts);
    let ready: Ready;
    try {
      ready = await sayFrom(attempt, channel, prepared.ready, reply);
    } catch (error) {
      return fail(attempt, { attempts: reply.attempts, thrown: beforeSending(error) });
    }
    return send(attempt, channel, { ready, followUp, first: reply, claimed: claimedAt });
  }

  return {
    deliver,
    settled,
  };
}
