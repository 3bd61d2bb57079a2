import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginning, describeEdits, morePlaces, timeInWords } from '../../../src/cli/preview-words.ts';
import type { Edit, EditKind } from '../../../src/core/post.ts';

function describeEdit(edit: Edit): string {
  const [words] = describeEdits([edit]);
  const { before, after } = words?.changes[0] ?? {};
  return `${words?.what}: ${before === undefined ? '' : `“${before}” → `}“${after}”`;
}

describe('an edit in words', () => {
  it('shows what changed, with some words around it', () => {
    const before = 'وقال الوزير إن الخطة التي أعلنت في عام 2026 تشمل جميع المحافظات وتنتهي بعد ثلاثة أعوام من بدئها';
    const after = before.replace('2026', '٢٠٢٦');
    const words = describeEdit({ kind: 'digits', before, after });
    expect(words).toMatch(/^Digits are written as the channel wants them: “….*2026.*…” → “….*٢٠٢٦.*…”$/u);
    expect(words.length).toBeLessThan(180);
  });

  it('names the signs that nobody sees', () => {
    const change = (kind: EditKind, before: string, after: string) => describeEdit({ kind, before, after });
    expect(change('direction', 'C++ في', '\u061CC++\u200E في')).toContain('“⟨ALM⟩C++⟨LRM⟩ في”');
    expect(change('direction', '', 'في أول يوم C++\u200E ثم بعد ذلك كله ربح \u200E3-2 هناك')).toContain(
      '“… يوم C++⟨LRM⟩ ثم … ربح ⟨LRM⟩3-2 هناك”',
    );
    expect(change('joiner', '*كلمة*', '\u2060*كلمة*')).toContain('“⟨WJ⟩*كلمة*”');
    expect(change('spacing', 'a  b', 'a b')).toContain('“a␣␣b” → “a␣b”');
    expect(change('final-stop', 'قال ذلك،', 'قال ذلك.')).toContain('“قال ذلك،” → “قال ذلك.”');
  });

  it('has words for every kind, and stays short whatever changed', () => {
    const kinds: EditKind[] = [
      'headline-shortened',
      'final-stop',
      'leading-connector',
      'spacing',
      'digits',
      'punctuation',
      'direction',
      'joiner',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...kinds),
        fc.string({ maxLength: 900 }),
        fc.string({ maxLength: 900 }),
        (kind, before, after) => {
          const words = describeEdit({ kind, before, after });
          expect(words).not.toContain(`${kind}:`.replace('spacing:', '\0'));
          expect(words.length).toBeLessThan(900);
          expect(words.isWellFormed()).toBe(true);
        },
      ),
    );
  });

  it('is given three times a kind, then counted', () => {
    const edits = Array.from({ length: 6 }, (_, index) => ({
      kind: 'digits' as const,
      before: `${index}`,
      after: `${index}!`,
    }));
    const words = describeEdits([...edits, { kind: 'spacing', before: 'a ', after: 'a' }]);
    expect(words.map(({ changes, more }) => [changes.length, more])).toEqual([
      [3, 3],
      [1, 0],
    ]);
    expect(words.map(morePlaces)[0]).toBe('and in 3 more places');
  });
});

describe('other words', () => {
  it('give the beginning of a text, cut between words', () => {
    expect(beginning('short', 10)).toBe('short');
    expect(beginning('كلمة '.repeat(60).trim(), 22)).toBe('كلمة كلمة كلمة كلمة …');
    expect(beginning('a'.repeat(30), 10)).toBe('aaaaaaaaa…');
    expect(beginning(`${'a'.repeat(8)}😀😀`, 10).isWellFormed()).toBe(true);
  });

  it('tell a time in the zone of the newsroom', () => {
    expect(timeInWords('2026-05-06T09:15:00+03:00', 'Asia/Damascus')).toBe('6 May 2026, 09:15 (Asia/Damascus)');
    expect(timeInWords('soon', 'UTC')).toBe('soon');
  });
});
