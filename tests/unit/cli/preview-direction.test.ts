import bidiFactory from 'bidi-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directLines, lineDirection } from '../../../src/cli/preview-direction.ts';

// The package's types are those of its ES module, which Node does not take.
const bidi = (bidiFactory as unknown as typeof bidiFactory.default)();

describe('the direction of a line', () => {
  // The algorithm's library reads UTF-16 units: characters beyond the basic plane are tested apart.
  it('is what the Unicode bidirectional algorithm says', () => {
    const piece = fc.constantFrom(
      'كلمة',
      'word',
      '2026',
      '٢٠٢٦',
      '،',
      '؟',
      '؛',
      ' ',
      '#',
      '“',
      'ס',
      '中',
      'é',
      '\u0301',
      '\u064B',
      '\u061C',
      '\u200F',
      '\u200E',
      '\u2066',
      '\u2067',
      '\u2068',
      '\u2069',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('');
        const level = text === '' ? 0 : bidi.getEmbeddingLevels(text, 'auto').paragraphs[0]?.level;
        expect(lineDirection(text)).toBe(level === 1 ? 'rtl' : 'ltr');
      }),
      { numRuns: 3_000 },
    );
  });

  it('is right-to-left for letters beyond the basic plane, too', () => {
    expect(lineDirection('\u{1E900}')).toBe('rtl');
    expect(lineDirection('😀 سطر')).toBe('rtl');
    expect(lineDirection('\u{20000} سطر')).toBe('ltr');
  });

  it('is its own on Telegram and Facebook, and that of the whole on X and WhatsApp', () => {
    const text = 'عنوان\n\nhttps://example.org';
    const directions = (platform: string) => directLines(text, platform).map(({ direction }) => direction);
    expect(directions('telegram')).toEqual(['rtl', 'ltr', 'ltr']);
    expect(directions('facebook')).toEqual(['rtl', 'ltr', 'ltr']);
    expect(directions('x')).toEqual(['rtl', 'rtl', 'rtl']);
    expect(directions('whatsapp')).toEqual(['rtl', 'rtl', 'rtl']);
  });
});
