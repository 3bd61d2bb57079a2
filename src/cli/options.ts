import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import type { Config } from '../config/config.ts';
import { type LoadOptions, loadConfig } from '../config/load.ts';
import { InputError } from '../core/errors.ts';

const common = { config: { type: 'string' }, json: { type: 'boolean' } } as const;

/** Parses a command's arguments, with `--config` and `--json` beside its own options. */
export function parseOptions<T extends ParseArgsOptionsConfig>(args: string[], options: T) {
  return parseArgs({ args, options: { ...common, ...options }, allowPositionals: true, strict: true });
}

export function openConfig(file: string | undefined, options: LoadOptions = {}): Config {
  return loadConfig(file ?? 'config/munadi.yaml', options);
}

/** A time given by hand. Throws `InputError` where it has no offset or is none. */
export function parseTime(text: string): number {
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) {
    throw new InputError(`--at: expected a time with offset such as 2026-05-01T14:30:00+03:00, got "${text}".`, {
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
