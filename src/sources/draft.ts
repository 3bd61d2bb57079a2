import type { Article, Priority } from '../core/article.ts';
import { InputError } from '../core/errors.ts';
import { canonicalLanguage, detectLanguage, directionOf } from '../text/language.ts';
import { normaliseText } from '../text/normalise.ts';

/** An article before it is accepted: without version, perhaps without an id, and without a priority unless it came with one. */
export type ArticleDraft = Omit<Article, 'id' | 'version' | 'priority' | 'because'> & {
  id?: string;
  priority?: Priority;
};

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
  const { title: _title, paragraphs: _paragraphs, byline, agency, section, teaser, summary, texts, ...rest } = raw;
  const named = definedOnly({
    byline: normaliseText(byline ?? ''),
    agency: normaliseText(agency ?? ''),
    section: normaliseText(section ?? ''),
    teaser: normaliseText(teaser ?? ''),
    summary: normaliseLines(summary ?? ''),
    texts: texts && withWords(texts),
  }) as Pick<ArticleDraft, 'byline' | 'agency' | 'section' | 'teaser' | 'summary' | 'texts'>;
  return {
    ...definedOnly(rest),
    ...named,
    title,
    paragraphs: paragraphs[0] === title ? paragraphs.slice(1) : paragraphs,
    language,
    direction: directionOf(language),
    images: (raw.images ?? []).map(({ url, alt }) => ({ url, ...definedOnly({ alt: normaliseText(alt ?? '') }) })),
    tags: [...new Set((raw.tags ?? []).map((tag) => normaliseText(tag).replace(/^#/, '')))].filter((tag) => tag !== ''),
  };
}

/** The editor's lines stay as they are, empty ones too. */
function normaliseLines(text: string): string {
  return text
    .split(/\r\n?|\n/)
    .map(normaliseText)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** Texts that say something; undefined where none does. */
function withWords(texts: Record<string, string>): Record<string, string> | undefined {
  const said = Object.entries(texts)
    .map(([channel, text]) => [channel, normaliseLines(text)] as const)
    .filter(([, text]) => text !== '');
  return said.length > 0 ? Object.fromEntries(said) : undefined;
}

function definedOnly<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined && value !== '')) as T;
}
