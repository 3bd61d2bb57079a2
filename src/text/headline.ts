import type { Edit } from '../core/post.ts';
import { isOpen } from './quotes.ts';

let graphemes: Intl.Segmenter | undefined;
const ellipsis = '…';

/**
 * The headline whole where `fits` holds for it, else its longest beginning that does: cut between words (inside one only
 * where a single word is too long, then between graphemes), never inside quotation marks, closed by an ellipsis.
 */
export function shortenHeadline(
  headline: string,
  fits: (headline: string) => boolean,
): { text: string; edits: Edit[] } {
  if (fits(headline)) return { text: headline, edits: [] };
  const cuts = [...headline.matchAll(/\s+/g)].map(({ index }) => index);
  const shortened =
    longest(
      cuts.map((end) => headline.slice(0, end)),
      fits,
    ) ??
    longest(graphemeBeginnings(headline), fits) ??
    ellipsis;
  return { text: shortened, edits: [{ kind: 'headline-shortened', before: headline, after: shortened }] };
}

const close = (beginning: string) => `${beginning.replace(/[\s،؛,;:.\-–—]+$/u, '')}${ellipsis}`;

/** The longest beginning (they grow) that fits with an ellipsis, preferring one that leaves no quotation open. */
function longest(beginnings: string[], fits: (shortened: string) => boolean): string | undefined {
  // Only those that are looked at are closed: there may be thousands.
  const candidate = (at: number) => close(beginnings[at] as string);
  let first = 0;
  while (first < beginnings.length && candidate(first) === ellipsis) first += 1;
  let low = first;
  let high = beginnings.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (fits(candidate(middle))) low = middle + 1;
    else high = middle;
  }
  // A link in the making counts otherwise than a whole one, so lengths need not grow with the text: each choice is checked.
  const last = (isFit: (shortened: string) => boolean) => {
    for (let at = low - 1; at >= first; at -= 1) if (isFit(candidate(at))) return candidate(at);
    return undefined;
  };
  return last((shortened) => !isOpen(shortened) && fits(shortened)) ?? last(fits);
}

function graphemeBeginnings(text: string): string[] {
  graphemes ??= new Intl.Segmenter('und', { granularity: 'grapheme' });
  return [...graphemes.segment(text)].map(({ index, segment }) => text.slice(0, index + segment.length));
}
