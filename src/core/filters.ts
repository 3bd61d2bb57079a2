import { z } from 'zod';
import type { ChannelFilters } from './channel.ts';

const languageText = 'a language tag such as "ar" or "en"';

/** BCP 47 language tag; becomes its usual spelling, such as `ar` or `en-GB`. */
export const language = z
  .string(languageText)
  .refine(isLanguage, languageText)
  .transform((tag) => Intl.getCanonicalLocales(tag)[0] ?? tag);

function isLanguage(tag: string): boolean {
  try {
    return /^[A-Za-z]{2,3}(-|$)/.test(tag) && Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

const keywordText = 'one or more whole words, such as "عاجل" or "breaking news"';
/** Words in a row. */
export const keyword = z.string(keywordText).regex(/[\p{L}\p{N}]/u, keywordText);

const filterLists = (take: string) => {
  const list = <Item extends z.ZodType>(item: Item, what: string) =>
    z.array(item).min(1, 'at least one entry').optional().describe(`${take} articles ${what}.`);
  return {
    language: list(language, 'in these languages'),
    section: list(z.string().min(1), 'of these sections'),
    tag: list(z.string().min(1), 'with one of these tags'),
    keyword: list(keyword, 'with one of these in the headline or a tag, as whole words'),
    source: list(z.string().min(1), 'from these sources'),
    priority: list(z.enum(['breaking', 'normal', 'low']), 'of these priorities'),
  };
};

/** Which articles are meant, as a configuration says it. */
export const filters = z.strictObject({
  ...filterLists('Take only'),
  not: z.strictObject(filterLists('Take no')).optional().describe('What is not taken, whatever the others say.'),
});

/** The lists that are there. */
export function readFilters({ not, ...lists }: z.infer<typeof filters>): ChannelFilters {
  const set = (given: object) => Object.fromEntries(Object.entries(given).filter(([, list]) => list !== undefined));
  return { ...set(lists), ...(not === undefined ? {} : { not: set(not) }) };
}
