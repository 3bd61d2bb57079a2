import { z } from 'zod';
import { nearest } from '../text/nearest.ts';
import { describe, formatPath, kindOf, type Words } from './problem.ts';
import { remedyFor, unwrap } from './remedy.ts';

type IssuePath = (string | number)[];

/** One zod issue in the words of an operator; `path` is where it is, within what was parsed. */
export interface Explained extends Words {
  path: IssuePath;
}

/** What an issue is told with beside itself. */
export interface IssueContext {
  /** The schema that was asked. */
  schema: z.ZodType;
  /** What was parsed. */
  input: unknown;
  /** What the file has at a path within `input`. */
  given: {
    /** A scalar as it stands there; undefined where it is none. */
    textOf(path: IssuePath): string | undefined;
    /** Variables that it names. */
    variablesAt(path: IssuePath): readonly string[];
    /** Those that are unset, in maps and lists too. */
    unsetAt(path: IssuePath): readonly string[];
  };
  /** Keys that are allowed at the top beside the schema's own. */
  moreKeys?: readonly string[];
  /** Says more than "Remove it." about some unknown keys at the top. */
  hints?: Readonly<Record<string, string>>;
  /** Settings whose values no message may show, such as `http.token`, each with what to do about a wrong one. */
  secrets?: Readonly<Record<string, string>>;
}

/** Explains an issue; an unknown key each is one entry. */
export function explainIssue(issue: z.core.$ZodIssue, context: IssueContext): Explained[] {
  const path = issue.path as IssuePath;
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(path, key, context));
  if (issue.code === 'invalid_union') {
    if (issue.errors.length === 0) return [];
    const meant = meantBranch(issue.errors);
    if (meant) return meant.flatMap((inner) => explainIssue({ ...inner, path: [...path, ...inner.path] }, context));
  }
  const expected = isOwnText(issue.message) ? issue.message : expectation(issue);
  return [{ path, expected, ...explainValue(issue, path, context) }];
}

/** Of a union, the only branch that takes values of this kind. */
function meantBranch(branches: readonly z.core.$ZodIssue[][]): z.core.$ZodIssue[] | undefined {
  const inside = branches.filter((issues) =>
    issues.every(({ code, path }) => code !== 'invalid_type' || path.length > 0),
  );
  return inside.length === 1 ? inside[0] : undefined;
}

/** Never shows what a secret or a variable holds: messages end in logs and chats. */
function explainValue(issue: z.core.$ZodIssue, path: IssuePath, context: IssueContext): Omit<Words, 'expected'> {
  const { given, input } = context;
  const schema = schemaAt(context.schema, path);
  const value = valueAt(input, path);
  const about = aboutSetting(context.schema, path);
  const names = given.variablesAt(path).join(' and ');
  const unset = given.unsetAt(path).join(' and ');
  const isEmpty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
  if (isEmpty && unset !== '')
    return { got: describe(value ?? undefined), remedy: `Set ${unset} in the environment, or write the value.` };
  if (value === null) {
    const removable = schema?.safeParse(undefined).success ? ', or remove the key' : '';
    return { got: 'nothing', remedy: `Give it a value${about}${removable}.` };
  }
  if (value === undefined) {
    const key = path.at(-1);
    return { got: 'nothing', remedy: `Add ${typeof key === 'string' ? `"${key}"` : 'it'}${about}.` };
  }
  const secretRemedy = context.secrets?.[formatPath(path)];
  if (names !== '') {
    const remedy = secretRemedy ?? `Correct it${about}.`;
    return { got: `what ${names} holds`, remedy: remedy.replace(/^Correct it/, `Correct ${names} in the environment`) };
  }
  if (secretRemedy !== undefined) return { got: value === '' ? 'empty text' : 'something else', remedy: secretRemedy };
  if (issue.code === 'invalid_type' && /^(object|record)$/.test(issue.expected))
    return { got: kindOf(value), remedy: `Write a map: { key: value, … }${about}.` };
  const written = given.textOf(path);
  const got = typeof value === 'number' && written !== undefined ? written : describe(value);
  return { got, remedy: remedyFor({ issue, value, written, schema, about }) };
}

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

function unknownKey(path: IssuePath, key: string, context: IssueContext): Explained {
  const top = path.length === 0;
  const names = [...(top ? (context.moreKeys ?? []) : []), ...keysAt(context.schema, path)];
  const hint = top && Object.hasOwn(context.hints ?? {}, key) ? context.hints?.[key] : undefined;
  const remedy = hint ?? nearestName(key, names, 'No key is valid here: remove it.');
  return { path: [...path, key], expected: 'a known key', got: describe(key), remedy };
}

/** The remedy for a name that is not among those that exist. */
export function nearestName(given: string, names: readonly string[], none: string): string {
  const near = nearest(given, names);
  if (near !== undefined) return `Did you mean "${near}"?`;
  return names.length === 0 ? none : `Valid here: ${names.join(', ')}.`;
}

/** What a setting is for, or else what it stands in. */
function aboutSetting(schema: z.ZodType, path: IssuePath): string {
  for (let length = path.length; length > 0; length -= 1) {
    const text = schemaAt(schema, path.slice(0, length))?.description?.replace(/\.$/, '');
    if (text) return ` (${text})`;
  }
  return '';
}

function valueAt(input: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((node, step) => (node as Record<string | number, unknown> | undefined)?.[step], input);
}

/** Of a union, the schema in which one can go a step further. */
function branchFor(schema: z.ZodType, step: string | number): z.ZodType {
  if (schema instanceof z.ZodPipe) return branchFor(unwrap(schema.def.in as z.ZodType), step);
  if (!(schema instanceof z.ZodUnion)) return schema;
  const branches = (schema.options as z.ZodType[]).map((one) => branchFor(unwrap(one), step));
  return branches.find((one) => one instanceof (typeof step === 'number' ? z.ZodArray : z.ZodObject)) ?? schema;
}

/** The schema of a setting, as far as objects, lists and maps lead there. */
function schemaAt(schema: z.ZodType, path: readonly (string | number)[]): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((node, step) => {
    const inner = node && branchFor(unwrap(node), step);
    if (inner instanceof z.ZodObject && Object.hasOwn(inner.shape, step)) return inner.shape[String(step)];
    if (inner instanceof z.ZodArray) return inner.element as z.ZodType;
    return undefined;
  }, schema);
}

function keysAt(schema: z.ZodType, path: IssuePath): string[] {
  const found = schemaAt(schema, path);
  const inner = found && branchFor(unwrap(found), '');
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}
