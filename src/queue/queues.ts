import { Queue, type QueueOptions } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Priority } from '../core/article.ts';
import type { DeliveryJob } from '../store/articles.ts';

/** BullMQ runs lower numbers first, and jobs without one before all others: so every job has one. */
export const priorities: Record<Priority, number> = { breaking: 1, normal: 10, low: 100 };

/** One queue per platform; a job is one delivery, or a batch of one, and has its name. `ids` are those of jobs. */
export interface Queues {
  /** Adds jobs that are not queued yet. Adding one again is harmless: the delivery's record decides what is sent. */
  enqueue(jobs: DeliveryJob[]): Promise<void>;
  /**
   * The same for deliveries that are `missing` a job. A worker that writes of a job which Redis has forgotten leaves a
   * torso behind, and no other job may have its id: that goes first.
   */
  replace(jobs: DeliveryJob[]): Promise<void>;
  /** Deliveries among `ids` that have no job. */
  missing(platform: string, ids: string[]): Promise<Set<string>>;
  /** Brings forward jobs of `ids` that sleep on for long, put there by a machine whose clock is wrong. Returns how many. */
  wake(platform: string, ids: string[]): Promise<number>;
  /**
   * Jobs that sleep come when their deliveries are due now, whatever they sleep for. Returns those that are at work at this
   * moment, and may be about to go to sleep.
   */
  retime(jobs: DeliveryJob[]): Promise<DeliveryJob[]>;
  /** Jobs of one platform that only wait to be taken. */
  queued(platform: string): Promise<number>;
  /** Jobs per state in one platform's queue. */
  counts(platform: string): Promise<Record<string, number>>;
  close(): Promise<void>;
}

/** A delivery's job, or that of a batch of its fan-out. */
export function jobIdOf({ delivery, batch }: Pick<DeliveryJob, 'delivery' | 'batch'>): string {
  return batch === undefined ? delivery : `${delivery}.${batch}`;
}

/** The queue of a platform's batches: they take long, and what is one message does not wait for them. */
export function listQueueOf(platform: string): string {
  return `${platform}-lists`;
}

/** Where a job of this id is. */
function queueOfId(platform: string, id: string): string {
  return id.includes('.') ? listQueueOf(platform) : platform;
}

/** Where BullMQ keeps its keys. */
export function queuePrefix(prefix: string): string {
  return `${prefix}:queue`;
}

/** A job of a delivery that is due sleeps no longer than this by itself. */
const longSleepMs = 30_000;
/** Clocks differ by a little. */
const soonMs = 100;

/** `redis` is shared with the caller and stays open; `now` is the clock of all processes (epoch ms). */
export function openQueues(
  redis: Redis,
  { prefix, platforms, now }: { prefix: string; platforms: readonly string[]; now: () => number },
): Queues {
  const options: QueueOptions = {
    connection: redis,
    prefix: queuePrefix(prefix),
    // The delivery's record is the history; finished jobs only cost memory.
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true, attempts: 1 },
  };
  const names = platforms.flatMap((platform) => [platform, listQueueOf(platform)]);
  const queues = new Map(names.map((name) => [name, new Queue<DeliveryJob>(name, options)]));
  for (const queue of queues.values()) queue.on('error', () => {});

  const queueOf = (name: string) => {
    const queue = queues.get(name);
    if (!queue) throw new Error(`There is no queue ${name}.`);
    return queue;
  };
  const queueFor = (job: DeliveryJob) => queueOf(queueOfId(job.platform, jobIdOf(job)));

  async function enqueue(jobs: DeliveryJob[]): Promise<void> {
    const at = now();
    for (const [queue, group] of Map.groupBy(jobs, queueFor)) {
      await queue.addBulk(
        group.map((data) => ({
          name: 'deliver',
          data,
          opts: { jobId: jobIdOf(data), priority: data.priority, delay: Math.max(0, data.due - at) },
        })),
      );
    }
  }

  async function retime(jobs: DeliveryJob[]): Promise<DeliveryJob[]> {
    const found = await Promise.all(jobs.map((job) => queueFor(job).getJob(jobIdOf(job))));
    const at = now();
    // One that has woken meanwhile refuses.
    await Promise.allSettled(
      found.map((job, index) => {
        const delay = (jobs[index]?.due ?? 0) - at;
        return delay > soonMs ? job?.changeDelay(delay) : job?.promote();
      }),
    );
    const active = await Promise.all(found.map((job) => job?.isActive()));
    return jobs.filter((_, index) => active[index]);
  }

  return {
    enqueue,
    async replace(jobs) {
      await Promise.all(jobs.map((job) => queueFor(job).remove(jobIdOf(job))));
      await enqueue(jobs);
    },
    async missing(platform, ids) {
      const found = await Promise.all(ids.map((id) => queueOf(queueOfId(platform, id)).getJobState(id)));
      return new Set(ids.filter((_, index) => found[index] === 'unknown'));
    },
    async wake(platform, all) {
      // Batches look again by themselves.
      const ids = all.filter((id) => queueOfId(platform, id) === platform);
      if (ids.length === 0) return 0;
      const queue = queueOf(platform);
      const sleeping = queue.toKey('delayed');
      // BullMQ's score: the time by the clock of whoever put it there, and a count below it.
      const scores = await redis.zmscore(sleeping, ...ids);
      const latest = (Date.now() + longSleepMs) * 0x1000;
      const asleep = ids.filter((_, index) => Number(scores[index] ?? 0) > latest);
      const jobs = await Promise.all(asleep.map((id) => queue.getJob(id)));
      const woken = await Promise.allSettled(jobs.map((job) => job?.promote()));
      return woken.filter(({ status }) => status === 'fulfilled').length;
    },
    retime,
    queued: (platform) => queueOf(platform).getJobCountByTypes('waiting', 'prioritized'),
    counts: (platform) => queueOf(platform).getJobCounts(),
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}
