import { LiquidError } from 'liquidjs';
import { nearest } from './nearest.ts';

/** What a template was expected to have, what it has, and what to do about it. */
export interface TemplateFault {
  expected: string;
  got: string;
  remedy: string;
}

/** A template that cannot be used. The message names file and line, and the variable, filter or tag. */
export class TemplateError extends Error implements TemplateFault {
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  readonly expected: string;
  readonly got: string;
  readonly remedy: string;

  constructor(place: { file: string; line: number }, { expected, got, remedy }: TemplateFault) {
    super(`${place.file}:${place.line}  expected ${expected}, got ${got}. ${remedy}`);
    this.name = 'TemplateError';
    this.file = place.file;
    this.line = place.line;
    this.expected = expected;
    this.got = got;
    this.remedy = remedy;
  }
}

/** Thrown by filters: a wrong value or argument. */
export class FilterError extends Error {
  readonly fault: TemplateFault;

  constructor(fault: TemplateFault) {
    super(`expected ${fault.expected}, got ${fault.got}`);
    this.fault = fault;
  }
}

/** The names that a template may use. */
export interface Vocabulary {
  filters: readonly string[];
  tags: readonly string[];
}

/** What the Liquid engine threw, in our words. */
export function explain(error: unknown, file: string, vocabulary: Vocabulary): TemplateError {
  const line = lineOf(error);
  const original = LiquidError.is(error) ? (error as { originalError?: unknown }).originalError : undefined;
  if (original instanceof FilterError) return new TemplateError({ file, line }, original.fault);
  const message = error instanceof Error ? error.message.replace(/, line:\d+, col:\d+$/, '') : String(error);
  return new TemplateError({ file, line }, faultOf(message, vocabulary));
}

function lineOf(error: unknown): number {
  if (!LiquidError.is(error)) return 1;
  const { token } = error as { token?: { getPosition?: () => readonly number[] } };
  return token?.getPosition?.()[0] ?? 1;
}

const refusedFilters: Record<string, string> = {
  raw: 'Remove it: values are always escaped as the platform needs it.',
  escape: 'Remove it: values are escaped as the platform needs it.',
  truncate: 'Write {{ body | summary: 300 }}: it ends with a whole sentence.',
  truncatewords: 'Write {{ body | summary: 300 }}: it ends with a whole sentence.',
  slice: 'Write {% for paragraph in body limit: 2 %}, or {{ body | summary: 300 }}: neither cuts inside a word.',
};

const alone = 'Remove it: a template stands alone and reads no other file.';
const refusedTags: Record<string, string> = {
  include: alone,
  render: alone,
  layout: alone,
  block: alone,
  raw: 'Remove it: nothing is printed without escaping.',
};

function faultOf(message: string, { filters, tags }: Vocabulary): TemplateFault {
  const filter = /^undefined filter: (.*)$/s.exec(message)?.[1];
  if (filter !== undefined) {
    const remedy = refusedFilters[filter] ?? didYouMean(filter, filters);
    return { expected: 'a known filter', got: `"${filter}"`, remedy };
  }
  const tag = /^tag "(.*)" not found$/s.exec(message)?.[1];
  if (tag !== undefined) return tagFault(tag, tags);
  const [, kind, text = ''] = /^(tag|output) (.*) not closed$/s.exec(message) ?? [];
  if (kind !== undefined) return openFault(kind, text);
  if (message.includes('limit exceeded')) {
    return { expected: 'a template that is soon done', got: 'one that repeats too much', remedy: 'Shorten its loops.' };
  }
  return { expected: 'Liquid that can be read', got: oneLine(message), remedy: 'Correct it.' };
}

function tagFault(tag: string, tags: readonly string[]): TemplateFault {
  const inside = /^(else|elsif|when|end\w*)$/.test(tag);
  const remedy = inside
    ? 'Remove it, or open what it belongs to before it.'
    : (refusedTags[tag] ?? didYouMean(tag, tags));
  return { expected: inside ? 'a tag that belongs to an open one' : 'a known tag', got: `"${tag}"`, remedy };
}

/** Something that was begun and has no end. */
function openFault(kind: string, text: string): TemplateFault {
  const begun = oneLine(text.replace(/^"(.*)"$/s, '$1'));
  const name = /^\{%-?\s*(\w+)[\s\S]*%\}$/.exec(text)?.[1];
  const end = name !== undefined ? `{% end${name} %}` : kind === 'output' ? '}}' : '%}';
  return { expected: `"${end}" after "${begun}"`, got: 'none', remedy: `Add ${end}.` };
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 60 ? `${line.slice(0, 57)}…` : line;
}

/** The remedy for a name that is not among those that exist. */
export function didYouMean(given: string, names: readonly string[]): string {
  const near = nearest(given, names);
  return near === undefined ? `There are: ${names.join(', ')}.` : `Did you mean "${near}"?`;
}
