import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTemplate, templateErrors, vocabulary } from '../../../src/text/template.ts';
import { bare, html, plain, plainBare, rich } from './template-values.ts';

describe('white space', () => {
  it.each([
    ['{{ headline }}\n{{ byline }}\n{{ section }}\n{{ language }}', 'بلدية حمص & المياه <1>\nar'],
    ['{{ language }}\n\n{{ summary }}\n\n{{ hashtags }}\n\n{{ link }}', 'ar'],
    ['{{ language }}\n\n{{ summary }}\n\n{{ channel }}', 'ar\n\ntelegram-ar'],
    ['a {{ agency }}\nb', 'a\nb'],
    ['a\n{% if agency %}المصدر: {{ agency }}{% endif %}\nb', 'a\nb'],
    ['a\n{% if agency %}\nالمصدر: {{ agency }}\n{% endif %}\nb', 'a\nb'],
    ['a\n{% unless agency %}\nx\n{% endunless %}\nb', 'a\nx\nb'],
    ['a\n<i>{{ byline }}</i>\n<b><i>{{ byline }}</i></b>\nb', 'a\nb'],
    ['a\n*{{ byline }}*\n_{{ byline }}_\nb', 'a\nb'],
    ['{% comment %}\n about {{ this }}\n{% endcomment %}\na', 'a'],
    ['a\n\n\n\n\nb   \n  ', 'a\n\nb'],
    ['a\r\n{{ byline }}\r\nb', 'a\nb'],
    ['{%- if breaking -%} x {%- endif -%}\na', 'a'],
    ['a\n{%- if agency %}x{% endif %}\nb', 'a\nb'],
    ['a\n{%- if priority %}x{% endif %}\nb', 'ax\nb'],
    ['a\n{% assign x = 1 %}\n{% case priority %}\n{% when "low" %}\nx\n{% else %}\ny\n{% endcase %}\nb', 'a\ny\nb'],
  ])('%j', (source, text) => {
    expect(plainBare(source)).toBe(text);
  });

  it('of loops leaves no lines either', () => {
    expect(plain('{% for p in body limit: 2 %}\n- {{ p }}\n{% endfor %}\nx')).toBe('- الأولى.\n- الثانية.\nx');
  });

  it('is tidy in every text', () => {
    const part = fc.constantFrom(
      '{{ headline }}',
      '{{ byline }}',
      '{{ summary }}',
      ' ',
      '\n',
      '\n\n',
      '\t',
      'x',
      '{% if agency %}',
      '{% endif %}',
      '<b>',
      '</b>',
      '\uFDD0',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 14 }), fc.boolean(), (parts, full) => {
        const source = parts.join('');
        if (templateErrors({ name: 't', source }).length > 0) return;
        const text = compileTemplate({ name: 't', source }).render(full ? rich : bare);
        expect(text).toBe(text.trim());
        expect(text).not.toMatch(/[ \t]\n|\n\n\n|\uFDD0/);
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on whether a template needs the engine', () => {
    const name = fc.constantFrom(...vocabulary.variables);
    const output = fc.tuple(name, fc.constantFrom('', ' ', '  ')).map(([one, gap]) => `{{${gap}${one}${gap}}}`);
    const part = fc.oneof(
      output,
      fc.constantFrom(
        ' ',
        '\n',
        '\n\n',
        'نص',
        '*',
        '<b>',
        '</b>',
        '{',
        '}',
        '%',
        '{% comment %}\nx {{ y }}\n{% endcomment %}\n',
      ),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 10 }), fc.boolean(), (parts, full) => {
        const source = parts.join('');
        // An assignment does nothing, but needs the engine.
        const engine = `${source}\n{% assign nothing = 1 %}`;
        if (templateErrors({ name: 't', source }).length > 0) return;
        const values = full ? rich : bare;
        expect(html(source, values)).toBe(html(engine, values));
      }),
      { numRuns: 500 },
    );
  });
});
