import { resolve } from 'node:path';
import { platforms } from '../platforms/index.ts';
import { addressSecrets } from '../text/shown-address.ts';
import { readAccounts } from './accounts.ts';
import { alarmSecrets, readAlarms, readableAlarms } from './alarms.ts';
import { readBudgets } from './budgets.ts';
import { readChannels } from './channels.ts';
import type { Config } from './config.ts';
import { checkDigests } from './digests.ts';
import { feedIds, readFeeds } from './feeds.ts';
import { readLimits } from './limits.ts';
import { ConfigError, type ConfigProblem, formatProblem, formatWarning, kindOf } from './problem.ts';
import { readConfigFile, readEnvFile } from './read-file.ts';
import { createReport, type Report } from './report.ts';
import { readSchedules } from './schedules.ts';
import { type Settings, settings } from './schema.ts';
import { readSource, type Source } from './source.ts';
import { readSources, sourceSecrets } from './sources.ts';
import { type Environment, type Substituted, substitute } from './substitute.ts';
import { createTemplates } from './templates.ts';
import { checkTogether } from './together.ts';
import { typeVariables } from './typed-variables.ts';

/** What a configuration file says, or everything that is wrong with it. */
export interface Checked {
  /** Absent where there are problems. */
  config?: Config;
  problems: readonly ConfigProblem[];
  /** Things that work, but are perhaps not meant; one line each. */
  warnings: readonly string[];
}

export interface LoadOptions {
  /** Default: the process' own, over a file `.env` in the working directory. */
  env?: Environment;
  /** Goes before the file's own `mode`. */
  mode?: 'live' | 'sandbox';
}

/** Reads and checks a file. Throws `ConfigError` with every problem, each with file, line and remedy. */
export function loadConfig(file: string, options: LoadOptions = {}): Config {
  const { config, problems } = checkConfig(file, options);
  if (!config) throw new ConfigError(problems);
  return config;
}

/** Like `loadConfig`, without throwing. */
export function checkConfig(file: string, { env: given, mode }: LoadOptions = {}): Checked {
  const env = given ?? environment();
  const text = readConfigFile(file);
  const unread = [text, env].filter((read) => typeof read !== 'string' && isProblem(read)) as ConfigProblem[];
  if (typeof text !== 'string' || isProblem(env)) return { problems: unread, warnings: [] };
  return checkText(text, { file, env, ...(mode === undefined ? {} : { mode }) });
}

/** Checks the text of a file. `file` is what messages call it. */
export function checkText(
  text: string,
  { file, env, mode }: LoadOptions & { file: string; env: Environment },
): Checked {
  const source = readSource(text, file);
  const values = substitute(source.value, env);
  const report = createReport(source, values);
  noteSubstitutions(values, report);

  const config = isUnread(source, report) ? undefined : readSettings({ file, values, mode }, report);
  const found = [...source.problems, ...report.problems].sort(byPlace(file));
  const problems = [...new Map(found.map((problem) => [formatProblem(problem), problem])).values()];
  const warnings = report.warnings.map(formatWarning);
  return { ...(config && problems.length === 0 ? { config } : {}), problems, warnings };
}

/** The file itself first, then templates; each by its lines. */
function byPlace(file: string): (a: ConfigProblem, b: ConfigProblem) => number {
  const rank = (problem: ConfigProblem) => (problem.file === file ? '' : problem.file);
  return (a, b) => (rank(a) === rank(b) ? a.line - b.line : rank(a) < rank(b) ? -1 : 1);
}

/** Everything in a configuration that must not be seen in a log. */
export function secretValues({ accounts, http, redis, alarms, sources, feeds }: Config): string[] {
  const values = Object.values(accounts).flatMap(({ platform, sandbox, settings }) =>
    sandbox ? [] : (platforms[platform]?.secrets ?? []).map((key) => settings[key]),
  );
  const password = redis.url === undefined ? '' : new URL(redis.url).password;
  return [
    ...values,
    ...alarmSecrets(alarms),
    ...sourceSecrets(sources),
    ...Object.values(feeds).flatMap(({ url }) => addressSecrets(url)),
    http.token,
    password,
    decodeURIComponent(password),
  ].filter((value) => typeof value === 'string' && value !== '') as string[];
}

/** The environment, over a file `.env` in the working directory. */
export function environment(): Environment | ConfigProblem {
  const file = readEnvFile('.env');
  return isProblem(file) ? file : { ...file, ...process.env };
}

function isProblem(value: Environment | ConfigProblem): value is ConfigProblem {
  return typeof value.line === 'number';
}

/** Nothing to check: the text is no YAML, or an empty file, or no map at all. */
function isUnread({ value, problems }: Source, report: Report): boolean {
  if (isMap(value)) return false;
  if (value === undefined && problems.length > 0) return true;
  const got = value === undefined || value === null ? 'an empty file' : kindOf(value);
  report.problem([], { expected: 'accounts and channels', got, remedy: 'Start from config/munadi.yaml.' });
  return true;
}

function noteSubstitutions({ notes }: Substituted, report: Report): void {
  for (const { path, kind, name } of notes) {
    if (kind === 'required') {
      const remedy = `Set ${name} in the environment.`;
      report.problem(path, { expected: `the environment variable ${name}`, got: 'nothing: it is unset', remedy });
    } else if (kind === 'malformed') {
      report.problem(path, {
        expected: 'a reference such as "${NAME}"',
        got: '"${" with no such name behind it',
        remedy:
          'Between the braces stands a name of letters, digits and _, with ":?" behind it or nothing; "$${" stands for the two characters themselves.',
      });
    } else {
      report.warn(path, `the whole setting counts as absent, since these variables are unset: ${name}.`);
    }
  }
}

function readSettings(
  { file, values, mode: forced }: { file: string; values: Substituted; mode: LoadOptions['mode'] },
  report: Report,
): Config | undefined {
  const { whole, parts } = readTop(values.value, report);
  const mode = forced ?? parts.mode;
  const accountValues = parts.accounts ?? {};
  const accounts = readAccounts(accountValues, mode, report);
  const templates = createTemplates(file, report);
  const calendar = {
    timezone: parts.timezone ?? 'UTC',
    weekend: parts.weekend ?? settings.shape.weekend.parse(undefined),
    holidays: parts.holidays ?? [],
  };
  const given = { file, accounts, accountIds: Object.keys(accountValues), templates, calendar };
  const channels = readChannels(parts.channels ?? [], given, report);
  checkTogether(parts, report);
  const limits = readLimits(parts.limits ?? settings.shape.limits.parse({}), accounts, report);
  const budgets = readBudgets(parts.budgets ?? {}, accounts, report);
  const alarms = readAlarms(parts.alarms ?? readableAlarms(values.value), { accounts, mode }, report);
  const around = { timezone: parts.timezone ?? 'UTC', channelIds: idsOf(parts.channels ?? []) };
  const schedules = readSchedules(parts.schedules ?? [], around, report);
  const { channelIds } = around;
  const feeds = readFeeds(parts.feeds ?? [], { channelIds }, report);
  const taken = feedIds(parts.feeds ?? []);
  const sources = readSources(parts.sources ?? [], { channelIds, taken }, report);
  checkDigests({ channels, schedules, given: parts.channels ?? [] }, report);
  return (
    whole &&
    assemble(file, { ...whole, mode }, { accounts, channels, limits, budgets, alarms, schedules, feeds, sources })
  );
}

/** Ids of those too that could not be read otherwise. */
function idsOf(list: readonly unknown[]): string[] {
  return list.flatMap((item) => (isMap(item) && typeof item.id === 'string' ? [item.id] : []));
}

/** The top of the file. Where something in it is wrong, the rest is checked and given all the same. */
function readTop(given: unknown, report: Report): { whole?: Settings; parts: Partial<Settings> } {
  const input = typeVariables(given, settings, [], report);
  const parsed = settings.safeParse(input);
  if (parsed.success) return { whole: parsed.data, parts: parsed.data };
  report.explain(parsed.error, [], { schema: settings, input, secrets: secretSettings });
  if (!isMap(input)) return { parts: {} };
  const parts = Object.entries(settings.shape).map(([key, field]) => {
    const part = field.safeParse(input[key]);
    return [key, part.success ? part.data : undefined];
  });
  return { parts: Object.fromEntries(parts) };
}

const secretSettings = {
  'http.token': 'Put the token into an environment variable, and write "${MUNADI_API_TOKEN}" in quotes here.',
  'redis.url':
    'Correct it: redis://HOST:PORT, or redis://USER:PASSWORD@HOST:PORT with @ : / # ? % in the password percent-encoded.',
};

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The configuration that settings make, with what was read of them by others. */
export function assemble(
  file: string,
  given: Settings,
  checked: Pick<Config, 'accounts' | 'channels' | 'limits' | 'budgets' | 'alarms' | 'schedules' | 'feeds' | 'sources'>,
): Config {
  const { mode, redis, http, timezone, reliability, fetch, workers, retention, log } = given;
  return {
    file: resolve(file),
    dataDir: resolve(given.data),
    ...(mode === undefined ? {} : { mode }),
    redis: { prefix: redis.prefix, ...(redis.url === undefined ? {} : { url: redis.url }) },
    timezone,
    http: {
      host: http.host,
      port: http.port,
      ...(http.token === undefined ? {} : { token: http.token }),
      ...(http.publicUrl === undefined ? {} : { publicUrl: http.publicUrl }),
    },
    ...checked,
    priorities: { breaking: given.breaking, low: given.low },
    reliability: {
      leaseMs: reliability.lease,
      requestTimeoutMs: reliability.requestTimeout,
      quarantineMs: reliability.quarantine,
      maxAttempts: reliability.attempts,
      backoffMs: reliability.backoff,
      maxBackoffMs: reliability.maxBackoff,
      failuresToRest: reliability.failuresToRest,
      restMs: reliability.rest,
    },
    fetch: { allow: fetch.allow, ports: fetch.ports, timeoutMs: fetch.timeout, maxBytes: fetch.maxBytes },
    workers,
    retention,
    deletions: given.deletions,
    duplicates: {
      near: given.duplicates.near,
      threshold: given.duplicates.threshold,
      windowMs: given.duplicates.window,
    },
    log,
  };
}
