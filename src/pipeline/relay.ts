import type { Redis } from 'ioredis';
import { jobIdOf, type Queues } from '../queue/queues.ts';
import type { Articles, DeliveryJob } from '../store/articles.ts';
import type { Deliveries, StoredDelivery } from '../store/deliveries.ts';
import type { Fanouts } from '../store/fanout/index.ts';

const batchSize = 500;
const sweepMs = 5_000;
const wakeAgainMs = 200;
const maxWakes = 10;
/** A waiting delivery this long past its time should have a job at work on it. */
const overdueMs = 10_000;
/** A claim this long past its lease belongs to nobody; likewise an asking. */
const expiredMs = 1_000;

/**
 * Turns outbox entries into queue jobs: woken by every acceptance, and by a sweep (also at start) that finds what a
 * crash left between storing and enqueuing. `subscriber` is a connection of its own. Returns how to stop.
 */
export async function startRelay({
  subscriber,
  prefix,
  articles,
  deliveries,
  fanouts,
  queues,
  now,
  onFault,
}: {
  subscriber: Redis;
  prefix: string;
  articles: Articles;
  deliveries: Deliveries;
  fanouts: Fanouts;
  queues: Queues;
  /** The clock of all processes (epoch ms). */
  now: () => number;
  onFault: (error: Error) => void;
}): Promise<() => Promise<void>> {
  let stopped = false;
  let running: Promise<void> | undefined;
  let again = false;

  const timers = new Set<NodeJS.Timeout>();

  /** Jobs at work may be about to sleep for what they found before: they are given their time after that. */
  async function retime(jobs: DeliveryJob[], tries = 0): Promise<void> {
    const busy = jobs.length === 0 ? [] : await queues.retime(jobs);
    if (busy.length === 0 || tries >= maxWakes || stopped) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      retime(busy, tries + 1).catch(onFault);
    }, wakeAgainMs);
    timers.add(timer);
  }

  async function drain(): Promise<void> {
    while (!stopped) {
      const entries = await articles.outbox(batchSize);
      if (entries.length === 0) return;
      const jobs = entries.map((entry) => JSON.parse(entry) as DeliveryJob);
      await queues.enqueue(jobs);
      await retime(jobs.filter((job) => job.wake));
      await articles.outboxDone(entries);
    }
  }

  /** One drain at a time; a wake-up during one causes one more. */
  function wake(): void {
    if (stopped) return;
    again = true;
    running ??= (async () => {
      while (again && !stopped) {
        again = false;
        await drain().catch(onFault);
      }
      running = undefined;
    })();
  }

  subscriber.on('message', wake);
  // After a reconnect, wake-ups may have been missed.
  subscriber.on('ready', wake);
  await subscriber.subscribe(`${prefix}:wake`);
  const sweep = createSweep({ deliveries, fanouts, queues, now });
  const timer = setInterval(() => {
    wake();
    sweep().catch(onFault);
  }, sweepMs);
  wake();
  await sweep().catch(onFault);

  return async () => {
    stopped = true;
    clearInterval(timer);
    for (const waiting of timers) clearTimeout(waiting);
    await running;
  };
}

/**
 * Finds deliveries that wait, were being sent or are to be asked about, and batches of fan-outs, that have no job; and
 * gives them one. Lists whose cutting has stopped are cut to their end. Each call looks at the next page,
 * so that a backlog (a paused channel, say) hides nothing behind it. Resolves to how many were found.
 */
export function createSweep({
  deliveries,
  fanouts,
  queues,
  now,
}: {
  deliveries: Deliveries;
  fanouts?: Fanouts;
  queues: Queues;
  now: () => number;
}): () => Promise<number> {
  const page = <Item>(find: (beforeMs: number, limit: number, offset: number) => Promise<Item[]>, lateMs: number) => {
    let offset = 0;
    return async () => {
      const found = await find(now() - lateMs, batchSize, offset);
      offset = found.length < batchSize ? 0 : offset + found.length;
      return found;
    };
  };
  const pages = [
    page(deliveries.overdue, overdueMs),
    page(deliveries.expired, expiredMs),
    page(deliveries.unasked, expiredMs),
  ];
  const batches = page<DeliveryJob>(async (...args) => (fanouts ? fanouts.overdue(...args) : []), overdueMs);

  return async () => {
    const stuck = (await Promise.all(pages.map((next) => next()))).flat().map(toJob);
    let found = 0;
    for (const [platform, group] of Map.groupBy([...stuck, ...(await batches())], (job) => job.platform)) {
      const ids = group.map(jobIdOf);
      const missing = await queues.missing(platform, ids);
      const jobs = group.filter((job) => missing.has(jobIdOf(job)));
      if (jobs.length > 0) await queues.replace(jobs);
      found += jobs.length;
      await queues.wake(
        platform,
        ids.filter((id) => !missing.has(id)),
      );
    }
    await fanouts?.cutOverdue(now() - overdueMs);
    return found;
  };
}

function toJob({ id, dueMs, ...rest }: StoredDelivery): DeliveryJob {
  return { delivery: id, due: dueMs, ...rest };
}
