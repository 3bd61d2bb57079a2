import type { Article } from '../core/article.ts';
import { InputError } from '../core/errors.ts';
import { canonicalLanguage, detectLanguage, directionOf } from '../text/language.ts';
import { normaliseText } from '../text/normalise.ts';

/** An article before it is accepted: without version, perhaps without an id. */
export type ArticleDraft = Omit<Article, 'id' | 'version'> & { id?: string };

/** What a source found, still raw. */
export interface RawArticle extends Partial<Omit<ArticleDraft, 'paragraphs' | 'direction'>> {
  paragraphs: string[];
}

/** Cleans texts, fills in language, direction and defaults. Throws `InputError` (`no-headline`) without a headline. */
export function toDraft(raw: RawArticle, name = 'the article'): ArticleDraft {
  const title = normaliseText(raw.title ?? '');
  const paragraphs = raw.paragraphs.map(normaliseText).filter((paragraph) => paragraph !== '');
  if (!/[\p{L}\p{N}]/u.test(title)) {
    throw new InputError(`${name} has no headline. Give it a "title", or put the headline on the first line.`, {
      code: 'no-headline',
      status: 422,
    });
  }
  const language = raw.language
    ? canonicalLanguage(raw.language)
    : detectLanguage([title, ...paragraphs].join('\n')).language;
  const { title: _title, paragraphs: _paragraphs, byline, agency, section, ...rest } = raw;
  const named = definedOnly({
    byline: normaliseText(byline ?? ''),
    agency: normaliseText(agency ?? ''),
    section: normaliseText(section ?? ''),
  }) as { byline?: string; agency?: string; section?: string };
  return {
    ...definedOnly(rest),
    ...named,
    title,
    paragraphs: paragraphs[0] === title ? paragraphs.slice(1) : paragraphs,
    language,
    direction: directionOf(language),
    images: (raw.images ?? []).map(({ url, alt }) => ({ url, ...definedOnly({ alt: normaliseText(alt ?? '') }) })),
    tags: [...new Set((raw.tags ?? []).map((tag) => normaliseText(tag).replace(/^#/, '')))].filter((tag) => tag !== ''),
    priority: raw.priority ?? 'normal',
  };
}

function definedOnly<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== '')) as T;
}
