/** One record of a CSV file, with the number of the line that it begins on. */
export interface CsvRow {
  line: number;
  cells: string[];
  /** A quote in it was never closed, or something stands behind one that was: what to this line was read as a cell. */
  brokenTo?: number;
}

/**
 * The records of a CSV text (RFC 4180), empty lines left out. Commas, semicolons or tabs stand between cells, by the first
 * line. A quote that is never closed goes to the end.
 */
export function* readCsv(text: string): Generator<CsvRow> {
  const whole = text.replace(/^\ufeff/, '');
  const comma = separatorOf(whole);
  let cells: string[] = [];
  let cell = '';
  let line = 1;
  let began = 1;
  let at = 0;
  let isQuoted = false;
  let brokenTo: number | undefined;
  const end = (): CsvRow | undefined => {
    cells.push(cell.trim());
    const row = { line: began, cells, ...(brokenTo === undefined ? {} : { brokenTo }) };
    cells = [];
    cell = '';
    isQuoted = false;
    brokenTo = undefined;
    return row.cells.some((one) => one !== '') ? row : undefined;
  };
  while (at < whole.length) {
    const sign = whole[at];
    if (sign === '"' && !isQuoted && cell.trim() === '') {
      let close = at + 1;
      for (;;) {
        close = whole.indexOf('"', close);
        if (close < 0 || whole[close + 1] !== '"') break;
        close += 2;
      }
      const quoted = whole.slice(at + 1, close < 0 ? undefined : close);
      line += quoted.split('\n').length - 1;
      cell = quoted.replaceAll('""', '"');
      at = close < 0 ? whole.length : close + 1;
      isQuoted = true;
      if (close < 0) brokenTo = line;
    } else if (sign === comma) {
      cells.push(cell.trim());
      cell = '';
      isQuoted = false;
      at += 1;
    } else if (sign === '\n' || sign === '\r') {
      const row = end();
      if (row) yield row;
      at += sign === '\r' && whole[at + 1] === '\n' ? 2 : 1;
      line += 1;
      began = line;
    } else {
      if (isQuoted && sign?.trim() !== '') brokenTo ??= line;
      cell += sign;
      at += 1;
    }
  }
  const row = end();
  if (row) yield row;
}

function separatorOf(text: string): string {
  const [head = ''] = text.split(/[\r\n]/, 1);
  const count = (sign: string) => head.split(sign).length;
  return [',', ';', '\t'].sort((one, other) => count(other) - count(one))[0] ?? ',';
}

/** One line of CSV, without its end. */
export function csvLine(cells: readonly string[]): string {
  return cells.map((cell) => (/[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',');
}
