import { spelled } from './spelling.ts';
import { isStopWord } from './summary-words.ts';

/** Headline and body of an article. */
export interface Told {
  title: string;
  paragraphs: readonly string[];
}

const token = /\p{N}+(?:[.,٫٬:/\-–]\p{N}+)*(?!\p{L})|[\p{L}\p{M}\p{N}]+/gu;
const particles = new Set(['علي', 'الي', 'حتي', 'لدي', 'اذ', 'اذا', 'كذلك']);

const days = [
  ['سبت', 'saturday'],
  ['احد', 'sunday'],
  ['اثنين', 'monday'],
  ['ثلاثاء', 'tuesday'],
  ['اربعاء', 'wednesday'],
  ['خميس', 'thursday'],
  ['جمعه', 'friday'],
] as const;
/** Without its article, the Sunday of Arabic is a common word. */
const weekdays = new Map(
  days.flatMap(([arabic, english], at) => [
    [`ال${arabic}`, `day${at}`],
    [english, `day${at}`],
  ]),
);

/**
 * The words of a text that carry its news, each in one form for all spellings, without article and leading "and"; without
 * particles. Numbers stay whole (`4.1`, `14,500`, `3-1`), and days of the week count as numbers, as dates do.
 */
export function storyWords(text: string): string[] {
  return (spelled(text).match(token) ?? [])
    .map((word) => weekdays.get(word) ?? word)
    .filter((word) => isNumber(word) || (word.length > 2 && !isStopWord(word) && !particles.has(word)))
    .map(stem);
}

/** Numbers, and names with numbers in them: `4.1`, `b12`. */
export function isNumber(word: string): boolean {
  return /\p{N}/u.test(word);
}

function stem(word: string): string {
  return word.replace(/^[وف]?(?:ال|بال|كال|لل)(?=\p{L}{2})/u, '').replace(/^و(?=\p{L}{3})/u, '');
}
