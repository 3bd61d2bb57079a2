import { Worker } from 'node:worker_threads';
import { InputError } from '../core/errors.ts';
import type { Feed, FeedOrigin } from './feed.ts';

/** What goes to the worker, and what comes back. */
export interface FeedJob {
  id: number;
  bytes: Uint8Array;
  about: FeedOrigin;
}

export type FeedAnswer = { id: number } & (
  | { feed: Feed }
  | { refusal: { message: string; code: string; status: number } }
  | { failure: string }
);

export interface FeedGuards {
  /** Longer than this no feed takes (milliseconds). */
  timeoutMs?: number;
  /** More memory than this no feed needs (megabytes). */
  memoryMb?: number;
}

interface Waiting {
  job: FeedJob;
  guards: Required<FeedGuards>;
  done(feed: Feed): void;
  fail(error: Error): void;
}

/** The thread is kept so long for the next feed (milliseconds). */
const idleMs = 60_000;

let worker: { thread: Worker; memoryMb: number } | undefined;
let current: (Waiting & { timer: NodeJS.Timeout }) | undefined;
let resting: NodeJS.Timeout | undefined;
let count = 0;
const waiting: Waiting[] = [];

/**
 * Reads a feed as `readFeed` does, in a thread of its own, one at a time: however hostile it is, nothing else waits for it,
 * and it ends with an `InputError` (`too-slow`, `too-large`) within limits of time and memory. Neither the thread nor its
 * clock keeps a process alive that has nothing else to do.
 */
export function readFeedGuarded(bytes: Uint8Array, about: FeedOrigin, guards: FeedGuards = {}): Promise<Feed> {
  const { timeoutMs = 20_000, memoryMb = 256 } = guards;
  return new Promise((done, fail) => {
    count += 1;
    // Copied, for the sender to keep its own: what is handed to a thread is gone.
    const job = { id: count, bytes: Uint8Array.from(bytes), about };
    waiting.push({ job, guards: { timeoutMs, memoryMb }, done, fail });
    next();
  });
}

function next(): void {
  if (current) return;
  const one = waiting.shift();
  if (!one) {
    rest();
    return;
  }
  clearTimeout(resting);
  const { timeoutMs, memoryMb } = one.guards;
  const thread = threadOf(memoryMb);
  const timer = setTimeout(() => {
    const seconds = Math.round(timeoutMs / 100) / 10;
    stop(
      new InputError(`${one.job.about.name} could not be read within ${seconds} s.`, { code: 'too-slow', status: 422 }),
    );
  }, timeoutMs);
  current = { ...one, timer };
  thread.ref();
  thread.postMessage(one.job, [one.job.bytes.buffer as ArrayBuffer]);
}

function threadOf(memoryMb: number): Worker {
  if (worker?.memoryMb === memoryMb) return worker.thread;
  void worker?.thread.terminate();
  const thread = new Worker(new URL('./feed-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32 },
  });
  worker = { thread, memoryMb };
  thread.on('message', (answer: FeedAnswer) => settle(thread, answer));
  thread.on('error', (error) => lost(thread, error));
  thread.on('exit', () => lost(thread, new Error('The thread that reads feeds has ended.')));
  return thread;
}

function settle(thread: Worker, answer: FeedAnswer): void {
  if (thread !== worker?.thread || answer.id !== current?.job.id) return;
  const { done, fail } = finish();
  if ('feed' in answer) done(answer.feed);
  else if ('refusal' in answer) fail(new InputError(answer.refusal.message, answer.refusal));
  else fail(new Error(answer.failure));
  thread.unref();
  next();
}

/** The one at work, which is no longer. */
function finish(): Waiting {
  const one = current as NonNullable<typeof current>;
  clearTimeout(one.timer);
  current = undefined;
  return one;
}

/** The thread is gone, by its own fault or its feed's. */
function lost(thread: Worker, error: Error): void {
  if (thread !== worker?.thread) return;
  const name = current?.job.about.name ?? 'The feed';
  const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  stop(
    isMemory
      ? new InputError(`${name} takes more memory than any feed needs.`, {
          code: 'too-large',
          status: 413,
          cause: error,
        })
      : error,
  );
}

/** Ends the thread and fails the feed it was at; the others get a new one. */
function stop(error: Error): void {
  const thread = worker?.thread;
  worker = undefined;
  void thread?.terminate();
  if (current) finish().fail(error);
  next();
}

/** Gives the thread's memory back after a while. */
function rest(): void {
  clearTimeout(resting);
  resting = setTimeout(() => {
    const thread = worker?.thread;
    worker = undefined;
    void thread?.terminate();
  }, idleMs);
  resting.unref();
}
