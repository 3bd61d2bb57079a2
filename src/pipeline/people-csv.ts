import type { PersonEvent, Subscriptions } from '../core/subscriber.ts';
import { readCsv } from '../text/csv.ts';
import { spelledName } from '../text/spelling.ts';
import { type ConsentRow, columns, readConsent } from './consent.ts';

/** What a row tells, or what is wrong with it. */
export type ReadRow = { line: number } & ({ event: PersonEvent } | { problems: string[] });

type Column = (typeof columns)[number];

const headings: Record<Column, string[]> = {
  number: ['number', 'phone', 'phone number', 'whatsapp', 'رقم', 'الرقم', 'رقم الهاتف', 'الهاتف', 'هاتف', 'موبايل'],
  at: ['at', 'date', 'when', 'time', 'consent date', 'التاريخ', 'تاريخ', 'تاريخ الموافقة', 'متى', 'الوقت'],
  how: ['how', 'proof', 'consent', 'source', 'الطريقة', 'كيف', 'المصدر', 'الموافقة', 'طريقة الموافقة'],
  topics: ['topics', 'topic', 'المواضيع', 'مواضيع', 'الأقسام', 'موضوع'],
  language: ['language', 'lang', 'اللغة', 'لغة'],
  state: ['state', 'status', 'الحالة', 'حالة'],
  id: ['id', 'user id', 'المعرف', 'معرف'],
};
const required: readonly Column[] = ['number', 'at', 'how'];

/**
 * Reads a list of people in CSV, row by row. Throws an `Error` in words where its first line is none of column names. A
 * person who is there twice is a problem of the later row.
 */
export function* readPeople(
  text: string,
  { subscriptions, now }: { subscriptions: Subscriptions; now: number },
): Generator<ReadRow> {
  const rows = readCsv(text);
  const head = rows.next();
  if (head.done) throw new Error('The file is empty. Its first line names the columns: number,at,how,topics,language.');
  if (head.value.brokenTo !== undefined) throw new Error(`The first line: ${quotesAt(head.value.brokenTo)}`);
  const places = placesOf(head.value.cells);
  const seen = new Map<string, number>();
  for (const { line, cells, brokenTo } of rows) {
    if (brokenTo !== undefined) {
      yield { line, problems: [quotesAt(brokenTo)] };
      continue;
    }
    const row: Record<string, string> = {};
    for (const [column, place] of places) row[column] = cells[place] ?? '';
    const read = readConsent({ number: '', at: '', how: '', ...row } as ConsentRow, { subscriptions, now });
    if ('problems' in read) yield { line, problems: read.problems };
    else if (seen.has(read.who))
      yield { line, problems: [`number: the same person as in line ${seen.get(read.who)}. Keep one of the two.`] };
    else {
      seen.set(read.who, line);
      yield { line, event: read };
    }
  }
}

const quotesAt = (lastLine: number) =>
  `a quote (") is not closed, or text stands behind it: all to line ${lastLine} is read as this row. Correct the quotes.`;

function placesOf(cells: readonly string[]): Map<Column, number> {
  const places = new Map<Column, number>();
  for (const [place, cell] of cells.entries()) {
    const name = spelledName(cell);
    const column = columns.find((one) => headings[one].some((heading) => spelledName(heading) === name));
    if (column !== undefined && !places.has(column)) places.set(column, place);
  }
  const missing = required.filter((column) => !places.has(column));
  if (missing.length > 0) {
    throw new Error(
      `The first line names no column ${missing.join(', ')}. Write number,at,how,topics,language there (or الرقم,التاريخ,الطريقة,المواضيع,اللغة).`,
    );
  }
  return places;
}
