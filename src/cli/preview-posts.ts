import type { Config } from '../config/config.ts';
import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import type { Post } from '../core/post.ts';
import { accepts } from '../pipeline/accepts.ts';
import { pictureMissing } from '../pipeline/plan.ts';
import { accountOf, needsPicture, platformOf } from '../runtime/lookup.ts';
import { relativeDays } from '../text/slips.ts';

/** The post that one channel would get, and where it would go. */
export interface PostPreview extends Post {
  /** Id of the channel. */
  channel: string;
  /** What readers know the place by, such as `@munadi_example`; absent where the config does not tell. */
  place?: string;
  sandbox: boolean;
  /** To whom it goes in this form, where people of one list get several. */
  form?: string;
  /** Of a list: its other forms. */
  also?: PostPreview[];
}

/** Each form of each post, in their order. */
export const allForms = (posts: readonly PostPreview[]): PostPreview[] =>
  posts.flatMap((post) => [post, ...(post.also ?? [])]);

/** An article with the posts that its channels would get, in the order of the config. */
export interface ArticlePreview {
  article: Article;
  posts: PostPreview[];
  /** When the posts are due (epoch ms). */
  dueMs: number;
}

export interface PreviewOptions {
  /** Channels asked for by hand, whose filters are not asked. */
  channels?: readonly string[] | undefined;
  /** Not before this (epoch ms). */
  atMs: number;
}

/** Composes an article for every channel that takes it. Pure. */
export function previewArticle(
  article: Article,
  config: Pick<Config, 'accounts' | 'channels'>,
  { channels, atMs }: PreviewOptions,
): ArticlePreview {
  const dueMs = Math.max(atMs, article.embargoUntil === undefined ? 0 : Date.parse(article.embargoUntil));
  const posts = config.channels
    .filter(({ id, filters }) => (channels ? channels.includes(id) : accepts(filters, article)))
    .map((channel) => {
      const toPost = (of: Channel, form?: string): PostPreview => {
        const post = platformOf(of).compose(article, of);
        const place = channel.settings.chat;
        return {
          ...post,
          warnings: [...post.warnings, ...noPicture(article, channel), ...staleDays(article, post, dueMs)],
          channel: channel.id,
          ...(typeof place === 'string' ? { place } : {}),
          sandbox: accountOf(config, channel.account).sandbox,
          ...(form === undefined ? {} : { form }),
        };
      };
      const also = otherForms(channel).map(([form, of]) => toPost(of, form));
      return { ...toPost(channel), ...(also.length > 0 ? { also } : {}) };
    });
  return { article, posts, dueMs };
}

/** What some people of a list get instead. */
function otherForms(channel: Channel): [string, Channel][] {
  const platform = platformOf(channel);
  const forms = platform.audience?.(channel) ? platform.forms?.(channel) : undefined;
  if (!forms) return [];
  return [
    ...Object.entries(forms.languages).map(([language, of]): [string, Channel] => [`to readers of ${language}`, of]),
    ...(forms.mode === 'window' && forms.text
      ? [['to whoever wrote within 24 hours', forms.text] as [string, Channel]]
      : []),
  ];
}

/** It would not be planned there. */
function noPicture(article: Article, channel: Channel): string[] {
  const reason = needsPicture(channel) ? pictureMissing(channel, article) : undefined;
  return reason === undefined ? [] : [`This is not posted: ${reason}.`];
}

const dayMs = 24 * 60 * 60 * 1000;

/** A post that goes out over a day after its article was published, and still says "today", misleads. */
function staleDays({ publishedAt }: Article, { parts }: Pick<Post, 'parts'>, dueMs: number): string[] {
  if (publishedAt === undefined || dueMs - Date.parse(publishedAt) <= dayMs) return [];
  const words = [...new Set(parts.flatMap(({ text }) => relativeDays(text)))];
  if (words.length === 0) return [];
  const days = Math.floor((dueMs - Date.parse(publishedAt)) / dayMs);
  const age = days === 1 ? 'a day' : `${days} days`;
  return [
    `Written ${age} before it is due, the text names days as seen from then: ${words.map((word) => `“${word}”`).join(', ')}.`,
  ];
}
