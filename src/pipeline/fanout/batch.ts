import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Channel } from '../../core/channel.ts';
import { type PublishError, RateLimitedError, RejectedError, toPublishError } from '../../core/errors.ts';
import type { AudienceForms, Platform, Publisher } from '../../core/platform.ts';
import type { Post } from '../../core/post.ts';
import { decide, type RetryPolicy } from '../../queue/outcome.ts';
import type { JobResult } from '../../queue/worker.ts';
import type { Articles, DeliveryJob } from '../../store/articles.ts';
import type { BatchRules, Claimed, Fanouts, Outcome, Variants } from '../../store/fanout/index.ts';
import type { Pauses } from '../../store/pauses.ts';
import { createDeadline } from '../deadline.ts';
import type { Pacing } from '../pacing.ts';
import { type Prepare, type Ready, requestFor } from '../prepare.ts';
import { remember } from '../remember.ts';
import type { Rhythms } from '../rhythms.ts';
import { beforeSending, fence, pauseAfter } from '../sending.ts';
import { createSlots, createTurns, type Turns } from './turns.ts';

export interface BatchDeps {
  platform: Platform;
  fanouts: Fanouts;
  articles: Pick<Articles, 'post'>;
  publisher(account: string): Publisher;
  pauses: Pauses;
  credentialsOf(account: string): string;
  pacing: Pacing;
  rhythms: Rhythms;
  policy: RetryPolicy;
  leaseMs: number;
  requestTimeoutMs: number;
  prepare: Pick<Prepare, 'rest'>;
  /** Requests that are under way at once, at most. */
  concurrency: number;
  /** The platform lets nothing through to a person for so long (ms), as `code` tells; `Infinity`: the person stopped it. */
  suppress(account: string, who: string, code: string, forMs: number): Promise<void>;
  /** Told of pictures that cannot be used, and of what ended an attempt beside the message itself. */
  onTrouble(about: { delivery: string; channel: string; reason: string }): void;
}

export interface BatchJob {
  job: DeliveryJob & { batch: number };
  channel: Channel;
  forms: AudienceForms;
  lost: AbortSignal | undefined;
  /** True once no more is to be begun. */
  isStopping: () => boolean;
}

type FailedOutcome = Exclude<Outcome, { state: 'published' }>;
type About = Pick<Outcome, 'delivery' | 'batch' | 'place' | 'fence' | 'circuit' | 'sent'>;

/** What a claim has of its own. `claimedAt`: `performance.now`. */
interface Claim {
  token: number;
  claimedAt: number;
  scopes: string;
  /** What the key of a person's own limit begins with, and its windows. */
  pair: BatchRules['pair'] | undefined;
}

/** A wait so short is waited here; for a longer one the job goes back. */
const shortWaitMs = 1_500;
/** Limits that are not free are asked again so much later at least: many become free together. */
const leastWaitMs = 40;
/** People that are claimed in one step, at most. */
const peopleAStep = 50;

export interface Batches {
  deliver(batch: BatchJob): Promise<JobResult>;
  /** Settles what is left of a batch that nobody sends any more. */
  sweep(job: DeliveryJob & { batch: number }): Promise<JobResult>;
}

/** Sends batches of fan-outs: claims people, a few at a time, writes to each, and records what came of it. */
export function createBatches(deps: BatchDeps): Batches {
  const slots = createSlots(deps.concurrency);
  const turns = new Map<string, Turns>();
  const ready = new Map<string, Promise<Ready | undefined>>();
  const said = new Map<string, Promise<Variants | undefined>>();

  const turnsOf = (account: string) => {
    const known = turns.get(account) ?? createTurns();
    turns.set(account, known);
    return known;
  };

  function readyFor({ job, channel }: BatchJob, hash: string): Promise<Ready | undefined> {
    return remember(ready, `${job.delivery}\n${hash}`, async () => {
      const post = await deps.articles.post(job.article, hash);
      if (!post) return undefined;
      const publisher = deps.publisher(channel.account);
      const made = await deps.prepare.rest({ job, channel, publisher }, { post, hash }, 0, (reason) =>
        deps.onTrouble({ delivery: job.delivery, channel: channel.id, reason }),
      );
      // What is uploaded is not needed any more, and large.
      if (!publisher.upload) return made;
      return { ...made, pictures: made.pictures.map(({ uploads }) => ({ media: [], uploads })) };
    });
  }

  const variantsOf = (delivery: string) =>
    remember(said, delivery, async () => {
      const json = await deps.fanouts.variants(delivery);
      return json === undefined ? undefined : (JSON.parse(json) as Variants);
    });

  async function claim(batch: BatchJob, token: number, most: number) {
    const { job, channel, forms } = batch;
    const limits = deps.pacing.fanout(channel);
    const reply = await deps.fanouts.claim({
      delivery: job.delivery,
      batch: job.batch,
      fence: token,
      most,
      leaseMs: deps.leaseMs,
      quarantineMs: deps.policy.quarantineMs,
      maxAttempts: deps.policy.maxAttempts,
      way: channel.unconfirmed === 'resend' ? 'resend' : 'status',
      by: {
        ...{ account: channel.account, channel: channel.id, article: job.article, version: job.version },
        ...(job.act === undefined ? {} : { act: job.act }),
        priority: job.priority,
        ...(channel.staleAfterMs === undefined || job.act === 'retract' ? {} : { staleAfter: channel.staleAfterMs }),
        hours: job.act === 'retract' ? '' : deps.rhythms.hours(channel, job),
        ...limits,
        mode: forms.mode,
      },
    });
    const isLimited = reply.verdict === 'wait' || (reply.verdict === 'go' && reply.waitMs > 0);
    return {
      reply: { ...reply, scopes: limits.scopes, pair: limits.pair },
      closedMs: isLimited ? Math.min(leastWaitMs, reply.waitMs) : 0,
    };
  }

  /** The message to one person. Rejects with what leaves no doubt: nothing is sent yet. */
  async function requestOf(batch: BatchJob, one: Claimed, { id, recipient }: { id: string; recipient: string }) {
    const { job, channel } = batch;
    try {
      const hash = (await variantsOf(job.delivery))?.posts[one.variant] ?? '';
      const message = await readyFor(batch, hash);
      if (!message) throw new RejectedError('What it says is no longer stored.');
      const post = { ...message.post };
      delete post.replyTo;
      if (one.corrects !== undefined) post.replyTo = { remoteId: one.corrects, at: '' };
      return requestFor({ job: { ...job, delivery: id, recipient }, channel }, { ...message, post }, 0, []);
    } catch (trouble) {
      throw beforeSending(trouble);
    }
  }

  async function send(batch: BatchJob, one: Claimed, { token, claimedAt, scopes, pair }: Claim) {
    const { job, channel } = batch;
    const id = `${job.delivery}.${job.batch}.${one.place}`;
    const recipient = numberOf(one.who);
    if (one.inMs > 0) await delay(one.inMs);
    const deadline = createDeadline(deps.requestTimeoutMs);
    const own = withOwn(scopes, pair, recipient);
    const sent = () => deps.pacing.sent(channel, own, { ...one, askedAt: claimedAt });
    const about = {
      delivery: job.delivery,
      batch: job.batch,
      place: one.place,
      fence: token,
      circuit: channel.account,
    };
    let outcome: Outcome;
    let template: Post['template'];
    try {
      const request = await requestOf(batch, one, { id, recipient });
      template = request.post.template;
      const receipt = await deps.publisher(channel.account).send(request, {
        signal: deadline.signal,
        reuse: true,
        beforeWrite: () => fence(deps, claimedAt, batch.lost),
      });
      const { remoteId, status = 'accepted' } = receipt;
      outcome = { ...about, state: 'published', remoteId, status, ...withSent(sent()) };
    } catch (thrown) {
      const error = toPublishError(thrown);
      outcome = { ...about, ...(await failed(batch, one, error, template)), ...withSent(sent()) };
    } finally {
      deadline.clear();
    }
    await deps.fanouts.settle(outcome);
  }

  async function failed(
    batch: BatchJob,
    { who, attempts }: Claimed,
    error: PublishError,
    template: Post['template'],
  ): Promise<Omit<FailedOutcome, keyof About>> {
    const { job, channel, forms } = batch;
    await pauseAfter(deps, channel, error, template);
    if (error instanceof RateLimitedError)
      await deps.pacing.refused(channel, { ...job, recipient: numberOf(who) }, error);
    const { effect, suppressForMs } = error instanceof RejectedError ? error : {};
    if (suppressForMs !== undefined) await deps.suppress(channel.account, who, error.code ?? '', suppressForMs);
    const { state, failure, waitMs, spendAttempt, held } = decide(error, {
      attempts,
      way: 'status',
      policy: deps.policy,
    });
    if (effect === 'window-closed' && forms.mode === 'window') {
      return { state: 'retryable', failure, waitMs: 0, spendAttempt: false, windowIsOver: true };
    }
    // While the account rests, nothing of it is claimed.
    if (failure.class === 'unauthorized') return { state: 'retryable', failure, waitMs: 0, spendAttempt: false };
    return { state: held ? 'held' : state, failure, ...(waitMs === undefined ? {} : { waitMs }), spendAttempt };
  }

  async function deliver(batch: BatchJob): Promise<JobResult> {
    const { job, channel } = batch;
    const sending = new Set<Promise<void>>();
    let trouble: unknown;
    const begin = (one: Claimed, claim: Claim) => {
      const request = send(batch, one, claim)
        .catch((error: unknown) => {
          trouble = error;
        })
        .finally(() => {
          slots.give(1);
          sending.delete(request);
        });
      sending.add(request);
    };
    const end = async (result: JobResult) => {
      await Promise.all(sending);
      // What could not be recorded is found out about when the claims have run out.
      if (trouble !== undefined) throw trouble;
      return result;
    };

    for (;;) {
      if (batch.isStopping() || batch.lost?.aborted) return end({ waitMs: 0 });
      const free = await slots.take(peopleAStep);
      // By this a claim is known that is asked for again, because the connection broke before its answer.
      const token = randomInt(1, 2 ** 32 - 1);
      let claimedAt = performance.now();
      const reply = await turnsOf(channel.account)
        .take(job.priority, () => {
          claimedAt = performance.now();
          return claim(batch, token, free);
        })
        .catch((error: unknown) => {
          slots.give(free);
          throw error;
        });
      const claimed = reply.verdict === 'go' ? reply.claimed : [];
      slots.give(free - claimed.length);
      for (const one of claimed) begin(one, { token, claimedAt, scopes: reply.scopes, pair: reply.pair });
      if (reply.verdict === 'done' || reply.verdict === 'gone') return end(undefined);
      if (reply.verdict === 'paused') return end({ waitMs: reply.waitMs });
      if (reply.waitMs <= 0) continue;
      if (sending.size > 0) await allOrAfter(sending, Math.max(leastWaitMs, reply.waitMs));
      else if (reply.waitMs > shortWaitMs) return end({ waitMs: reply.waitMs });
      else await delay(Math.max(leastWaitMs, reply.waitMs));
    }
  }

  async function sweep({ delivery, batch, channel, article, version, priority }: DeliveryJob & { batch: number }) {
    const none = { account: '', day: '', month: '', prices: {} };
    const reply = await deps.fanouts.claim({
      ...{ delivery, batch, fence: 0, most: 0, leaseMs: deps.leaseMs, quarantineMs: deps.policy.quarantineMs },
      ...{ maxAttempts: 0, way: 'hold' },
      by: {
        ...{ account: '', channel, article, version, priority, hours: '', scopes: '', bill: none, charge: none },
        ...{ whenSpent: 'hold', mode: 'template' },
      },
    });
    return 'waitMs' in reply ? { waitMs: Math.max(shortWaitMs, reply.waitMs) } : undefined;
  }

  return { deliver, sweep };
}

/** Resolves when all are over, or after so long. */
async function allOrAfter(work: Iterable<Promise<unknown>>, ms: number): Promise<void> {
  const over = new AbortController();
  await Promise.race([Promise.all(work), delay(ms, undefined, { signal: over.signal }).catch(() => {})]);
  over.abort();
}

/** What a message counts against: all that the list does, and the person's own limit. As `encodeScopes` writes it. */
function withOwn(scopes: string, pair: BatchRules['pair'], recipient: string): string {
  if (!pair) return scopes;
  const own = JSON.stringify([pair[0] + recipient, pair[1], '']);
  return scopes === '' ? `[${own}]` : `${scopes.slice(0, -1)},${own}]`;
}

/** As channels and platforms name a person. */
function numberOf(who: string): string {
  return /^\d+$/.test(who) ? `+${who}` : who;
}

function withSent(sent: Outcome['sent']): Pick<Outcome, 'sent'> {
  return sent === undefined ? {} : { sent };
}
