import type { Article, Priority } from '../core/article.ts';
import type { PriorityRule, PriorityRules } from '../core/priority.ts';
import { spelledName, spelledWords } from '../text/spelling.ts';

/** A priority, and the rule that gave it. */
export interface Ranked {
  priority: Priority;
  /** In words, such as `keyword "عاجل" in the headline`; absent where no rule did. */
  because?: string;
}

/** What rules look at. */
type Subject = Pick<Article, 'title' | 'tags' | 'section'>;

/** The priority of an article by the rules: `breaking` is asked before `low`. Pure. */
export function priorityOf(article: Subject, rules: PriorityRules): Ranked {
  for (const priority of ['breaking', 'low'] as const) {
    const because = reasonFor(article, rules[priority]);
    if (because !== undefined) return { priority, because };
  }
  return { priority: 'normal' };
}

function reasonFor({ title, tags, section }: Subject, rule: PriorityRule): string | undefined {
  const tag = rule.tags.find((one) => tags.some((name) => isSameName(one, name)));
  if (tag !== undefined) return `tag "${tag}"`;
  const place = section === undefined ? undefined : rule.sections.find((one) => isSameName(one, section));
  if (place !== undefined) return `section "${place}"`;
  for (const { text, where } of [
    { text: title, where: 'the headline' },
    ...tags.map((text) => ({ text, where: 'a tag' })),
  ]) {
    const keyword = keywordIn(text, rule.keywords);
    if (keyword !== undefined) return `keyword "${keyword}" in ${where}`;
  }
  return undefined;
}

function isSameName(one: string, other: string): boolean {
  return spelledName(one) === spelledName(other);
}

/** The first of the keywords that stands in the text as whole words, in a row. */
export function keywordIn(text: string, keywords: readonly string[]): string | undefined {
  // No word holds a space.
  const words = ` ${spelledWords(text).join(' ')} `;
  return keywords.find((keyword) => {
    const wanted = spelledWords(keyword);
    return wanted.length > 0 && words.includes(` ${wanted.join(' ')} `);
  });
}
