import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import { RateLimitedError, RejectedError, toPublishError, UnavailableError } from '../core/errors.ts';
import type { Publisher } from '../core/platform.ts';
import type { Receipt } from '../core/post.ts';
import type { Hands } from '../queue/hands.ts';
import { decide, type RetryPolicy } from '../queue/outcome.ts';
import type { JobResult } from '../queue/worker.ts';
import type { Articles, DeliveryJob } from '../store/articles.ts';
import type { Way } from '../store/claims.ts';
import type { Deliveries, Sent } from '../store/deliveries.ts';
import type { Pauses } from '../store/pauses.ts';
import { type Claimed, later } from './again.ts';
import { type Claimant, claimOf } from './claiming.ts';
import type { Composed } from './compose.ts';
import { createDeadline } from './deadline.ts';
import type { PublishEvent } from './events.ts';
import { findOut } from './find-out.ts';
import type { Pacing } from './pacing.ts';
import { createPrepare, type PrepareDeps, type Ready, requestFor } from './prepare.ts';
import { remember } from './remember.ts';
import type { Rhythms } from './rhythms.ts';
import { beforeSending, fence, pauseAfter } from './sending.ts';

export interface PublishDeps extends PrepareDeps {
  channel(id: string): Channel | undefined;
  publisher(account: string): Publisher;
  articles: Articles;
  deliveries: Deliveries;
  pauses: Pauses;
  /** Fingerprint of an account's credentials. */
  credentialsOf(account: string): string;
  pacing: Pacing;
  rhythms: Rhythms;
  policy: RetryPolicy;
  leaseMs: number;
  /** Waits for a slot; absent: by the clock on the wall. */
  wait?: (ms: number) => Promise<void>;
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
    about: { again: boolean; lost?: AbortSignal | undefined; hands?: Hands },
  ): Promise<JobResult>;
  /** Resolves when every outcome so far is on record. */
  settled(): Promise<void>;
}

/** One attempt at one delivery. */
interface Attempt extends Claimant {
  startedAt: number;
  lost: AbortSignal | undefined;
  hands: Hands | undefined;
}

/** A part that is live. */
interface Live {
  part: number;
  total: number;
  receipt: Receipt;
  sent: Sent | undefined;
}

type Prepared = { ready: Ready } | { trouble: unknown };

/** States in which a delivery may be sent. */
const sendable: ReadonlySet<string> = new Set(['scheduled', 'retryable', 'sending']);

export function createPublish(deps: PublishDeps): Publish {
  const prepare = createPrepare(deps);
  const stories = new Map<string, Promise<Article | undefined>>();
  const kept = new Map<string, Promise<void>>();
  const recording = new Set<Promise<unknown>>();
  const pause = deps.wait ?? delay;
  const tokenBase = randomBytes(9).toString('base64url');
  let attempts = 0;

  async function claim(attempt: Attempt, composed: Partial<Composed>) {
    const before = performance.now();
    const reply = await deps.deliveries.claim(
      claimOf(deps, attempt, { ...composed, way: wayOf(deps, attempt.channel) }),
    );
    attempt.hands?.took(performance.now() - before);
    return reply;
  }

  const onDropped =
    ({ job }: Attempt) =>
    (reason: string) =>
      deps.report({ kind: 'picture-dropped', delivery: job.delivery, channel: job.channel, reason });

  async function makeReady(attempt: Attempt): Promise<Prepared> {
    const { job, channel } = attempt;
    try {
      if (!channel) throw new RejectedError(`The config of this worker has no channel "${job.channel}".`);
      const story = await remember(stories, `${job.article}\n${job.version}`, () =>
        deps.articles.get(job.article, job.version),
      );
      if (!story) throw new RejectedError('The article is no longer stored.');
      const publisher = deps.publisher(channel.account);
      const ready = await prepare.fresh({ job, story, channel, publisher }, onDropped(attempt));
      await remember(kept, `${job.article}\n${ready.hash}`, () =>
        deps.articles.keepPost(job.article, ready.hash, ready.post),
      );
      return { ready };
    } catch (trouble) {
      return { trouble };
    }
  }

  /** What is said from here on: a post that is live in part goes on as it began. */
  async function sayFrom(attempt: Attempt, channel: Channel, ready: Ready, reply: Claimed): Promise<Ready> {
    if (reply.postHash === ready.hash) return ready;
    const post = await deps.articles.post(attempt.job.article, reply.postHash);
    if (!post) throw new RejectedError('What is live of it in part is no longer stored, so the rest cannot follow.');
    const subject = { job: attempt.job, channel, publisher: deps.publisher(channel.account) };
    return prepare.rest(subject, { post, hash: reply.postHash }, reply.parts.length, onDropped(attempt));
  }

  /** Records a failure under the claim, and says when to come again. */
  async function fail(
    { job, channel, token }: Attempt,
    attempt: number,
    thrown: unknown,
    sent?: Sent,
  ): Promise<JobResult> {
    const error = toPublishError(thrown);
    const { state, failure, waitMs, spendAttempt, held } = decide(error, {
      attempts: attempt,
      way: wayOf(deps, channel),
      policy: deps.policy,
    });
    if (channel) await pauseAfter(deps, channel, error);
    if (channel && error instanceof RateLimitedError) await deps.pacing.refused(channel, job, error);
    const wait = waitMs === undefined ? {} : { waitMs };
    const now = await deps.deliveries.settle({
      ...{ id: job.delivery, token, state, failure, spendAttempt, held },
      ...wait,
      circuit: channel?.account ?? '',
      ...(sent ? { sent } : {}),
    });
    const about = { delivery: job.delivery, channel: job.channel };
    deps.report({ kind: 'failed', ...about, state: now, error });
    if (held && now === 'unconfirmed') deps.report({ kind: 'held', ...about, reason: error.message });
    // What the platform told in the meantime may have settled it, and another attempt looks after what is lost.
    return waitMs === undefined || now !== state ? undefined : { waitMs };
  }

  /** Records that a part is live; resolves to false where the record is another attempt's by now. */
  async function record(attempt: Attempt, channel: Channel, { part, total, receipt, sent }: Live) {
    const { job, token, startedAt } = attempt;
    const about = { delivery: job.delivery, channel: channel.id };
    const account = wayOf(deps, channel) === 'find' ? { account: channel.account } : {};
    const state = await deps.deliveries.settle({
      id: job.delivery,
      token,
      state: 'live',
      part,
      total,
      receipt,
      ...account,
      circuit: channel.account,
      ...(sent ? { sent } : {}),
    });
    if (state === 'published') deps.report({ kind: 'published', ...about, ms: performance.now() - startedAt });
    if (state === 'lost') {
      const reason = 'another attempt owns the delivery by now';
      deps.report({ kind: 'unrecorded', ...about, live: receipt, reason });
    }
    return state === 'sending';
  }

  /**
   * Records that the last part is live, without making the job wait for it: should the process die first, the claim
   * runs out and the delivery is unconfirmed, as it would be a moment earlier.
   */
  function finish(attempt: Attempt, channel: Channel, live: Live): void {
    const about = { delivery: attempt.job.delivery, channel: channel.id };
    const work = record(attempt, channel, live).catch((error: Error) =>
      deps.report({ kind: 'unrecorded', ...about, live: live.receipt, reason: error.message }),
    );
    recording.add(work);
    void work.finally(() => recording.delete(work));
  }

  /** Sends the parts that are not live yet, one by one. */
  async function send(attempt: Attempt, channel: Channel, ready: Ready, first: Claimed, claimedFirst: number) {
    const publisher = deps.publisher(channel.account);
    const earlier = [...first.parts];
    const total = ready.post.parts.length;
    let claimedAt = claimedFirst;
    let { inMs, slotAt } = first;
    const sent = () => deps.pacing.sent(channel, attempt.scopes, { slotAt, inMs, askedAt: claimedAt });
    for (let part = earlier.length; part < total; part += 1) {
      if (part > first.parts.length) {
        claimedAt = performance.now();
        const reply = await claim(attempt, ready);
        if (reply.verdict !== 'claimed') return later(reply);
        // Redis has forgotten what this attempt did.
        if (reply.parts.length !== part) return { waitMs: deps.leaseMs };
        ({ inMs, slotAt } = reply);
      }
      if (inMs > 0) await (attempt.hands ? attempt.hands.idle(pause(inMs)) : pause(inMs));
      const deadline = createDeadline(deps.requestTimeoutMs);
      let receipt: Receipt;
      try {
        receipt = await publisher.send(requestFor({ job: attempt.job, channel }, ready, part, earlier), {
          signal: deadline.signal,
          beforeWrite: () => fence(deps, claimedAt, attempt.lost),
          onUsage: (usage) => deps.pacing.observe(channel, attempt.job, usage),
        });
      } catch (error) {
        return fail(attempt, first.attempts, error, sent());
      } finally {
        deadline.clear();
      }
      earlier.push(receipt);
      const live = { part, total, receipt, sent: sent() };
      if (part === total - 1) finish(attempt, channel, live);
      else if (!(await record(attempt, channel, live))) return { waitMs: deps.leaseMs };
    }
    return undefined;
  }

  const deliver: Publish['deliver'] = (job, { again, lost, hands }) => {
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
    const claimedAt = performance.now();
    const reply = await claim(attempt, 'ready' in prepared ? prepared.ready : {});
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
      return fail(attempt, reply.attempts, beforeSending('trouble' in prepared ? prepared.trouble : undefined));
    }
    let ready: Ready;
    try {
      ready = await sayFrom(attempt, channel, prepared.ready, reply);
    } catch (error) {
      return fail(attempt, reply.attempts, beforeSending(error));
    }
    return send(attempt, channel, ready, reply, claimedAt);
  }

  return {
    deliver,
    settled: async () => void (await Promise.all(recording)),
  };
}

/** How an end that nobody knows is settled on this channel. */
function wayOf({ platform, publisher }: PublishDeps, channel: Channel | undefined): Way {
  if (channel && publisher(channel.account).find) return 'find';
  if (platform.webhook) return 'status';
  return channel?.unconfirmed ?? 'hold';
}
