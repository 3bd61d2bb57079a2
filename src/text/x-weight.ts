import { twitterText } from './twitter-text.ts';

/** X's count of a text: weighted characters, and whether X takes it (no forbidden character, not empty, at most 280). */
export interface XWeight {
  weightedLength: number;
  valid: boolean;
}

/** X's limit for accounts without a subscription, in weighted characters (twitter-text config v3). */
export const xLimit = 280;

const heavy = 1;
const space = 2;
const dot = 4;
const sequence = 8;
const forbidden = 16;
const composing = 32;
const traits = buildTraits();

/**
 * The same figures as twitter-text's `parseTweet`, many times faster. Characters are counted from a table; only words
 * that may hold a link or an emoji sequence go through twitter-text, one by one. That is exact because neither a link
 * nor an emoji holds white space, and because a link sees no more of what stands before its word than one character.
 */
export function weighX(text: string): XWeight {
  let seen = 0;
  let weightedLength = text.length;
  for (let at = 0; at < text.length; at++) {
    const trait = traits[text.charCodeAt(at)] as number;
    seen |= trait;
    weightedLength += trait & heavy;
  }
  if (seen & composing) {
    const composed = text.normalize();
    if (composed !== text) return weighX(composed);
  }
  if (seen & sequence) weightedLength = weighWords(text);
  else if (seen & dot) weightedLength = weighLinks(text, weightedLength);
  return { weightedLength, valid: !(seen & forbidden) && weightedLength > 0 && weightedLength <= xLimit };
}

/** Corrects the plain weight of a text by the words that may hold a link. */
function weighLinks(text: string, plain: number): number {
  let total = plain;
  const unknown: string[] = [];
  for (let at = text.indexOf('.'); at >= 0; at = text.indexOf('.', at + 1)) {
    if (!isInside(text, at)) continue;
    let start = at;
    while (start > 0 && !isSpace(text, start)) start--;
    const end = endOfWord(text, at);
    const word = text.slice(start, end);
    if (mayLink(word)) {
      const known = memo.get(word);
      total += (known ?? 0) - weighPlain(word);
      if (known === undefined) unknown.push(word);
    }
    at = end;
  }
  return total + weighUnknown(text, total, unknown);
}

/** Sums the words of a text that has emoji. */
function weighWords(text: string): number {
  let total = 0;
  const unknown: string[] = [];
  let end = 0;
  for (let start = 0; start < text.length; start = end) {
    end = endOfWord(text, start + 1);
    const word = text.slice(start, end);
    const known = isSequence(word) || mayLink(word) ? memo.get(word) : weighPlain(word);
    if (known === undefined) unknown.push(word);
    else total += known;
  }
  return total + weighUnknown(text, total, unknown);
}

/** What words not met before add to the rest. A text with many of them goes to twitter-text whole, which is cheaper. */
function weighUnknown(text: string, rest: number, words: readonly string[]): number {
  if (words.length > mostUnknown) return twitterText().parseTweet(text).weightedLength - rest;
  let total = 0;
  for (const word of words) total += weighWord(word);
  return total;
}

function isSpace(text: string, at: number): boolean {
  return ((traits[text.charCodeAt(at)] as number) & space) !== 0;
}

function endOfWord(text: string, from: number): number {
  let end = from;
  while (end < text.length && !isSpace(text, end)) end++;
  return end;
}

function isSequence(word: string): boolean {
  for (let at = 0; at < word.length; at++) if ((traits[word.charCodeAt(at)] as number) & sequence) return true;
  return false;
}

function weighPlain(word: string): number {
  let total = word.length;
  for (let at = 0; at < word.length; at++) total += (traits[word.charCodeAt(at)] as number) & heavy;
  return total;
}

/**
 * False where no dot of the word can stand before a top-level domain: those begin with a letter, and without a scheme
 * the label before the dot must be Latin, which no character of the Arabic block is.
 */
function mayLink(word: string): boolean {
  for (let at = word.indexOf('.'); at >= 0; at = word.indexOf('.', at + 1)) {
    if (!isInside(word, at)) continue;
    const before = word.charCodeAt(at - 1);
    if (before < 0x600 || before > 0x6ff) return true;
    if (word.includes('://')) return true;
  }
  return false;
}

/** True for a dot with a letter after it; before it stands nearly anything where a scheme leads the word. */
function isInside(text: string, at: number): boolean {
  return at > 0 && at + 1 < text.length && isLetter(text.charCodeAt(at + 1));
}

/** A letter, or anything beyond ASCII: what a top-level domain begins with. */
function isLetter(code: number): boolean {
  return code > 0x7f || (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

const mostUnknown = 4;
const mostRemembered = 500;
const longestRemembered = 300;
const memo = new Map<string, number>();

/** Weight of one word with the white space before it, remembered: the same link is weighed in every candidate post. */
function weighWord(word: string): number {
  const { weightedLength } = twitterText().parseTweet(word);
  if (word.length <= longestRemembered) {
    if (memo.size >= mostRemembered) memo.clear();
    memo.set(word, weightedLength);
  }
  return weightedLength;
}

/** What each UTF-16 unit brings; weights as in twitter-text config v3. */
function buildTraits(): Uint8Array {
  const table = new Uint8Array(0x10000).fill(heavy | composing);
  const ranges = [
    [0x0000, 0x10ff],
    [0x2000, 0x200d],
    [0x2010, 0x201f],
    [0x2032, 0x2037],
  ] as const;
  for (const [from, to] of ranges) for (let code = from; code <= to; code++) table[code] = composing;
  const settled = [
    [0x0000, 0x06ff],
    [0x2000, 0x206f],
  ] as const;
  for (const [from, to] of settled) for (let code = from; code <= to; code++) settle(table, code);
  for (const code of [0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x20, 0xa0]) add(table, code, space);
  add(table, 0x2e, dot);
  for (const code of [0xfe0f, 0x20e3]) add(table, code, sequence);
  for (let code = 0xd800; code <= 0xdfff; code++) add(table, code, sequence);
  for (const code of [0xfffe, 0xfeff, 0xffff]) add(table, code, forbidden);
  return table;
}

/** Clears `composing` for a character that NFC neither changes nor joins to its neighbours. */
function settle(table: Uint8Array, code: number): void {
  const char = String.fromCharCode(code);
  if (char.normalize() === char && !/\p{M}/u.test(char)) table[code] = (table[code] as number) & ~composing;
}

function add(table: Uint8Array, code: number, trait: number): void {
  table[code] = (table[code] as number) | trait;
}
