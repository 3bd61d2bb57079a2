const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

/** Ranges that fill two columns of a terminal (Unicode East Asian Width W and F; emoji are found by their property). */
const wide =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\u33FF\u3400-\u4DBF\u4E00-\u9FFF\uA000-\uA4CF\uA960-\uA97F\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF01-\uFF60\uFFE0-\uFFE6\u{17000}-\u{18CFF}\u{1B000}-\u{1B2FF}\u{20000}-\u{3FFFD}]|\p{Emoji_Presentation}/u;
/** Characters that fill none: marks on a letter, and invisible signs other than the soft hyphen and Arabic number signs. */
const zero = /^(?:[\p{Mn}\p{Me}]|(?![\u00AD\u0600-\u0605\u06DD\u08E2])[\p{Cf}\u200B-\u200F])$/u;
/** One column each, without a closer look. */
const plain = /^[\x20-\x7E\u00A1-\u00AC\u00AE-\u02FF\u060C\u061B\u061F-\u064A\u0660-\u066F]*$/;

/** How many columns of a terminal a line fills; controls fill none. */
export function columnsOf(line: string): number {
  if (plain.test(line)) return line.length;
  let columns = 0;
  for (const { segment } of graphemes.segment(line)) columns += graphemeColumns(segment);
  return columns;
}

function graphemeColumns(grapheme: string): number {
  if (grapheme.includes('\uFE0F') || /^\p{RI}{2}$/u.test(grapheme)) return 2;
  let most = 0;
  for (const char of grapheme) {
    if (wide.test(char)) return 2;
    if (!zero.test(char) && !/\p{Cc}/u.test(char)) most = 1;
  }
  return most;
}

/** Wraps a line between words at `width` columns; a word that is wider is cut between graphemes. */
export function wrap(line: string, width: number): string[] {
  const rows: string[] = [];
  let row = '';
  let used = 0;
  const flush = () => {
    rows.push(row);
    row = '';
    used = 0;
  };
  for (const word of line.split(' ').flatMap((word) => (columnsOf(word) <= width ? [word] : slices(word, width)))) {
    const columns = columnsOf(word);
    if (row !== '' && used + 1 + columns > width) flush();
    used += columns + (row === '' ? 0 : 1);
    row = row === '' ? word : `${row} ${word}`;
  }
  flush();
  return rows;
}

function slices(word: string, width: number): string[] {
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const { segment } of graphemes.segment(word)) {
    const columns = graphemeColumns(segment);
    if (part !== '' && used + columns > width) {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += segment;
    used += columns;
  }
  return [...parts, part];
}

/** Spaces in front of a row so that it ends at column `width`. */
export function alignRight(row: string, width: number): string {
  return ' '.repeat(Math.max(0, width - columnsOf(row))) + row;
}
