import { isNumber, storyWords, type Told } from './story-words.ts';

/** What of an article is compared with others; made once for each. */
export interface Profile {
  /** Words without numbers, of the headline and of each paragraph. */
  lines: string[][];
  /** How often each word is there. */
  counts: ReadonlyMap<string, number>;
  words: ReadonlySet<string>;
  /** Neighbouring words. */
  pairs: ReadonlySet<string>;
  /** Numbers that stay the same while a story runs. */
  numbers: ReadonlySet<string>;
  /** Words of headline and first paragraph. */
  lead: ReadonlySet<string>;
  /** The headline, `#` for each of its numbers that stays the same. */
  frame: string;
  /** Those numbers. */
  titleNumbers: ReadonlySet<string>;
  title: ReadonlySet<string>;
  /** Words in all. */
  size: number;
}

export function profileOf({ title, paragraphs }: Told): Profile {
  const all = [title, ...paragraphs].map(storyWords);
  const [headline = []] = all;
  const lines = all.map((line) => line.filter((word) => !isNumber(word)));
  const counts = new Map<string, number>();
  for (const word of lines.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
  return {
    lines,
    counts,
    words: new Set(counts.keys()),
    pairs: new Set(lines.flatMap(pairsOf)),
    numbers: new Set(all.flatMap(lastingNumbers)),
    lead: new Set([...(lines[0] ?? []), ...(lines[1] ?? [])]),
    frame: headline.map((word) => (isNumber(word) ? '#' : word)).join(' '),
    titleNumbers: new Set(lastingNumbers(headline)),
    title: new Set(headline),
    size: lines.flat().length,
  };
}

export function pairsOf(line: readonly string[]): string[] {
  return line.slice(1).map((word, at) => `${line[at]} ${word}`);
}

/** Of `part`, how much is in `whole`; 1 where there is nothing. */
export function share(part: ReadonlySet<string>, whole: ReadonlySet<string>): number {
  if (part.size === 0) return 1;
  let common = 0;
  for (const one of part) if (whole.has(one)) common += 1;
  return common / part.size;
}

const casualties = 'قتيل|قتيلا|قتلي|جريح|جريحا|جرحي|مصاب|مصابا|مصابين|شهيد|شهيدا|شهداء|ضحيه|ضحايا|مفقود|مفقودا|مفقودين';
const counted = `${casualties}|اصابه|اصابات|حاله|حالات|وفاه|وفيات|شخص|شخصا|اشخاص|اخر|اخرون|اخرين`;
const runningAfter = new RegExp(
  `^(?:${counted}|killed|dead|deaths|people|others|wounded|injured|hurt|missing|unaccounted|cases)$`,
);
const runningBefore = /^(?:قتل|مقتل|مصرع|حصيله|وفاه|استشهاد|killed|kills|kill|toll|killing)$/;

/** Such as `killed`, `missing`, `cases`: words that counts stand with. */
export function isCounted(word: string): boolean {
  return runningAfter.test(word) || runningBefore.test(word);
}

/** Counts of the dead, the hurt, the missing, the cases go up while it is still the same story. */
function lastingNumbers(line: readonly string[]): string[] {
  return line.filter(
    (word, at) => isNumber(word) && !runningAfter.test(line[at + 1] ?? '') && !runningBefore.test(line[at - 1] ?? ''),
  );
}
