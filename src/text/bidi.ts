import type { Direction } from '../core/article.ts';
import { findRuns, leftToRightOnly, type Run, rightToLeft } from './bidi-runs.ts';
import { embeddingLevels, firstStrong } from './levels.ts';

/** What each invisible direction mark adds to a text's length. */
export interface MarkCosts {
  /** U+061C ARABIC LETTER MARK. */
  alm: number;
  /** U+200E and U+200F, one. */
  mark: number;
  /** U+2066 to U+2069, one. */
  isolate: number;
}

/** X counts U+061C once, the others twice (twitter-text config v3: 0-4351 and 8192-8205 weigh one, these lie outside). */
export const xMarks: MarkCosts = { alm: 1, mark: 2, isolate: 2 };

/** Platforms that count every character once. */
export const plainMarks: MarkCosts = { alm: 1, mark: 1, isolate: 1 };

const lrm = '\u200e';
const rlm = '\u200f';
const alm = '\u061c';
const lri = '\u2066';
const rli = '\u2067';
const pdi = '\u2069';

const ownMarks = /[\u061c\u200e\u200f\u2066-\u2069]/g;

/**
 * Each line of the text with the invisible marks it needs to be read as written in a post of that direction: it begins
 * strongly in that direction (rules P2 and P3 of the Unicode bidirectional algorithm), and runs of the other direction
 * (names, handles, addresses, numbers with signs) are shown whole and in order. Lines that need nothing stay as they are:
 * so do lines that are one address, or have no letters. Marks are never put inside a word, number, tag or address.
 * Idempotent; but for such marks, also those that stood there before, the text is the one given.
 */
export function markDirection(given: string, direction: Direction, costs: MarkCosts): string {
  // Marks that stand there were set for another place.
  const text = given.replace(ownMarks, '');
  if (!(direction === 'rtl' ? leftToRightOnly : rightToLeft).test(text)) return text;
  if (!text.includes('\n')) return markLine(text, direction, costs);
  return text
    .split('\n')
    .map((line) => markLine(line, direction, costs))
    .join('\n');
}

const onlyAddress = /^\s*(?:https?:\/\/|www\.)?[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#]\S*)?\s*$/i;

/** Emoji have no direction, but software that goes by UTF-16 units takes them for left-to-right letters. */
const emojiFirst = /^[^\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u061c\u200f\ud802\ud803\ud83a\ud83b]*[\ud800-\udbff]/;

function markLine(line: string, direction: Direction, costs: MarkCosts): string {
  if (!(direction === 'rtl' ? leftToRightOnly : rightToLeft).test(line) || onlyAddress.test(line)) return line;
  const strong = firstStrong(line);
  if (strong === undefined) return line;
  const toRight = costs.alm < costs.mark ? alm : rlm;
  const lead = direction === 'rtl' ? toRight : lrm;
  const inOrder = (text: string) => {
    const runs = findRuns(text, direction);
    return runs.length === 0 ? text : keepInOrder(text, runs, direction, costs, toRight);
  };
  if (strong !== direction || (direction === 'rtl' && emojiFirst.test(line))) return inOrder(lead + line);
  const marked = inOrder(line);
  // The mark of a number that opens the line counts as its first letter.
  return firstStrong(marked) === direction ? marked : inOrder(lead + line);
}

/** Marks before and after a run. */
type Plan = readonly [before: string, after: string];

/** Ways to hold a run together, cheapest first; the first is to do nothing. */
function plansFor(run: Run, costs: MarkCosts, toRight: string): Plan[] {
  const mark = run.direction === 'ltr' ? lrm : toRight;
  const cost = (plan: Plan) => {
    const each = [...plan.join('')].map((sign) =>
      sign === alm ? costs.alm : sign < '\u2060' ? costs.mark : costs.isolate,
    );
    return each.reduce((sum, one) => sum + one, 0);
  };
  const plans: Plan[] = [
    ['', ''],
    [mark, ''],
    ['', mark],
    [mark, mark],
    [run.direction === 'ltr' ? lri : rli, pdi],
  ];
  return (run.within ? [plans[0] as Plan, plans[4] as Plan] : plans)
    .filter(([before, after]) => (before === '' || run.openBefore) && (after === '' || run.openAfter))
    .sort((one, other) => cost(one) - cost(other));
}

/** Tries the next plan for every run that the algorithm would tear or turn, until all hold or have no plan left. */
function keepInOrder(line: string, runs: Run[], direction: Direction, costs: MarkCosts, toRight: string): string {
  const plans = runs.map((run) => plansFor(run, costs, toRight));
  const chosen = runs.map(() => 0);
  for (;;) {
    const marked = withMarks(line, runs, plans, chosen);
    const levels = embeddingLevels(marked.text, direction);
    let changed = false;
    for (const [index, run] of runs.entries()) {
      const tried = chosen[index] as number;
      const start = marked.starts[index] as number;
      if (tried >= (plans[index] as Plan[]).length || holds(levels, start, start + run.end - run.start, run, direction))
        continue;
      chosen[index] = tried + 1;
      changed = true;
    }
    if (!changed) return marked.text;
  }
}

/** The line with the chosen marks, and where each run then starts. A run without a plan left has none. */
function withMarks(line: string, runs: Run[], plans: Plan[][], chosen: number[]): { text: string; starts: number[] } {
  const starts: number[] = [];
  let text = '';
  let done = 0;
  for (const [index, run] of runs.entries()) {
    const [before, after] = plans[index]?.[chosen[index] as number] ?? ['', ''];
    text += line.slice(done, run.start) + before;
    starts.push(text.length);
    text += line.slice(run.start, run.end) + after;
    done = run.end;
  }
  return { text: text + line.slice(done), starts };
}

/**
 * Left-to-right: all on even levels, so whole and in order. Right-to-left: all above the line's own level in a left-to-right
 * line (numbers in it lie higher), on odd levels in a right-to-left one.
 */
function holds(levels: Uint8Array, start: number, end: number, run: Run, line: Direction): boolean {
  for (let index = start; index < end; index += 1) {
    const level = levels[index] as number;
    const wrong = run.direction === 'ltr' ? level % 2 === 1 : line === 'ltr' ? level === 0 : level % 2 === 0;
    if (wrong) return false;
  }
  return true;
}

const strongEnd = /^[\p{L}\p{M}](?:.*[\p{L}\p{M}\p{N}])?$/su;

/**
 * A short value of the other direction, or without direction, set apart from the text around it (U+2066 or U+2067 to
 * U+2069) where its ends would be drawn to that text: `Yahoo!`, `+963 11`. Others stay as they are.
 */
export function isolate(value: string, direction: Direction): string {
  const strong = firstStrong(value);
  const mixed = direction === 'rtl' ? rightToLeft.test(value) : leftToRightOnly.test(value.replace(/[0-9]/g, ''));
  if (mixed || strong === direction || strongEnd.test(value)) return value;
  if (strong === undefined && !/[0-9]/.test(value)) return value;
  if (strong === undefined && (direction === 'ltr' || /^\d+(?:[.,:/]\d+)*$/.test(value))) return value;
  return `${strong === 'rtl' ? rli : lri}${value}${pdi}`;
}
