import { createRequire } from 'node:module';
import twitterText from 'twitter-text';

/** The platforms' own rules, from other hands than the program's: what a post is measured against. */

/** Telegram: Bot API, sendMessage, sendPhoto and formatting options; the bytes by the server's source. */
export const telegramLimits = { text: 4096, caption: 1024, bytes: 32_768 };
/** WhatsApp: Cloud API, messages; template components. */
export const whatsappLimits = { text: 4096, caption: 1024, template: 1024 };
export const facebookLimit = 63_206;
export const xLimit = 280;

export function weighX(text: string): { length: number; valid: boolean } {
  const { weightedLength, valid } = twitterText.parseTweet(text);
  return { length: weightedLength, valid };
}

/** What X makes a link of. */
export const xLinks = (text: string): string[] => twitterText.extractUrls(text);
export const xHashtags = (text: string): string[] => twitterText.extractHashtags(text);

const telegramTags = new Set(
  'b strong i em u ins s strike del a code pre blockquote tg-spoiler tg-emoji span'.split(' '),
);
const entities: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };

/** What a reader sees of Telegram's HTML, or why Telegram would refuse it. */
export function readTelegram(markup: string): { text: string; problem?: string } {
  const open: string[] = [];
  let text = '';
  let at = 0;
  for (const { index, 0: token, 1: closing, 2: tag, 3: entity } of markup.matchAll(
    /<(\/?)([a-z][a-z-]*)(?:\s[^<>]*)?>|&(#\d+|#x[\da-f]+|[a-z]+);|[<>&]/gi,
  )) {
    text += markup.slice(at, index);
    at = index + token.length;
    if (entity !== undefined) {
      const character = entity.startsWith('#') ? numeric(entity) : entities[entity];
      if (character === undefined) return { text, problem: `no entity of Telegram's: ${token}` };
      text += character;
    } else if (tag === undefined) return { text, problem: `a bare ${token}` };
    else if (!telegramTags.has(tag)) return { text, problem: `no tag of Telegram's: ${token}` };
    else if (closing === '') open.push(tag);
    else if (open.pop() !== tag) return { text, problem: `${token} closes nothing` };
  }
  return open.length > 0 ? { text, problem: `<${open.at(-1)}> is never closed` } : { text: text + markup.slice(at) };
}

function numeric(entity: string): string {
  const code = /^#x/i.test(entity) ? Number.parseInt(entity.slice(2), 16) : Number(entity.slice(1));
  return String.fromCodePoint(code);
}

const address = /(https?:\/\/\S+)/;
/** A mark opens after a space, punctuation or nothing, before something, and closes the other way round, in one line. */
const formatted = /(?<![\p{L}\p{N}\u2060])([*_~`])(?=[^\s*_~`])([^\n]*?[^\s\u2060])(?<!\u2060)\1(?![\p{L}\p{N}])/gu;

/** What a reader sees of WhatsApp's `*bold*`, `_italic_`, `~struck~` and `code`. Addresses are not formatted. */
export function readWhatsapp(markup: string): string {
  const bare = (stretch: string): string => stretch.replace(formatted, (_, __, inner: string) => bare(inner));
  return markup
    .split(address)
    .map((stretch, index) => (index % 2 === 1 ? stretch : bare(stretch)))
    .join('');
}

interface Levels {
  levels: Uint8Array;
  paragraphs: { start: number; end: number; level: number }[];
}

interface Bidi {
  getEmbeddingLevels(text: string, direction?: 'ltr' | 'rtl' | 'auto'): Levels;
  getReorderSegments(text: string, levels: Levels): [number, number][];
  getBidiCharTypeName(character: string): string;
}

const bidi = (createRequire(import.meta.url)('bidi-js') as () => Bidi)();

/** True where a line, shown by its own first strong letter, runs from right to left; undefined without a letter. */
export function startsRightToLeft(line: string): boolean | undefined {
  const hasLetter = [...line].some((character) => ['L', 'R', 'AL'].includes(bidi.getBidiCharTypeName(character)));
  return hasLetter ? bidi.getEmbeddingLevels(line, 'auto').paragraphs[0]?.level === 1 : undefined;
}

/** For each code unit of a line, where it stands on the screen, from the left. */
export function screenOrder(line: string): number[] {
  const levels = bidi.getEmbeddingLevels(line, 'auto');
  const shown = new Array<number>(line.length);
  const units = Array.from({ length: line.length }, (_, index) => index);
  for (const [start, end] of bidi.getReorderSegments(line, levels)) {
    const turned = units.slice(start, end + 1).reverse();
    units.splice(start, turned.length, ...turned);
  }
  for (const [position, unit] of units.entries()) shown[unit] = position;
  return shown;
}
