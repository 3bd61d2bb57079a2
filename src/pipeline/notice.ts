import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import type { Platform } from '../core/platform.ts';
import type { Post } from '../core/post.ts';
import { shortenHeadline } from '../text/headline.ts';
import { detectLanguage, directionOf } from '../text/language.ts';

/** How a language says it: before anything else, in the place of the story, and of a story by its headline. */
interface Words {
  lead: string;
  here: string;
  told: (title: string) => string;
}

const english: Words = {
  lead: 'Notice',
  here: 'this story has been withdrawn',
  told: (title) => `The story “${title}” has been withdrawn.`,
};

/** By language; where there is none, the English one. */
const usualWords: Readonly<Record<string, Words>> = {
  ar: { lead: 'تنويه', here: 'سُحب هذا الخبر', told: (title) => `سُحب خبر «${title}».` },
  en: english,
  fr: {
    lead: 'Avis',
    here: 'cet article a été retiré',
    told: (title) => `L’article « ${title} » a été retiré.`,
  },
  tr: {
    lead: 'Duyuru',
    here: 'bu haber geri çekildi',
    told: (title) => `“${title}” başlıklı haber geri çekildi.`,
  },
  fa: { lead: 'اطلاعیه', here: 'این خبر پس گرفته شد', told: (title) => `خبر «${title}» پس گرفته شد.` },
};

/** Longer headlines are cut: a notice must fit beside all that an approved template says. */
const longestTitle = 300;

/**
 * The post that says that a story was withdrawn: in the place of what is live, or as a message of its own to those who got
 * it (`isMessage`). In the words of the channel, where it has some; by the built-in template, as a channel's own speaks of
 * news. A message has a picture only where its approved form is refused without one. Pure.
 */
export function composeNotice(platform: Platform, article: Article, channel: Channel, isMessage: boolean): Post {
  const language = channel.language ?? article.language;
  const { lead, here, told } = usualWords[language.split('-')[0] ?? ''] ?? english;
  const own = channel.retractionNotice;
  const { text: title } = shortenHeadline(article.title, (given) => given.length <= longestTitle);
  const said = isMessage ? { title: lead, summary: own ?? told(title) } : { title: own ?? `${lead}: ${here}` };
  const { id, version, priority } = article;
  const notice: Article = {
    ...{ id, version, priority, language, ...said },
    direction: own === undefined ? directionOf(language) : detectLanguage(own).direction,
    ...{ paragraphs: [], tags: [], images: isMessage ? article.images : [] },
  };
  const { layouts: _, ...style } = channel.style ?? {};
  return platform.compose(notice, { ...channel, style: { ...style, ladder: ['text'] } });
}
