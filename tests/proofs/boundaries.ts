import { paragraphEnd } from './folded.ts';

/** Where sentences and clauses begin and end in a flat text: by the marks alone, knowing no abbreviation. */

const terminator = /[.!?…。！？۔।]/;
/** Where a clause may be cut off. */
const clauseMark = /[,;，；、]/;
const closer = /["'”’»›)\]}\u200C\u200D]/;
const opener = /["'“‘«‹([{\u200C\u200D]/;

/** True where a sentence, or what follows a final mark, begins at `index`. */
export function startsSentence(flat: string, index: number): boolean {
  let before = index - 1;
  while (before >= 0 && (closer.test(flat[before] as string) || opener.test(flat[before] as string))) before -= 1;
  return before < 0 || flat[before] === paragraphEnd || terminator.test(flat[before] as string);
}

/** True where a sentence or paragraph ends before `index`. */
export function endsSentence(flat: string, index: number): boolean {
  if (index >= flat.length || flat[index] === paragraphEnd) return true;
  return terminator.test(lastMark(flat, index));
}

/** True where a sentence or a clause ends before `index`: a comma stands there or just before. */
export function endsClause(flat: string, index: number): boolean {
  return endsSentence(flat, index) || clauseMark.test(flat[index] as string) || clauseMark.test(lastMark(flat, index));
}

/** True where a full stop may stand for what the text has at `index`: a comma, or a paragraph's last colon. */
export function endsBeforeStop(flat: string, index: number): boolean {
  const mark = flat[index] ?? '';
  return /[,;]/.test(mark) || (mark === ':' && endsSentence(flat, index + 1));
}

/** The `و` or `كما` that stands between the beginning of a sentence and `index`. */
export function connectorBefore(flat: string, index: number): string | undefined {
  const found = /(?:كماو|كما|و)$/.exec(flat.slice(Math.max(0, index - 4), index))?.[0];
  return found !== undefined && startsSentence(flat, index - found.length) ? found : undefined;
}

/** The last character before `index` that closes no quotation. */
function lastMark(flat: string, index: number): string {
  let last = index - 1;
  while (last > 0 && closer.test(flat[last] as string)) last -= 1;
  return flat[last] ?? '';
}
