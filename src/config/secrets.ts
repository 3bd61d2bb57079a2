import type { Platform } from '../core/platform.ts';
import { isLoopback } from './fields.ts';
import type { Path } from './problem.ts';
import type { Report } from './report.ts';

type Values = Record<string, unknown>;

/** The environment variable that a secret would best come from, such as `X_MAIN_APP_KEY`. */
export function variableFor(account: string, key: string): string {
  return `${account}_${key.replace(/[A-Z]/g, '_$&')}`.replace(/\W/g, '_').toUpperCase();
}

/** A key counts as given with any value but an empty one. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/**
 * Checks where the secrets of an account come from and how they look. `apiRoot` is `unreadable` where one is given that
 * is none: nobody knows then whether it would be on this machine.
 */
export function checkSecrets(
  platform: Platform,
  { id, settings, apiRoot }: { id: string; settings: Values; apiRoot: string | 'unreadable' | undefined },
  report: Report,
): void {
  const local = apiRoot === 'unreadable' || (apiRoot !== undefined && isLoopback(new URL(apiRoot).hostname));
  for (const key of platform.secrets) {
    const path = ['accounts', id, key];
    const value = settings[key];
    if (typeof value !== 'string' || report.isNoted(path)) continue;
    checkSecret(value, { path, variable: variableFor(id, key), literal: local ? 'allowed' : 'refused' }, report);
  }
}

/**
 * A secret in the file itself ends in a repository; simulators on this machine may have one. One that came with
 * something around it (`docker --env-file` keeps quotes, a file its line break) would only fail at the platform.
 */
export function checkSecret(
  value: string,
  { path, variable, literal }: { path: Path; variable: string; literal: 'allowed' | 'warned' | 'refused' },
  report: Report,
): void {
  const names = report.referencesAt(path);
  const reference = `"\${${variable}}"`;
  if (value === '') {
    const remedy = `Write ${reference}, or remove the key.`;
    report.problem(path, {
      expected: `a secret from the environment, such as ${reference}`,
      got: 'empty text',
      remedy,
    });
  } else if (names.length === 0 && literal === 'refused') {
    report.problem(path, {
      expected: `a secret from the environment, such as ${reference}`,
      got: 'a secret in the file itself',
      remedy: `Set ${variable} in the environment, write ${reference} here, and replace the secret where it was published.`,
    });
  } else {
    if (names.length === 0 && literal === 'warned')
      report.warn(path, `a secret in the file itself: better ${reference}.`);
    const extra = strayIn(value);
    if (extra === undefined) return;
    const where = names.length > 0 ? `in ${names.join(' or ')}` : 'here';
    report.problem(path, {
      expected: 'nothing but the secret',
      got: `one with ${extra}`,
      remedy: `Remove them ${where}.`,
    });
  }
}

function strayIn(secret: string): string | undefined {
  if (/^(["'`]).*\1$/s.test(secret) || /[“”„‟«»‘’]/.test(secret)) return 'quotes around it';
  if (/[\r\n]/.test(secret)) return 'line breaks';
  if (/\s/.test(secret)) return 'spaces';
  return /\p{C}/u.test(secret) ? 'invisible characters' : undefined;
}
