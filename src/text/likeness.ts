import { isCounted, type Profile, share } from './profile.ts';

/** Shorter texts are the same where all numbers are, and nearly all words: there is too little to tell a template from a copy. */
const fewest = 40;
const leastOfShort = 0.9;
/** Of still shorter ones, alerts for the most part, it takes all words. */
const alert = 16;

/**
 * What speaks for one story, and what against. Learnt from labelled pairs (bench/near) by logistic regression, and rounded;
 * `renamed` weighs more than was learnt, since a wrong likeness loses news.
 */
const weights = { words: 3.2, pairs: 2.2, lead: 1.2, key: 2.2, numbers: 5, foreign: -4.2, swapped: -3, renamed: -4 };
const bias = -9.2;
/** Numbers that agree this much agree. */
const agreeing = 0.6;
const mostSwaps = 2;

/**
 * How much two articles are one and the same told twice: from 0 to 1. A short version is like its long one. Numbers and
 * names that stand in the same place in the same words speak against it: they make another report of one template.
 */
export function likeness(one: Profile, other: Profile): number {
  if (isSeries(one, other)) return 0;
  const [short, long] = isShorter(one, other) ? [one, other] : [other, one];
  if (short.size < alert) return haveSameWords(one, other) ? 1 : 0;
  const pairs = share(short.pairs, long.pairs);
  const { swapped, renamed } = slotsOf(short, long);
  if (short.size < fewest) {
    const alike =
      swapped === 0 && !renamed && share(short.numbers, long.numbers) === 1 ? share(short.words, long.words) : 0;
    return alike >= leastOfShort ? alike : 0;
  }
  const keys = [...short.counts].filter(([, count]) => count > 1).map(([word]) => word);
  const sum =
    bias +
    weights.words * share(short.words, long.words) +
    weights.pairs * pairs +
    weights.lead * Math.min(share(one.lead, other.words), share(other.lead, one.words)) +
    weights.key * share(new Set(keys), long.words) +
    weights.numbers * Math.min(1, agreementOf(one, other) / agreeing) ** 2 +
    weights.foreign * foreignShare(short, long.words) +
    weights.swapped * (Math.min(mostSwaps, swapped) / mostSwaps) * pairs ** 2 +
    weights.renamed * (renamed ? 1 : 0);
  return 1 / (1 + Math.exp(-sum));
}

/** Of two that are equally long, always the same one. */
function isShorter(one: Profile, other: Profile): boolean {
  return one.size === other.size ? one.lines.join() < other.lines.join() : one.size < other.size;
}

/** `Report 17`, `Report 18`: headlines that differ in a number only, which is no count of a running story. */
export function isSeries(one: Profile, other: Profile): boolean {
  return one.frame === other.frame && !areEqual(one.titleNumbers, other.titleNumbers);
}

/** In the same place of the headline, in the same words, stands another name, which the text is about. */
export function isRenamed(one: Profile, other: Profile): boolean {
  return slotsOf(one, other).renamed;
}

function haveSameWords(one: Profile, other: Profile): boolean {
  return areEqual(one.words, other.words) && areEqual(one.numbers, other.numbers) && areEqual(one.title, other.title);
}

/** Each headline has a number that the other article has nowhere. */
function haveOtherTitleNumbers(one: Profile, other: Profile): boolean {
  return share(one.titleNumbers, other.numbers) < 1 && share(other.titleNumbers, one.numbers) < 1;
}

function areEqual(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && share(one, other) === 1;
}

/**
 * How many of the numbers are in both, 0 to 1. Those of the headlines say what it is about. Under the same headline, what
 * does not agree is more likely a correction.
 */
function agreementOf(one: Profile, other: Profile): number {
  if (haveOtherTitleNumbers(one, other)) return 0;
  const [few, many] =
    one.numbers.size <= other.numbers.size ? [one.numbers, other.numbers] : [other.numbers, one.numbers];
  const given = areEqual(one.title, other.title) ? 0.5 : 0.15;
  return (few.size === 0 ? given : few.size * share(few, many) + given) / (few.size + given);
}

/** Neighbouring words of one text that the other has nowhere. */
interface Run {
  inTitle: boolean;
  words: string[];
  /** The words around it; empty at an end. */
  before: string;
  after: string;
}

function runsOf({ lines }: Profile, known: ReadonlySet<string>): Run[] {
  return lines.flatMap((line, index) => {
    const runs: Run[] = [];
    let words: string[] = [];
    for (const [at, word] of [...line, ''].entries()) {
      if (word !== '' && !known.has(word)) words.push(word);
      else if (words.length > 0) {
        runs.push({ inTitle: index === 0, words, before: line[at - words.length - 1] ?? '', after: word });
        words = [];
      }
    }
    return runs;
  });
}

/** How much of a text are phrases of words that are not in the other. */
function foreignShare(short: Profile, known: ReadonlySet<string>): number {
  const phrases = runsOf(short, known).filter(({ words }) => words.length > 1);
  return phrases.reduce((sum, { words }) => sum + words.length, 0) / Math.max(1, short.size);
}

/** Where the same words are around something else: names (of several words, or that come again), not synonyms. */
function slotsOf(short: Profile, long: Profile): { swapped: number; renamed: boolean } {
  const places = new Map<string, Run>();
  for (const run of runsOf(long, short.words)) {
    for (const place of placesOf(run)) if (!places.has(place)) places.set(place, run);
  }
  // Where the headlines say different things, other words in one place are no other name.
  const sameFrame = Math.max(share(short.title, long.title), share(long.title, short.title)) >= 0.5;
  let swapped = 0;
  let renamed = false;
  for (const run of runsOf(short, long.words)) {
    const twin = placesOf(run)
      .map((place) => places.get(place))
      .find((found) => found !== undefined);
    if (!twin || isSpelledAlike(run.words.join(''), twin.words.join(''))) continue;
    if (isName(short, run) && isName(long, twin)) swapped += 1;
    if (sameFrame && run.inTitle && twin.inTitle && recurs(short, run) && recurs(long, twin)) renamed = true;
  }
  return { swapped, renamed };
}

function placesOf({ inTitle, before, after }: Run): string[] {
  return [`${inTitle} ${before}>`, `${inTitle} <${after}`];
}

function isName(of: Profile, run: Run): boolean {
  return run.words.filter((word) => !isCounted(word)).length > 1 || recurs(of, run);
}

function recurs({ counts }: Profile, { words }: Run): boolean {
  return words.some((word) => (counts.get(word) ?? 0) > 1 && !isCounted(word));
}

/** Half of the letters, by two: the same name in another spelling. */
function isSpelledAlike(one: string, other: string): boolean {
  const twos = (text: string) =>
    new Set(Array.from({ length: Math.max(1, text.length - 1) }, (_, at) => text.slice(at, at + 2)));
  const [a, b] = [twos(one), twos(other)];
  return (a.size < b.size ? share(a, b) : share(b, a)) >= 0.5;
}
