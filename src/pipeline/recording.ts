import type { Channel } from '../core/channel.ts';
import { RateLimitedError, RejectedError, toPublishError } from '../core/errors.ts';
import type { Platform, Publisher } from '../core/platform.ts';
import type { Receipt, Step } from '../core/post.ts';
import { decide, type RetryPolicy } from '../queue/outcome.ts';
import type { JobResult } from '../queue/worker.ts';
import type { Deliveries, Sent } from '../store/deliveries.ts';
import type { Pauses } from '../store/pauses.ts';
import { type Attempt, wayOfStep } from './attempt.ts';
import type { PublishEvent } from './events.ts';
import type { Pacing } from './pacing.ts';
import { pauseAfter } from './sending.ts';

export interface RecordingDeps {
  platform: Platform;
  publisher(account: string): Publisher;
  deliveries: Deliveries;
  pauses: Pauses;
  credentialsOf(account: string): string;
  pacing: Pacing;
  policy: RetryPolicy;
  /** The platform lets nothing through to a person for so long (ms); `Infinity`: the person stopped it. */
  lists?: { suppress(account: string, who: string, code: string, forMs: number): Promise<void> };
  report(event: PublishEvent): void;
}

/** A step that is done. */
interface Live {
  part: number;
  total: number;
  receipt: Receipt;
  step: Step | undefined;
  sent: Sent | undefined;
}

/** Writes down what came of the steps of an attempt. */
export function createRecording(deps: RecordingDeps) {
  const recording = new Set<Promise<unknown>>();

  /** Records a failure under the claim, and says when to come again. */
  async function fail(
    { job, channel, token }: Attempt,
    {
      attempts,
      thrown,
      step,
      sent,
    }: { attempts: number; thrown: unknown; step?: Step | undefined; sent?: Sent | undefined },
  ): Promise<JobResult> {
    const error = toPublishError(thrown);
    const way = wayOfStep(deps, channel, step);
    const { state, failure, waitMs, spendAttempt, held } = decide(error, { attempts, way, policy: deps.policy });
    if (channel) await pauseAfter(deps, channel, error);
    if (channel && error instanceof RateLimitedError) {
      await deps.pacing.refused(channel, job, error, step?.do);
    }
    if (channel && job.recipient && error instanceof RejectedError && error.suppressForMs !== undefined) {
      const who = job.recipient.replace(/^\+/, '');
      await deps.lists?.suppress(channel.account, who, error.code ?? '', error.suppressForMs);
    }
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
  async function record(attempt: Attempt, channel: Channel, { part, total, receipt, step, sent }: Live) {
    const { job, token, startedAt } = attempt;
    const about = { delivery: job.delivery, channel: channel.id };
    const account = wayOfStep(deps, channel, step) === 'find' ? { account: channel.account } : {};
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

  return {
    fail,
    record,
    finish,
    /** Resolves when every outcome so far is on record. */
    settled: async (): Promise<void> => void (await Promise.all(recording)),
  };
}
