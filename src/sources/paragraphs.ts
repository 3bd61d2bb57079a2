import { normaliseText } from '../text/normalise.ts';
import { endsSentence } from './fold.ts';

/**
 * The lines of a text, cleaned, as paragraphs: lines that an editor or mailer wrapped at a fixed width are joined again;
 * all others stay as they are, whether blank lines stand between them or not.
 */
export function toLines(text: string): string[] {
  const raw = text.split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/).map(normaliseText);
  const hasGaps = raw.slice(raw.findIndex(Boolean), raw.findLastIndex(Boolean)).includes('');
  const width = wrapWidth(raw);
  const lines: string[] = [];
  let previous = '';
  for (const line of raw) {
    if (width && previous !== '' && line !== '' && continues(previous, line, width, hasGaps)) {
      lines[lines.length - 1] = `${lines.at(-1)} ${line}`;
    } else if (line !== '') lines.push(line);
    previous = line;
  }
  return lines;
}

/** A wrapped line had no room for the next line's first word. */
function isFull(line: string, next: string, width: number): boolean {
  return line.length + 1 + (next.split(' ', 1)[0] as string).length > width;
}

function continues(line: string, next: string, width: number, hasGaps: boolean): boolean {
  if (line.length > width || next.length > width || !isFull(line, next, width) || /^(?:[-•*–—]|\d+[.)])\s/u.test(next))
    return false;
  return hasGaps || !endsSentence(line);
}

/** The width that the text was wrapped at (characters); undefined where it was not. */
function wrapWidth(lines: string[]): number | undefined {
  const open = lines.flatMap((line, index) => {
    const next = lines[index + 1];
    return next && line.length >= 30 && !endsSentence(line) ? [{ line, next }] : [];
  });
  if (open.length < 3) return undefined;
  const width = Math.max(...open.map(({ line }) => line.length));
  // In a wrapped text nothing but an unbroken address is wider than the rest.
  if (width > 110 || lines.filter((line) => line.length > width + 2).length > 2) return undefined;
  const full = open.filter(({ line, next }) => isFull(line, next, width));
  return full.length >= 3 && full.length >= open.length * 0.75 ? width : undefined;
}
