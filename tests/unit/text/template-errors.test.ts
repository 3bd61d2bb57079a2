import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileTemplate, TemplateError, templateErrors } from '../../../src/text/template.ts';
import { refusal, rich } from './template-values.ts';

describe('what is wrong', () => {
  it.each([
    ['a\n{{ sumary }}', '2  expected a known variable, got "sumary". Did you mean "summary"?'],
    ['{% if breakng %}x{% endif %}', '1  expected a known variable, got "breakng". Did you mean "breaking"?'],
    [
      '{% unless breaking %}\n{{ headlin }}{% endunless %}',
      '2  expected a known variable, got "headlin". Did you mean "headline"?',
    ],
    ['{{ headline.text }}', '1  expected a known variable, got "headline.text". Write "headline" alone.'],
    ['{{ x }}{% assign x = 1 %}', '1  expected a known variable, got "x". There are: headline, '],
    ['{{ headline | upcas }}', '1  expected a known filter, got "upcas". Did you mean "upcase"?'],
    ['{{ headline | raw }}', '1  expected a known filter, got "raw". Remove it: values are always escaped'],
    ['\n\n{{ body | truncate: 20 }}', '3  expected a known filter, got "truncate". Write {{ body | summary: 300 }}'],
    ['{% fi breaking %}', '1  expected a known tag, got "fi". Did you mean "if"?'],
    ['{% include "../secrets" %}', '1  expected a known tag, got "include". Remove it: a template stands alone'],
    ['{% render "/etc/passwd" %}', '1  expected a known tag, got "render". Remove it'],
    ['{% layout "x" %}', '1  expected a known tag, got "layout". Remove it'],
    ['a{% raw %}{{ x }}{% endraw %}', '1  expected a known tag, got "raw". Remove it'],
    ['a\n{% if breaking %}\nb', '2  expected "{% endif %}" after "{% if breaking %}", got none. Add {% endif %}.'],
    ['{% for p in body %}{{ p }}', '1  expected "{% endfor %}" after "{% for p in body %}", got none.'],
    ['a\nb{% endif %}', '2  expected a tag that belongs to an open one, got "endif".'],
    ['a\n\n{{ headline', '3  expected "}}" after "{{ headline", got none. Add }}.'],
    ['{% if breaking', '1  expected "%}" after "{% if breaking", got none. Add %}.'],
    ['{{ }}', '1  expected Liquid that can be read, got '],
    ['{% for i in (1..900000000) %}x{% endfor %}', '1  expected a template that is soon done'],
  ])('%j is refused', (source, message) => {
    expect(refusal(source).slice(0, message.length)).toBe(message);
  });

  it('ends a loop without end', () => {
    const loop = '{% for i in (1..9999) %}';
    expect(refusal(`${loop}${loop}${loop}{% endfor %}{% endfor %}{% endfor %}`)).toContain('soon done');
  });

  it('is told of all variables at once', () => {
    const errors = templateErrors({ name: 't', source: '{{ b }}\n{% if a %}\n\n{{ headlin }}{% endif %}' });
    expect(errors.map(({ line, got }) => `${line} ${got}`)).toEqual(['1 "b"', '2 "a"', '4 "headlin"']);
    expect(templateErrors({ name: 't', source: '{{ headline | x }}{{ y }}' })).toHaveLength(1);
    expect(templateErrors({ name: 't', source: '{{ headline }}' })).toEqual([]);
  });

  it('names the file that was asked for, though the text is known', () => {
    const source = '{{ headline | hashtags }}';
    for (const name of ['one.liquid', 'two.liquid']) {
      expect(() => compileTemplate({ name, source }).render(rich)).toThrow(`${name}:1  expected`);
    }
  });

  it('is a template error for any text', () => {
    const part = fc.oneof(
      fc.constantFrom(
        '{{',
        '}}',
        '{%',
        '%}',
        '-',
        '|',
        ' if ',
        'endif',
        'headline',
        'summary',
        ':',
        '"',
        ',',
        '\n',
        'for x in',
        'capture c',
        'endcapture',
        'liquid',
        'cycle',
        'case',
        'when',
      ),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 16 }), (parts) => {
        const layout = { name: 't', source: parts.join('') };
        try {
          expect(typeof compileTemplate(layout).render(rich)).toBe('string');
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError);
          expect((error as TemplateError).line).toBeGreaterThan(0);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
