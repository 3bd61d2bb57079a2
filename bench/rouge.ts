/** ROUGE scores of one summary, each an F1 between 0 and 1. */
export interface Rouge {
  rouge1: number;
  rouge2: number;
  rougeL: number;
}

/** Words as ROUGE compares them here: NFKC, no diacritics or tatweel, one alef, lower case, runs of letters and digits. */
export function rougeWords(text: string): string[] {
  const plain = text
    .normalize('NFKC')
    .replace(/[\u0610-\u061A\u064B-\u065F\u0670\u06D6-\u06DC\u06DF-\u06E8\u06EA-\u06ED\u0640]/g, '')
    .replace(/[أإآ]/g, 'ا')
    .toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

function f1(hits: number, found: number, wanted: number): number {
  return hits === 0 ? 0 : (2 * hits) / (found + wanted);
}

function grams(words: readonly string[], size: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + size <= words.length; i += 1) {
    const gram = words.slice(i, i + size).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

function overlap(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let hits = 0;
  for (const [gram, count] of a) hits += Math.min(count, b.get(gram) ?? 0);
  return hits;
}

/** Length of the longest common subsequence. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Uint32Array(b.length + 1);
  for (const word of a) {
    const next = new Uint32Array(b.length + 1);
    for (let j = 1; j <= b.length; j += 1) {
      next[j] = b[j - 1] === word ? (row[j - 1] as number) + 1 : Math.max(row[j] as number, next[j - 1] as number);
    }
    row = next;
  }
  return row[b.length] as number;
}

/** Prepares the human summaries of one article; gives the best score that a summary has against any of them, per metric. */
export function rougeAgainst(references: readonly string[]): (summary: string) => Rouge {
  const prepared = references.map((reference) => {
    const words = rougeWords(reference);
    return { words, one: grams(words, 1), two: grams(words, 2) };
  });
  return (summary) => {
    const words = rougeWords(summary);
    const [one, two] = [grams(words, 1), grams(words, 2)];
    const best: Rouge = { rouge1: 0, rouge2: 0, rougeL: 0 };
    for (const reference of prepared) {
      const length = reference.words.length;
      best.rouge1 = Math.max(best.rouge1, f1(overlap(one, reference.one), words.length, length));
      best.rouge2 = Math.max(
        best.rouge2,
        f1(overlap(two, reference.two), Math.max(0, words.length - 1), Math.max(0, length - 1)),
      );
      best.rougeL = Math.max(best.rougeL, f1(longestCommon(words, reference.words), words.length, length));
    }
    return best;
  };
}
