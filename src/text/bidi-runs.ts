import type { Direction } from '../core/article.ts';

/** A stretch of a line that must be shown whole and in order. */
export interface Run {
  start: number;
  end: number;
  direction: Direction;
  /** False where a mark before (after) it would stand inside a tag or address. */
  openBefore: boolean;
  openAfter: boolean;
  /** True for a number inside a phrase of the other direction, which a single mark would cut in two. */
  within?: boolean;
}

const rtlLetters =
  '\\u0590-\\u05ff\\u0608\\u060b\\u060d\\u061b\\u061d-\\u064a\\u066d-\\u066f\\u0671-\\u06d5\\u06e5\\u06e6\\u06ee\\u06ef\\u06fa-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}';

/** Something in a right-to-left text that may need marks: letters of the other direction, digits. */
export const leftToRightOnly =
  /[0-9A-Za-z\u00aa\u00b5\u00ba\u00c0-\u02ee\u0370-\u058f\u0900-\u1fff\u2071-\u209c\u2100-\u218f\u2336-\u2395\u249c-\u24e9\u26ac\u2800-\u28ff\u2c00-\u2dff\u3005-\ud7ff\ud800-\udbff\uf900-\ufb17\uff21-\uffdc]/;

/** Something in a left-to-right text that may need marks. */
export const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\ud802\ud803\ud83a\ud83b]/;

const letter = `[[\\p{L}\\p{Nl}]--[${rtlLetters}\\u02b9-\\u02ff]]`;
const inner = `[[\\p{L}\\p{Nl}\\p{M}0-9_\\u200c\\u200d\\u2060]--[${rtlLetters}]]`;
const core = `(?:${letter}|[0-9])${inner}*`;
const money = '[$€£¥₪₺₽₹]';
const address = "(?:[!#-'*-;=?-~]|\\([!#-'*-;=?-~]*\\))*(?:[\\w\\/=&#~%+\\-]|\\([!#-'*-;=?-~]*\\))";
const notAfterWord = '(?<![\\p{L}\\p{M}\\p{N}_])';
/** Where X sees a tag or handle, with signs before it that would hide it from X: they stay together. */
const tagSign = '(?:(?<![\\p{L}\\p{M}\\p{N}_!#$%&*@＠])[!#$%&*@]{0,3}[#@]|(?<=[\\u0620-\\u064a])@)';
const lineStart = '(?<=^|[\\(\\[“«"‘\'\\u061c\\u200e\\u200f\\u2066-\\u2068])';
/** X sees a cashtag after a space only, so the mark goes before that. */
const cashtag = '(?<=\\S) \\$[A-Za-z]{1,6}(?![A-Za-z0-9])';
/** A sign belongs to the number after it at the start of a word, or after the Arabic `and`, which is written to it. */
const signStart = '(?:(?<![^\\s\\(\\[“«"‘\'\\u061c\\u200e\\u200f\\u2066-\\u2068])|(?<=(?<![\\p{L}\\p{M}])و))';

/** Left-to-right stretches of one piece: addresses, tags, handles, abbreviations, words, numbers with their signs. */
const ltrTokens = new RegExp(
  `${cashtag}|(?=[[!-~\\u00a0-\\u{10ffff}]--[${rtlLetters}]])(?:` +
    [
      `[Hh][Tt][Tt][Pp][Ss]?:\\/\\/${address}`,
      `${notAfterWord}(?:[A-Za-z0-9][A-Za-z0-9\\-]{0,62}\\.){1,10}[A-Za-z]{2,63}(?::[0-9]+)?(?:[\\/?](?:${address})?)(?![A-Za-z])`,
      `${notAfterWord}(?:[A-Za-z]\\.){2,12}(?![\\p{L}\\p{N}])`,
      `${notAfterWord}(?:\\+|00)[0-9]{1,4}(?:[ .\\-][0-9]{1,5}| \\([0-9]{1,4}\\)){2,9}${inner}*`,
      `${notAfterWord}[0-9]{1,3}(?:[ \\u202f][0-9]{3})+(?![0-9])(?:\\.[0-9]+)?%?`,
      `(?:${tagSign}|${signStart}[+\\-−±])?(?:${money}(?=[0-9])|${lineStart}\\$)?${core}` +
        `(?:[%‰°]?[.,:\\/'’&+=×~@\\-–—·]{1,6}${money}?${core})*` +
        `(?:°[CF](?!${inner})|[%‰°]|${money}(?![0-9])|\\+{1,2}(?![0-9])|(?<=${notAfterWord}[A-Za-z])#(?![\\p{L}\\p{N}_]))?\\p{M}*`,
    ].join('|') +
    ')',
  'gv',
);

const rtlTokens = new RegExp(
  `(?:(?<![\\p{L}\\p{M}\\p{N}_!#$%&*@＠])#)?[${rtlLetters}][${rtlLetters}\\p{M}_0-9\\u0660-\\u0669]*`,
  'gv',
);
const hasLetter = new RegExp(letter, 'v');

/** Between two words that are one phrase: nothing strong, no Arabic punctuation, no direction controls. */
const gap = {
  ltr: /^[^\p{L}\p{N}\u0590-\u08ff\u200f\u202a-\u202e\u2066-\u2069\t]*$/u,
  rtl: /^[^\p{L}\u200e\u202a-\u202e\u2066-\u2069\t]*$/u,
};

interface Piece {
  start: number;
  end: number;
}
interface Word extends Piece {
  letters: boolean;
}

/**
 * Signs at a Latin letter or digit, or a line with letters of further scripts. Only these can break; all else (words,
 * phrases, plain numbers) the algorithm keeps whole by itself.
 */
const suspicious = {
  rtl: /[#@+\-−±$€£¥₪₺₽₹“"«‹([][A-Za-z0-9]|[A-Za-z0-9](?![.,:](?:\s|$))[^A-Za-z0-9\s\u0600-\u06ff,]|[0-9][ \u202f][0-9]|[\u00c0-\u02b8\u0370-\u058f\u0900-\u1fff\u3005-\ud7ff\ud835]/,
  ltr: /#[\u0590-\u08ff]|[\u0590-\u08ff]["”»›)\]]|["“«‹([][\u0590-\u08ff]|[0-9][^A-Za-z0-9\s,.]|[#+\-−±$€£¥₪₺₽₹][0-9]|[0-9][ \u202f][0-9]|[\ud802\ud803\ud83a\ud83b]/,
};

/** No text anybody reads: bidi-js takes quadratic time for thousands of numbers without a letter among them. */
const isEndless = (line: string) => line.length > 5_000 && /[^\p{L}]{5000}/u.test(line);

/** Runs of a line, in order, that the algorithm might tear or turn; what cannot break is left out. */
export function findRuns(line: string, direction: Direction): Run[] {
  if (!suspicious[direction].test(line) || isEndless(line)) return [];
  const pieces = ltrPieces(line);
  const phrases = direction === 'rtl' ? phrasesOf(line, pieces, gap.ltr) : rtlPhrases(line);
  const runs = phrases
    .filter(({ start, end }) => !cannotBreak(line.slice(start, end), direction))
    .map(({ start, end }) => toRun(line, start, end, direction === 'rtl' ? 'ltr' : 'rtl'));
  const others = direction === 'rtl' ? quotesBetween(line, phrases) : numbersOf(line, pieces, phrases);
  return apart([...runs, ...others].sort((one, other) => one.start - other.start));
}

function numbersOf(line: string, pieces: Word[], phrases: Piece[]): Run[] {
  return pieces
    .filter(({ start, end, letters }) => !letters && !cannotBreak(line.slice(start, end), 'rtl'))
    .map(({ start, end }) => {
      const within = phrases.some((phrase) => phrase.start < start && end < phrase.end);
      return { ...toRun(line, start, end, 'ltr'), within };
    });
}

const quotes = /[“”«»‹›„"()[\]]/;
const noLetters = /^[^\p{L}\p{N}]*$/u;

/** Quotation marks and brackets between two phrases belong to the line: `“Foo”، “Bar”` in Arabic text. */
function quotesBetween(line: string, phrases: Piece[]): Run[] {
  return phrases.slice(1).flatMap(({ start }, index) => {
    const end = (phrases[index] as Piece).end;
    const between = line.slice(end, start);
    if (!quotes.test(between) || !noLetters.test(between)) return [];
    const before = between.length - between.replace(/^[\s\u200e]+/, '').length;
    const after = between.length - between.replace(/[\s\u200e]+$/, '').length;
    return [toRun(line, end + before, start - after, 'rtl')];
  });
}

/** Without those that begin inside another; they come sorted. */
function apart(runs: Run[]): Run[] {
  let end = 0;
  return runs.filter((run) => {
    if (run.start < end) return false;
    end = run.end;
    return true;
  });
}

const safeLtr = new RegExp(`^(?:[0-9]+(?:[.,:\\/][0-9]+)*|[0-9]*${letter}(?:.*${inner})?)$`, 'sv');
const safeRtl = new RegExp(`^[${rtlLetters}](?:.*[${rtlLetters}\\p{M}\\p{Nd}])?$`, 'sv');

/** True for what begins and ends in letters (or is one plain number): the algorithm keeps that whole anywhere. */
function cannotBreak(run: string, lineDirection: Direction): boolean {
  return (lineDirection === 'rtl' ? safeLtr : safeRtl).test(run);
}

function toRun(line: string, start: number, end: number, direction: Direction): Run {
  return { start, end, direction, openBefore: !insideTag(line, start), openAfter: !insideTag(line, end) };
}

/** twitter-text: before a tag or handle that is glued to what stands before it, this at most; else it is none. */
const freeSign =
  /(?:^|[\s\u061c\u200e\u200f\u2066-\u2069"“”«»‹›„'‘’()[\]{}،؛:.?؟,;…–—|/-])[#＃@＠]$|[!*+=][#＃]$|[\u0621-\u064a\u064b-\u0652][@＠]$/;
const sign = /^[#＃@＠]/;
const wordAfter = /^[\p{L}\p{M}\p{N}_]/u;
const tagBefore = /[#@＃＠][\p{L}\p{M}\p{N}_]*$/u;
const addressBefore = /(?:\/\/|\.[a-z]{2,}[/?#:])\S*$/iu;
const addressAfter = /^[\p{L}\p{M}\p{N}_#@＃＠/]/u;
/** No tag or address goes further back than this, so that a long text takes no longer by the letter. */
const farthest = 400;

/** A word glued to a domain by a sign hides it from X; a mark between them would uncover it. */
const gluedWord = /[\p{L}\p{N}_]\S*$/u;
const domainAfter = /^\S{0,80}?[A-Za-z0-9]\.[A-Za-z]{2}/;

function insideTag(line: string, at: number): boolean {
  const after = line.slice(at, at + 2);
  const before = line.slice(Math.max(0, at - farthest), at);
  if (domainAfter.test(line.slice(at, at + 100)) && gluedWord.test(before)) return true;
  if (at === 0 || !addressAfter.test(after)) return false;
  // Glued so, the sign makes no tag or handle; a mark between them would make one.
  if (sign.test(after) && !freeSign.test(before.slice(-1) + after[0])) return true;
  return addressBefore.test(before) || (wordAfter.test(after) && tagBefore.test(before));
}

function ltrPieces(line: string): Word[] {
  return Array.from(line.matchAll(ltrTokens), ({ index, 0: found }) => ({
    start: index,
    end: index + found.length,
    letters: hasLetter.test(found),
  }));
}

function rtlPhrases(line: string): Piece[] {
  const pieces = Array.from(line.matchAll(rtlTokens), ({ index, 0: found }) => ({
    start: index,
    end: index + found.length,
    letters: true,
  }));
  return phrasesOf(line, pieces, gap.rtl);
}

/** Longer phrases are taken in parts, so that a text of unpaired marks takes no longer by the letter. */
const longest = 50;

/** Neighbouring pieces as one phrase. A number before a word stays apart; after one it belongs to it. */
function phrasesOf(line: string, pieces: Word[], between: RegExp): Piece[] {
  const phrases: Word[][] = [];
  for (const piece of pieces) {
    const last = phrases.at(-1);
    const end = last?.at(-1)?.end ?? 0;
    if (last?.[0]?.letters && last.length < longest && between.test(line.slice(end, piece.start))) last.push(piece);
    else phrases.push([piece]);
  }
  return phrases.flatMap((phrase) => {
    const settled: Piece[] = [];
    for (let rest = phrase; rest.length > 0; ) {
      const { piece, count } = settle(line, rest);
      settled.push(piece);
      rest = rest.slice(count);
    }
    return settled;
  });
}

const closerOf = new Map(['()', '[]', '{}', '“”', '«»', '‹›', '„“', '""'].map((pair) => [pair[0], pair[1]]));
const closers = new Set(closerOf.values());

/**
 * The first words of a phrase that stay together: it takes in the mark before (after) it whose partner it holds, and ends
 * before a mark whose partner stands elsewhere.
 */
function settle(line: string, words: Word[]): { piece: Piece; count: number } {
  const open: { closer: string; word: number }[] = [];
  let { start } = words[0] as Word;
  let count = words.length;
  for (let next = 1; next < count; next += 1) {
    for (const sign of line.slice((words[next - 1] as Word).end, (words[next] as Word).start)) {
      if (open.at(-1)?.closer === sign) open.pop();
      else if (closers.has(sign) && open.length === 0 && closerOf.get(line[start - 1] as string) === sign) start -= 1;
      else if (closerOf.has(sign)) open.push({ closer: closerOf.get(sign) as string, word: next });
      else if (closers.has(sign)) count = Math.min(count, next);
    }
  }
  const end = (words[count - 1] as Word).end;
  const outer = open[0];
  if (!outer || outer.word >= count) return { piece: { start, end }, count };
  if (open.length === 1 && line[end] === outer.closer) return { piece: { start, end: end + 1 }, count };
  return { piece: { start, end: (words[outer.word - 1] as Word).end }, count: outer.word };
}
