import { openMarks } from './quotes.ts';

const segmenters = new Map<string, Intl.Segmenter>();

function segmenter(language: string): Intl.Segmenter {
  let found = segmenters.get(language);
  if (!found) {
    found = new Intl.Segmenter(language, { granularity: 'sentence' });
    segmenters.set(language, found);
  }
  return found;
}

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
  let end = 0;
  for (const { segment } of segmenter(language).segment(paragraph)) {
    current += segment;
    end += segment.length;
    if (abbreviation.test(current)) continue;
    const open = openMarks(current);
    if (open.length > 0 && paragraph.slice(end).includes(open[0] as string)) continue;
    sentences.push(current);
    current = '';
  }
  if (current !== '') sentences.push(current);
  return sentences.map((sentence) => sentence.trim()).filter((sentence) => sentence !== '');
}
