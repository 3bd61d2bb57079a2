import type { Edit, EditKind, LengthUnit, PostPart } from '../core/post.ts';

/** What a platform counts, for people. */
export const unitNames: Record<LengthUnit, string> = {
  utf16: 'UTF-16 units',
  weighted: 'weighted characters',
};

const kinds: Record<EditKind, string> = {
  'headline-shortened': 'The headline alone was too long, and is cut between words',
  'final-stop': 'The last sign of a sentence became a full stop',
  'leading-connector': 'A connecting word was taken from the start of the text',
  spacing: 'White space was put right',
  digits: 'Digits are written as the channel wants them',
  punctuation: 'Punctuation became Arabic',
  direction: 'Invisible marks keep the order of words right',
  joiner: 'An invisible sign keeps WhatsApp from formatting the text',
};

const signs: Record<string, string> = {
  '\u061C': '⟨ALM⟩',
  '\u200E': '⟨LRM⟩',
  '\u200F': '⟨RLM⟩',
  '\u2060': '⟨WJ⟩',
  '\u2066': '⟨LRI⟩',
  '\u2067': '⟨RLI⟩',
  '\u2068': '⟨FSI⟩',
  '\u2069': '⟨PDI⟩',
  '\u00A0': '⟨NBSP⟩',
};

/** Edits of one kind in words. */
export interface EditWords {
  what: string;
  /** The first few changes, each with some words around it; `before` is absent where it would look the same. */
  changes: { before?: string; after: string }[];
  /** How many more there are. */
  more: number;
}

/** Edits in words, by kind; of each kind the first three with what changed. */
export function describeEdits(edits: readonly Edit[], most = 3): EditWords[] {
  return [...Map.groupBy(edits, ({ kind }) => kind)].map(([kind, same]) => ({
    what: kinds[kind] ?? kind,
    changes: same.slice(0, most).map(describeChange),
    more: Math.max(0, same.length - most),
  }));
}

function describeChange({ kind, before, after }: Edit): { before?: string; after: string } {
  if (kind === 'direction' || kind === 'joiner') return { after: beginning(visible(aroundSigns(after)), 3 * longest) };
  const [from, to] = aroundChange(before, after);
  const shown = (text: string) => visible(kind === 'spacing' ? text.replaceAll(' ', '␣') : text);
  return { before: shown(from), after: shown(to) };
}

/** Signs that nobody can see, by their names. */
function visible(text: string): string {
  return text.replace(/[\u061C\u200E\u200F\u2060\u2066-\u2069\u00A0]/g, (sign) => signs[sign] ?? sign);
}

/** The words that hold an invisible sign, each with the word before and after it. */
function aroundSigns(text: string): string {
  const words = text.split(' ');
  const marked = words.map((word) => /[\u061C\u200E\u200F\u2060\u2066-\u2069]/.test(word));
  return words
    .map((word, index) => (marked[index - 1] || marked[index] || marked[index + 1] ? word : '…'))
    .filter((word, index, all) => word !== '…' || all[index - 1] !== '…')
    .join(' ');
}

const around = 18;
const longest = 60;

/** How many further changes there are, in words. */
export function morePlaces({ more }: EditWords): string {
  return `and in ${more} more ${more === 1 ? 'place' : 'places'}`;
}

/** The stretch in which two texts differ, with some words around it. */
function aroundChange(before: string, after: string): [string, string] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const room = Math.min(before.length, after.length) - start;
  while (end < room && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const from = start <= around ? 0 : before.lastIndexOf(' ', start - around) + 1;
  const cut = (text: string) => {
    const space = text.indexOf(' ', Math.max(from, text.length - end + around));
    const to = end <= around || space < 0 ? text.length : space;
    return `${from > 0 ? '…' : ''}${shorten(text.slice(from, to))}${to < text.length ? '…' : ''}`;
  };
  return [cut(before), cut(after)];
}

/** The beginning of a text, cut between words where it has any. */
export function beginning(text: string, most: number): string {
  if (text.length <= most) return text;
  const space = text.lastIndexOf(' ', most - 1);
  return space > most / 2 ? `${text.slice(0, space)} …` : `${text.slice(0, most - 1)}…`.toWellFormed();
}

/** A stretch of at most about sixty characters: its beginning and its end. */
function shorten(text: string): string {
  if (text.length <= longest) return text;
  const half = Math.floor((longest - 3) / 2);
  const head = text.slice(0, text.lastIndexOf(' ', half) > 0 ? text.lastIndexOf(' ', half) : half);
  const space = text.indexOf(' ', text.length - half);
  const tail = text.slice(space < 0 ? text.length - half : space + 1);
  return `${head} … ${tail}`.toWellFormed();
}

/** What goes with a part beside its text, each with a name for it. */
export function companions({ media, link }: PostPart): [name: string, value: string][] {
  return [
    ...media.map(({ url, alt }): [string, string] => ['picture', alt ? `${url} (${alt})` : url]),
    ...(link === undefined ? [] : ([['link', link]] as [string, string][])),
  ];
}

/** A time in the zone of the newsroom, to the minute; what is no time stays as it is. */
export function timeInWords(at: string | number, timezone: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  const format = { dateStyle: 'medium', timeStyle: 'short', timeZone: timezone } as const;
  return `${new Intl.DateTimeFormat('en-GB', format).format(date)} (${timezone})`;
}
