import { randomBytes } from 'node:crypto';
import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import { type PublishError, RejectedError, toPublishError, UnavailableError } from '../core/errors.ts';
import type { Publisher } from '../core/platform.ts';
import type { Receipt } from '../core/post.ts';
import { decide, type RetryPolicy } from '../queue/outcome.ts';
import type { JobResult } from '../queue/worker.ts';
import type { Articles, DeliveryJob } from '../store/articles.ts';
import type { ClaimReply, Deliveries } from '../store/deliveries.ts';
import type { Pauses } from '../store/pauses.ts';
import { createDeadline } from './deadline.ts';
import { createPrepare, type PrepareDeps, type Ready, requestFor } from './prepare.ts';

export interface PublishDeps extends PrepareDeps {
  channel(id: string): Channel | undefined;
  publisher(account: string): Publisher;
  articles: Articles;
  deliveries: Deliveries;
  pauses: Pauses;
  policy: RetryPolicy;
  leaseMs: number;
  /** Told what happened; must not throw. */
  report(event: PublishEvent): void;
}

export type PublishEvent =
  | { kind: 'published'; delivery: string; channel: string; ms: number }
  | { kind: 'failed'; delivery: string; channel: string; state: string; error: PublishError }
  | { kind: 'picture-dropped'; delivery: string; channel: string; reason: string }
  /** Live, but another attempt owns the record by now, or it could not be written. */
  | { kind: 'unrecorded'; delivery: string; channel: string; live: Receipt; reason: string };

export interface Publish {
  /** The way of one delivery: prepare, claim, send, record, part by part. Resolves to when to come again, if ever. */
  deliver(job: DeliveryJob, lost?: AbortSignal): Promise<JobResult>;
  /** Resolves when every outcome so far is on record. */
  settled(): Promise<void>;
}

/** One attempt at one delivery. */
interface Attempt {
  job: DeliveryJob;
  channel: Channel | undefined;
  /** Fencing token: nobody else can record under this claim. */
  token: string;
  startedAt: number;
  lost: AbortSignal | undefined;
}

const pausedRetryMs = 10_000;
const maxRemembered = 500;

export function createPublish(deps: PublishDeps): Publish {
  const prepare = createPrepare(deps);
  const stories = new Map<string, Promise<Article | undefined>>();
  const kept = new Map<string, Promise<void>>();
  const recording = new Set<Promise<unknown>>();
  const tokenBase = randomBytes(9).toString('base64url');
  let attempts = 0;

  function claim({ job, channel, token }: Attempt, part: number, postHash: string): Promise<ClaimReply> {
    return deps.deliveries.claim({
      id: job.delivery,
      token,
      part,
      postHash,
      account: channel?.account ?? '',
      channel: job.channel,
      staleAfterMs: channel?.staleAfterMs,
      resend: channel?.unconfirmed === 'resend',
    });
  }

  async function makeReady({
    job,
    channel,
  }: Attempt): Promise<{ ready: Ready; channel: Channel; publisher: Publisher }> {
    if (!channel) throw new RejectedError(`The config of this worker has no channel "${job.channel}".`);
    const story = await remember(stories, `${job.article}\n${job.version}`, () =>
      deps.articles.get(job.article, job.version),
    );
    if (!story) throw new RejectedError('The article is no longer stored.');
    const publisher = deps.publisher(channel.account);
    const ready = await prepare({ job, story, channel, publisher }, (reason) =>
      deps.report({ kind: 'picture-dropped', delivery: job.delivery, channel: channel.id, reason }),
    );
    await remember(kept, `${job.article}\n${ready.hash}`, () =>
      deps.articles.keepPost(job.article, ready.hash, ready.post),
    );
    return { ready, channel, publisher };
  }

  /** Records a failure under the claim, and says when to come again. */
  async function fail({ job, channel, token }: Attempt, attempt: number, thrown: unknown): Promise<JobResult> {
    const error = toPublishError(thrown);
    const outcome = decide(error, {
      attempts: attempt,
      resend: channel?.unconfirmed === 'resend',
      policy: deps.policy,
    });
    const dueMs = outcome.waitMs === undefined ? undefined : Date.now() + outcome.waitMs;
    if (channel) await pauseAfter(deps.pauses, channel, error);
    await deps.deliveries.settle({
      id: job.delivery,
      token,
      state: outcome.state,
      failure: outcome.failure,
      spendAttempt: outcome.spendAttempt,
      ...(dueMs === undefined ? {} : { dueMs }),
    });
    deps.report({ kind: 'failed', delivery: job.delivery, channel: job.channel, state: outcome.state, error });
    return dueMs === undefined ? undefined : { againAt: dueMs };
  }

  /**
   * Records that the last part is live, without making the job wait for it: should the process die first, the claim
   * runs out and the delivery is unconfirmed, as it would be a moment earlier.
   */
  function finish({ job, token, startedAt }: Attempt, channel: Channel, receipt: Receipt): void {
    const about = { delivery: job.delivery, channel: channel.id };
    const record = deps.deliveries.settle({ id: job.delivery, token, state: 'published', receipt }).then(
      (state) => {
        if (state === 'lost') {
          deps.report({
            kind: 'unrecorded',
            ...about,
            live: receipt,
            reason: 'another attempt owns the delivery by now',
          });
        } else deps.report({ kind: 'published', ...about, ms: performance.now() - startedAt });
      },
      (error: Error) => deps.report({ kind: 'unrecorded', ...about, live: receipt, reason: error.message }),
    );
    recording.add(record);
    void record.finally(() => recording.delete(record));
  }

  async function deliver(job: DeliveryJob, lost?: AbortSignal): Promise<JobResult> {
    attempts += 1;
    const attempt: Attempt = {
      job,
      channel: deps.channel(job.channel),
      token: `${tokenBase}.${attempts}`,
      startedAt: performance.now(),
      lost,
    };
    const prepared = await makeReady(attempt).catch((error: unknown) => ({ trouble: error }));
    let claimedAt = performance.now();
    let reply = await claim(attempt, 0, 'ready' in prepared ? prepared.ready.hash : '');
    if (reply.verdict !== 'claimed') return later(reply);
    if (!('ready' in prepared)) return fail(attempt, reply.attempts, beforeSending(prepared.trouble));

    const { ready, channel, publisher } = prepared;
    const earlier = [...reply.parts];
    const last = ready.post.parts.length - 1;
    for (let part = earlier.length; part <= last; part += 1) {
      if (part > 0) {
        claimedAt = performance.now();
        reply = await claim(attempt, part, ready.hash);
        if (reply.verdict !== 'claimed') return later(reply);
      }
      const deadline = createDeadline(deps.requestTimeoutMs);
      let receipt: Receipt;
      try {
        receipt = await publisher.send(requestFor(job, channel, ready, part, earlier), {
          signal: deadline.signal,
          beforeWrite: () => fence(deps, claimedAt, lost),
        });
      } catch (error) {
        return fail(attempt, reply.attempts, error);
      } finally {
        deadline.clear();
      }
      if (part === last) finish(attempt, channel, receipt);
      else {
        earlier.push(receipt);
        await deps.deliveries.settle({ id: job.delivery, token: attempt.token, state: 'part', receipt });
      }
    }
    return undefined;
  }

  return {
    deliver,
    settled: async () => void (await Promise.all(recording)),
  };
}

/** The last look before the first byte leaves: a process that was paused past its claim must not send. */
function fence({ leaseMs, requestTimeoutMs }: PublishDeps, claimedAt: number, lost: AbortSignal | undefined): void {
  if (lost?.aborted) throw new UnavailableError('Another worker took the job over before it was sent.');
  if (performance.now() - claimedAt > leaseMs - requestTimeoutMs) {
    throw new UnavailableError('The claim ran out before the request was written.');
  }
}

/** What went wrong before anything was sent: a platform's own verdict stands, all else is tried again. */
function beforeSending(trouble: unknown): unknown {
  if (trouble instanceof Error && 'failure' in trouble && trouble.failure !== 'unconfirmed') return trouble;
  return new UnavailableError(trouble instanceof Error ? trouble.message : String(trouble), { cause: trouble });
}

async function pauseAfter(pauses: Pauses, channel: Channel, error: PublishError): Promise<void> {
  if (error.failure === 'unauthorized') await pauses.pauseAccount(channel.account, error.message);
  if (error instanceof RejectedError && error.effect === 'pause-channel') {
    await pauses.pauseChannel(channel.id, error.message);
  }
}

function later(reply: Exclude<ClaimReply, { verdict: 'claimed' }>): JobResult {
  switch (reply.verdict) {
    case 'leased':
      return { againAt: reply.untilMs + 100 };
    case 'early':
      return { againAt: reply.dueMs };
    case 'paused':
      return { againAt: Date.now() + pausedRetryMs };
    default:
      return undefined;
  }
}

/** One promise per key; the oldest are forgotten, failed ones at once. */
function remember<T>(cache: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  const cached = cache.get(key);
  if (cached) return cached;
  const made = make();
  if (cache.size >= maxRemembered) cache.delete(cache.keys().next().value as string);
  cache.set(key, made);
  made.catch(() => cache.delete(key));
  return made;
}
