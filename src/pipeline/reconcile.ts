import type { Channel } from '../core/channel.ts';
import { type PublishError, toPublishError } from '../core/errors.ts';
import type { Publisher } from '../core/platform.ts';
import type { Post, Receipt } from '../core/post.ts';
import {
  decideAbsence,
  decideSilence,
  decideTrouble,
  type LookFacts,
  type LookOutcome,
  type RetryPolicy,
} from '../queue/outcome.ts';
import type { JobResult } from '../queue/worker.ts';
import type { DeliveryJob } from '../store/articles.ts';
import type { Doubt } from '../store/claims.ts';
import type { Deliveries, FindingReply } from '../store/deliveries.ts';
import { stepAt } from './attempt.ts';
import { createDeadline } from './deadline.ts';
import { saidBefore } from './steps.ts';

export interface ReconcileDeps {
  deliveries: Deliveries;
  policy: RetryPolicy;
  requestTimeoutMs: number;
}

/** A delivery that may be live, and what is needed to ask about it. */
export interface Uncertain {
  job: DeliveryJob;
  /** Absent, with its publisher, where it is no longer configured. */
  channel: Channel | undefined;
  publisher: Publisher | undefined;
  doubt: Doubt;
  /** What was said, as stored with the claim. */
  post: Post | undefined;
}

/** What came of asking: when to come again, and how things stand. */
export interface Reconciled {
  result: JobResult;
  reply: FindingReply;
  outcome: LookOutcome['outcome'] | 'found';
  reason?: string | undefined;
  /** Why the platform could not be asked. */
  trouble?: PublishError | undefined;
}

/**
 * Finds out whether the part in doubt is live, and records it. Only where the platform was asked often enough and shows
 * nothing is it sent again; what nobody can tell is left to a person.
 */
export async function reconcile(deps: ReconcileDeps, uncertain: Uncertain): Promise<Reconciled> {
  const { job, channel, doubt } = uncertain;
  const facts: LookFacts = {
    ...doubt,
    duplicate: doubt.code === 'duplicate',
    resend: channel?.unconfirmed === 'resend',
    policy: deps.policy,
  };
  const seen = await look(deps, uncertain);
  const about = { id: job.delivery, fence: doubt.fence, account: channel?.account ?? '' };
  let owner: string | undefined;
  if (Array.isArray(seen) && seen.length > 0) {
    const reply = await deps.deliveries.reconcile({ ...about, outcome: 'found', receipts: seen });
    if (reply.verdict !== 'taken') {
      const goesOn = reply.verdict === 'recorded' && reply.state === 'retryable';
      return { result: goesOn ? { waitMs: 0 } : undefined, reply, outcome: 'found' };
    }
    owner = reply.owner;
  }
  const decision = Array.isArray(seen)
    ? decideAbsence({ ...facts, owner })
    : seen === 'silent'
      ? decideSilence(facts)
      : decideTrouble(seen, facts);
  const reply = await deps.deliveries.reconcile({ ...about, ...decision });
  const comesAgain = reply.verdict === 'recorded' && 'waitMs' in decision;
  return {
    result: comesAgain ? { waitMs: decision.waitMs } : undefined,
    reply,
    outcome: decision.outcome,
    reason: decision.failure?.reason,
    trouble: seen instanceof Error ? seen : undefined,
  };
}

/** What the platform shows; `silent` where there is nothing to ask, or nothing to ask for. */
async function look(deps: ReconcileDeps, { channel, publisher, doubt, post }: Uncertain) {
  const step = stepAt(post, doubt.parts.length);
  if (!channel || !publisher?.find || !post || step?.do !== 'send') return 'silent' as const;
  const deadline = createDeadline(deps.requestTimeoutMs);
  const earlier = saidBefore(post, doubt.parts);
  const reply = post.replyTo && earlier.length === 0 ? { replyTo: post.replyTo } : {};
  const request = { post, part: step.part, channel, earlier, ...reply, sinceMs: doubt.sinceMs };
  try {
    return (await publisher.find(request, { signal: deadline.signal })) as Receipt[];
  } catch (error) {
    return toPublishError(error);
  } finally {
    deadline.clear();
  }
}
