import type { Dependence } from './summary-cues.ts';
import { fold } from './summary-words.ts';

/** What a text gives to sentences that lean on it: masks with a bit for each sentence. */
export interface Gifts {
  /** Their subject, or it is the sentence straight before. */
  link: number;
  /** The first, and the second thing that they name as known. */
  thing: number;
  other: number;
}

export const noGifts: Gifts = { link: 0, thing: 0, other: 0 };

/** What one sentence leans on, in stems. */
export interface Need {
  sentence: number;
  subject: readonly number[];
  thing: readonly number[] | undefined;
  other: readonly number[] | undefined;
}

export function needsOf(
  units: readonly { sentence: number; dependence: Dependence }[],
  stems: { byStem(name: string): number },
): Need[] {
  const numbers = (names: readonly string[] | undefined) => names?.map((name) => stems.byStem(name));
  return units
    .filter(({ sentence }, i) => units[i - 1]?.sentence !== sentence)
    .filter(({ dependence: { subject, introduced } }) => subject.length > 0 || introduced.length > 0)
    .map(({ sentence, dependence: { subject, introduced } }) => ({
      sentence,
      subject: numbers(subject) ?? [],
      thing: numbers(introduced[0]),
      other: numbers(introduced[1]),
    }));
}

/** What a text of these stems gives; as a sentence of the body to those after it, as the headline to all. */
export function giftsOf(stems: readonly number[], needs: readonly Need[], sentence?: number): Gifts {
  const gifts = { ...noGifts };
  if (sentence !== undefined) gifts.link |= 1 << (sentence + 1);
  for (const need of needs) {
    if (sentence !== undefined && need.sentence <= sentence) continue;
    const bit = 1 << need.sentence;
    if (need.thing?.some((name) => stems.includes(name))) gifts.thing |= bit;
    if (need.other?.some((name) => stems.includes(name))) gifts.other |= bit;
    const named = need.subject.length > 0 && need.subject.every((name) => stems.includes(name));
    if (named && sentence !== undefined) gifts.link |= bit;
  }
  return gifts;
}

const fullName = /(?<!\p{L})\p{Lu}[\p{L}.'’-]* (?:\p{Lu}\. )?(\p{Lu}[\p{L}'’-]+)/gu;
const saying = '(?:said|says|told|tells|added|adds|wrote|writes|explained|explains|argued|recalled|testified)';
const surname = new RegExp(
  `^["“]?(\\p{Lu}[\\p{L}-]+)(?:['’]s?)? (?=\\p{Ll})|(?<!\\p{Lu}[\\p{L}.'’-]* )(?<!\\p{L})(\\p{Lu}[\\p{L}-]+)(?: \\p{Ll}+ly)? ${saying}(?!\\p{L})|(?<!\\p{L})${saying} (\\p{Lu}[\\p{L}-]+)(?! \\p{Lu})`,
  'gu',
);

/** For each English sentence a person whom it calls by the surname alone, folded, where one before it gave the full name. */
export function surnamesOnly(sentences: readonly string[]): (string | undefined)[] {
  const known = new Set<string>();
  return sentences.map((text) => {
    let found: string | undefined;
    for (const [, first, before, after] of text.matchAll(surname)) {
      const name = first ?? before ?? after ?? '';
      if (known.has(name)) found ??= fold(name);
    }
    for (const [, name] of text.matchAll(fullName)) known.add(name as string);
    return found;
  });
}
