import { createHash } from 'node:crypto';
import type { SandboxMedia } from './post.ts';
import { parseTelegramHtml } from './telegram-html.ts';

/** What a message is made of, once its rules are met. */
export interface Message {
  text: string;
  /** HTML, where it was sent as such. */
  markup: string | undefined;
  limit: number;
  media: SandboxMedia[];
}

/** Code points are what the server was seen to count; UTF-16 units are the stricter reading. */
export function measured(text: string): { length: number; unit: 'code points'; utf16Length: number } {
  let length = text.length;
  for (let at = 0; at < text.length - 1; at += 1) {
    const pair = (text.charCodeAt(at) & 0xfc00) === 0xd800 && (text.charCodeAt(at + 1) & 0xfc00) === 0xdc00;
    if (pair) length -= 1;
  }
  return { length, unit: 'code points', utf16Length: text.length };
}

/** Plain text as HTML that parses back to it: a message that was HTML before its edit keeps one form. */
export function escaped(text: string): string {
  return text.replace(/[&<>]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[char] as string);
}

const aliases: Record<string, string> = { strong: 'b', em: 'i', ins: 'u', strike: 's', del: 's', 'tg-spoiler': 'span' };

/** True where a reader sees no difference: the same words, formatted the same, by whatever tags. */
export function isSameContent(
  one: { text: string; markup?: string | undefined },
  other: { text: string; markup?: string | undefined },
): boolean {
  return one.text === other.text && formatting(one.markup) === formatting(other.markup);
}

function formatting(markup = ''): string {
  const parsed = parseTelegramHtml(markup);
  if ('error' in parsed) return '';
  return JSON.stringify(
    parsed.entities.map(({ tag, offset, length, href }) => [offset, length, aliases[tag] ?? tag, href]).sort(),
  );
}

/** The address whose preview a reader sees: the one asked for, or the first of the message. */
export function previewed(
  fields: Record<string, unknown>,
  text: string,
  markup: string | undefined,
): string | undefined {
  const { is_disabled: disabled, url } = objectOf(fields.link_preview_options) ?? {};
  if (disabled === true || fields.disable_web_page_preview === true) return undefined;
  if (typeof url === 'string' && url !== '') return url;
  return (
    markup?.match(/<a\s+href\s*=\s*["'](https?:[^"']+)/i)?.[1]?.replaceAll('&amp;', '&') ??
    text.match(/https?:\/\/[^\s<>"]+/)?.[0]
  );
}

/** telegraf sends nested objects as JSON text in multipart bodies; plain objects in JSON bodies. */
export function objectOf(value: unknown): Record<string, unknown> | undefined {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  if (typeof value !== 'string') return undefined;
  try {
    return JSON.parse(value) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** A list, given as such or as JSON text. */
export function listOf(value: unknown): unknown[] {
  const list = typeof value === 'string' ? objectOf(value) : value;
  return Array.isArray(list) ? list : [];
}

/** The numeric id of a named chat, stable and negative as channels have it; and back. */
const names = new Map<number, string>();
const ids = new Map<string, number>();

function idOf(name: string): number {
  const known = ids.get(name);
  if (known !== undefined) return known;
  const id = -1_000_000_000_000 - createHash('sha256').update(name).digest().readUInt32BE(0);
  ids.set(name, id);
  names.set(id, name);
  return id;
}

/** The chat a request names: `@name` where it has one, also when it is called by its number. */
export function chatOf(fields: Record<string, unknown>): string {
  const given = String(fields.chat_id ?? '');
  return names.get(Number(given)) ?? given;
}

/** A chat as the Bot API describes it. */
export function chat(target: string): object {
  if (!target.startsWith('@')) return { id: Number(target), type: 'channel', title: 'Sandbox' };
  return { id: idOf(target), type: 'channel', title: target, username: target.slice(1) };
}

/** A message as the Bot API answers it. */
export function message(target: string, id: number, content: object): object {
  return { message_id: id, date: Math.floor(Date.now() / 1000), chat: chat(target), ...content };
}
