import { readFile } from 'node:fs/promises';
import { InputError } from '../core/errors.ts';
import { mostTopics, type PersonEvent, topicsWithoutRoom } from '../core/subscriber.ts';
import { readPeople } from '../pipeline/people-csv.ts';
import { type ListAccount, openList } from '../runtime/lists.ts';
import type { Runtime } from '../runtime/open.ts';
import { print, printError, printJson } from './print.ts';

/** So many are taken in at once. */
const pageSize = 2_000;
const progressMs = 1_000;
/** So many problems are told. */
const mostProblems = 50;

/**
 * Takes a list of people in. Where a row is bad nothing is, unless bad rows are to be skipped. People who have told
 * something later than their row stay as they are.
 */
export async function importPeople(
  runtime: Runtime,
  account: ListAccount,
  file: string,
  { skipBad, json }: { skipBad: boolean; json: boolean },
): Promise<number> {
  const subscriptions = openList(account);
  const text = await readText(file);
  const now = runtime.clock.now();
  const counts = { rows: 0, subscribed: 0, unchanged: 0, stayStopped: 0, stopped: 0, known: 0, bad: 0 };
  const noRoomFor = new Set<string>();
  const progress = createProgress();
  const problems: string[] = [];
  for (const row of rowsOf(text, file, { subscriptions, now })) {
    counts.rows += 1;
    progress.tell(() => `${counts.rows} rows are checked`);
    if (!('problems' in row)) continue;
    counts.bad += 1;
    if (problems.length < mostProblems) problems.push(`${file}:${row.line}: ${row.problems.join(' ')}`);
  }
  for (const problem of problems) printError(problem);
  if (counts.bad > problems.length) printError(`… and ${counts.bad - problems.length} more bad rows.`);
  if (counts.bad > 0 && !skipBad) {
    const of = `${counts.bad} of ${counts.rows} rows`;
    throw new InputError(`Nothing was imported: ${of} are bad. Correct them, or import the others by --skip-bad.`, {
      code: 'bad-rows',
    });
  }
  let done = 0;
  let page: PersonEvent[] = [];
  const take = async () => {
    const told = await runtime.people.tell(account.id, page);
    for (const topic of topicsWithoutRoom(told)) noRoomFor.add(topic);
    for (const { verdict, person } of told) {
      if (verdict === 'late' && person.consent === 'stopped') counts.stayStopped += 1;
      else if (verdict !== 'changed') counts.unchanged += 1;
      else counts[person.consent] += 1;
    }
    done += page.length;
    page = [];
    progress.tell(() => `${done} of ${counts.rows - counts.bad} people are imported`);
  };
  for (const row of rowsOf(text, file, { subscriptions, now })) {
    if ('problems' in row) continue;
    page.push(row.event);
    if (page.length >= pageSize) await take();
  }
  if (page.length > 0) await take();
  if (json) printJson({ ...counts, noRoomFor: [...noRoomFor] });
  else print(summaryOf(counts, account.id));
  if (noRoomFor.size === 0) return 0;
  printError(noRoomText([...noRoomFor]));
  return 1;
}

/** What there is to know of topics that could not be noted. */
export function noRoomText(topics: readonly string[]): string {
  return `There is no room for ${topics.join(', ')}: an account can have ${mostTopics} topics in its life, and those that people once asked for count. Who asked for nothing else keeps what they had; who is new gets everything.`;
}

async function readText(file: string): Promise<string> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? 'there is none of that name' : error.message;
    throw new InputError(`The file cannot be read: ${reason}.`, { code: 'no-file' });
  });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${file} is not in UTF-8. In Excel, save it as "CSV UTF-8".`, { code: 'bad-file' });
  }
}

function* rowsOf(text: string, file: string, about: Parameters<typeof readPeople>[1]) {
  try {
    yield* readPeople(text, about);
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message}`, { code: 'bad-file' });
  }
}

function createProgress() {
  let last = performance.now();
  return {
    tell(words: () => string): void {
      if (performance.now() - last < progressMs) return;
      last = performance.now();
      printError(words());
    },
  };
}

type Counts = Record<'subscribed' | 'unchanged' | 'stayStopped' | 'stopped' | 'bad', number>;

function summaryOf({ subscribed, unchanged, stayStopped, stopped, bad }: Counts, account: string): string {
  return [
    `${subscribed} people are subscribed to ${account} anew or otherwise than before.`,
    ...(unchanged > 0 ? [`${unchanged} are as they were.`] : []),
    ...(stopped > 0 ? [`${stopped} are stopped, as the list says.`] : []),
    ...(stayStopped > 0 ? [`${stayStopped} have stopped since, and stay so.`] : []),
    ...(bad > 0 ? [`${bad} bad rows were left out.`] : []),
  ].join('\n');
}
