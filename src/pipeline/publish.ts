import { randomBytes } from 'node:crypto';
import type { Article, Image } from '../core/article.ts';
import type { Account, Channel } from '../core/channel.ts';
import { type PublishError, RejectedError, toPublishError, UnavailableError } from '../core/errors.ts';
import type { Call, Platform, Publisher, SendRequest } from '../core/platform.ts';
import type { Media, Receipt } from '../core/post.ts';
import { decide, type RetryPolicy } from '../queue/outcome.ts';
import type { JobResult } from '../queue/worker.ts';
import type { Articles, DeliveryJob } from '../store/articles.ts';
import type { ClaimReply, Deliveries } from '../store/deliveries.ts';
import type { Pauses } from '../store/pauses.ts';
import { type Composed, createComposer } from './compose.ts';
import { createDeadline } from './deadline.ts';

export interface PublishDeps {
  platform: Platform;
  channel(id: string): Channel | undefined;
  account(id: string): Account;
  publisher(account: string): Publisher;
  /** Fetches a picture through the guards; rejects where it can't be used. */
  loadImage(image: Image): Promise<Media>;
  articles: Articles;
  deliveries: Deliveries;
  pauses: Pauses;
  policy: RetryPolicy;
  leaseMs: number;
  requestTimeoutMs: number;
  /** Told what happened; must not throw. */
  report(event: PublishEvent): void;
}

export type PublishEvent =
  | { kind: 'published'; delivery: string; channel: string; ms: number }
  | { kind: 'failed'; delivery: string; channel: string; state: string; error: PublishError }
  | { kind: 'picture-dropped'; delivery: string; channel: string; reason: string }
  | { kind: 'claim-lost'; delivery: string; channel: string; live: Receipt | undefined };

/** What is ready to be sent: composed, pictures fetched and uploaded. */
interface Ready extends Composed {
  media: Media[];
  uploads: string[];
}

const pausedRetryMs = 10_000;
const maxCachedArticles = 500;

/** The way of one delivery: compose, claim, send, record, part by part. Returns when to come again, if ever. */
export function createPublish(deps: PublishDeps): (job: DeliveryJob, lost?: AbortSignal) => Promise<JobResult> {
  const compose = createComposer(deps.platform);
  const articleCache = new Map<string, Promise<Article | undefined>>();
  const kept = new Map<string, Promise<void>>();

  const article = (id: string, version: number) =>
    remember(articleCache, `${id}\n${version}`, () => deps.articles.get(id, version));
  const keep = (job: DeliveryJob, composed: Composed) =>
    remember(kept, `${job.article}\n${composed.hash}`, () =>
      deps.articles.keepPost(job.article, composed.hash, composed.post),
    );

  async function prepare(job: DeliveryJob, story: Article, channel: Channel, publisher: Publisher): Promise<Ready> {
    const composed = compose(story, channel, true);
    const images = composed.post.parts.flatMap((part) => part.media);
    if (images.length === 0) return { ...composed, media: [], uploads: [] };
    try {
      const media = await Promise.all(images.map((image) => loadFitting(deps, image)));
      const uploads = await upload(deps, publisher, { job, channel, composed, media });
      return { ...composed, media, uploads };
    } catch (error) {
      // Whatever else is wrong (limits, credentials, network) will be seen again, and decided, at the send.
      if (error instanceof Error && 'failure' in error && error.failure !== 'rejected') throw error;
      const reason = error instanceof Error ? error.message : String(error);
      deps.report({ kind: 'picture-dropped', delivery: job.delivery, channel: channel.id, reason });
      return { ...compose(story, channel, false), media: [], uploads: [] };
    }
  }

  return async (job, lost) => {
    const startedAt = performance.now();
    const channel = deps.channel(job.channel);
    const token = randomBytes(9).toString('base64url');
    const claim = (part: number, postHash: string) =>
      deps.deliveries.claim({
        id: job.delivery,
        token,
        part,
        postHash,
        account: channel?.account ?? '',
        channel: job.channel,
        staleAfterMs: channel?.staleAfterMs,
        resend: channel?.unconfirmed === 'resend',
      });

    /** Records a failure under a claim, and says when to come again. */
    const fail = async (attempts: number, thrown: unknown): Promise<JobResult> => {
      const error = toPublishError(thrown);
      const outcome = decide(error, { attempts, resend: channel?.unconfirmed === 'resend', policy: deps.policy });
      const dueMs = outcome.waitMs === undefined ? undefined : Date.now() + outcome.waitMs;
      if (channel) await pauseAfter(deps, channel, error);
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
    };

    const story = await article(job.article, job.version);
    let ready: Ready | undefined;
    let trouble: unknown;
    let publisher: Publisher | undefined;
    try {
      if (!channel) throw new RejectedError(`The config of this worker has no channel "${job.channel}".`);
      if (!story) throw new RejectedError('The article is no longer stored.');
      publisher = deps.publisher(channel.account);
      ready = await prepare(job, story, channel, publisher);
      await keep(job, ready);
    } catch (error) {
      trouble = error;
    }

    let reply = await claim(0, ready?.hash ?? '');
    if (reply.verdict !== 'claimed') return later(reply);
    if (!ready || !publisher || !channel) {
      // Nothing was sent: what is not one of the platform's own answers is a fault on our side, tried again.
      const known = trouble instanceof Error && 'failure' in trouble && trouble.failure !== 'unconfirmed';
      return fail(reply.attempts, known ? trouble : new UnavailableError(messageOf(trouble), { cause: trouble }));
    }

    const earlier = [...reply.parts];
    for (let part = earlier.length; part < ready.post.parts.length; part += 1) {
      if (part > 0) {
        reply = await claim(part, ready.hash);
        if (reply.verdict !== 'claimed') return later(reply);
      }
      const deadline = createDeadline(deps.requestTimeoutMs);
      const call: Call = { signal: deadline.signal, beforeWrite: fence(deps, performance.now(), lost) };
      let receipt: Receipt;
      try {
        receipt = await publisher.send(request(job, channel, ready, part, earlier), call);
      } catch (error) {
        return fail(reply.attempts, error);
      } finally {
        deadline.clear();
      }
      earlier.push(receipt);
      const done = part === ready.post.parts.length - 1;
      const state = await deps.deliveries.settle({
        id: job.delivery,
        token,
        state: done ? 'published' : 'part',
        receipt,
      });
      if (state === 'lost') {
        deps.report({ kind: 'claim-lost', delivery: job.delivery, channel: channel.id, live: receipt });
        return undefined;
      }
    }
    const ms = performance.now() - startedAt;
    deps.report({ kind: 'published', delivery: job.delivery, channel: channel.id, ms });
    return undefined;
  };
}

/** The last look before the first byte leaves: a process that was paused past its claim must not send. */
function fence(deps: PublishDeps, claimedAt: number, lost: AbortSignal | undefined): () => void {
  return () => {
    if (lost?.aborted) throw new UnavailableError('The job was taken over by another worker before it was sent.');
    if (performance.now() - claimedAt > deps.leaseMs - deps.requestTimeoutMs) {
      throw new UnavailableError('The claim ran out before the request was written.');
    }
  };
}

function request(job: DeliveryJob, channel: Channel, ready: Ready, part: number, earlier: Receipt[]): SendRequest {
  const before = ready.post.parts.slice(0, part).reduce((sum, { media }) => sum + media.length, 0);
  const count = ready.post.parts[part]?.media.length ?? 0;
  return {
    deliveryId: job.delivery,
    post: ready.post,
    part,
    channel,
    ...(job.recipient === undefined ? {} : { recipient: job.recipient }),
    media: ready.media.slice(before, before + count),
    uploads: ready.uploads.slice(before, before + count),
    earlier,
  };
}

async function upload(
  deps: PublishDeps,
  publisher: Publisher,
  { job, channel, composed, media }: { job: DeliveryJob; channel: Channel; composed: Composed; media: Media[] },
): Promise<string[]> {
  if (!publisher.upload) return [];
  const deadline = createDeadline(deps.requestTimeoutMs);
  try {
    const { uploads: _none, ...rest } = request(job, channel, { ...composed, media, uploads: [] }, 0, []);
    return await publisher.upload({ ...rest, media }, { signal: deadline.signal });
  } finally {
    deadline.clear();
  }
}

async function loadFitting(deps: PublishDeps, image: Image): Promise<Media> {
  const media = await deps.loadImage(image);
  const { types, maxBytes } = deps.platform.media;
  if (!types.includes(media.mimeType)) {
    throw new RejectedError(`${deps.platform.name} takes no ${media.mimeType} (${image.url}).`);
  }
  if (media.bytes.length > maxBytes) {
    throw new RejectedError(`${image.url} has ${media.bytes.length} bytes; ${deps.platform.name} takes ${maxBytes}.`);
  }
  return media;
}

async function pauseAfter(deps: PublishDeps, channel: Channel, error: PublishError): Promise<void> {
  if (error.failure === 'unauthorized') await deps.pauses.pauseAccount(channel.account, error.message);
  if (error instanceof RejectedError && error.effect === 'pause-channel') {
    await deps.pauses.pauseChannel(channel.id, error.message);
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
  if (cache.size >= maxCachedArticles) cache.delete(cache.keys().next().value as string);
  cache.set(key, made);
  made.catch(() => cache.delete(key));
  return made;
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
