import type { Account } from '../core/channel.ts';
import type { Platform } from '../core/platform.ts';
import { platforms } from '../platforms/index.ts';
import { idPattern, idText, isLoopback } from './fields.ts';
import { nearestName, oneOf } from './issue.ts';
import { describe, kindOf, plainText } from './problem.ts';
import type { Report } from './report.ts';
import { commonAccount } from './schema.ts';
import { checkSecrets, isGiven, variableFor } from './secrets.ts';
import { typeVariables } from './typed-variables.ts';

type Values = Record<string, unknown>;

/** An account as far as it could be read: enough to check its channels, even where its credentials are wrong. */
interface Candidate {
  id: string;
  platform: Platform;
  apiRoot?: string;
  settings: Values;
  /** Any secret is set, or any other credential by a variable. */
  begun: boolean;
  /** One of the platform's sets of credentials is there. */
  complete: boolean;
}

/**
 * Checks all accounts and decides which post for real: those with credentials do. One of them, or `mode: live`, makes
 * an account without credentials a problem; `mode: sandbox` sends every one to the sandbox.
 */
export function readAccounts(
  given: Values,
  mode: 'live' | 'sandbox' | undefined,
  report: Report,
): Record<string, Account> {
  const candidates = Object.entries(given)
    .map(([id, value]) => readAccount(id, value, report))
    .filter((candidate) => candidate !== undefined);
  const reason = mode === 'live' ? 'mode is live' : liveReason(candidates);

  const accounts = candidates.map((candidate): [string, Account] => {
    const { id, platform, settings, apiRoot } = candidate;
    const sandbox = mode === 'sandbox' || !candidate.complete;
    if (mode !== 'sandbox') checkCredentials(candidate, reason, report);
    if (!sandbox) warnOfRoot(candidate, report);
    const account = sandbox
      ? { id, platform: platform.id, sandbox, settings: exampleSettings(platform, settings) }
      : { id, platform: platform.id, sandbox, settings, ...(apiRoot === undefined ? {} : { apiRoot }) };
    return [id, account];
  });
  return Object.fromEntries(accounts);
}

function liveReason(candidates: Candidate[]): string | undefined {
  const live = candidates.find(({ complete }) => complete);
  return live && `the account ${live.id} is live`;
}

function readAccount(id: string, value: unknown, report: Report): Candidate | undefined {
  const path = ['accounts', id];
  if (!idPattern.test(id)) {
    const remedy = 'Rename the account, here and in its channels.';
    report.problem(path, { expected: idText, got: describe(id), remedy });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const remedy = 'Write { platform: telegram, … }.';
    report.problem(path, { expected: 'a map of keys', got: kindOf(value), remedy });
    return undefined;
  }
  const platform = readPlatform(value as Values, path, report);
  if (!platform) return undefined;

  const commonKeys = Object.keys(commonAccount.shape);
  const [common, untyped] = split(value as Values, commonKeys);
  const parsedCommon = commonAccount.safeParse(common);
  if (!parsedCommon.success) report.explain(parsedCommon.error, path, { schema: commonAccount, input: common });
  const own = typeVariables(untyped, platform.account, path, report) as Values;
  const parsedOwn = platform.account.safeParse(own);
  if (!parsedOwn.success) {
    report.explain(parsedOwn.error, path, {
      schema: platform.account,
      input: own,
      moreKeys: commonKeys,
      hints: foreignKeys(own, platform),
      secrets: Object.fromEntries(platform.secrets.map((key) => [key, remedyForSecret(id, key)])),
    });
  }
  const settings = (parsedOwn.success ? parsedOwn.data : own) as Values;
  const apiRoot = parsedCommon.success ? parsedCommon.data.apiRoot : undefined;
  checkSecrets(platform, { id, settings, apiRoot: parsedCommon.success ? apiRoot : 'unreadable' }, report);
  const credentials = platform.credentials.flat();
  return {
    id,
    platform,
    ...(apiRoot === undefined ? {} : { apiRoot }),
    settings,
    begun:
      platform.secrets.some((key) => isGiven(settings[key])) ||
      credentials.some((key) => isGiven(settings[key]) && report.referencesAt([...path, key]).length > 0),
    complete: platform.credentials.some((keys) => keys.every((key) => isGiven(settings[key]))),
  };
}

function remedyForSecret(id: string, key: string): string {
  return `Put the secret into an environment variable, and write "\${${variableFor(id, key)}}" in quotes here.`;
}

function readPlatform(value: Values, path: string[], report: Report): Platform | undefined {
  const { platform: id } = value;
  const platform = typeof id === 'string' && Object.hasOwn(platforms, id) ? platforms[id] : undefined;
  if (platform) return platform;
  const names = Object.keys(platforms);
  const at = [...path, 'platform'];
  const remedy = isGiven(id) ? nearestName(plainText(id), names, '') : 'Add "platform".';
  if (!report.isNoted(at)) report.problem(at, { expected: oneOf(names), got: report.show(at, id), remedy });
  return undefined;
}

/** Says of a key of another platform where it belongs. */
function foreignKeys(own: Values, { name: here, account }: Platform): Record<string, string> {
  const hints = Object.keys(own)
    .filter((key) => !Object.hasOwn(account.shape, key))
    .map((key) => [key, Object.values(platforms).filter((other) => Object.hasOwn(other.account.shape, key))] as const)
    .filter(([, owners]) => owners.length > 0)
    .map(([key, owners]) => [
      key,
      `Remove it: it is a setting of ${oneOf(owners.map(({ name }) => name))} accounts, and this one is on ${here}.`,
    ]);
  return Object.fromEntries(hints);
}

function checkCredentials(candidate: Candidate, live: string | undefined, report: Report): void {
  const { id, platform, begun, complete, apiRoot } = candidate;
  const path = ['accounts', id];
  const unset = platform.secrets.filter((key) => report.unsetAt([...path, key]).length > 0);

  if (begun && (!complete || unset.length > 0)) {
    const missing = complete ? unset : [...new Set([...missingOf(candidate, report), ...unset])];
    const { names, remedy } = absent(missing, id, report);
    report.problem(path, {
      expected: 'all credentials of the account, or none',
      got: `only some: ${names} missing`,
      remedy: `${remedy}${complete ? ', or remove what you do not use' : ''}. An account with some of its secrets never goes to the sandbox.`,
    });
  } else if (!complete && (live !== undefined || apiRoot !== undefined)) {
    const { names, remedy } = absent(missingOf(candidate, report), id, report);
    report.problem(path, {
      expected: `credentials, since ${live ?? 'it has an apiRoot'}`,
      got: `none: ${names} missing`,
      remedy: live
        ? `${remedy}, or remove the account and its channels, or write "mode: sandbox" to play with all of them.`
        : `${remedy}, or remove apiRoot to use the sandbox.`,
    });
  }
}

/** What is missing, and how it is added: variables are set, keys that are not there are written. */
function absent(keys: readonly string[], id: string, report: Report): { names: string; remedy: string } {
  const unset = keys.flatMap((key) => report.unsetAt(['accounts', id, key]));
  const unwritten = keys.filter((key) => report.unsetAt(['accounts', id, key]).length === 0);
  const lines = unwritten.map((key) => `${key}: "\${${variableFor(id, key)}}"`);
  const names = [...new Set(unset), ...unwritten.map((key) => `"${key}"`)];
  const steps = [
    ...(unset.length > 0 ? [`set ${[...new Set(unset)].join(', ')} in the environment`] : []),
    ...(lines.length > 0 ? [`add ${lines.join(', ')}`] : []),
  ].join(' and ');
  return {
    names: `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'}`,
    remedy: steps.charAt(0).toUpperCase() + steps.slice(1),
  };
}

/** What is missing for the set of credentials that the account is nearest to: most of it is written, if only in vain. */
function missingOf({ id, platform, settings }: Candidate, report: Report): string[] {
  const isWritten = (key: string) => isGiven(settings[key]) || report.unsetAt(['accounts', id, key]).length > 0;
  const written = (keys: readonly string[]) => keys.filter(isWritten).length;
  const nearest = platform.credentials.reduce((best, next) => (written(next) > written(best) ? next : best));
  return nearest.filter((key) => !isGiven(settings[key]));
}

function warnOfRoot({ id, apiRoot, platform }: Candidate, report: Report): void {
  const path = ['accounts', id, 'apiRoot'];
  const [unset] = report.unsetAt(path);
  if (unset !== undefined) report.warn(path, `${unset} is unset, so this account posts to the real ${platform.name}.`);
  const url = apiRoot === undefined ? undefined : new URL(apiRoot);
  if (url?.protocol === 'http:' && !isLoopback(url.hostname))
    report.warn(path, 'secrets travel there unencrypted: use https where it leaves your own network.');
}

/** Settings for the sandbox: its own credentials, and what the file says beside credentials. */
function exampleSettings(platform: Platform, settings: Values): Values {
  const open = Object.entries(settings).filter(
    ([key, value]) => value !== undefined && !platform.secrets.includes(key),
  );
  return { ...platform.example.account, ...Object.fromEntries(open) };
}

/** The values of some keys, and all others. */
export function split(values: Values, keys: readonly string[]): [Values, Values] {
  const inside = Object.entries(values).filter(([key]) => keys.includes(key));
  const outside = Object.entries(values).filter(([key]) => !keys.includes(key));
  return [Object.fromEntries(inside), Object.fromEntries(outside)];
}
