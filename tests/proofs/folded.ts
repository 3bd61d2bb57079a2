/** Text with everything taken out that a post may change in it: white space, digits, punctuation, invisible marks. */
export interface Folded {
  raw: string;
  flat: string;
  /** For each code unit of `flat`, its index in `raw`. */
  at: number[];
}

const space = /[\s\u0085]/;
const directionMark = /[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069]/;
const joiner = /\u2060/;
const word = /[\p{L}\p{M}\p{N}]/u;
/** The end of a sentence, with the marks that close a quotation after it. */
const finalMark = /[.!?…。！？۔]["'”’»›)\]}]*$/;
/** Signs that belong to Arabic-Indic digits. */
const ofNumbers = /[٪٫٬]/;
const digit = /[0-9٠-٩۰-۹]/;

const folds: Record<string, string> = { '،': ',', '؛': ';', '؟': '?', '٪': '%', '٫': '.', '٬': ',' };
for (let value = 0; value < 10; value += 1) {
  folds[String.fromCharCode(0x660 + value)] = String(value);
  folds[String.fromCharCode(0x6f0 + value)] = String(value);
}

/** 1 for each code unit that may come and go. */
const isLoose = Uint8Array.from({ length: 0x10000 }, (_, code) => {
  const unit = String.fromCharCode(code);
  return space.test(unit) || directionMark.test(unit) || joiner.test(unit) ? 1 : 0;
});

/** Between paragraphs of a source: no stretch of text may span it. */
export const paragraphEnd = '\n';

export function fold(raw: string, { keepLines = false } = {}): Folded {
  const at: number[] = [];
  let flat = '';
  for (let index = 0; index < raw.length; index += 1) {
    const unit = raw[index] as string;
    const isLine = keepLines && unit === paragraphEnd;
    if (!isLine && isLoose[raw.charCodeAt(index)] === 1) continue;
    flat += folds[unit] ?? unit;
    at.push(index);
  }
  return { raw, flat, at };
}

export const flatten = (raw: string): string => fold(raw).flat;

/** What differs between a stretch of the source and the same stretch in a post that folds to the same. */
export interface Difference {
  /** Kinds of edits that the post owes an account of. */
  kinds: Set<'spacing' | 'digits' | 'punctuation' | 'direction' | 'joiner'>;
  /** Two words run together, or one word torn apart: what the post has. */
  torn?: string;
}

/** Compares two texts of equal folding, letter by letter. */
export function compare(source: string, shown: string): Difference {
  const kinds: Difference['kinds'] = new Set();
  if (directionMark.test(shown)) kinds.add('direction');
  if (joiner.test(shown)) kinds.add('joiner');
  const one = fold(source);
  const other = fold(shown);
  let torn: string | undefined;
  for (let index = 0; index < other.flat.length; index += 1) {
    const from = source[one.at[index] as number] as string;
    const to = shown[other.at[index] as number] as string;
    if (from !== to) kinds.add(digit.test(from) || ofNumbers.test(from + to) ? 'digits' : 'punctuation');
    if (index === 0) continue;
    const gapBefore = gap(one, index);
    const gapAfter = gap(other, index);
    if (gapBefore === gapAfter) continue;
    // Between two sentences white space is the post's own.
    if (!finalMark.test(other.flat.slice(Math.max(0, index - 4), index))) kinds.add('spacing');
    if ((gapBefore === '') !== (gapAfter === '') && word.test(to) && word.test(other.flat[index - 1] as string)) {
      torn ??= shown.slice(Math.max(0, (other.at[index] as number) - 20), (other.at[index] as number) + 20);
    }
  }
  return torn === undefined ? { kinds } : { kinds, torn };
}

/** White space before the character at `index`. */
function gap({ raw, at }: Folded, index: number): string {
  if ((at[index - 1] as number) + 1 === at[index]) return '';
  const between = raw.slice((at[index - 1] as number) + 1, at[index]);
  return between.replace(/[\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069\u2060]/g, '');
}

const words = new Intl.Segmenter('und', { granularity: 'word' });
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

function isBoundary(segmenter: Intl.Segmenter, text: string, index: number): boolean {
  if (index <= 0 || index >= text.length) return true;
  let start = Math.max(0, index - 80);
  while (start > 0 && !space.test(text[start - 1] as string) && index - start < 400) start -= 1;
  const window = text.slice(start, index + 60);
  return segmenter.segment(window).containing(index - start)?.index === index - start;
}

/** True where a text may be cut without harming a word: by Unicode's word segmentation. */
export function isWordBoundary(text: string, index: number): boolean {
  const [before = '', after = ''] = [text[index - 1], text[index]];
  if (before === '_' && after === '_') return true;
  return (space.test(before) || space.test(after) || isBoundary(words, text, index)) && isGraphemeBoundary(text, index);
}

export function isGraphemeBoundary(text: string, index: number): boolean {
  // An invisible joiner after a space clings to it, and means nothing there.
  return space.test(text[index - 1] ?? '') || isBoundary(graphemes, text, index);
}
