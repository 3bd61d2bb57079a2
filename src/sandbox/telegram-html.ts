/** A formatted stretch of a message; `offset` and `length` in UTF-16 units of the visible text, as the Bot API counts them. */
export interface TelegramEntity {
  tag: string;
  offset: number;
  length: number;
  /** Of `<a>`. */
  href?: string;
}

export interface ParsedTelegramHtml {
  /** What the reader sees, without white space at either end. */
  text: string;
  /** In order of their end; inner before outer. */
  entities: TelegramEntity[];
}

/** Tags of Telegram's HTML mode (Bot API, formatting options, copy of 2026-06-28). */
const tags = new Set(
  'b strong i em u ins s strike del span tg-spoiler a tg-emoji tg-time code pre blockquote'.split(' '),
);
const named = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
]);
const space = /\s/;

class HtmlError extends Error {}

/**
 * What remains after entity parsing, or the server's complaint. Follows TDLib's own parser (MessageEntity.cpp,
 * do_parse_html): the semicolon of an entity may be missing, unknown entities stay as they are, attributes may hold `>`.
 */
export function parseTelegramHtml(html: string): ParsedTelegramHtml | { error: string } {
  try {
    return trimmed(parse(html));
  } catch (error) {
    if (error instanceof HtmlError) return { error: error.message };
    throw error;
  }
}

function parse(html: string): ParsedTelegramHtml {
  const open: { tag: string; offset: number; href: string | undefined }[] = [];
  const entities: TelegramEntity[] = [];
  let text = '';
  let at = 0;
  while (at < html.length) {
    const next = nextSpecial(html, at);
    text += html.slice(at, next);
    at = next;
    if (html[at] === '&') {
      const entity = decodeEntity(html, at);
      text += entity?.char ?? '&';
      at = entity?.end ?? at + 1;
    } else if (html[at] === '<' && html[at + 1] === '/') {
      const last = open.pop();
      if (!last) throw new HtmlError(`Unexpected end tag at byte offset ${byteOffset(html, at)}`);
      at = closeTag(html, at, last.tag);
      const { tag, offset, href } = last;
      if (text.length > offset) {
        entities.push({ tag, offset, length: text.length - offset, ...(href === undefined ? {} : { href }) });
      }
    } else if (html[at] === '<') {
      const { tag, href, end } = openTag(html, at);
      open.push({ tag, offset: text.length, href });
      at = end;
    }
  }
  const last = open.at(-1);
  if (last) throw new HtmlError(`Can't find end tag corresponding to start tag "${last.tag}"`);
  return { text, entities };
}

function nextSpecial(html: string, from: number): number {
  let at = from;
  while (at < html.length && html[at] !== '<' && html[at] !== '&') at += 1;
  return at;
}

/** The character of an entity at `at`, or undefined where there is none: then the ampersand stands for itself. */
function decodeEntity(html: string, at: number): { char: string; end: number } | undefined {
  const found = html.slice(at, at + 16).match(/^&(?:#x([\da-f]*)|#(\d*)|([a-z]*))/i);
  const [whole = '', hex, decimal, name] = found ?? [];
  const end = at + whole.length + (html[at + whole.length] === ';' ? 1 : 0);
  if (name !== undefined) {
    const char = named.get(name);
    return char === undefined ? undefined : { char, end };
  }
  const code = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16);
  if (!(code > 0 && code < 0x10ffff) || whole.length >= 10) return undefined;
  return { char: String.fromCodePoint(code), end };
}

function closeTag(html: string, start: number, expected: string): number {
  let at = start + 2;
  while (at < html.length && html[at] !== '>' && !space.test(html[at] as string)) at += 1;
  const name = html.slice(start + 2, at).toLowerCase();
  at = skipSpace(html, at);
  if (html[at] !== '>') throw new HtmlError(`Unclosed end tag at byte offset ${byteOffset(html, start)}`);
  if (name !== '' && name !== expected) {
    throw new HtmlError(
      `Unmatched end tag at byte offset ${byteOffset(html, start)}, expected "</${expected}>", found "</${name}>"`,
    );
  }
  return at + 1;
}

function openTag(html: string, start: number): { tag: string; href: string | undefined; end: number } {
  let at = start + 1;
  while (at < html.length && html[at] !== '>' && !space.test(html[at] as string)) at += 1;
  const offset = () => byteOffset(html, start);
  if (at >= html.length) throw new HtmlError(`Unclosed start tag at byte offset ${offset()}`);
  const tag = html.slice(start + 1, at).toLowerCase();
  if (!tags.has(tag)) throw new HtmlError(`Unsupported start tag "${tag}" at byte offset ${offset()}`);
  const attributes = new Map<string, string>();
  for (at = skipSpace(html, at); html[at] !== '>'; at = skipSpace(html, at)) {
    const { name, value, end } = attribute(html, at, tag);
    if (end >= html.length) throw new HtmlError(`Unclosed start tag at byte offset ${offset()}`);
    attributes.set(name, value);
    at = end;
  }
  if (tag === 'span' && attributes.get('class') !== 'tg-spoiler') {
    throw new HtmlError(`Tag "span" must have class "tg-spoiler" at byte offset ${offset()}`);
  }
  return { tag, href: tag === 'a' ? attributes.get('href') : undefined, end: at + 1 };
}

function attribute(html: string, start: number, tag: string): { name: string; value: string; end: number } {
  let at = start;
  while (at < html.length && html[at] !== '=' && html[at] !== '>' && !space.test(html[at] as string)) at += 1;
  const name = html.slice(start, at).toLowerCase();
  const where = `the tag "${tag}" at byte offset ${byteOffset(html, start)}`;
  if (at >= html.length) return { name, value: '', end: at };
  if (name === '') throw new HtmlError(`Empty attribute name in ${where}`);
  at = skipSpace(html, at);
  if (html[at] !== '=') {
    if (tag === 'blockquote' && name === 'expandable') return { name, value: '', end: at };
    throw new HtmlError(`Expected equal sign in declaration of an attribute of ${where}`);
  }
  at = skipSpace(html, at + 1);
  const quote = html[at];
  if (quote !== '"' && quote !== "'") {
    const token = html.slice(at).match(/^[A-Za-z0-9.-]*/)?.[0] ?? '';
    at += token.length;
    if (at < html.length && html[at] !== '>' && !space.test(html[at] as string)) {
      throw new HtmlError(`Unexpected end of name token at byte offset ${byteOffset(html, at - token.length)}`);
    }
    return { name, value: token.toLowerCase(), end: at };
  }
  let value = '';
  for (at += 1; at < html.length && html[at] !== quote; ) {
    const entity = html[at] === '&' ? decodeEntity(html, at) : undefined;
    value += entity?.char ?? html[at];
    at = entity?.end ?? at + 1;
  }
  return { name, value, end: at < html.length ? at + 1 : at };
}

function skipSpace(html: string, from: number): number {
  let at = from;
  while (at < html.length && space.test(html[at] as string)) at += 1;
  return at;
}

function byteOffset(html: string, at: number): number {
  return Buffer.byteLength(html.slice(0, at));
}

function trimmed({ text, entities }: ParsedTelegramHtml): ParsedTelegramHtml {
  const visible = text.trim();
  if (visible.length === text.length) return { text, entities };
  const lead = text.length - text.trimStart().length;
  return {
    text: visible,
    entities: entities.flatMap((entity) => {
      const offset = Math.max(0, entity.offset - lead);
      const end = Math.min(visible.length, entity.offset + entity.length - lead);
      return end > offset ? [{ ...entity, offset, length: end - offset }] : [];
    }),
  };
}
