import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Config } from '../config/config.ts';
import { type LoadOptions, loadConfig } from '../config/load.ts';
import { InputError } from '../core/errors.ts';
import { readTime } from '../core/time.ts';

const common = { config: { type: 'string' }, json: { type: 'boolean' } } as const;

/**
 * Parses a command's arguments, with `--config` and `--json` beside its own options. Throws a `TypeError` with a code
 * `ERR_PARSE_ARGS_…` for unknown options, missing values, and more than `most` names.
 */
export function parseOptions<T extends ParseArgsOptionsConfig>(args: string[], options: T, most = 0) {
  const parsed = parseArgs({ args, options: { ...common, ...options }, allowPositionals: most > 0, strict: true });
  const extra = parsed.positionals[most];
  if (extra !== undefined) {
    throw new InputError(
      `Only ${most === 1 ? 'one name' : `${most} names`} can be given; "${extra}" is one too many.`,
      {
        code: 'too-many',
      },
    );
  }
  return parsed;
}

export function openConfig(file: string | undefined, options: LoadOptions = {}): Config {
  return loadConfig(file ?? 'config/munadi.yaml', options);
}

/** Channels given by hand: the option repeated, or ids separated by commas. */
export function parseChannels(values: string[] | undefined): string[] | undefined {
  return values?.flatMap((value) => value.split(',')).filter((id) => id !== '');
}

/** A time given by hand, by the option `name`. Throws `InputError` where it has no offset or is none. */
export function parseTime(text: string, name = 'at'): number {
  const ms = readTime(text);
  if (ms === undefined) {
    throw new InputError(`--${name}: expected a time with offset such as 2026-05-01T14:30:00+03:00, got "${text}".`, {
      code: 'bad-time',
    });
  }
  return ms;
}

/** A whole number given by hand. */
export function parseCount(name: string, text: string, { min, max }: { min: number; max: number }): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new InputError(`--${name}: expected a whole number from ${min} to ${max}, got "${text}".`, {
      code: 'bad-number',
    });
  }
  return value;
}

const unitsMs: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time given by hand, such as `10m`. */
export function parseDuration(name: string, text: string): number {
  const [, count, unit = ''] = /^(\d{1,6})(s|m|h|d)$/.exec(text) ?? [];
  if (count === undefined) {
    throw new InputError(`--${name}: expected a duration such as 30s, 10m or 6h, got "${text}".`, {
      code: 'bad-duration',
    });
  }
  return Number(count) * (unitsMs[unit] ?? 0);
}
