import type { Variable } from 'liquidjs';
import type { Layout } from '../core/channel.ts';
import { engine, filters, print, type Rendering, run, tags } from './template-engine.ts';
import { didYouMean, explain, TemplateError } from './template-error.ts';
import { markTagLines, tidy } from './template-tidy.ts';
import type { TemplateValues } from './template-values.ts';

export { TemplateError } from './template-error.ts';
export type { TemplateValues } from './template-values.ts';

/** A template that has been read and checked. */
export interface Template {
  /** Variables of the article that it names. */
  variables: readonly string[];
  /**
   * The text of a post. Every value passes through `makeHarmless`; the template's own text does not. White space is tidied, and
   * lines of which the article has nothing are left out. Throws `TemplateError` where a filter is given what it cannot use.
   */
  render(values: TemplateValues, makeHarmless?: (text: string) => string): string;
}

type Kind = 'text' | 'list' | 'flag';

const kinds: Record<keyof TemplateValues, Kind> = {
  headline: 'text',
  summary: 'text',
  link: 'text',
  hashtags: 'list',
  body: 'list',
  tags: 'list',
  section: 'text',
  byline: 'text',
  agency: 'text',
  language: 'text',
  direction: 'text',
  priority: 'text',
  breaking: 'flag',
  publishedAt: 'text',
  channel: 'text',
};

/** All names that a template may use. */
export const vocabulary = { variables: Object.keys(kinds), filters, tags };

/** A template's text, read. */
interface Program {
  variables: readonly string[];
  /** Throws the engine's errors. */
  run(rendering: Rendering): string;
}

const programs = new Map<string, Program>();
const mostPrograms = 500;

/** Reads and checks a template; the same source is read once. Throws `TemplateError` with the first thing that is wrong. */
export function compileTemplate({ name, source }: Layout): Template {
  const known = programs.get(source);
  const program = known ?? read({ name, source });
  if (!known) {
    if (programs.size >= mostPrograms) programs.clear();
    programs.set(source, program);
  }
  return {
    variables: program.variables,
    render(values, makeHarmless) {
      try {
        return tidy(program.run(createRendering(values, makeHarmless)));
      } catch (error) {
        throw explain(error, name, vocabulary);
      }
    },
  };
}

/** Everything that is wrong with a template before it is used; of wrong syntax only the first. */
export function templateErrors({ name, source }: Layout): TemplateError[] {
  try {
    return unknownVariables(parse({ name, source }).globals, name);
  } catch (error) {
    if (error instanceof TemplateError) return [error];
    throw error;
  }
}

function createRendering(values: TemplateValues, makeHarmless: Rendering['makeHarmless']): Rendering {
  const made = new Map<number | undefined, string>();
  return {
    values,
    makeHarmless,
    summary(budget) {
      const text = made.get(budget) ?? values.summary(budget);
      made.set(budget, text);
      return text;
    },
  };
}

function read(layout: Layout): Program {
  const { templates, globals } = parse(layout);
  const [first] = unknownVariables(globals, layout.name);
  if (first) throw first;
  const variables = [...new Set(globals.map(({ segments: [root] }) => String(root)))];
  return { variables, run: plainProgram(layout.source) ?? ((rendering) => run(templates, rendering)) };
}

function parse({ name, source }: Layout) {
  try {
    const templates = engine.parse(markTagLines(withLineFeeds(source)));
    return { templates, globals: Object.values(engine.analyzeSync(templates).globals).flat() };
  } catch (error) {
    throw explain(error, name, vocabulary);
  }
}

function unknownVariables(globals: readonly Variable[], file: string): TemplateError[] {
  return globals
    .map((variable) => {
      const fault = faultOf(variable);
      return fault && new TemplateError({ file, line: variable.location.row }, fault);
    })
    .filter((error) => error !== undefined)
    .sort((a, b) => a.line - b.line);
}

const members: Record<Kind, readonly string[]> = { text: ['size'], list: ['size', 'first', 'last'], flag: [] };

function faultOf({ segments }: Variable) {
  const [root, member, ...more] = segments;
  const name = String(root);
  const kind = Object.hasOwn(kinds, name) ? kinds[name as keyof TemplateValues] : undefined;
  if (kind === undefined) {
    return { expected: 'a known variable', got: `"${name}"`, remedy: didYouMean(name, vocabulary.variables) };
  }
  if (member === undefined || (kind === 'list' && typeof member !== 'string' && more.length === 0)) return undefined;
  if (typeof member === 'string' && members[kind].includes(member) && more.length === 0) return undefined;
  const path = segments.map(String).join('.');
  return { expected: 'a known variable', got: `"${path}"`, remedy: `Write "${name}" alone.` };
}

const comments = /\{%\s*comment\s*%\}[\s\S]*?\{%\s*endcomment\s*%\}/g;
const outputs = /\{\{\s*([A-Za-z]+)\s*\}\}/;

/** A template's text without its comments, with line feeds for line ends. */
export function withoutComments(source: string): string {
  return withLineFeeds(source).replace(comments, '');
}

function withLineFeeds(source: string): string {
  return source.replace(/\r\n?/g, '\n');
}

/** Templates that only print variables, as most do, need no engine: that is ten times as fast. */
function plainProgram(source: string): Program['run'] | undefined {
  const pieces = withoutComments(markTagLines(source)).split(outputs);
  if (pieces.some((piece, index) => index % 2 === 0 && /\{\{|\{%|\}\}|%\}/.test(piece))) return undefined;
  const names = pieces.filter((_, index) => index % 2 === 1);
  if (!names.every((name) => Object.hasOwn(kinds, name))) return undefined;
  return (rendering) => {
    let text = '';
    for (const [index, piece] of pieces.entries()) text += index % 2 === 0 ? piece : printed(piece, rendering);
    return text;
  };
}

function printed(name: string, rendering: Rendering): string {
  return print(name === 'summary' ? rendering.summary() : rendering.values[name as keyof TemplateValues], rendering);
}
