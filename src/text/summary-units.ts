import type { Article } from '../core/article.ts';
import type { Edit } from '../core/post.ts';
import { clausePrefixes } from './clauses.ts';
import { isBalanced } from './quotes.ts';
import { splitSentences } from './sentences.ts';
import { type Dependence, dependenceOf, independent, withoutConnector } from './summary-cues.ts';
import { type Gifts, giftsOf, needsOf, noGifts, surnamesOnly } from './summary-needs.ts';
import { isStopWord, stem, wordsOf, wordsOfAll } from './summary-words.ts';

/** A whole sentence of the body, or a clause that it can be cut to: what a summary is put together from. */
export interface Unit {
  /** As it stands in the summary. */
  text: string;
  /** As it stands in the source. */
  source: string;
  edits: Edit[];
  /** Place of its sentence among all sentences of the body. */
  sentence: number;
  paragraph: number;
  /** Opens its paragraph. */
  first: boolean;
  /** Share of the sentence's words that the unit has; 1: the whole sentence. */
  share: number;
  /** Distinct stems of its content words, ascending numbers. */
  stems: readonly number[];
  words: number;
  dependence: Dependence;
  /** Share of its words that the headline has. */
  inTitle: number;
  /**
   * `slight`: slips, or no full stop; `poor`: a heading, the site's furniture, an introduction to what follows; `grave`: a
   * quotation left open, so that it cannot stand at all.
   */
  flaw: 'none' | 'slight' | 'poor' | 'grave';
  /** What it gives to the sentences after it. */
  gives: Gifts;
}

/** What there is to know of an article, whatever the budget. */
export interface Analysis {
  /** In the article's order; of one sentence the whole first. At most `mostSentences` sentences. */
  units: Unit[];
  /** Sentences of the whole body. */
  sentences: number;
  arabic: boolean;
  /** Distinct stems of the headline. */
  title: readonly number[];
  /** How often a stem occurs in the body, by number. */
  counts: readonly number[];
  /** What the headline gives to all sentences. */
  titleGives: Gifts;
  /** Sentences too far down to be looked at, with the number of their paragraph. */
  further: readonly { text: string; paragraph: number }[];
  /** Characters of the body. */
  length: number;
}

/** Sentences further down are not looked at, save where none before them will do; a bit each. */
export const mostSentences = 16;

/** Sentences further down are not cut: a clause from there serves nobody. */
const mostCut = 8;

const terminal = /[.!?؟…][”“"»)\]’']*$/u;
const endsOpen = /[،؛:,;]$/;
const doubledStop = /(?<!\.)\.\.$/;
const slips = /(?<!\.)\.\.(?!\.)|،\.|\.{3,}$|…$/u;
const furniture =
  /^(?:[إا]قر[أا] (?:أيض|المزيد|أكثر)|شاهد (?:أيض|الفيديو|بالفيديو)|طالع أيض|تابعونا|للمزيد|مصدر الصور|شارك (?:الخبر|المقال|الموضوع)|read (?:more|also)|see also|related|photos?:|watch:|click here|follow us|share this)/iu;
const fewestWords = 4;
const headingWords = 8;
const question = /[?؟][”"»]?$/;

/** Numbers the stems of one article. */
class Stems {
  readonly #numbers = new Map<string, number>();
  readonly #byWord = new Map<string, number>();

  number(word: string): number {
    let found = this.#byWord.get(word);
    if (found === undefined) {
      found = isStopWord(word) ? -1 : this.byStem(stem(word));
      this.#byWord.set(word, found);
    }
    return found;
  }

  byStem(name: string): number {
    let found = this.#numbers.get(name);
    if (found === undefined) {
      found = this.#numbers.size;
      this.#numbers.set(name, found);
    }
    return found;
  }

  /** Distinct stems of the content words, ascending. */
  distinct(words: readonly string[]): number[] {
    const all = new Set<number>();
    for (const word of words) {
      const number = this.number(word);
      if (number >= 0) all.add(number);
    }
    return [...all].sort((a, b) => a - b);
  }

  get size(): number {
    return this.#numbers.size;
  }
}

interface Sentence {
  text: string;
  paragraph: number;
  first: boolean;
  /** Is its whole paragraph. */
  alone: boolean;
  words: string[];
}

export function isArabicScript(language: string): boolean {
  return /^(?:ar|fa|ur|ps|ckb|sd|ug)(?:-|$)/i.test(language);
}

/** Takes an article's body apart. */
export function analyse({ title, paragraphs, language }: Pick<Article, 'title' | 'paragraphs' | 'language'>): Analysis {
  const arabic = isArabicScript(language);
  const stems = new Stems();
  const titleStems = stems.distinct(wordsOf(title));
  const sentences = sentencesOf(paragraphs, language);
  const counts = countStems(sentences, stems);
  const looked = sentences.slice(0, mostSentences);
  const surnames = arabic ? [] : surnamesOnly(looked.map(({ text }) => text));
  const units = looked.flatMap((sentence, i) =>
    unitsOf(sentence, i, { arabic, stems, titleStems, surname: surnames[i] }),
  );
  const needs = needsOf(units, stems);
  for (const unit of units) unit.gives = giftsOf(unit.stems, needs, unit.sentence);
  return {
    units,
    sentences: sentences.length,
    arabic,
    title: titleStems,
    counts: Array.from({ length: stems.size }, (_, i) => counts[i] ?? 0),
    titleGives: giftsOf(titleStems, needs),
    further: sentences.slice(mostSentences),
    length: paragraphs.reduce((sum, paragraph) => sum + paragraph.length, 0),
  };
}

function sentencesOf(paragraphs: readonly string[], language: string): Sentence[] {
  const found = paragraphs.flatMap((paragraph, at) =>
    splitSentences(paragraph, language).map((text, i, all) => ({
      text,
      paragraph: at,
      first: i === 0,
      alone: all.length === 1,
    })),
  );
  const words = wordsOfAll(found.map(({ text }) => text));
  return found.map((sentence, i) => ({ ...sentence, words: words[i] as string[] }));
}

function countStems(sentences: readonly Sentence[], stems: Stems): number[] {
  const counts: number[] = [];
  for (const { words } of sentences) {
    for (const word of words) {
      const number = stems.number(word);
      if (number >= 0) counts[number] = (counts[number] ?? 0) + 1;
    }
  }
  return counts;
}

function unitsOf(
  sentence: Sentence,
  at: number,
  {
    arabic,
    stems,
    titleStems,
    surname,
  }: { arabic: boolean; stems: Stems; titleStems: readonly number[]; surname: string | undefined },
): Unit[] {
  const dependence = at === 0 ? independent : dependenceOn(sentence.text, arabic, surname);
  const make = (source: string, text: string, words: string[]): Unit => {
    const edits: Edit[] = text === source ? [] : [{ kind: 'final-stop', before: source, after: text }];
    const bare = at === 0 && arabic ? withoutConnector(text) : text;
    if (bare !== text) edits.push({ kind: 'leading-connector', before: text, after: bare });
    const distinct = stems.distinct(words);
    return {
      text: bare,
      source,
      edits,
      sentence: at,
      paragraph: sentence.paragraph,
      first: sentence.first,
      share: words.length / Math.max(1, sentence.words.length),
      stems: distinct,
      words: words.length,
      dependence,
      inTitle: shared(distinct, titleStems) / Math.max(1, distinct.length),
      flaw: (source.endsWith(':') || isHeading(sentence)) && isBalanced(bare) ? 'poor' : flawOf(bare, words.length),
      gives: noGifts,
    };
  };
  const whole = make(sentence.text, stopped(sentence.text), sentence.words);
  if (whole.flaw === 'grave') return [whole];
  const cuts = at < mostCut ? clausePrefixes(sentence.text, arabic) : [];
  // Of the lead as much as fits is welcome; further down a long clause is no better than a short one.
  const clauses = (at === 0 ? cuts : cuts.slice(0, 1)).map(({ source, text }) => make(source, text, wordsOf(text)));
  return [whole, ...clauses.filter(({ flaw }) => flaw === 'none')];
}

const onlyQuotation = /^["“«]([^"“”«»]*)["”»][.!?،,]*$/u;

function dependenceOn(text: string, arabic: boolean, surname: string | undefined): Dependence {
  const found = dependenceOf(text, arabic);
  const introduced = surname === undefined ? found.introduced : [[stem(surname)], ...found.introduced];
  // A quotation alone: its speaker is in the sentence before.
  const link = found.link === 'none' && onlyQuotation.test(text) ? 'close' : found.link;
  return { ...found, link, introduced };
}

/** The final comma, semicolon or colon as a full stop; a doubled full stop as one. */
function stopped(text: string): string {
  if (endsOpen.test(text)) return `${text.slice(0, -1).trimEnd()}.`;
  return doubledStop.test(text) ? text.slice(0, -1) : text;
}

function flawOf(text: string, words: number): Unit['flaw'] {
  if (words === 0 || !isBalanced(text) || /،\.$/.test(text)) return 'grave';
  if (furniture.test(text) || words < fewestWords) return 'poor';
  if (!terminal.test(text)) return words < headingWords ? 'poor' : 'slight';
  return slips.test(text) ? 'slight' : 'none';
}

/** A short question that is a paragraph of its own is a heading. */
function isHeading({ text, words, alone }: Sentence): boolean {
  return alone && words.length < headingWords && question.test(text);
}

/** How many numbers two ascending lists share. */
export function shared(a: readonly number[], b: readonly number[]): number {
  let both = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const difference = (a[i] as number) - (b[j] as number);
    if (difference === 0) both += 1;
    if (difference <= 0) i += 1;
    if (difference >= 0) j += 1;
  }
  return both;
}
