import type { Article } from '../core/article.ts';
import { isBalanced } from './quotes.ts';
import { splitSentences } from './sentences.ts';
import { dependenceOf } from './summary-cues.ts';
import { isArabicScript } from './summary-units.ts';
import { wordsOf } from './summary-words.ts';

const terminal = /[.!?؟][”"»)\]’']*$/u;
const cut = /(?:\.{2,}|…|\[…\]|\[\.\.\.\])\s*$/u;
const fewestWords = 6;

/** The source's own teaser where it is whole: sentences that end, balanced, not cut off, and more than the headline again. */
export function wholeTeaser({ teaser, title, language }: Pick<Article, 'teaser' | 'title' | 'language'>): string[] {
  const text = teaser?.trim() ?? '';
  if (cut.test(text) || !terminal.test(text) || !isBalanced(text)) return [];
  const words = wordsOf(text);
  const inTitle = new Set(wordsOf(title));
  if (words.length < fewestWords || words.filter((word) => inTitle.has(word)).length >= words.length * 0.75) return [];
  const sentences = splitSentences(text, language);
  const { link, introduced } = dependenceOf(text, isArabicScript(language));
  return link === 'none' && introduced.length === 0 && sentences.every(isBalanced) ? sentences : [];
}

/**
 * Numbers of the first body sentences that a cut-off teaser was made from; empty where it is not found in the body. Its
 * last sentence counts where the teaser has a good part of it.
 */
export function repairedTeaser({ teaser }: Pick<Article, 'teaser'>, sentences: readonly string[]): number[] {
  const text = teaser?.trim().replace(cut, '').trim() ?? '';
  const wanted = wordsOf(text);
  if (wanted.length < fewestWords) return [];
  const words = sentences.map(wordsOf);
  for (let start = 0; start < Math.min(3, words.length); start += 1) {
    const found = follow(wanted, words, start);
    if (found.length > 0) return found;
  }
  return [];
}

/** A word at the cut may be cut itself. */
function follow(wanted: readonly string[], words: readonly string[][], start: number): number[] {
  const found: number[] = [];
  let at = 0;
  for (let i = start; i < words.length && at < wanted.length; i += 1) {
    const sentence = words[i] as string[];
    const length = Math.min(sentence.length, wanted.length - at);
    for (let j = 0; j < length; j += 1) {
      const [a, b] = [wanted[at + j] as string, sentence[j] as string];
      if (a !== b && !(at + j === wanted.length - 1 && b.startsWith(a))) return [];
    }
    at += length;
    found.push(i);
  }
  return found;
}
