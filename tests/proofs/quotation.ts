const closerOf: Record<string, string> = { '“': '”', '«': '»', '‹': '›', '(': ')', '[': ']', '{': '}', '„': '“' };

/**
 * Pairs of quotation marks and brackets, as indices of opening and closing mark. Of a kind that does not come out even
 * nothing is said: who knows what was meant.
 */
export function pairsIn(text: string): [number, number][] {
  const pairs = Object.entries(closerOf)
    .filter(([open]) => open !== '“' || !text.includes('„'))
    .flatMap(([open, close]) => pairsOf(text, open, close));
  return [...pairs, ...straightPairs(text)];
}

function pairsOf(text: string, open: string, close: string): [number, number][] {
  const stack: number[] = [];
  const pairs: [number, number][] = [];
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === open) stack.push(index);
    else if (text[index] === close) {
      const start = stack.pop();
      if (start === undefined) return [];
      pairs.push([start, index]);
    }
  }
  return stack.length > 0 ? [] : pairs;
}

function straightPairs(text: string): [number, number][] {
  const marks = [...text.matchAll(/"/g)].map(({ index }) => index);
  if (marks.length % 2 === 1) return [];
  return marks.flatMap((mark, index): [number, number][] =>
    index % 2 === 0 ? [[mark, marks[index + 1] as number]] : [],
  );
}

/** The sentences of a text, not parted inside quotations and brackets. Good enough to see one told twice. */
export function splitOutside(text: string): string[] {
  const pairs = pairsIn(text);
  const sentences: string[] = [];
  let start = 0;
  for (const { index, 0: end } of text.matchAll(/[.!?؟…]["”’»)]*\s+/g)) {
    const at = index + end.length;
    if (pairs.some(([open, close]) => open < index && close >= at)) continue;
    sentences.push(text.slice(start, at));
    start = at;
  }
  return [...sentences, text.slice(start)];
}
