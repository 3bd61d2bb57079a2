import { z } from 'zod';
import { nearest } from '../text/nearest.ts';
import { describe, formatPath } from './problem.ts';

/** One zod issue in the words of an operator; `path` is where it is, within what was parsed. */
export interface Explained {
  path: (string | number)[];
  expected: string;
  got: string;
  remedy: string;
}

/** What an issue is told with beside itself. */
export interface IssueContext {
  /** The schema that was asked. */
  schema: z.ZodType;
  /** What was parsed. */
  input: unknown;
  /** A scalar as it stands in the file; undefined where it is none. */
  textOf(path: (string | number)[]): string | undefined;
  /** Keys that are allowed at the top beside the schema's own. */
  moreKeys?: readonly string[];
  /** Says more than "Remove it." about some unknown keys at the top. */
  hints?: Readonly<Record<string, string>>;
  /** Settings whose values no message may show, such as `http.token`. */
  secrets?: readonly string[];
}

/** Explains an issue; an unknown key each is one entry. */
export function explainIssue(issue: z.core.$ZodIssue, context: IssueContext): Explained[] {
  const path = issue.path as (string | number)[];
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, context));
  if (issue.code === 'invalid_union' && issue.errors.length === 0) return [];
  const schema = schemaAt(context.schema, path);
  const value = valueAt(context.input, path);
  const expected = isOwnText(issue.message) ? issue.message : expectation(issue);
  const written = context.textOf(path);
  const secret = context.secrets?.includes(formatPath(path)) ?? false;
  if (secret && value !== undefined && value !== null)
    return [{ path, expected, got: 'something else', remedy: ofSecret }];
  const got = describe(value ?? undefined);
  return [{ path, expected, got, remedy: remedyFor({ issue, value, written, schema, path }) }];
}

const ofSecret = 'Put the secret into an environment variable, and write "${NAME}" in quotes here.';

function isOwnText(message: string): boolean {
  return !/^(Invalid|Too|Unrecognized)\b/.test(message);
}

const typeNames: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
};

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return typeNames[issue.expected] ?? issue.expected;
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String));
  if (issue.code === 'too_small') return issue.origin === 'string' ? 'some text' : `at least ${issue.minimum}`;
  if (issue.code === 'too_big') return `at most ${issue.maximum}`;
  return issue.message;
}

/** `a, b or c`. */
export function oneOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function unknownKey(path: (string | number)[], key: string, context: IssueContext): Explained {
  const top = path.length === 0;
  const names = [...(top ? (context.moreKeys ?? []) : []), ...keysAt(context.schema, path)];
  const hint = top ? context.hints?.[key] : undefined;
  return { path: [...path, key], ...unknownName(key, names, 'a known key', hint) };
}

/** The words for a name that is not among those that exist. */
export function unknownName(given: string, names: readonly string[], expected: string, hint?: string) {
  const near = nearest(given, names);
  const known = names.length === 0 ? 'No key is valid here: remove it.' : `Valid here: ${names.join(', ')}.`;
  return { expected, got: describe(given), remedy: hint ?? (near ? `Did you mean "${near}"?` : known) };
}

interface Case {
  issue: z.core.$ZodIssue;
  value: unknown;
  written: string | undefined;
  schema: z.ZodType | undefined;
  path: (string | number)[];
}

function remedyFor({ issue, value, written, schema, path }: Case): string {
  const key = path.at(-1);
  if (value === undefined || value === null)
    return `Add ${typeof key === 'string' ? `"${key}"` : 'it'}${about(schema)}.`;
  const wants = issue.code === 'invalid_type' ? issue.expected : undefined;
  if (wants === 'string' && typeof value !== 'object') return remedyForBare(schema, value, written);
  if (wants === 'boolean' && typeof value === 'string') return remedyForBoolean(value);
  if ((wants === 'number' || wants === 'int') && /^\d+$/.test(String(value))) return `Write ${value} without quotes.`;
  if (wants === 'array' && typeof value !== 'object') return `Write a list: [${JSON.stringify(value)}].`;
  if (issue.code === 'invalid_value') {
    const near = nearest(String(value), issue.values.map(String));
    return near ? `Did you mean "${near}"?` : 'Write one of these.';
  }
  return `Correct it${about(schema)}.`;
}

/** A number, true or false where text belongs. */
function remedyForBare(schema: z.ZodType | undefined, value: unknown, written = String(value)): string {
  const quoted = schema?.safeParse(written).success === true;
  return quoted || typeof value === 'boolean' || /^[+-]?\d{5,}$/.test(written)
    ? `Put it in quotes: "${written}".`
    : /^\d+$/.test(written) && schema?.safeParse(`${written}s`).success
      ? `Add the unit: "${written}s" for seconds.`
      : `Correct it${about(schema)}.`;
}

function remedyForBoolean(value: string): string {
  const lower = value.toLowerCase();
  if (['yes', 'on', 'y', 'true'].includes(lower)) return 'Write true, without quotes.';
  if (['no', 'off', 'n', 'false'].includes(lower)) return 'Write false, without quotes.';
  return 'Write true or false.';
}

function about(schema: z.ZodType | undefined): string {
  const text = schema?.description?.replace(/\.$/, '');
  return text ? ` (${text})` : '';
}

function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((node, step) => (node as Record<string | number, unknown> | undefined)?.[step], input);
}

/** The schema of a setting, as far as objects, lists and maps lead there. */
export function schemaAt(schema: z.ZodType, path: readonly (string | number)[]): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((node, step) => {
    const inner = node && unwrap(node);
    if (inner instanceof z.ZodObject) return inner.shape[String(step)];
    if (inner instanceof z.ZodArray) return inner.element as z.ZodType;
    return undefined;
  }, schema);
}

function keysAt(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  const found = schemaAt(schema, path);
  const inner = found && unwrap(found);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** Without `optional`, `default` and the like. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}
