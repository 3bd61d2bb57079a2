import type { Look, Run } from './preview-runs.ts';

const characters: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as HTML, safe in content and in quoted attributes; controls and lone surrogates, which HTML forbids, are left out. */
export function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\P{Cc}\n\t]|\uFFFE|\uFFFF/gu, '')
    .replace(/[&<>"']/g, (char) => characters[char] as string);
}

const elements: Record<Look, string> = {
  bold: 'strong',
  italic: 'em',
  underlined: 'u',
  struck: 's',
  code: 'code',
  quoted: 'q',
  hidden: 'mark',
};

/** A line of a post as HTML: bold where it is bold, addresses, hashtags and names in the colour of links. */
export function renderRuns(line: readonly Run[], { shorten = false } = {}): string {
  return line
    .map(({ text, looks, href }) => {
      const inner = href === undefined ? linkify(text, shorten) : anchor(href, escapeText(text));
      return looks.reduceRight((html, look) => `<${elements[look]}>${html}</${elements[look]}>`, inner);
    })
    .join('');
}

const marks =
  /(https?:\/\/[^\s<>"\u061C\u200E\u200F\u2066-\u2069]+)|((?<![\p{L}\p{M}\p{N}_/&])#(?=\p{N}*[\p{L}\p{M}_])[\p{L}\p{M}\p{N}_]+|(?<![\p{L}\p{M}\p{N}_./@])@\w{2,})/gu;

function linkify(text: string, shorten: boolean): string {
  let html = '';
  let at = 0;
  for (const { index, 0: whole, 1: address } of text.matchAll(marks)) {
    const shown = address === undefined ? whole : address.replace(/[.,;:!?)\]}'»”،؛؟]+$/u, '');
    html += escapeText(text.slice(at, index));
    html +=
      address === undefined
        ? `<span class="tag">${escapeText(whole)}</span>`
        : anchor(shown, escapeText(shorten ? shortAddress(shown) : shown), 'ltr');
    at = index + shown.length;
  }
  return html + escapeText(text.slice(at));
}

/** A link that a click follows; words alone where the address is none of the web. */
function anchor(address: string, inner: string, direction: 'ltr' | 'auto' = 'auto'): string {
  if (!isWebAddress(address)) return inner;
  return `<a href="${escapeText(address)}" rel="noreferrer noopener" dir="${direction}">${inner}</a>`;
}

/** True for addresses that lead to the web, and nowhere else. */
export function isWebAddress(address: string): boolean {
  return /^https?:\/\//i.test(address) && URL.canParse(address);
}

/** As X shows addresses: without scheme and `www.`, and cut. */
function shortAddress(address: string): string {
  const bare = address.replace(/^https?:\/\/(?:www\.)?/, '');
  return bare.length > 30 ? `${bare.slice(0, 29)}…` : bare;
}

/** Host and path of an address in letters; percent-encoded where the letters would be marks that mislead. */
export function readableAddress(address: string): { host: string; path: string } | undefined {
  if (!isWebAddress(address)) return undefined;
  const { hostname, pathname } = new URL(address);
  const host = hostname.replace(/^www\./, '');
  try {
    const decoded = decodeURI(pathname);
    return { host, path: /[\p{Cc}\p{Cf}\p{Z}]/u.test(decoded) ? pathname : decoded };
  } catch {
    return { host, path: pathname };
  }
}
