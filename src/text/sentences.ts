const segmenters = new Map<string, Intl.Segmenter>();

function segmenter(language: string): Intl.Segmenter {
  let found = segmenters.get(language);
  if (!found) {
    found = new Intl.Segmenter(language, { granularity: 'sentence' });
    segmenters.set(language, found);
  }
  return found;
}

const openers = new Map([
  ['«', '»'],
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
]);
const closers = new Set(openers.values());

/** A title, initial or numbered item whose full stop ends no sentence. */
const abbreviation =
  /(?:^|[\s(“"«])(?:[\u0621-\u064A]|أ\s?\.\s?د|[A-Za-z]|Mr|Mrs|Ms|Dr|Prof|St|Gen|Col|Lt|Sen|Rep|Gov|No|vs|Inc|Ltd|Co|Jr|Sr|[A-Z](?:\.[A-Z])+)\.\s*$/u;

/**
 * The sentences of one paragraph, in order, trimmed. A sentence never ends inside an open quotation or bracket that the
 * paragraph closes later, nor after an abbreviation or initial. Joining them by spaces gives the paragraph's words back.
 */
export function splitSentences(paragraph: string, language: string): string[] {
  const sentences: string[] = [];
  let current = '';
  for (const { segment } of segmenter(language).segment(paragraph)) {
    current += segment;
    if (abbreviation.test(current)) continue;
    const rest = paragraph.slice(sentenceEnd(sentences, current, paragraph));
    if (isOpen(current) && closesLater(rest)) continue;
    sentences.push(current);
    current = '';
  }
  if (current !== '') sentences.push(current);
  return sentences.map((sentence) => sentence.trim()).filter((sentence) => sentence !== '');
}

function sentenceEnd(before: string[], current: string, paragraph: string): number {
  return Math.min(paragraph.length, before.reduce((sum, sentence) => sum + sentence.length, 0) + current.length);
}

function closesLater(rest: string): boolean {
  return /["”»)\]}]/u.test(rest);
}

/** True where the text opens a quotation or bracket that it does not close. Curly quotes nest; straight ones toggle. */
export function isOpen(text: string): boolean {
  const stack: string[] = [];
  let straight = false;
  for (const char of text) {
    if (char === '"') straight = !straight;
    else if (char === '“') stack.push('”');
    else if (openers.has(char)) stack.push(openers.get(char) as string);
    else if (char === '”' || closers.has(char)) {
      const at = stack.lastIndexOf(char);
      if (at >= 0) stack.length = at;
    }
  }
  return straight || stack.length > 0;
}
