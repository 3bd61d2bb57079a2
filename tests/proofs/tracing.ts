import { connectorBefore, endsBeforeStop, endsClause, startsSentence } from './boundaries.ts';
import { type Folded, fold, isWordBoundary, paragraphEnd } from './folded.ts';
import { pairsIn } from './quotation.ts';

/** A text that a summary may quote from: the body, a teaser, the editor's summary. */
export interface Source {
  name: 'body' | 'teaser' | 'summary';
  folded: Folded;
  /** Its quotations and brackets, as indices into the raw text. */
  pairs: readonly [number, number][];
}

export function sourceOf(name: Source['name'], paragraphs: readonly string[]): Source {
  const lines = paragraphs.map((one) => one.replaceAll(paragraphEnd, ' '));
  const pairs: [number, number][] = [];
  let offset = 0;
  for (const line of lines) {
    for (const [open, close] of pairsIn(line)) pairs.push([open + offset, close + offset]);
    offset += line.length + 1;
  }
  return { name, folded: fold(lines.join(paragraphEnd), { keepLines: true }), pairs };
}

/** Where a text stands in a source: indices into the flat text. */
interface Place {
  source: Source;
  start: number;
  end: number;
  /** True where a full stop stands in the post for a comma, semicolon or colon of the source. */
  stopped: boolean;
  /** How many words of the post it covers. */
  tokens: number;
}

/** A stretch of a post and where it comes from; `from` and `to` are indices into the source's raw text. */
export interface Stretch extends Omit<Place, 'tokens'> {
  from: number;
  to: number;
  /** As it stands in the post. */
  shown: string;
}

export interface Trace {
  stretches: Stretch[];
  /** Beginnings of what is found nowhere in the sources. */
  foreign: string[];
  /** Found only before what stands ahead of it in the post. */
  misplaced: string[];
  /** Found only where something was told from already. */
  repeated: string[];
}

interface Reader {
  lines: readonly string[][];
  sources: readonly Source[];
  /** Whether a stretch may begin after a comma. */
  inParts: boolean;
}

/** For each source, the end of what was told from it. */
type Told = readonly number[];

/**
 * Finds for every line of a summary the stretches of source text that it is made of, in order. Where sentences of the
 * source resemble each other there are several ways to read a post: one without fault is looked for first.
 */
export function trace(lines: readonly string[], sources: readonly Source[], { inParts }: { inParts: boolean }): Trace {
  const reader: Reader = {
    lines: lines.map((line) => line.split(/\s+/).filter((token) => fold(token).flat !== '')),
    sources,
    inParts,
  };
  const stretches = faultless(reader, { quoting: false }) ?? faultless(reader, { quoting: true });
  return stretches ? { stretches, foreign: [], misplaced: [], repeated: [] } : greedy(reader);
}

const stepsTried = 400;

/** Undefined where every way has a fault. `quoting`: whether a stretch may end inside a quotation. */
function faultless(reader: Reader, { quoting }: { quoting: boolean }): Stretch[] | undefined {
  const failed = new Set<string>();
  let steps = 0;
  const walk = (line: number, at: number, told: Told): Stretch[] | undefined => {
    const tokens = reader.lines[line];
    if (!tokens) return [];
    if (at >= tokens.length) return walk(line + 1, 0, told);
    const key = `${line} ${at} ${told}`;
    steps += 1;
    if (steps > stepsTried || failed.has(key)) return undefined;
    const ahead = tokens.slice(at);
    for (const found of waysOn(ahead, reader, told)) {
      const isLine = reader.inParts && found.tokens === ahead.length;
      if (!quoting && !isLine && isQuoting(found)) continue;
      const rest = walk(line, at + found.tokens, after(found, reader, told));
      if (rest) return [asStretch(found, ahead), ...rest];
    }
    failed.add(key);
    return undefined;
  };
  return walk(
    0,
    0,
    reader.sources.map(() => 0),
  );
}

/** Takes the longest stretch each time, whatever is wrong with it. */
function greedy(reader: Reader): Trace {
  const result: Trace = { stretches: [], foreign: [], misplaced: [], repeated: [] };
  let told: Told = reader.sources.map(() => 0);
  const none = told;
  for (const tokens of reader.lines) {
    for (let at = 0; at < tokens.length; ) {
      const ahead = tokens.slice(at);
      const found = firstOf(waysOn(ahead, reader, told)) ?? longest(ahead, reader, told);
      if (!found) {
        const rest = ahead.join(' ').slice(0, 120);
        const earlier = longest(ahead, reader, none);
        const isTold = earlier && result.stretches.some((one) => overlap(one, earlier));
        (isTold ? result.repeated : earlier ? result.misplaced : result.foreign).push(rest);
        break;
      }
      told = after(found, reader, told);
      result.stretches.push(asStretch(found, ahead));
      at += found.tokens;
    }
  }
  return result;
}

const firstOf = <Item>(items: Iterable<Item>): Item | undefined => items[Symbol.iterator]().next().value;

const overlap = (one: Stretch, other: Place): boolean =>
  one.source === other.source && one.start < other.end && other.start < one.end;

const after = ({ source, end }: Place, { sources }: Reader, told: Told): Told =>
  told.map((before, index) => (sources[index] === source ? end : before));

function asStretch({ source, start, end, stopped, tokens }: Place, ahead: readonly string[]): Stretch {
  const { at } = source.folded;
  const [from, to] = [at[start] as number, (at[end - 1] as number) + 1];
  return { source, start, end, stopped, from, to, shown: ahead.slice(0, tokens).join(' ') };
}

/** Stretches without fault that a post may go on with: whole lines, then longer before shorter, in quotations last. */
function* waysOn(ahead: readonly string[], reader: Reader, told: Told): Generator<Place> {
  const rest: Place[] = [];
  const isFirst = told.every((end) => end === 0);
  for (const [index, source] of reader.sources.entries()) {
    const cursor = told[index] as number;
    const { flat } = source.folded;
    const isGood = (start: number) =>
      startsSentence(flat, start) ||
      (start === cursor && cursor > 0) ||
      (isFirst && connectorBefore(flat, start) !== undefined) ||
      (reader.inParts && endsClause(flat, start));
    for (const found of placesOf(ahead, source, cursor, isGood)) {
      const isPlain = !found.stopped && startsSentence(flat, found.start);
      if (found.tokens === ahead.length && isPlain) yield found;
      else rest.push(found);
    }
  }
  const rank = (one: Place) => Number(isQuoting(one)) * 10_000 - one.tokens;
  rest.sort((one, other) => rank(one) - rank(other) || oddity(one) - oddity(other));
  yield* rest;
}

/** How much a place asks to be believed: that something was dropped before it, or a comma was made a full stop. */
const oddity = ({ source, start, stopped }: Place): number =>
  Number(stopped) + Number(!startsSentence(source.folded.flat, start));

/** True where it ends inside a quotation that it begins. */
function isQuoting({ source, start, end }: Place): boolean {
  const { at } = source.folded;
  const [from, to] = [at[start] as number, (at[end - 1] as number) + 1];
  return source.pairs.some(([open, close]) => open >= from && open < to && close >= to);
}

/** For each beginning of the words ahead that ends as a sentence or clause does, the first place in a source that is good. */
function* placesOf(
  ahead: readonly string[],
  source: Source,
  cursor: number,
  isGood: (start: number) => boolean,
): Generator<Place> {
  const { flat } = source.folded;
  const { ends, found } = beginnings(ahead, flat, cursor);
  const placeOf = (text: string, isEnd: (flat: string, index: number) => boolean) =>
    goodStart(text, source, cursor, (start) => isGood(start) && isEnd(flat, start + text.length));
  for (let tokens = Math.min(found + 1, ends.length); tokens > 0; tokens -= 1) {
    const text = ends[tokens - 1] as string;
    const start = tokens > found ? undefined : placeOf(text, endsClause);
    if (start !== undefined) yield { source, tokens, start, end: start + text.length, stopped: false };
    if (!text.endsWith('.')) continue;
    const unstopped = text.slice(0, -1);
    const cut = placeOf(unstopped, endsBeforeStop);
    if (cut !== undefined) yield { source, tokens, start: cut, end: cut + unstopped.length, stopped: true };
  }
}

/** The flat texts of the first one, two, three … words ahead, and how many words at most stand together in a source. */
function beginnings(ahead: readonly string[], flat: string, cursor: number): { ends: string[]; found: number } {
  const ends: string[] = [];
  let beginning = '';
  for (const token of ahead) {
    beginning += fold(token).flat;
    ends.push(beginning);
  }
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (flat.indexOf(ends[middle - 1] as string, cursor) >= 0) low = middle;
    else high = middle - 1;
  }
  return { ends, found: low };
}

const occurrencesTried = 60;

function goodStart(
  text: string,
  { folded: { flat, raw, at } }: Source,
  cursor: number,
  isGood: (start: number) => boolean,
): number | undefined {
  let start = flat.indexOf(text, cursor);
  for (let tried = 0; start >= 0 && tried < occurrencesTried; tried += 1) {
    const index = at[start] as number;
    const isCut = !isWordBoundary(raw, index) && connectorBefore(flat, start) === undefined;
    if (isGood(start) && !isCut) return start;
    start = flat.indexOf(text, start + 1);
  }
  return undefined;
}

/** The longest beginning that stands anywhere in a source, rather at the beginning of a word. */
function longest(ahead: readonly string[], { sources }: Reader, told: Told): Place | undefined {
  let best: Place | undefined;
  for (const [index, source] of sources.entries()) {
    const { flat } = source.folded;
    const cursor = told[index] as number;
    const { ends, found } = beginnings(ahead, flat, cursor);
    const text = ends[found - 1];
    if (text === undefined || (best && best.tokens >= found)) continue;
    const start = goodStart(text, source, cursor, () => true) ?? flat.indexOf(text, cursor);
    best = { source, tokens: found, start, end: start + text.length, stopped: false };
  }
  return best;
}
