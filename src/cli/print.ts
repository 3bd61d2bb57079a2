import type { Article } from '../core/article.ts';
import type { DeliveryState } from '../core/delivery.ts';

/** Results, for people. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** A result for machines: one JSON document. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, process.stdout.isTTY ? 2 : 0)}\n`);
}

/** A line of JSON, for programs that run on. */
export function printLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Progress and complaints. */
export function printError(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Where posts of an account go. */
export function placeOf(sandbox: boolean): string {
  return sandbox ? 'SANDBOX' : 'LIVE';
}

/** An article's priority, with the rule that gave it. */
export function priorityWords({ priority, because }: Pick<Article, 'priority' | 'because'>): string {
  return because === undefined ? priority : `${priority} by the ${because}`;
}

/** A delivery's state for people: what is unconfirmed is held for a person, or the platform is being asked. */
export function stateOf(held: boolean, state: DeliveryState): string {
  if (state !== 'unconfirmed') return state;
  return held ? 'held' : 'asking';
}

/** `length` against `limit` as a bar and as numbers. */
export function lengthBar(length: number, limit: number, width = 20): string {
  const filled = Math.min(width, Math.round((length / limit) * width));
  return `${'█'.repeat(filled)}${'░'.repeat(width - filled)} ${length} of ${limit}`;
}

/** Columns padded to their widest cell. */
export function table(rows: string[][]): string {
  const widths = rows.reduce<number[]>(
    (most, row) => row.map((cell, index) => Math.max(most[index] ?? 0, cell.length)),
    [],
  );
  return rows
    .map((row) =>
      row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join('  '),
    )
    .join('\n');
}
