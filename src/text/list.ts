import type { DigestItem, Direction } from '../core/article.ts';
import type { Style } from '../core/channel.ts';
import { RejectedError } from '../core/errors.ts';
import type { Edit } from '../core/post.ts';
import { convertDigits } from './digits.ts';
import { finish } from './finish.ts';
import { shortenHeadline } from './headline.ts';
import type { Medium, Rendered } from './medium.ts';

/** A list of headlines under a title. */
export interface List {
  title: string;
  direction: Direction;
  items: readonly DigestItem[];
  digits: NonNullable<Style['digits']>;
  /** An item's address as it is posted; undefined: without. */
  linkOf: (item: DigestItem) => string | undefined;
}

/** A part of a list, and what was changed in its headlines. */
export interface ListPart extends Rendered {
  edits: Edit[];
}

/** Room for the longest number, `\n\n25/25`. */
const numberRoom = 7;

/**
 * A numbered list of headlines with their links, in as few parts as hold it. Headlines stay whole, unless one alone is
 * longer than a part. Throws `RejectedError` (`text-too-long`) where `most` parts do not hold it.
 */
export function fitList(
  list: List,
  medium: Medium,
  { most, numbered }: { most: number; numbered: boolean },
): ListPart[] {
  const { limit } = medium.forms.text;
  const one = pack(list, medium, limit);
  if (one.length === 1) return one;
  const parts = numbered ? pack(list, medium, limit - numberRoom) : one;
  if (parts.length > most) {
    throw new RejectedError(
      `A list of ${list.items.length} headlines needs ${parts.length} parts on ${medium.name}, and may have ${most}.`,
      { code: 'text-too-long' },
    );
  }
  return numbered ? parts.map((part, index) => withNumber(part, `\n\n${index + 1}/${parts.length}`, medium)) : parts;
}

/** Text as it is seen and as it is sent. */
interface Block {
  text: string;
  markup: string;
  edits: Edit[];
}

function pack(list: List, medium: Medium, limit: number): ListPart[] {
  const parts: ListPart[] = [];
  let blocks = [titleOf(list, medium)];
  for (const [index, item] of list.items.entries()) {
    const fits = (before: readonly Block[], block: Block) => join([...before, block], medium).length <= limit;
    const block = itemOf(list, { item, number: index + 1 }, medium, (alone) => fits([], alone));
    if (!fits(blocks, block) && blocks.length > 0) {
      parts.push(join(blocks, medium));
      blocks = [];
    }
    blocks.push(block);
  }
  return [...parts, join(blocks, medium)];
}

function titleOf({ title, direction, digits }: List, medium: Medium): Block {
  const { text, edits } = finish(title, { direction, digits, marks: medium.marks, joiners: medium.joiners });
  const escaped = medium.escape?.(text) ?? text;
  return { text, markup: medium.list?.title?.(escaped) ?? escaped, edits };
}

function itemOf(
  { digits, linkOf }: List,
  { item, number }: { item: DigestItem; number: number },
  medium: Medium,
  fits: (alone: Block) => boolean,
): Block {
  const { direction } = item;
  const link = linkOf(item);
  const prefix = `${digits === 'arabic' ? convertDigits(String(number), digits) : number}. `;
  const write = (headline: string): Block => {
    const { text, edits } = finish(headline, { direction, digits, marks: medium.marks, joiners: medium.joiners });
    const escaped = medium.escape?.(text) ?? text;
    const linked = link === undefined ? undefined : medium.list?.linked?.(escaped, link);
    const below =
      link === undefined || linked !== undefined ? '' : `${medium.paragraphBreak === ' ' ? ' ' : '\n'}${link}`;
    return { text: `${prefix}${text}${below}`, markup: `${prefix}${linked ?? escaped}${below}`, edits };
  };
  const { text, edits } = shortenHeadline(item.title, (headline) => fits(write(headline)));
  const block = write(text);
  return { ...block, edits: [...edits, ...block.edits] };
}

function join(blocks: readonly Block[], medium: Medium): ListPart {
  const text = blocks.map((block) => block.text).join(medium.paragraphBreak);
  const markup = blocks.map((block) => block.markup).join(medium.paragraphBreak);
  return {
    text,
    ...(medium.escape ? { markup } : {}),
    length: medium.measure(medium.countsMarkup ? markup : text),
    edits: blocks.flatMap(({ edits }) => edits),
  };
}

function withNumber(part: ListPart, mark: string, medium: Medium): ListPart {
  const text = part.text + mark;
  const markup = part.markup === undefined ? undefined : part.markup + mark;
  return {
    ...part,
    text,
    ...(markup === undefined ? {} : { markup }),
    length: medium.measure(medium.countsMarkup ? (markup ?? text) : text),
  };
}
