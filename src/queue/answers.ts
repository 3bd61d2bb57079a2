import { createHash } from 'node:crypto';
import { DelayedError, type Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { setOff } from './connection.ts';
import { queuePrefix } from './queues.ts';
import { stopWorker } from './stopping.ts';

/** An answer to one message of a person, which is sent once at most. */
export interface AnswerJob {
  account: string;
  /** Digits of a phone number, or the platform's id. */
  to: string;
  /** The message that is answered. */
  message: string;
  text: string;
  choices?: { id: string; title: string }[];
  /** Until when it may be sent (epoch ms). */
  untilMs: number;
}

/** Answers that nobody has sent yet. */
export interface AnswerQueue {
  /** A message is answered once, however often that is asked for. */
  add(platform: string, job: AnswerJob): Promise<void>;
  close(): Promise<void>;
}

const nameOf = (platform: string) => `${platform}-answers`;

/** `redis` is shared with the caller and stays open. */
export function openAnswerQueue(redis: Redis, prefix: string, platforms: readonly string[]): AnswerQueue {
  const queues = new Map(
    platforms.map((platform) => [
      platform,
      new Queue<AnswerJob>(nameOf(platform), {
        connection: redis,
        prefix: queuePrefix(prefix),
        defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
      }),
    ]),
  );
  for (const queue of queues.values()) queue.on('error', () => {});
  return {
    async add(platform, job) {
      const queue = queues.get(platform);
      if (!queue) throw new Error(`There are no answers on platform ${platform}.`);
      const jobId = `a${createHash('sha256').update(job.message).digest('hex').slice(0, 32)}`;
      await queue.add('answer', job, { jobId });
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

/** Sends answers. `handle` resolves to how long one waits that was not sent. Returns how to stop. */
export function startAnswerWorker(
  redis: Redis,
  {
    prefix,
    platform,
    handle,
    onFault,
  }: {
    prefix: string;
    platform: string;
    handle: (job: AnswerJob, tries: number) => Promise<{ waitMs: number } | undefined>;
    onFault: (error: Error) => void;
  },
): { stop(deadlineMs: number): Promise<void> } {
  const worker = new Worker<AnswerJob, void>(
    nameOf(platform),
    async (job: Job<AnswerJob, void>, token) => {
      const result = await handle(job.data, job.attemptsStarted).catch((error: Error) => {
        onFault(error);
        return { waitMs: faultMs };
      });
      if (!result) return;
      await job.moveToDelayed(Date.now() + result.waitMs, token);
      throw new DelayedError();
    },
    {
      connection: setOff(redis),
      prefix: queuePrefix(prefix),
      concurrency: 20,
      lockDuration: 10_000,
      stalledInterval: 3_000,
      maxStalledCount: 1_000_000,
      removeOnComplete: { count: 0 },
      removeOnFail: { count: 0 },
    },
  );
  worker.on('error', onFault);
  return { stop: (deadlineMs) => stopWorker(worker, deadlineMs) };
}

const faultMs = 3_000;

/** How long an answer waits that was not sent: the platform's own word, or longer each time. */
export const answerWaitMs = (tries: number, retryAfterMs?: number): number =>
  Math.max(100, retryAfterMs ?? Math.min(60_000, 1_000 * 2 ** Math.min(10, Math.max(0, tries - 1))));
