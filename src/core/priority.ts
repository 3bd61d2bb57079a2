import type { Priority } from './article.ts';

/** What makes an article more or less urgent than others; one of these is enough. */
export interface PriorityRule {
  tags: string[];
  sections: string[];
  /** Words, or words in a row, of the headline or a tag. */
  keywords: string[];
}

/** Rules for articles that come without a priority of their own. */
export type PriorityRules = Record<Exclude<Priority, 'normal'>, PriorityRule>;
