const letters =
  '\\u0620-\\u063f\\u0641-\\u064a\\u0640\\u066e-\\u06d3\\u06d5\\u06ee\\u06ef\\u06fa-\\u06ff\\u0750-\\u077f\\u08a0-\\u08c9\\ufb50-\\ufbb1\\ufbd3-\\ufd3d\\ufe70-\\ufefc';
const marks = '\\u064b-\\u065f\\u0670\\u06d6-\\u06dc';
const numerals = '\\u0660-\\u0669\\u06f0-\\u06f9';
const closers = '”"’»›)\\]}';
const openers = '“"‘«‹(\\[{';

const address = 'https?:\\/\\/\\S+|www\\.\\S+|[\\w\\-]+(?:\\.[\\w\\-]+)+\\/\\S*';
const afterArabic = `(?<=[${letters}${marks}${numerals}][${closers}!؟?…]{0,4})`;
const afterNumber = `(?<=[${letters}${marks}][${closers}،]{0,2}\\s[0-9][0-9.,:\\/\\-]*%?)`;
const latinMarks = new RegExp(
  `${address}|${afterArabic}[,;?](?=$|[\\s${closers}${openers}${letters}!?؟])|${afterNumber}[,;](?=\\s+[${openers}]?[${letters}])`,
  'gu',
);
const arabicMark: Record<string, string> = { ',': '،', ';': '؛', '?': '؟' };

/**
 * Arabic text with its own comma, semicolon and question mark where the Latin ones stand after an Arabic word or
 * Arabic-Indic digit and before a space, quotation mark, Arabic letter or the end; also after a number between Arabic
 * words. Numbers, addresses and Latin phrases stay.
 */
export function arabicPunctuation(text: string): string {
  return /[,;?]/.test(text) ? text.replace(latinMarks, (found) => arabicMark[found] ?? found) : text;
}

const space = '[ \\u00a0\\u202f]';
const spaceBefore = new RegExp(
  `(?<=\\S)${space}+(?=[،؛؟])` +
    `|(?<=[${letters}${marks}${numerals}0-9${closers}])(?<=[${letters}${numerals}][${marks}${closers}0-9.,:%\\s\\-]{0,16})${space}+(?=[.!](?:$|[\\s”"»’]))` +
    `|(?<=[${letters}${marks}${numerals}][${closers}]{0,2})${space}+(?=:(?:$|\\s))`,
  'gu',
);

/** Arabic text without spaces before its punctuation marks. Ellipses, Latin text and line breaks stay. */
export function tidySpacing(text: string): string {
  return /\s[،؛؟.!:]/.test(text) ? text.replace(spaceBefore, '') : text;
}
