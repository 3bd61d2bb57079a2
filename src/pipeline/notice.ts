import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import type { Platform } from '../core/platform.ts';
import type { Post } from '../core/post.ts';

/** By language; where there is none, the English one. `title` is the headline of what is withdrawn. */
const usualNotices: Readonly<Record<string, { here: string; told: (title: string) => string }>> = {
  ar: { here: 'تنويه: سُحب هذا الخبر', told: (title) => `تنويه: سُحب خبر «${title}»` },
  en: { here: 'This story has been withdrawn', told: (title) => `Withdrawn: “${title}”` },
  fr: { here: 'Cet article a été retiré', told: (title) => `Article retiré : « ${title} »` },
};

/**
 * The post that says that a story was withdrawn: in the place of what is live, or as a message of its own to those who got
 * it (`isMessage`). In the words of the channel, where it has some.
 */
export function composeNotice(platform: Platform, article: Article, channel: Channel, isMessage: boolean): Post {
  const language = (channel.language ?? article.language).split('-')[0] ?? '';
  const usual = usualNotices[language] ?? (usualNotices.en as (typeof usualNotices)['en']);
  const title = channel.retractionNotice ?? (isMessage ? usual?.told(article.title) : usual?.here) ?? '';
  const { id, version, direction, priority } = article;
  const notice: Article = {
    ...{ id, version, direction, priority, title, language: article.language },
    ...{ paragraphs: [], images: [], tags: [] },
  };
  return platform.compose(notice, channel);
}
