import type { ImageCandidate } from './best-image.ts';
import type { Attribute } from './markup.ts';

/** The best rendition of a picture is the widest up to this (pixels). */
const wideEnough = 2_000;
const longestSet = 20_000;

/** Where scripts that load pictures late keep the address: the usual attribute holds a placeholder then. */
const lateSets = ['data-srcset', 'data-lazy-srcset', 'srcset'];
const lateSources = ['data-src', 'data-lazy-src', 'data-original', 'data-orig-file', 'data-full-url', 'src'];

/**
 * The picture of an `<img>`: the widest of its renditions up to some 2000 pixels, also where a script would load it.
 * `sets`: `srcset`s of the `<source>`s beside it. Undefined where it names none that could be fetched.
 */
export function imageInTag(
  attribute: Attribute,
  sets: readonly (string | null)[] = [],
): Omit<ImageCandidate, 'from'> | undefined {
  const alt = attribute('alt')?.trim() || undefined;
  const [width, height] = [pixels(attribute('width')), pixels(attribute('height'))];
  const renditions = [...lateSets.map((name) => attribute(name)), ...sets].flatMap((set) => readSrcset(set ?? ''));
  const best = bestRendition(renditions);
  const plain = lateSources.map((name) => attribute(name)?.trim()).find((url) => url && !isInline(url));
  const shown = { alt, width, height };
  if (best?.width !== undefined) {
    const scale = width && height ? height / width : undefined;
    return { ...shown, url: best.url, width: best.width, height: scale && Math.round(best.width * scale) };
  }
  // A density says nothing of the size: the larger of the two is drawn at the size of the tag.
  const url = best?.url ?? plain;
  return url === undefined ? undefined : { ...shown, url };
}

interface Rendition {
  url: string;
  /** Pixels. */
  width?: number;
  /** Pixels of the file by pixels of the page. */
  density: number;
}

/** The renditions in a `srcset` (HTML, "parse a srcset attribute"): addresses may hold commas, but not end with one. */
export function readSrcset(set: string): Rendition[] {
  const found: Rendition[] = [];
  const one = /[\s,]*(\S+)(?:\s+([^,]*))?/y;
  const text = set.slice(0, longestSet);
  for (let match = one.exec(text); match; match = one.exec(text)) {
    const [whole, address = '', sizes = ''] = match;
    const url = address.replace(/,+$/, '');
    // A comma after the address: it has no size, and what follows is the next one.
    if (url !== address) one.lastIndex = match.index + whole.indexOf(address) + address.length;
    const [, number = '1', unit] = url === address ? (/^([\d.]+)([wx])/.exec(sizes.trim()) ?? []) : [];
    const size = Number.parseFloat(number);
    if (url === '' || isInline(url) || !(size > 0)) continue;
    found.push(unit === 'w' ? { url, width: size, density: 1 } : { url, density: size });
  }
  return found;
}

function bestRendition(renditions: readonly Rendition[]): Rendition | undefined {
  const widths = renditions
    .filter(({ width }) => width !== undefined)
    .toSorted((one, other) => widthOf(one) - widthOf(other));
  if (widths.length > 0) return widths.findLast((one) => widthOf(one) <= wideEnough) ?? widths[0];
  return renditions.toSorted((one, other) => other.density - one.density)[0];
}

const widthOf = ({ width = 0 }: Rendition) => width;

function isInline(url: string): boolean {
  return /^(?:data|blob|about|javascript):/i.test(url);
}

function pixels(text: string | null): number | undefined {
  const number = /^\s*\d{1,5}(?=\s*(?:px)?\s*$|\.)/.exec(text ?? '');
  return number ? Number(number[0]) : undefined;
}
