/** Formatting characters that say only in which direction text runs. */
const directionMarks = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A text with what platforms may change of it made alike: form of characters, white space, invisible direction marks.
 * Decomposed (NFD): a link may end between a letter and its accent, and composed forms would then depend on the link.
 */
export function foldText(text: string): string {
  return text.toWellFormed().normalize('NFD').replace(directionMarks, '').replace(/\s+/g, ' ').trim();
}

/** A link that a platform put into a text in place of an address. */
export interface ShortLink {
  /** As it stands in the text. */
  url: string;
  /** What it stands for; undefined where the platform does not say. */
  target: string | undefined;
}

/** Whether `shown` is our text with some of its addresses shortened. Addresses are compared as `sameAddress` does. */
export function sameText(ours: string, shown: string, links: readonly ShortLink[] = []): boolean {
  const [text, other] = [foldText(ours), foldText(shown)];
  return text === other || walk(text, 0, pieces(other, links), 0);
}

/** Whether two addresses lead to the same place: scheme, case of the host, a closing slash and percent-encoding aside. */
export function sameAddress(one: string, other: string): boolean {
  return one === other || bare(one) === bare(other);
}

function bare(address: string): string {
  const whole = /^https?:\/\//i.test(address) ? address : `http://${address}`;
  // X makes links of names that are no host's, such as those that begin with an accent of their own.
  if (!URL.canParse(whole)) return address.replace(/^https?:\/\//i, '').normalize('NFD');
  const { hostname, port, pathname, search, hash } = new URL(whole);
  const rest = decoded(pathname + search + hash).replace(/\/$/, '');
  return `${hostname}${port && `:${port}`}${rest}`.normalize('NFD');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What a shown text is made of, in order: words as they are, and addresses (`undefined`: any). */
type Piece = { words: string } | { address: string | undefined };

function pieces(shown: string, links: readonly ShortLink[]): Piece[] {
  const targets = new Map(links.map(({ url, target }) => [url, target]));
  const known = [...targets.keys()].filter((url) => url !== '').sort((one, other) => other.length - one.length);
  const addresses = new RegExp(
    [
      ...known.map((url) => url.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)),
      String.raw`https?://(?:(?!https?://)\S)+`,
    ].join('|'),
    'g',
  );
  const found: Piece[] = [];
  let from = 0;
  for (const { 0: url, index } of shown.matchAll(addresses)) {
    if (index > from) found.push({ words: shown.slice(from, index) });
    found.push({ address: targets.has(url) ? targets.get(url) : url });
    from = index + url.length;
  }
  if (from < shown.length) found.push({ words: shown.slice(from) });
  return found;
}

/** Whether the pieces from the `next` one on are the text from `at` on. An address may end anywhere before a space. */
function walk(text: string, at: number, list: readonly Piece[], next: number): boolean {
  const piece = list[next];
  if (!piece) return at === text.length;
  if ('words' in piece) {
    return text.startsWith(piece.words, at) && walk(text, at + piece.words.length, list, next + 1);
  }
  const space = text.indexOf(' ', at);
  const furthest = space < 0 ? text.length : space;
  const after = list[next + 1];
  const goesOn = (end: number) =>
    after === undefined ? end === text.length : !('words' in after) || text.startsWith(after.words, end);
  for (let end = furthest; end > at; end -= 1) {
    if (!goesOn(end) || !isAddress(text.slice(at, end), piece.address)) continue;
    if (walk(text, end, list, next + 1)) return true;
  }
  return false;
}

function isAddress(text: string, target: string | undefined): boolean {
  return target === undefined ? /^(?:https?:\/\/)?[^\s/]+\.[^\s]+$/i.test(text) : sameAddress(text, target);
}
