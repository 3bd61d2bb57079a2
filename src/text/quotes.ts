/** A quotation mark or bracket that is still open. */
interface Open {
  /** What would close it. */
  close: string;
  family: Family;
  /** Where it stands, in UTF-16 units. */
  at: number;
}

type Family = 'double' | 'single' | 'angle' | 'thin' | 'ornate' | 'round' | 'square' | 'curly';
type Role = 'open' | 'close' | 'none';

interface Reading {
  open: Open[];
  /** Opening and closing places of each pair, flat: open, close, open, close … */
  pairs: number[];
  /** Closing marks that close nothing, or close past a mark that stays open. */
  stray: number;
}

const families = new Map<string, Family>([
  ...[...'"“”„‟＂'].map((mark) => [mark, 'double'] as const),
  ...[..."'‘’‚‛"].map((mark) => [mark, 'single'] as const),
  ...[...'«»'].map((mark) => [mark, 'angle'] as const),
  ...[...'‹›'].map((mark) => [mark, 'thin'] as const),
  ...[...'﴾﴿'].map((mark) => [mark, 'ornate'] as const),
  ...[...'()'].map((mark) => [mark, 'round'] as const),
  ...[...'[]'].map((mark) => [mark, 'square'] as const),
  ...[...'{}'].map((mark) => [mark, 'curly'] as const),
]);

/** The usual closing mark of each opening one; marks written backwards (”…“, »…«) close with their mirror. */
const closing = new Map([
  ...['“”', '”“', '„“', '‟”', '""', '＂＂', "''", '‘’', '’’', '‚’', '‛’'].map((pair) => [...pair] as [string, string]),
  ...['«»', '»«', '‹›', '›‹', '﴿﴾', '﴾﴿', '()', '[]', '{}'].map((pair) => [...pair] as [string, string]),
]);

/** 1 for each UTF-16 unit that is one of the marks. */
const isMark = new Uint8Array(0x10000);
for (const mark of families.keys()) isMark[mark.charCodeAt(0)] = 1;
const space = /\s/;
const word = /[\p{L}\p{M}\p{N}]/u;
const latin = /\p{Script=Latin}/u;
const hebrew = /\p{Script=Hebrew}/u;
/** Characters without width, which stand between a mark and its neighbour unseen. */
const unseen = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\u061c\ufeff]/;
/** After these a mark opens, even with a letter on its other side. */
const beforeOpening = /[\s([{«‹“„‘"'،؛:;,/\-–—ـ…=]/;
/** Particles that Arabic writes onto the next word, so that a mark after them opens: و“داعش”. */
const proclitic = /(?:^|[\s(«“"،])(?:[وف]?[بلك]?(?:ال)?|[وف]?لل|[وف]?س|أ)$/;
/** Years and words that begin with an apostrophe. */
const elided = /^(?:\d\ds?\b|(?:em|til|tis|twas|cause|bout|n|round|un)\b)/i;
/** A letter or number of a list: "1)", "أ)". */
const listLabel = /(?:^|\s)(?:\d{1,3}|\p{L}|[ivx]{1,4})\.?$/u;

/** True where the text opens a quotation or bracket that it does not close. */
export function isOpen(text: string): boolean {
  return read(text).open.length > 0;
}

/** True where every quotation and bracket that the text opens is closed in it, and none is closed that was not opened. */
export function isBalanced(text: string): boolean {
  const { open, stray } = read(text);
  return open.length === 0 && stray === 0;
}

/**
 * How many quotations and brackets are open before each UTF-16 unit, and at the end (`text.length + 1` entries, at most
 * 255). A mark counts from the place after it up to its closing mark; one that is never closed counts to the end.
 */
export function depths(text: string): Uint8Array {
  const { open, pairs } = read(text);
  return fill(text.length, open.length === 0 ? pairs : [...pairs, ...open.flatMap(({ at }) => [at, text.length + 1])]);
}

/** As `depths`, without the marks that the text never closes. */
export function closedDepths(text: string): Uint8Array {
  return fill(text.length, read(text).pairs);
}

function fill(length: number, pairs: readonly number[]): Uint8Array {
  const result = new Uint8Array(length + 1);
  if (pairs.length === 0) return result;
  for (let at = 0; at < pairs.length; at += 2) {
    result[(pairs[at] as number) + 1] = opened;
    result[(pairs[at + 1] as number) + 1] = closed;
  }
  let depth = 0;
  for (let at = 0; at <= length; at++) {
    if (result[at] === opened) depth++;
    else if (result[at] === closed) depth--;
    result[at] = Math.min(depth, 255);
  }
  return result;
}

const opened = 1;
const closed = 2;

/**
 * Reads the marks by their neighbours, as news writes them: “ or ” both open and close, straight marks nest, an
 * apostrophe is none. Where straight marks come out uneven though their number is even, they are read as plain pairs.
 */
function read(text: string): Reading {
  const places: number[] = [];
  for (let at = 0; at < text.length; at++) if (isMark[text.charCodeAt(at)] === 1) places.push(at);
  if (places.length === 0) return nothing;
  const reading = match(text, places, false);
  if (reading.open.length === 0 && reading.stray === 0) return reading;
  const straight = places.filter((at) => text[at] === '"').length;
  if (straight === 0 || straight % 2 === 1) return reading;
  const plain = match(text, places, true);
  return plain.open.length + plain.stray < reading.open.length + reading.stray ? plain : reading;
}

const nothing: Reading = { open: [], pairs: [], stray: 0 };

function match(text: string, places: readonly number[], plain: boolean): Reading {
  const open: Open[] = [];
  const counts = new Map<Family, number>();
  const reading: Reading = { open, pairs: [], stray: 0 };
  for (const at of places) {
    const mark = text[at] as string;
    const family = families.get(mark) as Family;
    const count = counts.get(family) ?? 0;
    let role = plain && mark === '"' ? toggled(count) : roleOf(text, mark, at, count);
    if (role === 'open' && mark === '"' && isSpaced(text, open.at(-1), at)) role = 'close';
    if (role === 'open') {
      open.push({ close: closing.get(mark) as string, family, at });
      counts.set(family, count + 1);
    } else if (role === 'close' && count > 0) close(reading, counts, family, at);
    else if (role === 'close' && !(mark === ')' && listLabel.test(text.slice(Math.max(0, at - 6), at))))
      reading.stray++;
  }
  return reading;
}

/** True where a straight mark after a space answers one with a space after it: `" word "and`. */
function isSpaced(text: string, last: Open | undefined, at: number): boolean {
  if (last?.family !== 'double' || at - last.at < 3) return false;
  return text[at - 1] === ' ' && text[last.at + 1] === ' ';
}

function toggled(count: number): Role {
  return count > 0 ? 'close' : 'open';
}

/** Closes the innermost mark of the family; what was opened inside it and not closed stays open for good. */
function close(reading: Reading, counts: Map<Family, number>, family: Family, at: number): void {
  for (;;) {
    const last = reading.open.pop() as Open;
    counts.set(last.family, (counts.get(last.family) as number) - 1);
    if (last.family === family) {
      reading.pairs.push(last.at, at);
      return;
    }
    if (last.family !== 'single') reading.stray++;
  }
}

function roleOf(text: string, mark: string, at: number, count: number): Role {
  switch (mark) {
    case '(':
    case '[':
    case '{':
      return 'open';
    case ')':
    case ']':
    case '}':
      return 'close';
    case "'":
    case '‘':
    case '’':
    case '‚':
    case '‛':
      return roleOfSingle(text, mark, at, count);
    default:
      return roleOfQuote(text, mark, at, count);
  }
}

function roleOfQuote(text: string, mark: string, at: number, count: number): Role {
  const before = neighbour(text, at, -1);
  const after = neighbour(text, at, 1);
  if (mark === '"' && hebrew.test(before) && hebrew.test(after)) return 'none';
  const opens = after !== '' && !space.test(after) && (before === '' || beforeOpening.test(before));
  const closes = before !== '' && !space.test(before) && !word.test(after);
  if (mark === '"' && count === 0 && !opens && /\d/.test(before) && !word.test(after)) return 'none';
  if (opens && word.test(after)) return 'open';
  if (closes && count > 0) return 'close';
  if (mark === '„' || (opens && !closes)) return 'open';
  if (mark === '“' || mark === '«' || mark === '‹' || mark === '﴿') return glued(text, at, before, after, count);
  if (mark === '"' || mark === '＂')
    return count > 0 && !proclitic.test(text.slice(Math.max(0, at - 6), at)) ? 'close' : toggled(count);
  return 'close';
}

/** An opening mark between two letters or two spaces: a missing space, or an Arabic particle before it. */
function glued(text: string, at: number, before: string, after: string, count: number): Role {
  if (count === 0 || proclitic.test(text.slice(Math.max(0, at - 6), at))) return 'open';
  return text[at] === '“' && before !== '' && (word.test(after) || space.test(after)) ? 'close' : 'open';
}

function roleOfSingle(text: string, mark: string, at: number, count: number): Role {
  const before = neighbour(text, at, -1);
  const after = neighbour(text, at, 1);
  if (word.test(before) && word.test(after) && (latin.test(before) || latin.test(after))) return 'none';
  if (word.test(after) && (before === '' || beforeOpening.test(before)))
    return elided.test(text.slice(at + 1, at + 8)) ? 'none' : 'open';
  if (count > 0 && before !== '' && !space.test(before) && !word.test(after)) return 'close';
  return mark === '‚' && before !== '' ? 'open' : 'none';
}

/** The next character on one side that has width; a bare mark where the text ends is ''. */
function neighbour(text: string, at: number, step: 1 | -1): string {
  let index = at + step;
  while (unseen.test(text[index] ?? '')) index += step;
  const unit = text.charCodeAt(index);
  if (unit >= 0xd800 && unit <= 0xdfff)
    return String.fromCodePoint(text.codePointAt(step < 0 ? index - 1 : index) ?? unit);
  return text[index] ?? '';
}
