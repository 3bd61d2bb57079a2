import { RejectedError, UnconfirmedError } from '../../core/errors.ts';
import type { EditRequest } from '../../core/platform.ts';
import type { PostPart, Receipt } from '../../core/post.ts';

/**
 * What an edit is to show. Throws `RejectedError` (`text-too-long`) where the live message cannot hold it: one with a
 * picture has a caption, whose limit is not that of a message without.
 */
export function replacementIn(
  { post, part }: Pick<EditRequest, 'post' | 'part'>,
  { limit, measure }: { limit: number; measure(text: string): { length: number } },
): PostPart {
  const content = post.parts[part];
  if (!content) throw new Error(`The post has no part ${part}.`);
  const { length } = measure(content.text);
  if (length <= limit) return content;
  throw new RejectedError(`The new text has ${length} characters, and the live message takes ${limit}.`, {
    code: 'text-too-long',
  });
}

/** The receipt of a message that was changed or taken away just now. */
export function changed({ remoteId, url }: Receipt): Receipt {
  return { remoteId, ...(url === undefined ? {} : { url }), at: new Date().toISOString() };
}

/** A removal may be repeated: what is gone is as wanted. Throws anything else. */
export function unlessGone(error: unknown): void {
  if (!(error instanceof RejectedError) || error.code !== 'gone') throw error;
}

/** An answer that is none to a change: it may have been made. */
export function unreadableChange(platform: string): UnconfirmedError {
  return new UnconfirmedError(`${platform} answered something that cannot be read.`, { code: 'unreadable' });
}
