import { isUtf8 } from 'node:buffer';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import type { Account } from '../core/channel.ts';
import { platforms } from '../platforms/index.ts';
import { readAccounts } from './accounts.ts';
import { readChannels } from './channels.ts';
import type { Config } from './config.ts';
import { isLoopback } from './fields.ts';
import { schemaAt, unwrap } from './issue.ts';
import { ConfigError, type ConfigProblem, formatWarning, type Path } from './problem.ts';
import { createReport, type Report } from './report.ts';
import { type Settings, settings } from './schema.ts';
import { readSource } from './source.ts';
import { type Environment, type Substituted, substitute } from './substitute.ts';

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
export function checkConfig(file: string, { env = environment(), mode }: LoadOptions = {}): Checked {
  const text = readText(file);
  if (typeof text !== 'string') return { problems: [text], warnings: [] };
  const source = readSource(text, file);
  const values = substitute(source.value, env);
  const report = createReport(source, values);
  noteSubstitutions(values, report);

  const config =
    source.value === undefined ? emptyFile(source.problems, report) : readSettings({ file, values, mode }, report);
  const problems = [...source.problems, ...report.problems].sort((a, b) => a.line - b.line);
  const warnings = report.warnings.map(formatWarning);
  return { ...(config && problems.length === 0 ? { config } : {}), problems, warnings };
}

/** Everything in a configuration that must not be seen in a log. */
export function secretValues({ accounts, http, redis }: Config): string[] {
  const values = Object.values(accounts).flatMap(({ platform, sandbox, settings }) =>
    sandbox ? [] : (platforms[platform]?.secrets ?? []).map((key) => settings[key]),
  );
  const password = redis.url === undefined ? '' : new URL(redis.url).password;
  return [...values, http.token, password].filter((value) => typeof value === 'string' && value !== '') as string[];
}

/** The environment, over a file `.env` in the working directory. */
function environment(): Environment {
  if (!existsSync('.env')) return process.env;
  return { ...parseEnv(readFileSync('.env', 'utf8')), ...process.env };
}

function readText(file: string): string | ConfigProblem {
  const at = { file, line: 1, key: '(file)', expected: 'a YAML file' };
  try {
    const bytes = readFileSync(file);
    if (isUtf8(bytes)) return bytes.toString('utf8');
    return { ...at, got: 'bytes that are not UTF-8', remedy: 'Save the file as UTF-8.' };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const got = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder' : `an error (${code})`;
    return { ...at, got, remedy: 'Name the file with --config; config/munadi.yaml is the one that comes with Munadi.' };
  }
}

function emptyFile(problems: ConfigProblem[], report: Report): undefined {
  if (problems.length > 0) return;
  const remedy = 'Start from config/munadi.yaml.';
  report.problem([], { expected: 'accounts and channels', got: 'an empty file', remedy });
}

function noteSubstitutions({ notes }: Substituted, report: Report): void {
  for (const { path, kind, name } of notes) {
    if (kind === 'required') {
      const remedy = `Set ${name}.`;
      report.problem(path, { expected: `the environment variable ${name}`, got: 'nothing: it is unset', remedy });
    } else if (kind === 'malformed') {
      const remedy = 'Write "${NAME}" with letters, digits and _, or "$${" for the two characters themselves.';
      report.problem(path, { expected: 'a reference such as "${NAME}"', got: name, remedy });
    } else {
      report.warn(path, `${name} is unset, so the whole setting counts as absent.`);
    }
  }
}

function readSettings(
  { file, values, mode: forced }: { file: string; values: Substituted; mode: LoadOptions['mode'] },
  report: Report,
): Config | undefined {
  const input = numbersFromVariables(values.value, [], report);
  const parsed = settings.safeParse(input);
  if (!parsed.success) {
    report.explain(parsed.error, [], { schema: settings, input, secrets: ['http.token', 'redis.url'] });
  }
  const given = (parsed.success ? parsed.data : input) as Partial<Settings> | undefined;
  const accountValues = isMap(given?.accounts) ? given.accounts : {};
  const own = given?.mode === 'live' || given?.mode === 'sandbox' ? given.mode : undefined;
  const mode = forced ?? own;
  const accounts = readAccounts(accountValues, mode, report);
  const channelValues = Array.isArray(given?.channels) ? given.channels : [];
  const channels = readChannels(channelValues, { accounts, accountIds: Object.keys(accountValues) }, report);
  if (!parsed.success) return undefined;
  checkTogether(parsed.data, report);
  return assemble(file, { ...parsed.data, mode }, { accounts, channels });
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A variable is always text: where a number belongs, its digits become one. */
function numbersFromVariables(value: unknown, path: Path, report: Report): unknown {
  if (Array.isArray(value)) return value.map((item, index) => numbersFromVariables(item, [...path, index], report));
  if (isMap(value)) {
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([key, item]) => [key, numbersFromVariables(item, [...path, key], report)]));
  }
  if (typeof value !== 'string' || !/^\d+$/.test(value) || report.referencesAt(path).length === 0) return value;
  const schema = schemaAt(settings, path);
  return schema && unwrap(schema) instanceof z.ZodNumber ? Number(value) : value;
}

/** Settings that are each right, but not together. */
function checkTogether({ reliability, http, redis }: Settings, report: Report): void {
  const { lease, requestTimeout, backoff, maxBackoff } = reliability;
  if (lease < requestTimeout + 5_000) {
    const least = `${Math.ceil((requestTimeout + 5_000) / 1000)}s`;
    report.problem(['reliability', 'lease'], {
      expected: `at least requestTimeout and 5s (${least})`,
      got: `${lease / 1000}s`,
      remedy: `Write lease: ${least}, or shorten requestTimeout: a delivery must not be taken over while it is being sent.`,
    });
  }
  if (maxBackoff < backoff) {
    report.problem(['reliability', 'maxBackoff'], {
      expected: `at least backoff (${backoff / 1000}s)`,
      got: `${maxBackoff / 1000}s`,
      remedy: 'Raise it, or lower backoff.',
    });
  }
  const local = isLoopback(http.host);
  if (!local && http.token === undefined) {
    const [name] = report.unsetAt(['http', 'token']);
    report.problem(['http', 'token'], {
      expected: `a token, since http.host (${http.host}) is reachable from other machines`,
      got: name ? `nothing: ${name} is unset` : 'nothing',
      remedy: name ? `Set ${name}.` : 'Add token: "${MUNADI_API_TOKEN}" and set it in the environment.',
    });
  }
  if (!local && http.token !== undefined && report.referencesAt(['http', 'token']).length === 0) {
    report.problem(['http', 'token'], {
      expected: 'a secret from the environment, such as "${MUNADI_API_TOKEN}"',
      got: 'a secret in the file itself',
      remedy: 'Set MUNADI_API_TOKEN in the environment, and write "${MUNADI_API_TOKEN}" here.',
    });
  }
  if (redis.url !== undefined && new URL(redis.url).password && report.referencesAt(['redis', 'url']).length === 0) {
    report.warn(['redis', 'url'], 'a password stands in the file itself: move the address to "${REDIS_URL}".');
  }
}

function assemble(
  file: string,
  given: Settings,
  { accounts, channels }: { accounts: Record<string, Account>; channels: Config['channels'] },
): Config {
  const { mode, redis, http, timezone, reliability, fetch, workers, retention, log } = given;
  return {
    file: resolve(file),
    dataDir: resolve(given.data),
    ...(mode === undefined ? {} : { mode }),
    redis: { prefix: redis.prefix, ...(redis.url === undefined ? {} : { url: redis.url }) },
    timezone,
    http: { host: http.host, port: http.port, ...(http.token === undefined ? {} : { token: http.token }) },
    accounts,
    channels,
    reliability: {
      leaseMs: reliability.lease,
      requestTimeoutMs: reliability.requestTimeout,
      quarantineMs: reliability.quarantine,
      maxAttempts: reliability.attempts,
      backoffMs: reliability.backoff,
      maxBackoffMs: reliability.maxBackoff,
    },
    fetch: { allow: fetch.allow, ports: fetch.ports, timeoutMs: fetch.timeout, maxBytes: fetch.maxBytes },
    workers,
    retention,
    log,
  };
}
