import type { Article } from '../../core/article.ts';
import { encodeUrl } from '../../text/escape.ts';

/**
 * An article's words, fit to be sent anywhere: well-formed, each text in one line, without control characters and those
 * that make X refuse a whole post (twitter-text: U+FFFE, U+FEFF, U+FFFF).
 */
export function tidyArticle(article: Article): Article {
  return { ...article, title: tidy(article.title), paragraphs: article.paragraphs.map(tidy) };
}

function tidy(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\uFFFE\uFEFF\uFFFF]/g, '')
    .replace(/[^\P{Cc}\t-\r\u0085]/gu, '')
    .replace(/[\s\u0085]+/gu, ' ')
    .trim();
}

/** The article's address as a post carries it; left out, with a warning, where not even a bare "…" fits beside it. */
export function linkThatFits(
  { url }: Pick<Article, 'url'>,
  fits: (link: string) => boolean,
): { link: string | undefined; warnings: string[] } {
  const link = url === undefined ? undefined : encodeUrl(url);
  if (link === undefined || fits(link)) return { link, warnings: [] };
  return { link: undefined, warnings: ['The address of the article is too long for this post: it goes without.'] };
}
