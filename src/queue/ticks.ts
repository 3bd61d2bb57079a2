import { DelayedError, type Job, Queue, type QueueOptions, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { TickEnd, TickJob } from '../store/ticks.ts';
import { setOff } from './connection.ts';
import { backoff } from './outcome.ts';
import { queuePrefix } from './queues.ts';
import { stopWorker } from './stopping.ts';
import type { JobResult } from './worker.ts';

/** The queue of all ticks; a job is one tick of one schedule, named by both. */
export interface TickQueue {
  /** Adds jobs that are not queued yet. Adding one again is harmless: the tick's record decides whether it runs. */
  enqueue(ticks: readonly TickJob[]): Promise<void>;
  /** Gives ticks that should be at work and have no job another one, and wakes jobs that sleep. Returns how many it gave. */
  mend(ticks: readonly TickJob[]): Promise<number>;
  close(): Promise<void>;
}

const queueName = 'ticks';
const jobIdOf = ({ schedule, at }: TickJob) => `${schedule}.${at}`;
/** Finished jobs stay for a moment, so that one that is added twice is one. */
const removal = { age: 300, count: 1_000 };

/** `redis` is shared with the caller and stays open. */
export function openTickQueue(redis: Redis, prefix: string): TickQueue {
  const options: QueueOptions = {
    connection: redis,
    prefix: queuePrefix(prefix),
    defaultJobOptions: { removeOnComplete: removal, removeOnFail: removal, attempts: 1 },
  };
  const queue = new Queue<TickJob>(queueName, options);
  queue.on('error', () => {});

  async function enqueue(ticks: readonly TickJob[]): Promise<void> {
    await queue.addBulk(ticks.map((data) => ({ name: 'tick', data, opts: { jobId: jobIdOf(data) } })));
  }

  return {
    enqueue,
    async mend(ticks) {
      const states = await Promise.all(ticks.map((tick) => queue.getJobState(jobIdOf(tick))));
      const isLost = (_: TickJob, index: number) => ['unknown', 'completed', 'failed'].includes(states[index] ?? '');
      const lost = ticks.filter(isLost);
      // What is left of the old one would keep another from its place.
      await Promise.all(lost.map((tick) => queue.remove(jobIdOf(tick))));
      if (lost.length > 0) await enqueue(lost);
      // Put off by a machine whose clock is wrong, say. One that has woken meanwhile refuses.
      const asleep = ticks.filter((_, index) => states[index] === 'delayed');
      await Promise.allSettled(asleep.map(async (tick) => (await queue.getJob(jobIdOf(tick)))?.promote()));
      return lost.length;
    },
    close: () => queue.close(),
  };
}

/** A run that fails is repeated after these waits; so many times in all. */
const policy = { maxAttempts: 5, backoffMs: 5_000, maxBackoffMs: 300_000 };

/** Runs that are begun of one tick at most: those that fail, and those that are cut off. */
export const mostRuns = 8;

/** What follows from a run that failed; `attempt` counts it. */
export function decideTick(error: Error, attempt: number): TickEnd {
  if (attempt >= policy.maxAttempts) {
    return { state: 'failed', note: `Given up after ${attempt} runs. The last: ${error.message}` };
  }
  const ceiling = { ...policy, unauthorizedWaitMs: 0, quarantineMs: 0 };
  return { state: 'waiting', note: error.message, waitMs: 1_000 + backoff(attempt, ceiling) };
}

/**
 * Runs ticks, a few at a time. `lost` fires when the job's lock is lost. What `handle` throws (Redis away, a fault of
 * ours) puts the job back for a few seconds; the tick's record keeps it from running twice. Returns how to stop.
 */
export function startTickWorker(
  redis: Redis,
  {
    prefix,
    handle,
    onFault,
  }: {
    prefix: string;
    handle: (job: TickJob, lost: AbortSignal | undefined) => Promise<JobResult>;
    onFault: (error: Error, job?: TickJob) => void;
  },
): { stop(deadlineMs: number): Promise<void> } {
  const worker = new Worker<TickJob, void>(
    queueName,
    async (job: Job<TickJob, void>, token, signal) => {
      let result: JobResult;
      try {
        result = await handle(job.data, signal);
      } catch (error) {
        onFault(error as Error, job.data);
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
      concurrency: 20,
      lockDuration: 10_000,
      stalledInterval: 1_500,
      // How often a tick may be run is the record's business; the queue never gives up on it.
      maxStalledCount: 1_000_000,
      removeOnComplete: removal,
      removeOnFail: removal,
    },
  );
  worker.on('error', (error) => onFault(error));
  worker.on('lockRenewalFailed', (ids) => {
    for (const id of ids) worker.cancelJob(id, 'its lock was lost');
  });
  return { stop: (deadlineMs) => stopWorker(worker, deadlineMs) };
}
