import { createHash } from 'node:crypto';
import type { ArticleDraft } from './draft.ts';
import { fold } from './fold.ts';

/** An item of which a key is to be found. */
export interface Keyed {
  id: string | undefined;
  draft: ArticleDraft;
  updatedAt?: string;
}

/** Query parameters that say where a reader came from. */
const tracking = /^(?:utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_cid|mc_eid|ref_src|_ga)$/i;

/**
 * An id as it is compared: feeds spell the same one now with http and now with https, in capitals or small letters, with
 * `%D8` or `%d8`. In a word of mixed letters, such as `dQw4w9Wg`, the case counts: it is a code.
 */
export function sameId(id: string): string {
  const trimmed = id.trim().replace(/\s+/g, ' ');
  const address = /^https?:\/\//i.test(trimmed) ? URL.parse(trimmed) : null;
  const text = address ? `https${address.href.slice(address.protocol.length - 1)}` : trimmed;
  return text.replace(/[\p{L}\p{N}]+/gu, (word) => (isCode(word) ? word : word.toLowerCase()));
}

/** Small letters, and a capital that is not the first letter. */
function isCode(word: string): boolean {
  return /\p{Ll}/u.test(word) && /.\p{Lu}/u.test(word);
}

/** An address as it is compared: without tracking parameters, and as an id. */
function sameAddress(url: string): string {
  const parsed = new URL(url);
  for (const name of [...parsed.searchParams.keys()]) if (tracking.test(name)) parsed.searchParams.delete(name);
  return sameId(parsed.href.replace(/\/+$/, ''));
}

const textOf = ({ draft }: Keyed) => [draft.title, ...draft.paragraphs].map(fold).join('\n');
/** Its words may be bettered; title and time stay. Without a time, its words are all there is. */
const shortOf = (item: Keyed) =>
  item.draft.publishedAt ? `${titleOf(item)}\n${item.draft.publishedAt}` : textOf(item);

function hashed(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

/** Items by what a name of theirs leads to. */
function groupsOf<T extends Keyed>(items: readonly T[], nameOf: (item: T) => string | undefined): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = nameOf(item);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

const titleOf = ({ draft }: Keyed) => fold(draft.title);
const addressOf = ({ draft }: Keyed) => (draft.url === undefined ? undefined : sameAddress(draft.url));
const distinct = (names: (string | undefined)[]) => new Set(names).size;

/** Versions of one entry: nothing but their words differs, or not even those. */
function isOneEntry(group: readonly Keyed[]): boolean {
  return (
    distinct(group.map(addressOf)) === 1 && (group[0]?.draft.url !== undefined || distinct(group.map(titleOf)) === 1)
  );
}

/** A key for each item; what has the same key is the same entry. The address of the site (`home`) names no entry. */
export function keysOf<T extends Keyed>(items: readonly T[], home: string | undefined): Map<T, string> {
  const folded = groupsOf(items, ({ id }) => (id === undefined ? undefined : sameId(id)));
  const exact = groupsOf(items, ({ id }) => id?.trim());
  const isHome = (name: string) => name === home || (/^https?:/.test(name) && pageOf(name) === home);
  const addresses = groupsOf(items, (item) => addressOf(item));
  const shorts = groupsOf(items, shortOf);
  const keys = new Map<T, string>();
  for (const item of items) {
    const id = item.id === undefined ? undefined : sameId(item.id);
    const address = addressOf(item);
    if (id !== undefined && !isHome(id) && isOneEntry(folded.get(id) ?? [])) keys.set(item, id);
    else if (item.id !== undefined && !isHome(item.id.trim()) && isOneEntry(exact.get(item.id.trim()) ?? []))
      keys.set(item, item.id.trim());
    else if (address !== undefined && !isHome(address) && isAlone(addresses.get(address) ?? []))
      keys.set(item, address);
    else
      keys.set(
        item,
        hashed(distinct((shorts.get(shortOf(item)) ?? []).map(textOf)) === 1 ? shortOf(item) : textOf(item)),
      );
  }
  return keys;
}

/** The address is one entry's only. */
function isAlone(group: readonly Keyed[]): boolean {
  return distinct(group.map(titleOf)) === 1;
}

/** A page by its address, without what scrolls in it. */
export function pageOf(url: string): string {
  return sameAddress(url.replace(/#.*$/s, ''));
}

/** The page of a site as a whole: the feed's own link, where that is no deep page (some feeds put a story's there). */
export function homeOf(link: string | undefined): string | undefined {
  if (link === undefined) return undefined;
  return new URL(link).pathname.split('/').filter((part) => part !== '').length <= 1 ? pageOf(link) : undefined;
}
