import { InputError } from '../core/errors.ts';

/** Place of a setting: keys of maps and indexes of lists, from the top of the file. */
export type Path = readonly (string | number)[];

/** One thing wrong with the configuration. */
export interface ConfigProblem {
  /** As the caller named it. */
  file: string;
  /** Counts from 1. */
  line: number;
  /** Such as `channels[0].staleAfter`; `(file)` where it is about the whole file. */
  key: string;
  expected: string;
  got: string;
  remedy: string;
}

/** Something that works, but is perhaps not meant. */
export interface ConfigWarning {
  file: string;
  line: number;
  key: string;
  message: string;
}

/** A configuration that cannot be used. The message lists every problem, one a line; exit code 2. */
export class ConfigError extends InputError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super(problems.map(formatProblem).join('\n'), { code: 'config' });
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** `file:line  key: expected …, got …. Remedy.` */
export function formatProblem({ file, line, key, expected, got, remedy }: ConfigProblem): string {
  return `${file}:${line}  ${key}: expected ${expected}, got ${got}. ${remedy}`;
}

/** `file:line  key: warning: …` */
export function formatWarning({ file, line, key, message }: ConfigWarning): string {
  return `${file}:${line}  ${key}: warning: ${message}`;
}

/** `['channels', 0, 'id']` as `channels[0].id`. */
export function formatPath(path: Path): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text.replace(/^\./, '') || '(file)';
}

/** A value as an error shows it: short, on one line. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty map' : 'a map of keys';
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
