import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';

/** By language; where there is none, the English one. */
const leads: Readonly<Record<string, string>> = {
  ar: 'تصحيح',
  en: 'Correction',
  fr: 'Rectificatif',
  tr: 'Düzeltme',
  fa: 'اصلاحیه',
};

/** A corrected article as it is told in answer to its first post. An editor's own text for the channel stays as it is. */
export function asCorrection(article: Article, channel: Channel): Article {
  const language = (channel.language ?? article.language).split('-')[0] ?? '';
  return { ...article, title: `${leads[language] ?? leads.en}: ${article.title}` };
}
