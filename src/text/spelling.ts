/** Arabic vowel signs and other marks above or below, superscript alef, tatweel. */
export const arabicMarks =
  /[\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed\u08d3-\u08ff]/g;

/** One form for letters that readers take for the same: case, the forms of alef, final yeh, ta marbuta. */
export function spelling(text: string): string {
  return text
    .toLowerCase()
    .replace(/[أإآٱ]/g, 'ا')
    .replaceAll('ى', 'ي')
    .replaceAll('ة', 'ه');
}

/** Words of Latin letters may hold hyphens and apostrophes: `record-breaking` is one word, `عاجل-دمشق` two. */
const word = /[\p{L}\p{M}\p{N}]+(?:(?<=[\p{Script=Latin}\p{N}])[-‐'’](?=[\p{Script=Latin}\p{N}])[\p{L}\p{M}\p{N}]+)*/gu;

/**
 * The words of a text, each in one form for all spellings that readers take for the same: beside `spelling`, without
 * vowel signs, tatweel and invisible characters, presentation forms and full-width letters as plain ones, all digits Latin.
 */
export function spelledWords(text: string): string[] {
  return spelled(text).match(word) ?? [];
}

/** The same for a name (a tag, a section): `#`, `_` and further spaces count for nothing; other signs do. */
export function spelledName(name: string): string {
  return spelled(name)
    .replace(/[#_\s]+/g, ' ')
    .trim();
}

/** A text in one form for all spellings that readers take for the same; see `spelledWords`. */
export function spelled(text: string): string {
  return spelling(
    text
      .normalize('NFKC')
      .replace(arabicMarks, '')
      .replace(/\p{Cf}/gu, '')
      .normalize('NFC'),
  ).replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 0xf));
}
