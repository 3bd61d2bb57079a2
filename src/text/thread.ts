import type { Edit } from '../core/post.ts';
import { finish } from './finish.ts';
import { type Fitted, fitFrom, summaryFor } from './fit.ts';
import type { Assignment, Medium, Rendered } from './medium.ts';
import { depths } from './quotes.ts';
import { splitSentences } from './sentences.ts';

/** Something said in one breath: a sentence, or a part of one too long for a post. */
interface Piece {
  text: string;
  /** Index of its paragraph, or that of the sentence's first piece. */
  paragraph: number;
}

export interface ThreadOptions {
  /** Parts at most. */
  most: number;
  /** Whether each part ends with its number, such as 2/5. */
  numbered: boolean;
}

/** The part after the first: text, and what was changed in it. */
export interface Continuation extends Rendered {
  edits: Edit[];
}

/** Room for the longest number, `\n\n25/25`. */
const numberRoom = 7;

/**
 * An article told in several parts, in order, split between sentences: the first is a post as `fitPost` makes it, but with
 * the body's beginning. Where the body is longer than all parts, its best sentences are told. Undefined where one part
 * says it all, or where the first sentence is longer than a part: then a single post serves better.
 */
export function fitThread(
  assignment: Assignment,
  medium: Medium,
  { most, numbered }: ThreadOptions,
): { first: Fitted; rest: Continuation[] } | undefined {
  const narrowed = numbered ? narrow(medium) : medium;
  const { article } = assignment;
  let thread = pack(assignment, narrowed, article.paragraphs);
  for (let share = 0.95; thread && thread.rest.length + 1 > most && share > 0.3; share -= 0.1) {
    const room = Math.floor(most * narrowed.forms.text.limit * share);
    const { paragraphs, edits } = summaryFor(article, medium, room);
    thread = pack(assignment, narrowed, paragraphs);
    if (thread) thread.first.edits = [...edits, ...thread.first.edits];
  }
  if (!thread || thread.rest.length === 0 || thread.rest.length + 1 > most) return undefined;
  const count = thread.rest.length + 1;
  return {
    first: numbered ? withNumber(thread.first, 1, count, medium) : thread.first,
    rest: thread.rest.map((part, index) => (numbered ? withNumber(part, index + 2, count, medium) : part)),
  };
}

/** The same medium with room for a number in each part. */
function narrow(medium: Medium): Medium {
  const less = ({ limit, summary }: { limit: number; summary: number }) => ({ limit: limit - numberRoom, summary });
  const { photo, text, headline } = medium.forms;
  return { ...medium, forms: { photo: less(photo), text: less(text), headline: less(headline) } };
}

function withNumber<Part extends Rendered>(part: Part, number: number, count: number, medium: Medium): Part {
  const mark = `\n\n${number}/${count}`;
  const text = part.text + mark;
  const markup = part.markup === undefined ? {} : { markup: part.markup + mark };
  return { ...part, text, ...markup, length: medium.measure(medium.countsMarkup ? (markup.markup ?? text) : text) };
}

function pack(
  assignment: Assignment,
  medium: Medium,
  paragraphs: readonly string[],
): { first: Fitted; rest: Continuation[] } | undefined {
  const { article, channel } = assignment;
  const { limit } = medium.forms.text;
  const options = {
    direction: article.direction,
    digits: channel.style?.digits ?? ('source' as const),
    marks: medium.marks,
    joiners: medium.joiners,
  };
  const length = (text: string) => medium.measure(finish(text, options).text);
  const pieces = piecesOf(paragraphs, article.language, limit, length, medium.exclude);
  if (pieces.length === 0) return undefined;

  const { done, ...first } = fitFrom(assignment, { ...medium, forms: unlimited(medium) }, (most) =>
    take(pieces, 0, most, medium),
  );
  if (done === 0) return undefined;
  const rest: Continuation[] = [];
  for (let at = done; at < pieces.length; ) {
    let room = limit;
    for (;;) {
      const taken = take(pieces, at, room, medium);
      if (taken.done === at) return undefined;
      const finished = taken.paragraphs.map((paragraph) => finish(paragraph, options));
      const text = finished.map((one) => one.text).join(medium.paragraphBreak);
      const total = medium.measure(text);
      if (total <= limit) {
        const markup = medium.escape ? { markup: medium.escape(text) } : {};
        rest.push({ text, ...markup, length: total, edits: finished.flatMap((one) => one.edits) });
        at = taken.done;
        break;
      }
      room -= total - limit;
    }
  }
  return { first, rest };
}

/** In a thread the first part is filled. */
function unlimited({ forms: { photo, text, headline } }: Medium): Medium['forms'] {
  const full = ({ limit }: { limit: number }) => ({ limit, summary: limit });
  return { photo: full(photo), text: full(text), headline };
}

/** The pieces from `from` on that fit into `most` units, as paragraphs; `done` is the index after the last. */
function take(pieces: readonly Piece[], from: number, most: number, { measure, paragraphBreak }: Medium) {
  const paragraphs: string[] = [];
  let used = 0;
  let at = from;
  for (; at < pieces.length; at += 1) {
    const piece = pieces[at] as Piece;
    const follows = at > from && pieces[at - 1]?.paragraph === piece.paragraph;
    const cost = measure(piece.text) + (at === from ? 0 : follows ? 1 : paragraphBreak.length);
    if (used + cost > most) break;
    used += cost;
    if (follows) paragraphs.push(`${paragraphs.pop()} ${piece.text}`);
    else paragraphs.push(piece.text);
  }
  return { paragraphs, edits: [], done: at };
}

function piecesOf(
  paragraphs: readonly string[],
  language: string,
  limit: number,
  length: (text: string) => number,
  exclude: ((sentence: string) => boolean) | undefined,
): Piece[] {
  const pieces: Piece[] = [];
  for (const [paragraph, text] of paragraphs.entries()) {
    for (const sentence of splitSentences(text, language)) {
      if (exclude?.(sentence)) continue;
      const parts = length(sentence) <= limit ? [sentence] : clausesWithin(sentence, limit, length);
      // What comes after a sentence that cannot be told would stand without its ground.
      if (!parts) return pieces;
      pieces.push(...parts.map((part) => ({ text: part, paragraph })));
    }
  }
  return pieces;
}

/** A long sentence cut at commas outside quotations, into as few stretches as fit; undefined where a stretch is too long. */
function clausesWithin(sentence: string, limit: number, length: (text: string) => number): string[] | undefined {
  const depth = depths(sentence);
  const cuts = [...sentence.matchAll(/[،؛,;](?=\s)/g)]
    .map(({ index }) => index)
    .filter((index) => depth[index] === 0)
    .map((index) => index + 1);
  const ends = [...cuts, sentence.length];
  const parts: string[] = [];
  let start = 0;
  let next = 0;
  while (start < sentence.length) {
    let part: string | undefined;
    for (; next < ends.length; next += 1) {
      const longer = sentence.slice(start, ends[next]).trim();
      // Lengths need not be measured far beyond what could fit; only a long link counts less than it has letters.
      if (longer.length > limit * longestRatio || length(longer) > limit) break;
      part = longer;
    }
    if (part === undefined || parts.length >= mostParts) return undefined;
    parts.push(part);
    start = ends[next - 1] as number;
  }
  return parts;
}

const longestRatio = 8;
/** More parts than this no thread has. */
const mostParts = 60;
