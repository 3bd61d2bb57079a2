const latinLetter = 'A-Za-z\\u00c0-\\u024f';
/** Addresses, tags, handles, words and codes with Latin letters, keycaps: their digits are part of a name. */
const kept = [
  'https?:\\/\\/\\S+',
  'www\\.\\S+',
  '[\\w.+\\-]+@[\\w\\-]+(?:\\.[\\w\\-]+)+',
  '(?:[A-Za-z0-9\\-]+\\.)+[A-Za-z]{2,}(?:[\\/?#:]\\S*)?',
  '[#@＃＠][\\p{L}\\p{M}\\p{N}_]+',
  `(?:[\\p{Nd}][\\p{Nd}\\-‑_.&+'’]*)?[${latinLetter}](?:[${latinLetter}\\p{M}\\p{Nd}]|[\\-‑_.&+'’](?=[${latinLetter}\\p{Nd}]))*`,
  '\\p{Nd}\\ufe0f?\\u20e3',
].join('|');

/** What such a name or a number can begin with; saves the search at every other letter. */
const first = '(?=[\\w#@＃＠%٪٠-٩۰-۹.+\\-\\u00c0-\\u024f])';

const latinNumbers = new RegExp(
  `${first}(?:(?<kept>${kept})|(?<sign>(?<![\\p{L}\\p{N}%])%)?(?<number>[0-9]+(?:[.,:\\/][0-9]+)*)(?<percent>%(?![\\p{L}\\p{N}%]))?|[۰-۹]+)`,
  'gu',
);
const arabicNumbers = new RegExp(
  `${first}(?:(?<kept>${kept})|(?<sign>(?<![\\p{L}\\p{N}٪])٪)?(?<number>[٠-٩۰-۹]+(?:[٫٬.,:\\/،][٠-٩۰-۹]+)*)(?<percent>٪(?![\\p{L}\\p{N}٪]))?)`,
  'gu',
);

/**
 * The text with its numbers in Latin (0123456789) or Arabic-Indic (٠١٢٣٤٥٦٧٨٩) digits; `source` leaves it alone. The
 * decimal point, thousands commas and percent signs of a number follow. Digits in addresses, handles, hashtags and in
 * words with Latin letters (SY24, COVID-19) stay.
 */
export function convertDigits(text: string, digits: 'source' | 'latin' | 'arabic'): string {
  if (digits === 'latin') return /[٠-٩۰-۹]/.test(text) ? text.replace(arabicNumbers, toLatin) : text;
  if (digits === 'arabic') return /[0-9۰-۹]/.test(text) ? text.replace(latinNumbers, toArabic) : text;
  return text;
}

const arabicDigit = (digit: string) => String.fromCharCode(0x660 + (digit.charCodeAt(0) & 0xf));
const latinDigit = (digit: string) => String.fromCharCode(0x30 + (digit.charCodeAt(0) & 0xf));

type Groups = { kept?: string; sign?: string; number?: string; percent?: string };

function toArabic(match: string, ...rest: unknown[]): string {
  const { kept: name, sign = '', number = match, percent = '' } = rest.at(-1) as Groups;
  if (name !== undefined) return name;
  return `${sign && '٪'}${arabicSeparators(number).replace(/[0-9۰-۹]/g, arabicDigit)}${percent && '٪'}`;
}

/** A point with digits on both sides and no second one is decimal; commas before groups of three mark thousands. */
function arabicSeparators(number: string): string {
  if (/^[0-9]+\.[0-9]+$/.test(number)) return number.replace('.', '٫');
  if (/^[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?$/.test(number)) return number.replaceAll(',', '٬').replace('.', '٫');
  return number;
}

function toLatin(match: string, ...rest: unknown[]): string {
  const { kept: name, sign = '', number = match, percent = '' } = rest.at(-1) as Groups;
  if (name !== undefined) return name;
  const plain = number
    .replace(/[٠-٩۰-۹]/g, latinDigit)
    .replaceAll('٫', '.')
    .replaceAll('٬', ',');
  return `${sign && '%'}${plain}${percent && '%'}`;
}
