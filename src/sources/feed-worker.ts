import { parentPort } from 'node:worker_threads';
import { InputError } from '../core/errors.ts';
import { readFeed } from './feed.ts';
import type { FeedAnswer, FeedJob } from './feed-guarded.ts';

/** The thread that reads feeds, one at a time. */
parentPort?.on('message', ({ id, bytes, about }: FeedJob) => {
  parentPort?.postMessage(answer(id, bytes, about));
});

function answer(id: number, bytes: Uint8Array, about: FeedJob['about']): FeedAnswer {
  try {
    return { id, feed: readFeed(bytes, about) };
  } catch (error) {
    if (error instanceof InputError) {
      const { message, code, status } = error;
      return { id, refusal: { message, code, status } };
    }
    return { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
