import { type Profile, pairsOf } from './profile.ts';

/** How many marks are taken of the whole text, and how many of headline and first paragraph. */
const ofAll = 16;
const ofLead = 8;

/**
 * A few marks (32-bit numbers) by which articles that share much text find each other: of all pairs of neighbouring words
 * those with the smallest hashes, so that two texts tend to take the same ones (bottom-k minhash). The beginning has marks
 * of its own, which a short version shares with a long one. Pure and the same everywhere, for they are stored.
 */
export function sketchOf({ lines }: Pick<Profile, 'lines'>): number[] {
  return [...new Set([...smallest(lines, ofAll), ...smallest(lines.slice(0, 2), ofLead)])];
}

function smallest(lines: readonly string[][], count: number): number[] {
  const ranked = [...new Set(lines.flatMap(pairsOf))].map((pair) => ({ rank: hash(pair, 0x811c9dc5), pair }));
  ranked.sort((one, other) => one.rank - other.rank || (one.pair < other.pair ? -1 : 1));
  // The mark is another hash than the rank: ranks are small numbers, of which there are few.
  return ranked.slice(0, count).map(({ pair }) => hash(pair, 0x9747b28c));
}

/** FNV-1a over UTF-16 units, with the bits mixed at the end. */
function hash(text: string, seed: number): number {
  let value = seed;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
