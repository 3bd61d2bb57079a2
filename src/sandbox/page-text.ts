import { parseTelegramHtml, type TelegramEntity } from './telegram-html.ts';
import { stretches, styled } from './whatsapp-markup.ts';

const characters: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML, safe in content and in quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => characters[char] as string);
}

/** The direction of a text by its first letter, as the platforms decide it. */
export function directionOf(text: string): 'rtl' | 'ltr' {
  // Without addresses, names and tags: a post that opens with @name goes by the words after it.
  const words = text.replace(/(?:https?:\/\/|[@#])\S+/g, '');
  const first = (words.match(/\p{L}/u) ?? text.match(/\p{L}/u))?.[0] ?? '';
  return /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC]/.test(first) ? 'rtl' : 'ltr';
}

/** Plain text with its addresses, hashtags and @names marked as links that lead nowhere but to the address itself. */
export function linkify(text: string, { shorten = false }: { shorten?: boolean } = {}): string {
  const marks = /(https?:\/\/[^\s<>"\u2066-\u2069\u200E\u200F]+)|([#@][\p{L}\p{N}\p{M}_]+)/gu;
  let html = '';
  let at = 0;
  for (const found of text.matchAll(marks)) {
    const [whole, address, tag] = found;
    const before = text[found.index - 1];
    if (tag && before !== undefined && /[\p{L}\p{N}/&]/u.test(before)) continue;
    const shown = address ? address.replace(/[.,;:!?)\]}'»”،؛؟]+$/u, '') : whole;
    html += escapeHtml(text.slice(at, found.index));
    html += address
      ? anchor(shown, escapeHtml(shorten ? shortAddress(shown) : shown))
      : `<span class="tag">${escapeHtml(tag ?? '')}</span>`;
    at = found.index + shown.length;
  }
  return html + escapeHtml(text.slice(at));
}

/** WhatsApp's markup as its readers see it. */
export function whatsappHtml(markup: string): string {
  const elements: Record<string, string> = { '*': 'strong', _: 'em', '~': 's' };
  // Signs are looked for in the escaped text: what they enclose is whole words, so no entity is torn.
  const style = (sign: string, inner: string) => `<${elements[sign]}>${inner}</${elements[sign]}>`;
  return stretches(markup)
    .map(({ text, isAddress }) => (isAddress ? linkify(text) : styled(escapeHtml(text), style)))
    .join('');
}

const shownTags: Record<string, string> = {
  b: 'strong',
  strong: 'strong',
  i: 'em',
  em: 'em',
  u: 'u',
  ins: 'u',
  s: 's',
  strike: 's',
  del: 's',
  code: 'code',
  pre: 'pre',
  blockquote: 'blockquote',
  span: 'mark',
  'tg-spoiler': 'mark',
};

/** Telegram's HTML, rebuilt from what its parser found, so that nothing of the sender's own markup reaches the page. */
export function telegramHtml(markup: string): string {
  const parsed = parseTelegramHtml(markup);
  if ('error' in parsed) return linkify(markup);
  const { text, entities } = parsed;
  const inOrder = [...entities].sort((a, b) => a.offset - b.offset || b.length - a.length);
  return stretch(text, inOrder, 0, text.length);
}

function stretch(text: string, entities: TelegramEntity[], from: number, to: number): string {
  let html = '';
  let at = from;
  for (let index = 0; index < entities.length; index += 1) {
    const entity = entities[index] as TelegramEntity;
    const end = entity.offset + entity.length;
    if (entity.offset < at) continue;
    const inner = entities
      .slice(index + 1)
      .filter((one) => one.offset >= entity.offset && one.offset + one.length <= end);
    html += linkify(text.slice(at, entity.offset)) + wrap(entity, stretch(text, inner, entity.offset, end));
    at = end;
  }
  return html + linkify(text.slice(at, to));
}

function wrap({ tag, href }: TelegramEntity, inner: string): string {
  if (tag === 'a') return anchor(href ?? '', inner.replace(/<\/?a\b[^>]*>/g, ''));
  const shown = shownTags[tag];
  return shown ? `<${shown}>${inner}</${shown}>` : inner;
}

/** A link card's host, without `www.`; undefined where the address is none. */
export function hostOf(address: string): string | undefined {
  return URL.canParse(address) ? new URL(address).hostname.replace(/^www\./, '') : undefined;
}

function anchor(address: string, inner: string): string {
  if (!/^https?:\/\//i.test(address)) return inner;
  // An address reads left to right; words that lead to one have a direction of their own.
  const direction = /^https?:|^[\w.-]+\//.test(inner) ? 'ltr' : 'auto';
  return `<a href="${escapeHtml(address)}" rel="noreferrer noopener" dir="${direction}">${inner}</a>`;
}

/** As X shows addresses: without scheme, cut after 26 characters of path and host. */
function shortAddress(address: string): string {
  const bare = address.replace(/^https?:\/\/(?:www\.)?/, '');
  return bare.length > 30 ? `${bare.slice(0, 29)}…` : bare;
}
