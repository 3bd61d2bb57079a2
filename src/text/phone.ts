import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/max';

/** Somebody who can be written to. */
export interface Address {
  /** Digits with the country code and without `+`, or the platform's own id. */
  who: string;
  /** ISO 3166 code; absent where the number belongs to no one country. */
  country?: string;
}

/** Ids that WhatsApp gives to people beside their numbers: `SY.13491208655302741918` (Meta, business-scoped user ids). */
const scopedId = /^([A-Z]{2})\.(?:ENT\.)?[A-Za-z0-9]{1,128}$/;

/** Whether a text is an id such as `SY.13491208655302741918`, which stands for a phone number. */
export const isScopedId = (text: string): boolean => scopedId.test(text);

/**
 * Reads a phone number as people write it: with `+` or `00` and its country code, or without one where `country` (ISO
 * 3166) is given; digits of any script, spaces, hyphens, brackets. Or an id of the platform. What cannot be one comes back
 * as a sentence with the remedy, which holds no more of the number than its end.
 */
export function readAddress(given: string, country?: string): Address | { problem: string } {
  const text = latinDigits(given)
    .replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\u00a0]/g, ' ')
    .trim()
    // Spreadsheets write numbers as fractions.
    .replace(/(?<=\d{7})\.0+$/, '');
  if (text === '') return { problem: 'there is no number. Write one such as +963944123456.' };
  const [id, idCountry] = scopedId.exec(text) ?? [];
  if (id && idCountry) return { who: id, country: idCountry };
  const isWhole = /^(\+|00)/.test(text);
  if (!isWhole && country === undefined) {
    return {
      problem: `${shown(text)} has no country code. Write it with + and the code, such as +963944123456, or set subscriptions.defaultCountry.`,
    };
  }
  if (/[^\d\s()+./\-\u2010-\u2015]/.test(text))
    return { problem: `${shown(text)} is no phone number. Write digits such as +963944123456.` };
  const number = isWhole
    ? parsePhoneNumberFromString(`+${dialled(text.replace(/^00/, '').replace(/\D/g, ''))}`)
    : parsePhoneNumberFromString(text, country as CountryCode);
  if (!number?.isValid()) {
    const where = isWhole ? 'any country' : country;
    return {
      problem: `${shown(text)} is no number of ${where}: too short, too long, or of no network. Compare it with its source.`,
    };
  }
  const { country: found } = number;
  return { who: number.number.slice(1), ...(found === undefined ? {} : { country: found }) };
}

/**
 * A number's digits as they are dialled today. WhatsApp has older accounts of Mexico and Brazil under older forms: 521…, and
 * without the ninth digit of mobile phones (Meta, Cloud API, phone numbers); it takes either.
 */
export function dialled(digits: string): string {
  const mexican = /^521(\d{10})$/.exec(digits);
  if (mexican) return `52${mexican[1]}`;
  const brazilian = /^(55[1-9]\d)([6-9]\d{7})$/.exec(digits);
  return brazilian ? `${brazilian[1]}9${brazilian[2]}` : digits;
}

/** The country of a person by number or id; undefined where it cannot be told. */
export function countryOf(who: string): string | undefined {
  const [, ofId] = scopedId.exec(who) ?? [];
  return ofId ?? parsePhoneNumberFromString(`+${who}`)?.country;
}

/** Whether a person's number is one of the United States; others begin with +1 too. Quick where it is not. */
export const isOfUs = (who: string): boolean => /^(1|US\.)/.test(who) && countryOf(who) === 'US';

export const isCountry = (code: string): boolean => isSupportedCountry(code);

/** The text with Arabic-Indic and Persian digits as Latin ones. */
export const latinDigits = (text: string): string =>
  text.replace(/[٠-٩۰-۹]/g, (digit) => String(digit.charCodeAt(0) & 0xf));

const shown = (text: string) => (text.length > 5 ? `…${text.slice(-3)}` : `"${text}"`);
