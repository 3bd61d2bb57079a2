import { DelayedError, type Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { DeliveryJob } from '../store/articles.ts';
import { setOff } from './connection.ts';
import { createHands, type Hands } from './hands.ts';
import { queuePrefix } from './queues.ts';
import { stopWorker } from './stopping.ts';

/** A worker that finds its delivery not ready answers how long to wait; otherwise the job is over. */
export type JobResult = { waitMs: number } | undefined;

export interface DeliveryWorker {
  /** Takes no new jobs, waits for those at work up to `deadlineMs`, then lets go of them. */
  stop(deadlineMs: number): Promise<void>;
  /** Has another number of deliveries in hand at most. */
  allow(concurrency: number): void;
}

/**
 * A lost lock is noticed within the lock's time, and another worker takes over within twice `stalledIntervalMs` more: of two
 * looks so far apart, the second one may find the first one's mark not yet run out, and is passed over.
 */
const lockMs = 10_000;
const stalledIntervalMs = 1_500;

/**
 * Runs a platform's queue. `concurrency` is the most deliveries in hand at once. What `handle` throws (Redis away,
 * a fault of ours) puts the job back for a few seconds; the delivery's record keeps the job from sending twice.
 */
export function startDeliveryWorker(
  redis: Redis,
  {
    prefix,
    platform,
    concurrency,
    queued,
    handle,
    onFault,
  }: {
    prefix: string;
    /** Name of the queue: a platform's id, or `listQueueOf` it. */
    platform: string;
    concurrency: number;
    /** How many jobs wait to be taken. */
    queued: () => Promise<number>;
    /** `again`: it was here before; `lost` fires when its lock is lost; `isStopping`: what takes long is to come to an end. */
    handle: (
      job: DeliveryJob,
      about: { again: boolean; lost: AbortSignal | undefined; hands: Hands; isStopping: () => boolean },
    ) => Promise<JobResult>;
    /** Told of errors that are not about one delivery's post. */
    onFault: (error: Error, delivery?: string) => void;
  },
): DeliveryWorker {
  const worker = new Worker<DeliveryJob, void>(
    platform,
    async (job: Job<DeliveryJob, void>, token, signal) => {
      let result: JobResult;
      try {
        result = await handle(job.data, {
          ...{ again: job.attemptsStarted > 1, lost: signal, hands },
          isStopping: () => worker.closing !== undefined,
        });
      } catch (error) {
        onFault(error as Error, job.data.delivery);
        result = { waitMs: 3_000 };
      }
      if (result) {
        await job.moveToDelayed(Date.now() + result.waitMs, token);
        throw new DelayedError();
      }
    },
    {
      connection: setOff(redis),
      prefix: queuePrefix(prefix),
      concurrency,
      lockDuration: lockMs,
      stalledInterval: stalledIntervalMs,
      // How often a delivery may be tried is the record's business; the queue never gives up on it.
      maxStalledCount: 1_000_000,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
      autorun: false,
    },
  );
  const hands = createHands(concurrency, (inHand) => {
    worker.concurrency = inHand;
  });
  const begin = () => (worker.closing ? undefined : worker.run());
  queued().then(hands.found, onFault).then(begin).catch(onFault);
  worker.on('error', (error) => onFault(error));
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id, 'its lock was lost');
  });

  return { stop: (deadlineMs) => stopWorker(worker, deadlineMs), allow: hands.allow };
}
