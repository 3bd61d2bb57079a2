import type { Article } from '../core/article.ts';
import { isRenamed, isSeries, likeness } from '../text/likeness.ts';
import { profileOf } from '../text/profile.ts';
import { spelledWords } from '../text/spelling.ts';

type Told = Pick<Article, 'title' | 'paragraphs'>;

/** Above this share of common words, two beginnings tell the same story. */
const sameShare = 0.5;
/** Shorter words are particles and prepositions for the most part. */
const shortest = 3;

/** From this likeness on, the texts are the same; as `duplicates.threshold` is unless it is set. */
const alike = 0.55;

/**
 * Whether one line of a digest would do for both: the texts are alike, or the headlines or beginnings have more than half
 * of their words in common and are no two reports of one template (`Match 3`, `Match 4`; earthquakes in two places). Pure.
 */
export function isSameStory(one: Told, other: Told): boolean {
  const [a, b] = [profileOf(one), profileOf(other)];
  if (likeness(a, b) >= alike) return true;
  if (isSeries(a, b) || isRenamed(a, b)) return false;
  return (
    share(wordsOf([one.title]), wordsOf([other.title])) > sameShare || share(opening(one), opening(other)) > sameShare
  );
}

function opening({ title, paragraphs }: Told): Set<string> {
  return wordsOf([title, paragraphs[0] ?? '']);
}

function wordsOf(texts: readonly string[]): Set<string> {
  const words = texts.flatMap(spelledWords).filter((word) => word.length >= shortest);
  return new Set(words.map((word) => word.replace(/^(?:وال|فال|بال|كال|لل|ال)(?=\p{L}{2})/u, '')));
}

/** Of all words that stand in one of the two, those that stand in both. */
function share(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const common = [...one].filter((word) => other.has(word)).length;
  const all = one.size + other.size - common;
  return all === 0 ? 0 : common / all;
}
