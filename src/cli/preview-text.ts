import type { PostPart } from '../core/post.ts';
import { alignRight, wrap } from './preview-columns.ts';
import { directLines, lineDirection } from './preview-direction.ts';
import { type ArticlePreview, allForms, type PostPreview } from './preview-posts.ts';
import {
  beginning,
  companions,
  describeEdits,
  type EditWords,
  morePlaces,
  timeInWords,
  unitNames,
} from './preview-words.ts';
import { lengthBar, placeOf, priorityWords } from './print.ts';

export interface TextOptions {
  /** Time zone of the times shown. */
  timezone: string;
  /** Columns a line may fill. */
  width?: number;
  /** Colours and bold face, by ANSI escape codes. */
  colour?: boolean;
}

type Colour = 'bold' | 'dim' | 'red' | 'green' | 'yellow';
type Paint = (colour: Colour, text: string) => string;

const codes: Record<Colour, [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};
const margin = '  ';
/** Where named values begin. */
const indent = 10;
/** How much of a template's parameter is shown: the text above has all of it. */
const parameterShown = 110;

/**
 * Articles and their posts for a terminal. Text stands in logical order, as terminals that know right-to-left turn it
 * round themselves; a right-to-left line ends at the right edge. Controls that would steer the terminal are left out.
 */
export function renderText(previews: readonly ArticlePreview[], options: TextOptions): string {
  const { width = 72, colour = false } = options;
  const paint: Paint = (name, text) => {
    const [on, off] = codes[name];
    return colour ? `\u001B[${on}m${text}\u001B[${off}m` : text;
  };
  return previews
    .map((preview) => articleLines(preview, { timezone: options.timezone, width, paint }).join('\n'))
    .join('\n\n\n');
}

interface Sheet {
  timezone: string;
  width: number;
  paint: Paint;
}

function articleLines(preview: ArticlePreview, sheet: Sheet): string[] {
  const { width, paint } = sheet;
  const { article, posts } = preview;
  const headline = block(article.title, lineDirection(article.title), width).map((row) => paint('bold', row));
  const facts = wrap(clean(articleFacts(preview, sheet.timezone)), width);
  return [
    '═'.repeat(width + margin.length),
    ...headline,
    ...facts.map((row) => paint('dim', margin + row)),
    ...(posts.length === 0 ? ['', `${margin}No channel takes this: every one is kept out by its filters.`] : []),
    ...allForms(posts).flatMap((post) => ['', ...postLines(post, sheet)]),
  ];
}

/** What identifies the article, in one line. */
function articleFacts({ article, dueMs }: ArticlePreview, timezone: string): string {
  const { id, language, publishedAt, embargoUntil } = article;
  return [
    id,
    language,
    ...(article.priority === 'normal' ? [] : [priorityWords(article)]),
    ...(publishedAt === undefined ? [] : [`published ${timeInWords(publishedAt, timezone)}`]),
    ...(embargoUntil === undefined ? [] : [`due ${timeInWords(dueMs, timezone)}`]),
  ].join(' · ');
}

function postLines(post: PostPreview, sheet: Sheet): string[] {
  const { channel, platform, sandbox, place, form, parts, template, edits, warnings } = post;
  const { width, paint } = sheet;
  const where = form ?? place;
  const title = `── ${channel} (${platform}, ${placeOf(sandbox)})${where === undefined ? '' : ` ${where}`} `;
  const approved = template && [
    ['template', `${template.name}, ${template.language}${template.headerImage ? ', picture on top' : ''}`],
    ...template.parameters.map((value, index) => [`{{${index + 1}}}`, beginning(value, parameterShown)]),
  ];
  return [
    paint('bold', clean(title).padEnd(width + margin.length, '─')),
    ...parts.flatMap((part, index) => partLines(part, { index, count: parts.length, platform }, sheet)),
    ...(approved ?? []).flatMap(([name = '', value = '']) => named(name, value, width)),
    ...describeEdits(edits).flatMap((edit) => named('changed', editRows(edit), width)),
    ...warnings.flatMap((warning) => named('note', warning, width).map((row) => paint('yellow', row))),
  ];
}

/** Before and after in rows of their own: in one, right-to-left words would change places round the arrow. */
function editRows(edit: EditWords): string {
  const rows = edit.changes.flatMap(({ before, after }) =>
    before === undefined ? [`“${after}”`] : [`“${before}”`, `→ “${after}”`],
  );
  return [`${edit.what}:`, ...rows, ...(edit.more > 0 ? [morePlaces(edit)] : [])].join('\n');
}

function partLines(
  part: PostPart,
  { index, count, platform }: { index: number; count: number; platform: string },
  { width, paint }: Sheet,
): string[] {
  const number = count > 1 ? [paint('dim', `${margin}· ${index + 1} of ${count}`)] : [];
  const text = directLines(part.text, platform).flatMap(({ line, direction }) => block(line, direction, width));
  const { length, limit, unit } = part;
  const bar = `${margin}${lengthBar(length, limit)} ${unitNames[unit]}${length > limit ? ' – OVER THE LIMIT' : ''}`;
  const state = length > limit ? 'red' : length > limit * 0.9 ? 'yellow' : 'green';
  return [
    ...(index > 0 ? [''] : []),
    ...number,
    ...text,
    '',
    paint(state, bar),
    ...companions(part).flatMap(([name, value]) =>
      named(name, name === 'link' ? beginning(value, width - indent) : value, width),
    ),
  ];
}

/** A line of a post, wrapped and aligned. An address begins at the left wherever it stands, as it may fill several rows. */
export function block(line: string, direction: 'rtl' | 'ltr', width: number): string[] {
  const toRight = direction === 'rtl' && !/^https?:\/\/\S+$/.test(line);
  return wrap(clean(line), width).map((row) => (row === '' ? '' : margin + (toRight ? alignRight(row, width) : row)));
}

/** A named value, its further rows indented under the first. */
export function named(name: string, value: string, width: number): string[] {
  return value
    .split('\n')
    .flatMap((line) => wrap(clean(line), width - indent))
    .map((row, index) => `${margin}${(index === 0 ? name : '').padEnd(indent)}${row}`.trimEnd());
}

/** Without the controls by which a text could steer a terminal. */
export function clean(text: string): string {
  return text.replace(/\p{Cc}/gu, (char) => (char === '\t' ? ' ' : ''));
}
