import { createRequire } from 'node:module';
import type { Bidi, BidiCharTypeName } from 'bidi-js';
import type { Direction } from '../core/article.ts';

const bidi = (createRequire(import.meta.url)('bidi-js') as () => Bidi)();

/** A character of the same kind within the Basic Multilingual Plane; bidi-js reads UTF-16 units one by one. */
const standIns: Partial<Record<BidiCharTypeName, string>> = {
  L: 'a',
  R: '\u05d0',
  AL: '\u0627',
  EN: '0',
  AN: '\u0660',
  NSM: '\u0300',
  BN: '\u200b',
};
const otherNeutral = '\u2603';
const pairs = /[\ud800-\udbff][\udc00-\udfff]/g;

/**
 * Letters of one direction, with the spaces and plain signs between them, share their level (rules W1, N1), as do the digits
 * of a number: one character stands for all.
 */
const alike =
  /[\u0620-\u064a][\u0620-\u065f\u0670 ،.:؟!–]*[\u0620-\u064a]|[A-Za-z][A-Za-z ,.:!'’–]*[A-Za-z]|[0-9]{2,}/g;

/** Embedding levels by the Unicode bidirectional algorithm, one for each UTF-16 unit of a line without line feeds. */
export function embeddingLevels(line: string, direction: Direction): Uint8Array {
  const plain = line.replace(pairs, (pair) => (standIns[bidi.getBidiCharTypeName(pair)] ?? otherNeutral).repeat(2));
  const short = bidi.getEmbeddingLevels(
    plain.replace(alike, (run) => run[0] as string),
    direction,
  ).levels;
  const levels = new Uint8Array(line.length);
  let from = 0;
  let to = 0;
  for (const { index, 0: run } of plain.matchAll(alike)) {
    levels.set(short.subarray(from, from + index - to), to);
    from += index - to;
    levels.fill(short[from] as number, index, index + run.length);
    from += 1;
    to = index + run.length;
  }
  levels.set(short.subarray(from), to);
  return levels;
}

/** Direction of the first strong character outside isolates (rules P2 and P3); undefined where there is none. */
export function firstStrong(line: string): Direction | undefined {
  let depth = 0;
  for (const char of line) {
    const type = bidi.getBidiCharTypeName(char);
    if (type === 'LRI' || type === 'RLI' || type === 'FSI') depth += 1;
    else if (type === 'PDI') depth = Math.max(0, depth - 1);
    else if (depth === 0 && type === 'L') return 'ltr';
    else if (depth === 0 && (type === 'R' || type === 'AL')) return 'rtl';
  }
  return undefined;
}
