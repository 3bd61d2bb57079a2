import { writeFile } from 'node:fs/promises';
import { InputError } from '../core/errors.ts';
import { type Person, topicsWithoutRoom } from '../core/subscriber.ts';
import { columns, readConsent, toConsentRow } from '../pipeline/consent.ts';
import { allOfPerson, forgetPerson } from '../pipeline/forget-person.ts';
import { type ListAccount, listAccount, listAccounts, openList } from '../runtime/lists.ts';
import { openRuntime, type Runtime } from '../runtime/open.ts';
import { csvLine } from '../text/csv.ts';
import { readAddress } from '../text/phone.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { print, printError, printJson, table } from './print.ts';
import { importPeople, noRoomText } from './subscriber-import.ts';

const options = {
  account: { type: 'string' },
  at: { type: 'string' },
  how: { type: 'string' },
  topics: { type: 'string' },
  language: { type: 'string' },
  to: { type: 'string' },
  'skip-bad': { type: 'boolean' },
} as const;

type Values = { [Key in keyof typeof options]?: string | boolean } & { json?: boolean };

interface Given {
  runtime: Runtime;
  list: ListAccount;
  names: string[];
  values: Values;
}

const verbs: Record<string, (given: Given) => Promise<number>> = {
  list,
  add,
  import: readFile,
  export: write,
  stop,
  forget,
};
/** Which options each takes beside `--account`. */
const taken: Record<string, readonly string[]> = {
  add: ['at', 'how', 'topics', 'language'],
  import: ['skip-bad'],
  export: ['to'],
};

export const command: Command = {
  summary: 'Counts the people who subscribed on WhatsApp; adds, imports, exports, stops and forgets them.',
  usage:
    'subscribers [list] | add NUMBER… --how TEXT --at TIME [--topics LIST] [--language TAG] | import FILE.csv [--skip-bad] | export [NUMBER] [--to FILE] | stop NUMBER… | forget NUMBER… [--account ID] [--config FILE] [--json]',

  async run(args) {
    const { values: given, positionals } = parseOptions(args, options, Number.POSITIVE_INFINITY);
    const { config: file, ...values } = given;
    const [verb = 'list', ...names] = positionals;
    const work = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
    if (!work) {
      throw new InputError(`Expected one of ${Object.keys(verbs).join(', ')}, got "${verb}".`, { code: 'no-verb' });
    }
    checkOptions(verb, Object.keys(values));
    const config = openConfig(file);
    const account = listAccount(config, values.account, '--account');
    const runtime = await openRuntime(config, { logLevel: 'error', patience: 'fail' });
    try {
      return await work({ runtime, list: account, names, values });
    } finally {
      await runtime.close();
    }
  },
};

function checkOptions(verb: string, given: string[]): void {
  const stray = given.find((key) => !['account', 'json', ...(taken[verb] ?? [])].includes(key));
  if (stray === undefined) return;
  throw new InputError(`--${stray} says nothing to "subscribers ${verb}". Leave it out.`, { code: 'stray-option' });
}

async function list({ runtime, values }: Given): Promise<number> {
  const accounts = listAccounts(runtime.config).filter(
    ({ id }) => values.account === undefined || id === values.account,
  );
  const rows = await Promise.all(
    accounts.map(async ({ id, open }) => ({
      ...{ account: id, open: open !== undefined, ...(await runtime.people.counts(id)) },
    })),
  );
  if (values.json) printJson(rows);
  else
    print(
      table([
        ['account', 'subscribed', 'stopped', 'known'],
        ...rows.map(({ account, subscribed, stopped, known, open }) => [
          `${account}${open ? '' : ' (closed)'}`,
          ...[subscribed, stopped, known].map(String),
        ]),
      ]),
    );
  return 0;
}

/** Throws `InputError` for all that cannot be numbers, before anything is done. */
function readNames({ names, list: { subscriptions } }: Given): string[] {
  if (names.length === 0) throw new InputError('Name a number, such as +963944123456.', { code: 'no-number' });
  const read = names.map((name) => readAddress(name, subscriptions.defaultCountry));
  const problems = read.flatMap((one) => ('problem' in one ? [one.problem] : []));
  if (problems.length > 0) throw new InputError(problems.join('\n'), { code: 'bad-number' });
  return read.flatMap((one) => ('who' in one ? [one.who] : []));
}

async function add(given: Given): Promise<number> {
  const { runtime, list: account, names, values } = given;
  const subscriptions = openList(account);
  readNames(given);
  const text = (key: keyof Values) => String(values[key] ?? '');
  const about = { at: text('at'), how: text('how'), topics: text('topics'), language: text('language') };
  const read = names.map((number) => readConsent({ number, ...about }, { subscriptions, now: runtime.clock.now() }));
  const problems = [...new Set(read.flatMap((one) => ('problems' in one ? one.problems : [])))];
  if (problems.length > 0) {
    const options = problems.map((problem) => problem.replace(/^(at|how|topics|language):/, '--$1:'));
    throw new InputError(options.join('\n'), { code: 'no-consent' });
  }
  const events = read.flatMap((one) => ('problems' in one ? [] : [one]));
  const told = await runtime.people.tell(account.id, events);
  if (values.json) printJson(told);
  else print(table(told.map(({ verdict, person }) => [shown(person.who), person.consent, lateWords[verdict] ?? ''])));
  const noRoomFor = topicsWithoutRoom(told);
  if (noRoomFor.length > 0) printError(noRoomText(noRoomFor));
  return told.every(({ person }) => person.consent === 'subscribed') && noRoomFor.length === 0 ? 0 : 1;
}

const lateWords: Record<string, string> = { late: 'told something later, which stays', same: 'nothing new' };

async function readFile({ runtime, list: account, names, values }: Given): Promise<number> {
  const [file, another] = names;
  if (file === undefined || another !== undefined)
    throw new InputError('Name one file in CSV, with a line of column names.', { code: 'no-file' });
  return importPeople(runtime, account, file, { skipBad: values['skip-bad'] === true, json: values.json === true });
}

async function write(given: Given): Promise<number> {
  const { runtime, list: account, names, values } = given;
  if (names.length > 0) return writeOne(given, readNames(given));
  const lines = [columns.join(',')];
  for await (const page of runtime.people.scan(account.id)) {
    const others = await runtime.people.otherNames(
      account.id,
      page.map(({ who }) => who),
    );
    if (values.json) lines.push(...page.map((person) => JSON.stringify(person)));
    else lines.push(...page.map((person, at) => csvLine(rowOf(person, others[at]))));
  }
  if (values.json) lines.shift();
  const text = `${lines.join('\n')}\n`;
  if (values.to === undefined) {
    print(text.trimEnd());
    return 0;
  }
  await writeFile(String(values.to), text, { mode: 0o600, flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'EEXIST' ? 'it is there already. Name another one' : error.message;
    throw new InputError(`--to: cannot write the file: ${reason}.`, { code: 'no-file' });
  });
  printError(`${lines.length - (values.json ? 0 : 1)} people are in ${values.to}.`);
  return 0;
}

function rowOf(person: Person, id: string | undefined): string[] {
  const row = toConsentRow(person, id);
  return columns.map((column) => row[column]);
}

/** All that is kept of a person. */
async function writeOne({ runtime, list: { id } }: Given, whos: string[]): Promise<number> {
  const all = await Promise.all(whos.map((who) => allOfPerson(runtime, id, who)));
  printJson(all.filter(Boolean));
  for (const [at, person] of all.entries()) if (!person) printError(`Nothing is kept of ${shown(whos[at] ?? '')}.`);
  return all.every(Boolean) ? 0 : 1;
}

async function stop(given: Given): Promise<number> {
  const { runtime, list: account, values } = given;
  const events = readNames(given).map((who) => ({ who, act: 'stop' as const, how: 'by the newsroom' }));
  const told = await runtime.people.tell(account.id, events);
  if (values.json) printJson(told);
  else print(table(told.map(({ person }) => [shown(person.who), 'gets nothing any more'])));
  return 0;
}

async function forget(given: Given): Promise<number> {
  const { runtime, list: account, values } = given;
  const whos = readNames(given);
  const known: boolean[] = [];
  for (const who of whos) known.push(await forgetPerson(runtime, account.id, who));
  if (values.json) printJson(whos.map((who, at) => ({ who, forgotten: known[at] })));
  else print(table(whos.map((who, at) => [shown(who), known[at] ? 'is forgotten, a stop too' : 'was not known'])));
  return known.every(Boolean) ? 0 : 1;
}

const shown = (who: string) => (who.includes('.') ? who : `+${who}`);
