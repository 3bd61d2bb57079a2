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

/** What was expected, what stands there instead, and what to do about it. */
export type Words = Pick<ConfigProblem, 'expected' | 'got' | 'remedy'>;

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

/** `['channels', 0, 'id']` as `channels[0].id`; a key that is no plain word as `["…"]`. */
export function formatPath(path: Path): string {
  const text = path.map((step) => {
    if (typeof step === 'number') return `[${step}]`;
    return /^[\p{L}\p{N}_-]+$/u.test(step) ? `.${step}` : `[${quoted(step)}]`;
  });
  return text.join('').replace(/^\./, '') || '(file)';
}

/** A value as an error shows it: short, on one line. */
export function describe(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return Object.keys(value).length === 0 ? 'an empty map' : 'a map of keys';
  return typeof value === 'string' ? quoted(value) : String(value);
}

/** A scalar as text, empty for what is none: a map may have a `toString` of its own. */
export function plainText(value: unknown): string {
  return typeof value === 'object' || value === undefined ? '' : String(value);
}

/** What kind of value stands where a map belongs: it may be a whole address or secret, so it is not shown. */
export function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'text';
  return typeof value === 'object' && value !== null
    ? describe(value)
    : typeof value === 'number'
      ? 'a number'
      : describe(value);
}

/**
 * Text in quotes, with everything that cannot be seen (direction marks, hard spaces) written as an escape, and without
 * the user and password of an address.
 */
export function quoted(text: string): string {
  const safe = text.replace(/\/\/[^\s/?#]*@/g, '//…@');
  const short = safe.length > 80 ? `${safe.slice(0, 76)}…` : safe;
  const escaped = (unseen: string) => `\\u${(unseen.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
  return JSON.stringify(short).replace(/(?! )[\p{C}\p{Z}]/gu, escaped);
}
