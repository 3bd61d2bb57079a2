/** Arabic and Latin forms that only fonts need. Signs that stand for a whole phrase or a currency (U+FDFA on) stay. */
const presentationForms = /[\uFB00-\uFB06\uFB50-\uFDCF\uFDF0-\uFDF9\uFE70-\uFEFC]/g;
const arabicLetter = '[\\u0621-\\u063A\\u0641-\\u064A\\u066E-\\u06D3\\u06FA-\\u06FF\\u0750-\\u077F\\u08A0-\\u08C7]';
const marks = '[\\u064B-\\u065F\\u0670]*';
const innerTatweel = new RegExp(`(?<=${arabicLetter}${marks})\\u0640+(?=${arabicLetter})`, 'g');

/**
 * Text as it should be stored: NFC, presentation forms as letters, no tatweel between two Arabic letters (elsewhere it
 * stays: `لـ “داعش”`), no invisible junk, every run of white space one space. Quotes, diacritics, digits and ASCII are
 * left alone. Idempotent. Line breaks become spaces: split paragraphs first.
 */
export function normaliseText(text: string): string {
  return (
    text
      .normalize('NFC')
      .replace(presentationForms, (form) => form.normalize('NFKC'))
      // Soft hyphen, zero-width space, word joiner, byte order mark, bidi controls, other controls, noncharacters, lone surrogates.
      .replace(/[\u00AD\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\u061C\uFEFF\uFFF9-\uFFFB]/g, '')
      .replace(/[^\P{Cc}\t-\r\u0085]|[\uFFFE\uFFFF\uFDD0-\uFDEF]|\p{Cs}/gu, '')
      .replace(innerTatweel, '')
      .replace(/[\s\u0085]+/gu, ' ')
      .trim()
      .normalize('NFC')
  );
}
