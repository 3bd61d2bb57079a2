import type { Article } from '../core/article.ts';
import type { ChannelFilters } from '../core/channel.ts';
import { spelledName } from '../text/spelling.ts';
import { keywordIn } from './priority.ts';

type Lists = Omit<ChannelFilters, 'not'>;

/** True where the channel takes the article. */
export function accepts(filters: ChannelFilters, article: Article): boolean {
  return refusalBy(filters, article) === undefined;
}

/**
 * Why a channel does not take an article, in words such as `its section is not one of: رياضة`; undefined where it does.
 * Names and keywords are compared in one form for all spellings that readers take for the same. Pure.
 */
export function refusalBy({ not, ...lists }: ChannelFilters, article: Article): string | undefined {
  for (const key of Object.keys(lists) as (keyof Lists)[]) {
    const list = lists[key];
    if (list === undefined || matchIn(key, list, article) !== undefined) continue;
    return `${subjects[key].lacks}: ${list.join(', ')}`;
  }
  for (const key of Object.keys(not ?? {}) as (keyof Lists)[]) {
    const found = matchIn(key, not?.[key] ?? [], article);
    if (found !== undefined) return `${subjects[key].has} "${found}", which it does not take`;
  }
  return undefined;
}

const subjects: Record<keyof Lists, { lacks: string; has: string }> = {
  language: { lacks: 'its language is not one of', has: 'its language is' },
  section: { lacks: 'its section is not one of', has: 'its section is' },
  tag: { lacks: 'it has none of the tags', has: 'it has the tag' },
  keyword: { lacks: 'its headline and tags have none of the keywords', has: 'it has the keyword' },
  source: { lacks: 'its source is not one of', has: 'its source is' },
  priority: { lacks: 'its priority is not one of', has: 'its priority is' },
};

/** The entry of the list that the article has; undefined: none. */
function matchIn(key: keyof Lists, list: readonly string[], article: Article): string | undefined {
  if (key === 'keyword') {
    return [article.title, ...article.tags]
      .map((text) => keywordIn(text, list))
      .find((keyword) => keyword !== undefined);
  }
  const values = valuesOf(key, article).map(spelledName);
  return list.find((one) => values.includes(spelledName(one)));
}

function valuesOf(key: Exclude<keyof Lists, 'keyword'>, article: Article): string[] {
  if (key === 'language') return [article.language, article.language.split('-')[0] ?? ''];
  if (key === 'tag') return article.tags;
  if (key === 'priority') return [article.priority];
  const value = article[key];
  return value === undefined ? [] : [value];
}
