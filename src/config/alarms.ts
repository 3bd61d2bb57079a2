import { z } from 'zod';
import { alarmKindNames, alarmKinds, severities } from '../core/alarms.ts';
import type { Account } from '../core/channel.ts';
import { platforms } from '../platforms/index.ts';
import type { AlarmTarget, Config } from './config.ts';
import { duration, idPattern, idText, isLoopback } from './fields.ts';
import { nearestName, oneOf } from './issue.ts';
import { describe, kindOf, plainText } from './problem.ts';
import type { Report } from './report.ts';
import { checkSecret, isGiven, variableFor } from './secrets.ts';

const timeText = 'a time in quotes, such as "08:00"';
const time = z
  .string(timeText)
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/, timeText)
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)));

const urlText = 'an http or https address without a fragment';
const webhookUrl = z.string(urlText).refine((text) => {
  const url = URL.parse(text);
  const isWhole = url !== null && /^https?:\/\//i.test(text) && !/[#\s]/.test(text);
  return isWhole && !/%(?![\dA-Fa-f]{2})/.test(url.username + url.password);
}, urlText);

const chatField = platforms.telegram?.channel.shape.chat as z.ZodType<string>;

/** The kinds of targets, by their `to`. */
export const alarmTargets = {
  telegram: z.strictObject({
    to: z.literal('telegram').describe('`telegram`: a chat there.'),
    account: z.string().describe('Name of the account whose bot writes.'),
    chat: chatField.describe('Where it writes: "@name", or the numeric id in quotes. The bot must be in it.'),
  }),
  webhook: z.strictObject({
    to: z.literal('webhook').describe('`webhook`: an address that is called with JSON.'),
    url: webhookUrl.describe('The address. Whoever knows it may be able to write there: write "${NAME}".'),
    secret: z.string().optional().describe('Signs each call (Standard Webhooks). A secret: write "${NAME}".'),
  }),
  log: z.strictObject({ to: z.literal('log').describe('`log`: the log of the scheduler.') }),
};
const kinds = Object.keys(alarmTargets);

const names = (what: string) =>
  z
    .array(z.string('the name of a target').regex(idPattern, 'the name of a target'), 'a list of targets')
    .min(1, 'at least one target')
    .default(['log'])
    .describe(what);

const severity = z.strictObject(
  Object.fromEntries(
    alarmKindNames.map((kind) => [
      kind,
      z.enum(severities).optional().describe(`Alarms of this kind; ${alarmKinds[kind].severity} unless set.`),
    ]),
  ),
);

/** The setting `alarms`. */
export const alarms = z.strictObject({
  targets: z
    .record(z.string(), z.unknown(), 'a map from names to targets')
    .default({})
    .describe('Where alarms are told, by a name of your own; `log` is always there.'),
  wake: names('Targets of alarms that wake somebody.'),
  day: names('Targets of alarms that wait for the day.'),
  dayHours: z
    .strictObject({
      from: time.prefault('08:00').describe('When the day begins, in the time zone of this file.'),
      to: time.prefault('22:00').describe('When it ends; before `from`: on the next day.'),
    })
    .prefault({})
    .describe('When alarms that wait for the day are told; what comes outside is told at its beginning, together.'),
  dedupe: duration({ least: '1s', most: '7d' })
    .prefault('15m')
    .describe('The same alarm is told once in this time, then again with the count while it goes on.'),
  severity: severity.prefault({}).describe('What each kind of alarm is: wake, day, or off.'),
  breakingAfter: duration({ least: '1s', most: '1d' })
    .prefault('60s')
    .describe('Breaking news that is not live after this is an alarm.'),
});

type Given = z.infer<typeof alarms>;

/** What can be read of it in a file where it has errors, so that the rest is checked too. */
export function readableAlarms(file: unknown): Given {
  const given = Object.assign({}, (file as { alarms?: unknown }).alarms) as Record<string, unknown>;
  const parts = Object.entries(alarms.shape).map(([key, field]) => {
    const part = field.safeParse(given[key]);
    return [key, part.success ? part.data : field.parse(undefined)];
  });
  return Object.fromEntries(parts) as Given;
}

/** The setting as the program uses it; targets, accounts and names that do not exist are reported. */
export function readAlarms(
  given: Given,
  { accounts, mode }: { accounts: Record<string, Account>; mode: 'live' | 'sandbox' | undefined },
  report: Report,
): Config['alarms'] {
  const targets: Record<string, AlarmTarget> = { log: { to: 'log' } };
  for (const [name, value] of Object.entries(given.targets)) {
    const target = readTarget(name, value, accounts, report);
    if (target) targets[name] = mode === 'sandbox' && !staysHere(target) ? { to: 'log' } : target;
  }
  const known = ['log', ...Object.keys(given.targets).filter((name) => name !== 'log')];
  for (const list of ['wake', 'day'] as const) {
    for (const [index, name] of given[list].entries()) {
      if (known.includes(name)) continue;
      const remedy = nearestName(name, known, '');
      report.problem(['alarms', list, index], {
        expected: `a target (${oneOf(known)})`,
        got: report.show(['alarms', list, index], name),
        remedy,
      });
    }
  }
  const told = new Set([...given.wake, ...given.day]);
  // Where something is wrong, a list may not be the one that is written.
  for (const name of report.problems.length > 0 ? [] : Object.keys(given.targets)) {
    if (!told.has(name))
      report.warn(['alarms', 'targets', name], 'neither wake nor day names it, so nothing is told there.');
  }
  const { from, to } = given.dayHours;
  if (from === to) {
    report.problem(['alarms', 'dayHours', 'to'], {
      expected: 'another time than from',
      got: 'the same',
      remedy: 'Write when the day ends, such as "22:00".',
    });
  }
  return {
    targets,
    wake: [...new Set(given.wake)],
    day: [...new Set(given.day)],
    dayHours: { fromMinute: from, toMinute: to },
    dedupeMs: given.dedupe,
    severity: Object.fromEntries(Object.entries(given.severity).filter(([, one]) => one !== undefined)),
    breakingAfterMs: given.breakingAfter,
  };
}

function readTarget(
  name: string,
  value: unknown,
  accounts: Record<string, Account>,
  report: Report,
): AlarmTarget | undefined {
  const path = ['alarms', 'targets', name];
  if (!idPattern.test(name)) {
    const remedy = 'Rename it, here and where it is named.';
    report.problem(path, { expected: idText, got: describe(name), remedy });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const remedy = 'Write { to: telegram, … }.';
    report.problem(path, { expected: 'a map of keys', got: kindOf(value), remedy });
    return undefined;
  }
  const { to } = value as { to?: unknown };
  const schema =
    typeof to === 'string' && Object.hasOwn(alarmTargets, to)
      ? alarmTargets[to as keyof typeof alarmTargets]
      : undefined;
  if (!schema || (name === 'log' && to !== 'log')) {
    const at = [...path, 'to'];
    const [expected, remedy] = schema
      ? ['log, which is what a target of this name is', 'Give the other target a name of its own.']
      : [oneOf(kinds), isGiven(to) ? nearestName(plainText(to), kinds, '') : 'Add "to".'];
    if (!report.isNoted(at)) report.problem(at, { expected, got: report.show(at, to), remedy });
    return undefined;
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    report.explain(parsed.error, path, {
      schema,
      input: value,
      secrets: {
        url: `Correct it, such as "https://hooks.example.org/alarms", or write "\${${variableFor(name, 'url')}}" in quotes.`,
        secret: `Put the secret into an environment variable, and write "\${${variableFor(name, 'secret')}}" in quotes here.`,
      },
    });
    return undefined;
  }
  const target = parsed.data;
  if (target.to === 'webhook') checkWebhook(name, target, report);
  if (target.to === 'telegram') checkAccount(path, target.account, accounts, report);
  return target;
}

function checkAccount(path: string[], id: string, accounts: Record<string, Account>, report: Report): void {
  const fit = Object.values(accounts).filter(({ platform }) => platform === 'telegram');
  if (fit.some((account) => account.id === id)) return;
  const ids = fit.map((account) => account.id);
  report.problem([...path, 'account'], {
    expected: ids.length === 0 ? 'an account on Telegram' : `an account on Telegram (${oneOf(ids)})`,
    got: report.show([...path, 'account'], id),
    remedy: nearestName(id, ids, 'Add one to accounts.'),
  });
}

function checkWebhook(
  name: string,
  { url: text, secret }: Extract<AlarmTarget, { to: 'webhook' }>,
  report: Report,
): void {
  const path = ['alarms', 'targets', name];
  const url = new URL(text);
  const local = isLoopback(url.hostname);
  if (secret !== undefined) {
    const literal = local ? 'allowed' : 'refused';
    checkSecret(secret, { path: [...path, 'secret'], variable: variableFor(name, 'secret'), literal }, report);
  }
  const [unset] = report.unsetAt([...path, 'secret']);
  if (unset !== undefined && !report.isNoted([...path, 'secret'])) {
    report.problem([...path, 'secret'], {
      expected: 'the secret that signs the calls',
      got: `nothing: ${unset} is unset`,
      remedy: `Set ${unset} in the environment, or remove the key.`,
    });
  }
  if ((url.username || url.password) && !local && report.referencesAt([...path, 'url']).length === 0) {
    const variable = variableFor(name, 'url');
    report.problem([...path, 'url'], {
      expected: `an address with its password from the environment, such as "\${${variable}}"`,
      got: 'a password in the file itself',
      remedy: `Set ${variable} in the environment, write "\${${variable}}" here, and replace the password where it was published.`,
    });
  }
  if (url.protocol === 'http:' && !local)
    report.warn([...path, 'url'], 'alarms travel there unencrypted: use https where they leave your own network.');
}

/** In the sandbox nothing leaves this machine; its accounts do not either. */
function staysHere(target: AlarmTarget): boolean {
  return target.to !== 'webhook' || isLoopback(new URL(target.url).hostname);
}

/** What of the targets must not be seen in a log. */
export function alarmSecrets({ targets }: Config['alarms']): string[] {
  return Object.values(targets).flatMap((target) => {
    if (target.to !== 'webhook') return [];
    const { username, password, pathname, search } = new URL(target.url);
    const own = username || password || pathname !== '/' || search ? [target.url, pathname + search] : [];
    const open = [password, decodeURIComponent(password), ...own.filter((text) => text.length > 8)];
    return [...open, target.secret ?? ''].filter((text) => text !== '' && text !== '/');
  });
}
