import type { Post, PostPart, Receipt, Step } from '../core/post.ts';
import type { Link } from '../store/follow-ups.ts';

/** A message of ours that is on the platform. */
export interface LiveMessage {
  receipt: Receipt;
  /** What it shows; absent where that is no longer known. */
  part?: PostPart;
}

/** What is done for a post, a request each. */
export function stepsOf({ steps, parts }: Post): readonly Step[] {
  return steps ?? parts.map((_, part) => ({ do: 'send', part }));
}

/** Receipts of the messages that the next one goes on from, given those of the steps that are done. */
export function saidBefore(post: Post, receipts: readonly Receipt[]): Receipt[] {
  const steps = stepsOf(post);
  return receipts.filter((_, index) => steps[index]?.do !== 'remove');
}

/**
 * What is live of deliveries that followed each other, in the order of the messages. `postOf`: what a delivery said. What
 * a digest told is no message of theirs. Pure.
 */
export function liveMessages(links: readonly Link[], postOf: (link: Link) => Post | undefined): LiveMessage[] {
  const live = new Map<string, LiveMessage>();
  for (const link of links) {
    if (link.digest !== '') continue;
    const post = postOf(link);
    const steps = post ? stepsOf(post) : [];
    for (const [index, receipt] of link.parts.entries()) {
      const step = steps[index];
      if (step?.do === 'remove') {
        if (receipt.status !== 'stays') live.delete(receipt.remoteId);
      } else if (receipt.status !== 'failed') {
        const part = step && post?.parts[step.part];
        live.set(receipt.remoteId, { receipt, ...(part ? { part } : {}) });
      }
    }
  }
  return [...live.values()];
}

/** Every live message shows the new text: edited where it differs, sent where there is none yet; what is over is removed. */
export function editSteps(post: Post, live: readonly LiveMessage[]): Step[] {
  const edits = post.parts.flatMap((part, index): Step[] => {
    const message = live[index];
    if (!message) return [{ do: 'send', part: index }];
    if (message.part && isSame(message.part, part)) return [];
    return [{ do: 'edit', part: index, live: message.receipt, before: message.part ?? { ...part, media: [] } }];
  });
  return [...edits, ...removeSteps(live.slice(post.parts.length))];
}

export function removeSteps(live: readonly LiveMessage[]): Step[] {
  return live.map(({ receipt, part }) => ({ do: 'remove', live: receipt, ...(part ? { before: part } : {}) }));
}

/** True where readers see no difference. */
export function saysTheSame(one: Post, other: Post): boolean {
  return (
    one.parts.length === other.parts.length &&
    one.parts.every((part, index) => isSame(part, other.parts[index] as PostPart))
  );
}

function isSame(one: PostPart, other: PostPart): boolean {
  return one.text === other.text && one.markup === other.markup && one.link === other.link;
}
