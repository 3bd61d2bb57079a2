import { createHash } from 'node:crypto';
import { type Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { setOff } from './connection.ts';
import { queuePrefix } from './queues.ts';
import { stopWorker } from './stopping.ts';

/** What platforms told us and nobody has worked on yet: raw bodies, checked for who sent them. */
export interface WebhookQueue {
  /** Keeps a body until it is worked on. The same body while it waits is kept once. */
  add(platform: string, body: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

interface Told {
  /** UTF-8. */
  bodies: string[];
}

/** Bodies that come within so long are kept in one step, and worked on in one. */
const gatherMs = 4;
const mostBodies = 100;
const mostBytes = 256 * 1024;

/** Bodies that are kept together. */
interface Gathering {
  bodies: Set<string>;
  bytes: number;
  kept: Promise<void>;
  close(): void;
}

const nameOf = (platform: string) => `${platform}-webhook`;
const retryMs = 3_000;
/** Until it works: Redis trouble ends, and a body that cannot be read is dropped by whoever reads it. */
const attempts = 1_000_000;

/** `redis` is shared with the caller and stays open. */
export function openWebhookQueue(redis: Redis, prefix: string, platforms: readonly string[]): WebhookQueue {
  const queues = new Map(
    platforms.map((platform) => [
      platform,
      new Queue<Told>(nameOf(platform), {
        connection: redis,
        prefix: queuePrefix(prefix),
        defaultJobOptions: {
          removeOnComplete: true,
          removeOnFail: true,
          attempts,
          backoff: { type: 'fixed', delay: retryMs },
        },
      }),
    ]),
  );
  for (const queue of queues.values()) queue.on('error', () => {});
  const gathering = new Map<string, Gathering>();

  async function keep(platform: string, bodies: readonly string[]): Promise<void> {
    const queue = queues.get(platform);
    const hash = createHash('sha256');
    for (const body of bodies) hash.update(body);
    const jobId = `w${hash.digest('hex').slice(0, 32)}`;
    await queue?.add('told', { bodies: [...bodies] }, { jobId });
  }

  function begin(platform: string): Gathering {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const one: Gathering = { bodies: new Set(), bytes: 0, kept: promise, close };
    const timer = setTimeout(close, gatherMs);
    function close() {
      clearTimeout(timer);
      if (gathering.get(platform) === one) gathering.delete(platform);
      keep(platform, [...one.bodies]).then(resolve, reject);
    }
    gathering.set(platform, one);
    return one;
  }

  return {
    async add(platform, body) {
      if (!queues.has(platform)) throw new Error(`There is no webhook of platform ${platform}.`);
      const one = gathering.get(platform) ?? begin(platform);
      one.bodies.add(Buffer.from(body).toString('utf8'));
      one.bytes += body.length;
      if (one.bodies.size >= mostBodies || one.bytes >= mostBytes) one.close();
      await one.kept;
    },
    async close() {
      await Promise.all([...queues.values()].map((queue) => queue.close()));
    },
  };
}

/** Works on what a platform told, a few at a time. What `handle` throws puts the body back. Returns how to stop. */
export function startWebhookWorker(
  redis: Redis,
  {
    prefix,
    platform,
    handle,
    onFault,
  }: {
    prefix: string;
    platform: string;
    handle: (bodies: readonly string[]) => Promise<void>;
    onFault: (error: Error) => void;
  },
): { stop(deadlineMs: number): Promise<void> } {
  const worker = new Worker<Told, void>(nameOf(platform), ({ data }: Job<Told, void>) => handle(data.bodies), {
    connection: setOff(redis),
    prefix: queuePrefix(prefix),
    // A job may hold many bodies.
    concurrency: 4,
    lockDuration: 10_000,
    stalledInterval: 3_000,
    maxStalledCount: 1_000_000,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 0 },
  });
  worker.on('error', onFault);
  worker.on('failed', (_job, error) => onFault(error));
  return { stop: (deadlineMs) => stopWorker(worker, deadlineMs) };
}
