import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import { InputError, RejectedError } from '../core/errors.ts';
import { accepts } from './accepts.ts';
import { pictureMissing } from './plan.ts';

/**
 * Throws one `InputError` (422) that names every channel for which the editor's summary or text is too long, with its
 * count and the room there is, or a channel that `texts` names and the config lacks. `only`: channels asked for by hand.
 */
export function checkEditorsWords(
  article: Article,
  { channels, compose }: { channels: readonly Channel[]; compose: (article: Article, channel: Channel) => unknown },
  only: readonly string[] | undefined,
): void {
  if (article.summary === undefined && article.texts === undefined) return;
  checkChannels(channels, Object.keys(article.texts ?? {}));
  const problems = channels
    .filter(({ id, filters }) => (only ? only.includes(id) : accepts(filters, article)))
    .flatMap((channel) => {
      try {
        compose(article, channel);
        return [];
      } catch (error) {
        if (error instanceof RejectedError) return [error.message];
        throw error;
      }
    });
  if (problems.length > 0) throw new InputError(problems.join('\n'), { code: 'text-too-long', status: 422 });
}

/** Throws `InputError` (422) naming each channel asked for by hand that needs a picture, which the article lacks. */
export function checkPictures(
  article: Article,
  { channels, needsPicture }: { channels: readonly Channel[]; needsPicture: (channel: Channel) => boolean },
  only: readonly string[] | undefined,
): void {
  const problems = channels
    .filter((channel) => only?.includes(channel.id) && needsPicture(channel))
    .flatMap((channel) => {
      const reason = pictureMissing(channel, article);
      return reason === undefined ? [] : [`${channel.id}: ${reason}. Give the article a picture, or set it.`];
    });
  if (problems.length > 0) throw new InputError(problems.join('\n'), { code: 'no-picture', status: 422 });
}

/** Throws `InputError` naming the channels that exist. */
export function checkChannels(channels: readonly Channel[], wanted: readonly string[] | undefined): void {
  for (const id of wanted ?? []) {
    if (channels.some((channel) => channel.id === id)) continue;
    throw new InputError(
      `There is no channel "${id}". The config has: ${channels.map((channel) => channel.id).join(', ')}.`,
      { code: 'unknown-channel', status: 422 },
    );
  }
}
