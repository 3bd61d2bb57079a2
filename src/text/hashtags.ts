import type { Article } from '../core/article.ts';
import { arabicMarks, spelling } from './spelling.ts';
import { twitterText } from './twitter-text.ts';

/** Longer tags are left out: nobody follows them, and a cut one is another word. */
const longest = 60;

const certain = /^[A-Za-z0-9_\u0621-\u063a\u0641-\u064a\u0660-\u0669]+$/;

/**
 * Hashtags, with their `#`, from an article's tags and then its section, at most `most`. Spaces and punctuation become
 * `_`; vowel signs and invisible characters go; what X would not take whole as a hashtag, or repeats another in other
 * letters or spelling, is left out.
 */
export function hashtags({ tags, section }: Pick<Article, 'tags' | 'section'>, most: number): string[] {
  const found = new Map<string, string>();
  for (const name of section === undefined ? tags : [...tags, section]) {
    if (found.size >= most) break;
    const tag = toTag(name);
    const key = spelling(tag);
    if (!found.has(key) && isWhole(tag)) found.set(key, `#${tag}`);
  }
  return [...found.values()];
}

function toTag(name: string): string {
  return name
    .normalize('NFKC')
    .replace(arabicMarks, '')
    .replace(/['’‘ʼ`´]|(?!\u200c)\p{Cf}|[\ufe00-\ufe0f\u20e3]/gu, '')
    .replace(/[^\p{L}\p{M}\p{Nd}]+/gu, '_')
    .replace(/_(?=\p{M})/gu, '')
    .replace(/^_+|_+$/g, '')
    .normalize('NFC');
}

function isWhole(tag: string): boolean {
  if (tag.length > longest || !/\p{L}/u.test(tag)) return false;
  if (certain.test(tag)) return true;
  const [only, ...others] = twitterText().extractHashtags(`#${tag}`);
  return only === tag && others.length === 0;
}
