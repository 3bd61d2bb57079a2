import type { Account } from '../core/channel.ts';
import type { Platform } from '../core/platform.ts';
import { platforms } from '../platforms/index.ts';
import { idPattern, idText, isLoopback } from './fields.ts';
import { oneOf, unknownName } from './issue.ts';
import { describe } from './problem.ts';
import type { Report } from './report.ts';
import { commonAccount } from './schema.ts';

type Values = Record<string, unknown>;

/** An account as far as it could be read: enough to check its channels, even where its credentials are wrong. */
interface Candidate {
  id: string;
  platform: Platform;
  apiRoot?: string;
  settings: Values;
  /** Any secret is set. */
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

  const accounts: Record<string, Account> = {};
  for (const candidate of candidates) {
    const { id, platform, settings, apiRoot } = candidate;
    if (mode !== 'sandbox') checkCredentials(candidate, reason, report);
    const sandbox = mode === 'sandbox' || !candidate.complete;
    accounts[id] = sandbox
      ? { id, platform: platform.id, sandbox, settings: exampleSettings(platform, settings) }
      : { id, platform: platform.id, sandbox, settings, ...(apiRoot === undefined ? {} : { apiRoot }) };
  }
  return accounts;
}

function liveReason(candidates: Candidate[]): string | undefined {
  const live = candidates.find(({ complete }) => complete);
  return live && `the account ${live.id} is live`;
}

function readAccount(id: string, value: unknown, report: Report): Candidate | undefined {
  const path = ['accounts', id];
  if (!idPattern.test(id)) {
    report.problem(path, {
      expected: idText,
      got: describe(id),
      remedy: 'Rename the account, here and in its channels.',
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const remedy = 'Write { platform: telegram, … }.';
    report.problem(path, { expected: 'a map of keys', got: describe(value), remedy });
    return undefined;
  }
  const platform = readPlatform(value as Values, path, report);
  if (!platform) return undefined;

  const [common, own] = split(value as Values, Object.keys(commonAccount.shape));
  const parsedCommon = commonAccount.safeParse(common);
  if (!parsedCommon.success) report.explain(parsedCommon.error, path, { schema: commonAccount, input: common });
  const parsedOwn = platform.account.safeParse(own);
  if (!parsedOwn.success) {
    const moreKeys = Object.keys(commonAccount.shape);
    const { account: schema, secrets } = platform;
    report.explain(parsedOwn.error, path, { schema, input: own, moreKeys, secrets });
  }
  const settings = (parsedOwn.success ? parsedOwn.data : own) as Values;
  const apiRoot = parsedCommon.success ? parsedCommon.data.apiRoot : undefined;
  checkLiterals(platform, { path, settings, apiRoot }, report);
  const isSet = (key: string) => settings[key] !== undefined;
  return {
    id,
    platform,
    ...(apiRoot === undefined ? {} : { apiRoot }),
    settings,
    begun: platform.secrets.some(isSet),
    complete: platform.credentials.some((keys) => keys.every(isSet)),
  };
}

function readPlatform(value: Values, path: string[], report: Report): Platform | undefined {
  const { platform: id } = value;
  const platform = typeof id === 'string' && Object.hasOwn(platforms, id) ? platforms[id] : undefined;
  if (platform) return platform;
  const names = Object.keys(platforms);
  const words = unknownName(String(id ?? ''), names, oneOf(names));
  report.problem(
    [...path, 'platform'],
    id === undefined ? { ...words, got: 'nothing', remedy: 'Add "platform".' } : { ...words, got: describe(id) },
  );
  return undefined;
}

/** A secret in the file itself ends in a repository. Simulators on this machine may have one. */
function checkLiterals(
  platform: Platform,
  { path, settings, apiRoot }: { path: string[]; settings: Values; apiRoot: string | undefined },
  report: Report,
): void {
  if (apiRoot !== undefined && isLoopback(new URL(apiRoot).hostname)) return;
  for (const key of platform.secrets) {
    const at = [...path, key];
    if (settings[key] === undefined || report.referencesAt(at).length > 0) continue;
    const name = `${path.at(-1)}_${key.replace(/[A-Z]/g, '_$&')}`.replace(/\W/g, '_').toUpperCase();
    report.problem(at, {
      expected: `a secret from the environment, such as "\${${name}}"`,
      got: 'a secret in the file itself',
      remedy: `Set ${name} in the environment, write "\${${name}}" here, and replace the secret where it was published.`,
    });
  }
}

function checkCredentials(candidate: Candidate, live: string | undefined, report: Report): void {
  const { id, platform, settings, begun, complete, apiRoot } = candidate;
  const path = ['accounts', id];
  const unset = platform.secrets.filter((key) => report.unsetAt([...path, key]).length > 0);
  const variables = (keys: readonly string[]) =>
    keys.map((key) => report.unsetAt([...path, key]).join(' and ') || `"${key}"`).join(', ');

  if (begun && (!complete || unset.length > 0)) {
    const missing = complete ? unset : [...new Set([...missingOf(platform, settings), ...unset])];
    report.problem(path, {
      expected: 'all credentials of the account, or none',
      got: `only some: ${variables(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`,
      remedy: `Set ${variables(missing)}${complete ? ', or remove what you do not use' : ''}. An account with some of its secrets never goes to the sandbox.`,
    });
  } else if (!complete && (live !== undefined || apiRoot !== undefined)) {
    const why = live ?? 'it has an apiRoot';
    const missing = missingOf(platform, settings);
    report.problem(path, {
      expected: `credentials, since ${why}`,
      got: `none: ${variables(missing)} ${missing.length === 1 ? 'is' : 'are'} missing`,
      remedy: live
        ? `Set ${variables(missing)}, remove the account and its channels, or write "mode: sandbox" to play with all of them.`
        : `Set ${variables(missing)}, or remove apiRoot to use the sandbox.`,
    });
  }
}

/** What is missing for the set of credentials that the account is nearest to. */
function missingOf(platform: Platform, settings: Values): string[] {
  const lacks = platform.credentials.map((keys) => keys.filter((key) => settings[key] === undefined));
  return lacks.reduce((best, next) => (next.length < best.length ? next : best), lacks[0] ?? []);
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
