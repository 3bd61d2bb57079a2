import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertDigits } from '../../../src/text/digits.ts';

describe('digits', () => {
  it.each([
    ['قتل 29 شخصا', 'قتل ٢٩ شخصا'],
    ['نسبة 3.5 و 1,000 و 12,345.67', 'نسبة ٣٫٥ و ١٬٠٠٠ و ١٢٬٣٤٥٫٦٧'],
    ['نسبة 50% من', 'نسبة ٥٠٪ من'],
    ['نسبة %50 من', 'نسبة ٪٥٠ من'],
    ['الساعة 10:30 يوم 12/11/2020', 'الساعة ١٠:٣٠ يوم ١٢/١١/٢٠٢٠'],
    ['الإصدار 1.2.3', 'الإصدار ١.٢.٣'],
    ['بين 2019-2020، 3-2.', 'بين ٢٠١٩-٢٠٢٠، ٣-٢.'],
    ['منصة SY24 و H1N1 و 4K و G7 و COVID-19 و F-16', 'منصة SY24 و H1N1 و 4K و G7 و COVID-19 و F-16'],
    ['كوفيد-19', 'كوفيد-١٩'],
    ['https://a.org/2020/1 و sy24.com/5 و a1@b.org و @sy24 و #عام_2020 و www.x.org/1', undefined],
    ['5️⃣ نصائح', undefined],
    ['۱۲ نفر', '١٢ نفر'],
    ['في 24ساعة', 'في ٢٤ساعة'],
  ])('%j in Arabic-Indic digits', (given, expected = given) => {
    expect(convertDigits(given, 'arabic')).toBe(expected);
    expect(convertDigits(expected, 'arabic')).toBe(expected);
    expect(convertDigits(given, 'source')).toBe(given);
  });

  it.each([
    ['قتل ٢٩ شخصا', 'قتل 29 شخصا'],
    ['نسبة ٣٫٥ و ١٬٠٠٠ و ٥٠٪ و ٪٥٠', 'نسبة 3.5 و 1,000 و 50% و %50'],
    ['عدد ۱۲۳', 'عدد 123'],
    ['يوم ١٢/١١، ٢٠٢٠', 'يوم 12/11، 2020'],
    ['#عام_٢٠٢٠ و @سوريا٢٤', undefined],
    ['نسبة ٪ وحدها ٫', undefined],
    ['٣،٥', '3،5'],
  ])('%j in Latin digits', (given, expected = given) => {
    expect(convertDigits(given, 'latin')).toBe(expected);
  });

  const piece = fc.oneof(
    fc.constantFrom(
      ...'قال 5 3.5 1,000 50% %5 10:30 1.2.3 SY24 4K #عام_5 https://a.org/5 a@b.org/5 - . , % / +5'.split(' '),
    ),
    fc.nat().map(String),
    fc.string({ unit: 'grapheme', maxLength: 3 }),
  );
  const text = fc
    .array(fc.tuple(piece, fc.constantFrom(' ', '', '، ')), { maxLength: 12 })
    .map((all) => all.flat().join(''));

  it('there and back again is the text, and twice is once', () => {
    fc.assert(
      fc.property(text, (given) => {
        fc.pre(!/[٠-٩۰-۹٪٫٬]/.test(given));
        const arabic = convertDigits(given, 'arabic');
        expect(convertDigits(arabic, 'latin')).toBe(given);
        expect(convertDigits(arabic, 'arabic')).toBe(arabic);
      }),
      { numRuns: 3_000 },
    );
  });

  it('change nothing but digits and the signs of numbers, one for one', () => {
    fc.assert(
      fc.property(text, fc.constantFrom<'latin' | 'arabic'>('latin', 'arabic'), (given, digits) => {
        const after = convertDigits(given, digits);
        const solid = (all: string) =>
          all
            .replace(/[0-9٠-٩۰-۹]/g, '0')
            .replace(/[.٫]/g, '.')
            .replace(/[,٬]/g, ',')
            .replace(/[%٪]/g, '%');
        expect(solid(after)).toBe(solid(given));
      }),
      { numRuns: 2_000 },
    );
  });
});
