/**
 * A line as it is compared with word lists: lower case, without diacritics, tatweel and invisible characters, alef forms
 * as ا, ى as ي, ة as ه, digits as ASCII. Idempotent; never shown to anyone.
 */
export function fold(line: string): string {
  return line
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{Cf}\p{Mn}\u0640]/gu, '')
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/ى/g, 'ي')
    .replace(/ة/g, 'ه')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/\s+/g, ' ')
    .trim();
}

/** The folded entries of a list that is written with `|` between them. */
export function foldedSet(list: string): Set<string> {
  return new Set(list.split('|').map(fold));
}

export function countWords(line: string): number {
  return line.match(/[\p{L}\p{N}][\p{L}\p{M}\p{N}'’-]*/gu)?.length ?? 0;
}

/** True where the line ends as a sentence does: a full stop, question or exclamation mark, perhaps before closing quotes. */
export function endsSentence(line: string): boolean {
  return /[.؟!?…۔][\s"”»’')\]]*$/u.test(line);
}
