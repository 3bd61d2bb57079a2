import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alignRight, columnsOf, wrap } from '../../../src/cli/preview-columns.ts';

describe('columns of a terminal', () => {
  it.each([
    ['', 0],
    ['plain', 5],
    ['مرحبا، 12', 9],
    ['مُدَرِّسَة', 5],
    ['中文', 4],
    ['かな', 4],
    ['한글', 4],
    ['e\u0301', 1],
    ['👍', 2],
    ['👨‍👩‍👧‍👦', 2],
    ['🇸🇾', 2],
    ['❤️', 2],
    ['a\u200Fb\u2066c\u2069\u061C', 3],
    ['می‌خواهم', 7],
    ['1️⃣', 2],
    ['©', 1],
    ['\u001B', 0],
  ])('%j fills %i', (text, columns) => {
    expect(columnsOf(text)).toBe(columns);
  });
});

describe('a wrapped line', () => {
  const words = fc.array(fc.constantFrom('كلمة', 'word', '中文字', '👍🏽', 'https://example.org/a/b/c', '3-2', 'قَالَ'), {
    minLength: 1,
    maxLength: 40,
  });

  it('is never wider than asked, and loses nothing', () => {
    fc.assert(
      fc.property(words, fc.integer({ min: 4, max: 40 }), (list, width) => {
        const line = list.join(' ');
        const rows = wrap(line, width);
        for (const row of rows) expect(columnsOf(row)).toBeLessThanOrEqual(width);
        expect(rows.join('').replaceAll(' ', '')).toBe(line.replaceAll(' ', ''));
      }),
    );
  });

  it('breaks between words where it can', () => {
    expect(wrap('one two three', 8)).toEqual(['one two', 'three']);
    expect(wrap('', 8)).toEqual(['']);
    expect(wrap('extraordinary', 5)).toEqual(['extra', 'ordin', 'ary']);
  });

  it('fills its rows', () => {
    fc.assert(
      fc.property(words, (list) => {
        const rows = wrap(list.join(' '), 30);
        for (const [index, row] of rows.slice(0, -1).entries()) {
          const next = rows[index + 1]?.split(' ')[0] ?? '';
          expect(columnsOf(row) + 1 + columnsOf(next)).toBeGreaterThan(30);
        }
      }),
    );
  });

  it('ends at the right edge where it is right-to-left', () => {
    expect(alignRight('مرحبا', 8)).toBe('   مرحبا');
    expect(alignRight('中', 4)).toBe('  中');
    expect(alignRight('too wide', 4)).toBe('too wide');
  });
});
