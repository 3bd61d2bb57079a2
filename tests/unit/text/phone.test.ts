import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countryOf, isOfUs, readAddress } from '../../../src/text/phone.ts';

describe('a phone number', () => {
  it.each([
    ['+963944123456', '963944123456', 'SY'],
    ['00963 944 123 456', '963944123456', 'SY'],
    ['+٩٦٣ ٩٤٤ ١٢٣ ٤٥٦', '963944123456', 'SY'],
    ['\u200e+963 (944) 123-456\u200e', '963944123456', 'SY'],
    ['+49 151 23456789', '4915123456789', 'DE'],
    ['+1 212 555 2368', '12125552368', 'US'],
    ['+1 416 555 2368', '14165552368', 'CA'],
    ['SY.13491208655302741918', 'SY.13491208655302741918', 'SY'],
    // As WhatsApp has older accounts of Mexico and Brazil.
    ['+52 1 55 1234 5678', '525512345678', 'MX'],
    ['+55 11 8765-4321', '5511987654321', 'BR'],
    ['+55 11 3765-4321', '551137654321', 'BR'],
  ])('%s is %s of %s', (given, who, country) => {
    expect(readAddress(given)).toEqual({ who, country });
    expect(countryOf(who)).toBe(country);
    expect(isOfUs(who)).toBe(country === 'US');
  });

  it('without a country code is one of the country that is set', () => {
    expect(readAddress('0944 123 456', 'SY')).toEqual({ who: '963944123456', country: 'SY' });
    expect(readAddress('+4915123456789', 'SY')).toEqual({ who: '4915123456789', country: 'DE' });
    expect(readAddress('0944 123 456')).toEqual({ problem: expect.stringContaining('no country code') });
  });

  it('that a spreadsheet has made a fraction of is the same', () => {
    expect(readAddress('6641234567.0', 'AT')).toEqual({ who: '436641234567', country: 'AT' });
    expect(readAddress('+4915112345678.0')).toEqual({ who: '4915112345678', country: 'DE' });
    expect(readAddress('0944123456.00', 'SY')).toEqual({ who: '963944123456', country: 'SY' });
  });

  it.each([
    ['', 'there is no number'],
    ['+9639', 'no number of any country'],
    ['+99912345678', 'no number of any country'],
    ['+963944123456789012', 'no number of any country'],
    ['+963 944 CALLME', 'no phone number'],
    ['+963944123456 ext 4', 'no phone number'],
  ])('"%s" is refused: %s', (given, why) => {
    expect(readAddress(given)).toEqual({ problem: expect.stringContaining(why) });
  });

  it('never throws, and tells nothing of a long one but its end', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[+0-9 ]{8,20}$/)), (given) => {
        const read = readAddress(given);
        if ('problem' in read && given.length > 12) expect(read.problem).not.toContain(given.trim());
        else if ('who' in read) expect(read.who).toMatch(/^(\d{5,15}|[A-Z]{2}\..+)$/);
      }),
    );
  });
});
