import { basename } from 'node:path';
import type { Layout } from '../core/channel.ts';
import { platforms } from '../platforms/index.ts';
import { canonical, shortHash } from './canonical.ts';
import type { Config } from './config.ts';
import { configSchema } from './json-schema.ts';
import { secretValues } from './load.ts';
import { formatPath, type Path } from './problem.ts';

/** Settings that each process has for itself, as its machine wants them; likewise each account's `apiRoot`. */
type Own = Pick<Config, 'file' | 'dataDir' | 'redis' | 'http' | 'workers' | 'log'>;

/** What all processes agree on. */
type Agreed = Omit<Config, keyof Own>;

/** What all processes of an installation agree on, as it may be seen by others. */
export interface SharedConfig {
  /** The same for the same settings, whatever the secrets are. */
  version: string;
  /** Everything but what is each process's own, with a mark at the place of each secret. */
  json: string;
}

/** A process makes the shared configuration its own, or tells why it cannot; one line each. */
export type Adopted =
  | { config: Config; problems?: undefined }
  /** `wouldPlay`: by its own file, it would send to the sandbox what is meant for the public. */
  | { config?: undefined; problems: string[]; wouldPlay: boolean };

/** A text that holds a secret of so many characters is one, wherever it stands. */
const longSecret = 8;

/** What others may know of a configuration. No secret is in it. */
export function share(config: Config): SharedConfig {
  const { workers: _workers, log: _log, ...shared } = hideSecrets(config) as unknown as Config;
  const accounts = Object.entries(shared.accounts).map(([id, { apiRoot: _root, ...account }]) => [id, account]);
  const json = canonical({ ...shared, accounts: Object.fromEntries(accounts) });
  return { version: shortHash(json), json };
}

/** Tells whether two configurations are the same, secrets and all. */
export function isSame(one: Config, other: Config): boolean {
  return canonical(mapLeaves(one, [], layoutName)) === canonical(mapLeaves(other, [], layoutName));
}

/** Name of everything that a configuration may consist of: configurations of another form come from another Munadi. */
export function configForm(): string {
  return shortHash(canonical(configSchema()));
}

/**
 * The shared configuration with what is this process's own, and with its secrets, as `local` has them at the same places.
 */
export function adopt(json: string, local: Config): Adopted {
  const problems: string[] = [];
  const filled = mapLeaves(JSON.parse(json), [], (value, path) => {
    if (!isMark(value)) return value;
    const secret = valueAt(local, path);
    if (typeof secret === 'string' && secret !== '') return secret;
    const name = nameOf(path);
    problems.push(`${name}: a secret that this process does not have. Give it the same file and environment.`);
    return value;
  }) as Agreed;
  let wouldPlay = false;
  for (const [id, account] of Object.entries(filled.accounts)) {
    const own = local.accounts[id];
    const { sandbox } = account;
    if (own?.apiRoot !== undefined) account.apiRoot = own.apiRoot;
    if (own && !own.sandbox && sandbox) {
      problems.push(
        `accounts.${id}: the scheduler has no credentials and takes the sandbox for it, this process has them. Give the scheduler the same environment.`,
      );
    } else if (own?.sandbox && !sandbox) {
      wouldPlay = true;
      problems.push(
        `accounts.${id}: its credentials are set for the scheduler, and not for this process. Give it the same environment.`,
      );
    }
  }
  if (problems.length > 0) return { problems, wouldPlay };
  return { config: { ...filled, ...ownOf(local) } };
}

/** The shared configuration as it is for a process that does not need its secrets, and tells no alarms. */
export function adoptUnfilled(json: string, local: Config): Config {
  return { ...(JSON.parse(json) as Agreed), ...ownOf(local), alarms: local.alarms };
}

function ownOf({ file, dataDir, redis, http, workers, log }: Own): Own {
  return { file, dataDir, redis, http, workers, log };
}

/** A configuration without addresses and folders, with marks for secrets: objects that say whose place they have. */
export function hideSecrets(config: Config): Record<string, unknown> {
  const { file: _file, dataDir: _dataDir, redis: _redis, http: _http, ...shared } = config;
  const long = secretValues(config).filter((secret) => secret.length >= longSecret);
  const isSecret = (value: string, path: Path) =>
    isAccountSecret(config, path) ||
    isTargetSecret(path) ||
    isSourceSecret(path) ||
    long.some((secret) => value.includes(secret));
  return mapLeaves(shared, [], (value, path) => {
    if (typeof value === 'string' && isSecret(value, path)) return markOf(path);
    return layoutName(value, path);
  }) as Record<string, unknown>;
}

function isAccountSecret({ accounts }: Config, [top, id, settings, key]: Path): boolean {
  if (top !== 'accounts' || settings !== 'settings' || typeof id !== 'string' || typeof key !== 'string') return false;
  const account = accounts[id];
  return account !== undefined && !account.sandbox && (platforms[account.platform]?.secrets ?? []).includes(key);
}

function isSourceSecret([top, , key]: Path): boolean {
  return top === 'sources' && key === 'secrets';
}

function isTargetSecret([top, targets, , key]: Path): boolean {
  return top === 'alarms' && targets === 'targets' && key === 'secret';
}

const markKey = 'secret of';

function markOf(path: Path): Record<string, string> {
  return { [markKey]: nameOf(path) };
}

function isMark(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, markKey);
}

/** As the file has it: keys of a platform stand among the others there. */
function nameOf(path: Path): string {
  return formatPath(path.filter((step) => step !== 'settings'));
}

/** Templates are named by where each process finds them. */
function layoutName(value: unknown, path: Path): unknown {
  const isLayout = path.at(-1) === 'name' && path.includes('layouts');
  return isLayout ? `templates/${basename(value as Layout['name'])}` : value;
}

function valueAt(config: Config, path: Path): unknown {
  let node: unknown = config;
  for (const step of path) node = (node as Record<string | number, unknown> | undefined)?.[step];
  return node;
}

/** A copy with every value that is no map or list, and every mark, replaced. */
function mapLeaves(value: unknown, path: Path, replace: (leaf: unknown, path: Path) => unknown): unknown {
  if (isMark(value)) return replace(value, path);
  if (Array.isArray(value)) return value.map((item, index) => mapLeaves(item, [...path, index], replace));
  if (typeof value !== 'object' || value === null) return replace(value, path);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([key, item]) => [key, mapLeaves(item, [...path, key], replace)]));
}
