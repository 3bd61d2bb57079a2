import type { Article } from '../core/article.ts';
import { isBalanced } from './quotes.ts';

export { relativeDays } from './relative-days.ts';

/** Something in the source that an editor would correct. */
export interface Slip {
  /** 0: the headline; from 1: the paragraph. */
  paragraph: number;
  /** What it is, in a few words. */
  slip: string;
}

/** Words that never stand twice in a row on purpose. */
const single = new Set(
  'في على إلى عن أن إن أنه إنه أنها إنها التي الذي الذين هذا هذه ذلك تلك قد مع بين بعد قبل خلال حول عند منذ حتى كما بأن لأن the a an of to and or for with from at by their'.split(
    ' ',
  ),
);
const isSingle = (word: string) => single.has(word.toLowerCase()) || (/^ال\p{L}{3,}/u.test(word) && word !== 'الله');

/** CNN, spelt in Arabic letters: سي إن إن. */
const spelt = new Set(['إن']);

function writtenTwice(text: string): string[] {
  const words = text.split(' ');
  const found: string[] = [];
  for (let index = 1; index < words.length; index += 1) {
    const word = words[index - 1] as string;
    const next = words[index] as string;
    if (word === '' || !next.startsWith(word)) continue;
    const endsThere = next.length === word.length || /^[.,،؛:!?؟”"»)]/.test(next.slice(word.length));
    if (!endsThere || !isSingle(word) || (spelt.has(word) && words[index - 2]?.endsWith('سي'))) continue;
    found.push(`word written twice: “${word} ${word}”`);
  }
  return found;
}

const letter = '[\\u0620-\\u064a]';
const checks: { pattern: RegExp; words: (found: string) => string }[] = [
  { pattern: /(?:^|[\s،.:؛“"«(])و\s+(?=[\u0620-\u064a]{2})/, words: () => 'و stands alone before a space' },
  {
    pattern: /([،؛,;:])\s*\1|[،؛]\s*[.,;:]|[.,;:]\s*[،؛]|[؟!]\s?[،.](?!\.)/,
    words: (found) => `two marks in a row: “${found}”`,
  },
  // Between words two full stops are a pause, in headlines above all.
  { pattern: /[^.\s]\.\.[”"»)]*$/, words: () => 'two full stops in a row' },
  { pattern: /\S\s+[،؛؟]|[^\s\d]\s+[,;](?:\s|$)/, words: () => 'space before a punctuation mark' },
  { pattern: new RegExp(`(?<=${letter})[،؛](?=${letter})`), words: (found) => `no space after “${found}”` },
];

const known = new WeakMap<readonly string[], { title: string; slips: Slip[] }>();

/** Slips of the source that are certain enough to tell an editor of. They are not corrected. */
export function sourceSlips({ title, paragraphs }: Pick<Article, 'title' | 'paragraphs' | 'language'>): Slip[] {
  const before = known.get(paragraphs);
  if (before?.title === title) return before.slips;
  const texts = [title, ...paragraphs];
  const unpaired = unpairedMarks(texts);
  const slips = texts.flatMap((text, paragraph) => {
    const found = writtenTwice(text);
    for (const { pattern, words } of checks) {
      const match = pattern.exec(text);
      if (match) found.push(words(match[0]));
    }
    if (unpaired.has(paragraph)) found.push('a quotation mark or bracket without its partner');
    return [...new Set(found)].map((slip) => ({ paragraph, slip }));
  });
  known.set(paragraphs, { title, slips });
  return slips;
}

/** `1)`, `أ)`, smileys, feet and inches: closing marks that nothing opens. */
const noMarks = /(?<![\p{L}\p{N}])[\p{L}\p{N}]{1,2}\)|[:;]-?[()]|\d['’]\d+["”]/gu;
/** A quotation over several paragraphs opens again at the start of each. */
const longestQuotation = 6;

function unpairedMarks(texts: string[]): Set<number> {
  const unpaired = new Set<number>();
  if (texts.every(isBalanced)) return unpaired;
  const plain = texts.map((text) => text.replace(noMarks, ''));
  for (let at = 0; at < plain.length; at += 1) {
    if (isBalanced(plain[at] as string)) continue;
    const end = at === 0 ? -1 : endOfQuotation(plain, at);
    if (end > at) at = end;
    else unpaired.add(at);
  }
  return unpaired;
}

function endOfQuotation(texts: string[], start: number): number {
  let all = texts[start] as string;
  for (let at = start + 1; at < texts.length && at <= start + longestQuotation; at += 1) {
    const next = texts[at] as string;
    if (isBalanced(`${all} ${next}`) || isBalanced(`${all} ${next.replace(/^[“"«]/, '')}`)) return at;
    all = `${all} ${next.replace(/^[“"«]/, '')}`;
  }
  return -1;
}
