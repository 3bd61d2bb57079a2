import { RejectedError, UnavailableError } from '../core/errors.ts';
import type { Call, Platform, Publisher } from '../core/platform.ts';
import type { PostPart, Receipt, Step } from '../core/post.ts';
import type { Attempt } from './attempt.ts';
import { type Ready, requestFor } from './prepare.ts';
import { saidBefore, stepsOf } from './steps.ts';

/** What is done: a step of a post, those before it having these receipts. */
interface Performance {
  attempt: Attempt;
  publisher: Publisher;
  platform: Platform;
  ready: Ready;
  step: Step | undefined;
  /** Of the steps before. */
  receipts: readonly Receipt[];
}

/**
 * One request to the platform. Resolves to the receipt of what it made, changed or took away. Throws what the publisher
 * throws.
 */
export async function perform(performance: Performance, call: Call): Promise<Receipt> {
  const { attempt, publisher, ready, step, receipts } = performance;
  const { channel, job } = attempt;
  if (!step || !channel) throw new UnavailableError('What this follows has changed since it was looked at.');
  if (step.do === 'remove') return takeAway(performance, step, call);
  if (step.do === 'send') {
    return publisher.send(requestFor({ job, channel }, ready, step.part, saidBefore(ready.post, receipts)), call);
  }
  const { live, before, part } = step;
  if (!publisher.edit) throw new RejectedError('This platform has no edits.');
  return publisher.edit({ ...whoOf(attempt), channel, live, before, post: ready.post, part }, call);
}

function whoOf({ job }: Attempt): { recipient?: string } {
  return job.recipient === undefined ? {} : { recipient: job.recipient };
}

/** Where it is too late for that, the message shows a notice instead; where that cannot be either, it stays. */
async function takeAway(
  { attempt, publisher, platform, ready, receipts }: Performance,
  { live, before }: Extract<Step, { do: 'remove' }>,
  call: Call,
): Promise<Receipt> {
  const { channel } = attempt;
  if (!publisher.remove || !channel) throw new RejectedError('Nothing can be removed on this platform.');
  const about = { ...whoOf(attempt), channel, live };
  const [notice] = ready.post.parts;
  try {
    return { ...(await publisher.remove(about, call)), status: 'removed' };
  } catch (error) {
    if (!(error instanceof RejectedError) || error.effect !== undefined) throw error;
    try {
      if (error.code !== 'too-late' || !publisher.edit || !notice || attempt.job.act !== 'retract') throw error;
      const shown: PostPart = before ?? { ...notice, media: [] };
      const receipt = await publisher.edit({ ...about, before: shown, post: ready.post, part: 0 }, call);
      return { ...receipt, status: 'notice' };
    } catch (trouble) {
      // The others are to go all the same; the last one tells of it.
      const isLast = receipts.length + 1 >= stepsOf(ready.post).length;
      if (isLast || !(trouble instanceof RejectedError) || platform.id !== ready.post.platform) throw trouble;
      return { ...live, at: new Date().toISOString(), status: 'stays' };
    }
  }
}
