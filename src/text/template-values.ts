import type { Direction, Priority } from '../core/article.ts';

/** What a template can print, by the names it uses. What an article lacks is an empty text or list. */
export interface TemplateValues {
  headline: string;
  /** Empty: the post carries none. */
  link: string;
  hashtags: readonly string[];
  /** The summary of at most so many units of the platform's count (default: the platform's own); called only if printed. */
  summary: (budget?: number) => string;
  /** Paragraphs of the article. */
  body: readonly string[];
  tags: readonly string[];
  section: string;
  byline: string;
  agency: string;
  language: string;
  direction: Direction;
  priority: Priority;
  breaking: boolean;
  publishedAt: string;
  channel: string;
}
