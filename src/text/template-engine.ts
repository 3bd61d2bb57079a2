import { CaptureTag, type Context, Drop, Liquid } from 'liquidjs';
import { isolate } from './bidi.ts';
import { FilterError } from './template-error.ts';
import { dropLacking, lack } from './template-tidy.ts';
import type { TemplateValues } from './template-values.ts';

/** One rendering. */
export interface Rendering {
  values: TemplateValues;
  /** Makes a value harmless in the platform's markup. */
  makeHarmless: ((text: string) => string) | undefined;
  /** The summary within a budget, made once for each. */
  summary(budget?: number): string;
}

/** The tags of Liquid that templates may use. */
export const tags = 'assign capture case comment cycle echo for if liquid unless break continue #'.split(' ');

const standardFilters = (
  'append capitalize compact concat date default divided_by downcase first join last minus modulo plus prepend ' +
  'remove remove_first replace replace_first reverse size split strip times uniq upcase'
).split(' ');

const mostCharacters = 100_000;
const mostMemory = 1_000_000;
const mostMs = 1_000;

const renderings = Symbol('rendering');

interface Call {
  context: Context;
}

/** What `{{ }}` prints of a value: lists are joined, by an empty line between paragraphs and by a space otherwise. */
export function print(value: unknown, { values, makeHarmless }: Rendering): string {
  if (value instanceof Markup) return value.text.trim() === '' ? lack : value.text;
  const text = Array.isArray(value)
    ? value.map(plain).join(value === values.body ? '\n\n' : ' ')
    : typeof value === 'string'
      ? value
      : plain(value);
  if (text.trim() === '') return lack;
  return makeHarmless ? makeHarmless(text) : text;
}

function plain(value: unknown): string {
  if (value instanceof Markup) return value.text;
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}

/** Text that was captured: what it holds is escaped already. */
class Markup extends Drop {
  readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }

  override valueOf(): string {
    return this.text;
  }
}

class Capture extends CaptureTag {
  override *render(context: Context): Generator<unknown, void, string> {
    const text = yield this.liquid.renderer.renderTemplates(this.templates, context);
    context.bottom()[this.variable] = new Markup(dropLacking(text));
  }
}

function renderingOf({ context }: Call): Rendering {
  return (context.globals as { [renderings]: Rendering })[renderings];
}

function summaryFilter(this: Call, value: unknown, budget?: unknown): string {
  const rendering = renderingOf(this);
  if (!isList(value, rendering.values.body)) {
    throw new FilterError({
      expected: '"summary" behind "body"',
      got: 'another value before it',
      remedy: 'Write {{ body | summary: 300 }}.',
    });
  }
  return rendering.summary(amount(budget, 'summary'));
}

function hashtagsFilter(this: Call, value: unknown, most?: unknown): string[] {
  const { values } = renderingOf(this);
  if (!isList(value, values.tags)) {
    throw new FilterError({
      expected: '"hashtags" behind "tags"',
      got: 'another value before it',
      remedy: 'Write {{ tags | hashtags: 2 }}.',
    });
  }
  return values.hashtags.slice(0, amount(most, 'hashtags'));
}

/** Whether a filter was given this list of the article. */
function isList(value: unknown, list: readonly string[]): boolean {
  return value === list || (list.length === 0 && value === '');
}

function isolateFilter(this: Call, value: unknown): string {
  const text = Array.isArray(value) ? value.map(plain).join(' ') : plain(value);
  return text.trim() === '' ? '' : isolate(text, renderingOf(this).values.direction);
}

/** The number behind a filter; undefined where there is none. */
function amount(given: unknown, filter: string): number | undefined {
  if (given === undefined || given === null) return undefined;
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0) return given;
  const got = typeof given === 'object' ? 'something else' : `"${given}"`;
  throw new FilterError({ expected: `a number behind "${filter}:"`, got, remedy: 'Correct it.' });
}

const ownFilters = { summary: summaryFilter, hashtags: hashtagsFilter, isolate: isolateFilter };

/** The filters that templates may use. */
export const filters = [...Object.keys(ownFilters), ...standardFilters];

const noFiles = {
  readFile: async () => '',
  readFileSync: () => '',
  exists: async () => false,
  existsSync: () => false,
  resolve: (_root: string, file: string) => file,
};

/** Liquid without files, without ways around escaping, and with limits. */
export const engine = createEngine();

function createEngine(): Liquid {
  const liquid = new Liquid({
    fs: noFiles,
    relativeReference: false,
    jsTruthy: true,
    strictFilters: true,
    ownPropertyOnly: true,
    preserveTimezones: true,
    timezoneOffset: 0,
    locale: 'en',
    parseLimit: mostCharacters,
    memoryLimit: mostMemory,
    renderLimit: mostMs,
    outputEscape(this: Call, value: unknown) {
      return print(value, renderingOf(this));
    },
  });
  for (const name of Object.keys(liquid.tags)) if (!tags.includes(name)) delete liquid.tags[name];
  for (const name of Object.keys(liquid.filters)) if (!standardFilters.includes(name)) delete liquid.filters[name];
  for (const [name, filter] of Object.entries(ownFilters)) liquid.registerFilter(name, filter);
  liquid.registerTag('capture', Capture);
  return liquid;
}

/** Renders parsed Liquid. What it throws is the engine's. */
export function run(parsed: ReturnType<Liquid['parse']>, rendering: Rendering): string {
  const { values } = rendering;
  const scope = {
    ...values,
    summary: () => rendering.summary(),
    body: orNothing(values.body),
    tags: orNothing(values.tags),
    hashtags: orNothing(values.hashtags),
  };
  return engine.renderSync(parsed, scope, { globals: { [renderings]: rendering } });
}

/** An empty list counts as false in conditions, as an empty text does. */
function orNothing(list: readonly string[]): readonly string[] | '' {
  return list.length === 0 ? '' : list;
}
