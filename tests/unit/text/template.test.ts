import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TemplateValues, vocabulary } from '../../../src/text/template.ts';
import { visibleTelegram } from '../../../src/text/visible.ts';
import { bare, html, plain, plainBare, refusal, rich } from './template-values.ts';

describe('values', () => {
  it('are printed by name, lists joined', () => {
    const scalars = vocabulary.variables.filter((name) => !['summary', 'body', 'tags', 'hashtags'].includes(name));
    for (const name of scalars) expect(plain(`{{ ${name} }}`)).toBe(String(rich[name as keyof TemplateValues]));
    expect(plain('{{ tags }}|{{ hashtags }}')).toBe('حمص مياه|#حمص #مياه');
    expect(plain('{{ body }}')).toBe('الأولى.\n\nالثانية.\n\nالثالثة.');
    expect(plain('{{ body.size }} {{ tags[1] }} {{ tags.first }} {{ body.last }}')).toBe('3 مياه حمص الثالثة.');
  });

  it('may be missing from the article, under every name and in every place', () => {
    for (const name of vocabulary.variables) {
      expect(() => plainBare(`{{ ${name} }}{% if ${name} %}{{ ${name} | upcase }}{% endif %}`)).not.toThrow();
    }
    expect(
      plainBare('{{ tags[0] }}{{ body.first }}{{ tags | hashtags: 2 }}{{ body | summary: 100 }}{{ agency | isolate }}'),
    ).toBe('');
    expect(plainBare('{{ publishedAt | date: "%Y" }}{{ section | append: "" }}')).toBe('');
    expect(plainBare('{% for one in body %}{{ one }}{% endfor %}{{ tags.size }}')).toBe('0');
  });

  it('count as false where they are empty', () => {
    const source = vocabulary.variables.map((name) => `{% if ${name} %}${name} {% endif %}`).join('');
    expect(plain(source).split(' ')).toEqual(vocabulary.variables);
    expect(plainBare(source)).toBe('headline language direction priority channel');
  });

  it('do not lead into the engine or JavaScript', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'values']) {
      expect(refusal(`{{ ${name} }}`)).toContain(`got "${name}"`);
      expect(refusal(`{{ body.${name} }}`)).toContain(`got "body.${name}"`);
      expect(
        plain(`{% assign name = "${name}" %}[{{ body[name] }}{{ headline | split: "" | first | default: "" }}]`),
      ).toBe('[ب]');
    }
  });
});

describe('the summary', () => {
  const counted = (source: string) => {
    const asked: (number | undefined)[] = [];
    const summary = (budget?: number) => {
      asked.push(budget);
      return 'نص';
    };
    plain(source, { summary });
    return asked;
  };

  it('is made only where it is printed, and once for each budget', () => {
    expect(counted('{{ headline }}')).toEqual([]);
    expect(counted('{% if breaking %}{{ headline }}{% else %}{{ summary }}{% endif %}')).toEqual([]);
    expect(counted('{{ summary }}')).toEqual([undefined]);
    expect(counted('{% if summary %}{{ summary }}{% endif %}{{ body | summary }}')).toEqual([undefined]);
    expect(counted('{{ body | summary: 600 }}{{ body | summary: 600 }}{{ body | summary: 90 }}')).toEqual([600, 90]);
  });

  it('takes a number, and stands behind the body', () => {
    expect(plain('{{ body | summary: 600 }}')).toBe('ملخص 600 & نص.\n\nفقرة.');
    for (const wrong of ['"a"', '-1', '2.5', 'headline', 'body']) {
      expect(refusal(`\n{{ body | summary: ${wrong} }}`)).toMatch(/^2 {2}expected a number behind "summary:"/);
    }
    expect(refusal('{{ headline | summary: 5 }}')).toContain('expected "summary" behind "body"');
    expect(refusal('{{ body | hashtags }}')).toContain('expected "hashtags" behind "tags"');
  });
});

describe('filters', () => {
  it('cap hashtags at those the post has', () => {
    expect(plain('{{ tags | hashtags }}|{{ tags | hashtags: 1 }}|{{ tags | hashtags: 9 }}')).toBe(
      '#حمص #مياه|#حمص|#حمص #مياه',
    );
    expect(plain('[{{ tags | hashtags: 0 }}]')).toBe('[]');
    expect(plain('{{ tags | hashtags: 2 }}', { hashtags: ['#حمص'] })).toBe('#حمص');
  });

  it('isolate a name without changing it otherwise', () => {
    for (const source of ['المصدر: {{ agency | isolate }}', 'المصدر: {{ tags | isolate }}']) {
      const text = plain(source).replace(/[\u200e\u200f\u061c\u2066-\u2069]/g, '');
      expect(text).toBe(plain(source.replace(' | isolate', '')));
    }
    expect(plain('[{{ agency | isolate }}]', { agency: ' ' })).toBe('[]');
  });

  it('write dates in the time zone of the article', () => {
    expect(plain('{{ publishedAt | date: "%d/%m/%Y %H:%M" }}')).toBe('03/02/2026 04:05');
  });

  it('of the vocabulary are there, and no others', () => {
    for (const filter of vocabulary.filters)
      expect(refusal(`{{ headline | ${filter} }}`)).not.toContain('known filter');
    for (const filter of [
      'raw',
      'truncate',
      'truncatewords',
      'slice',
      'escape',
      'strip_html',
      'json',
      'where',
      'url_encode',
    ]) {
      expect(refusal(`{{ headline | ${filter}: 3 }}`)).toContain(`expected a known filter, got "${filter}"`);
    }
  });
});

describe('escaping', () => {
  it('reaches every value, however it is printed, and no text of the template', () => {
    const safe = 'بلدية حمص &amp; المياه &lt;1&gt;';
    expect(html('<b>{{ headline }}</b>')).toBe(`<b>${safe}</b>`);
    expect(html('<b>{% echo headline %}</b>')).toBe(`<b>${safe}</b>`);
    expect(html('{% liquid\n echo headline\n%}')).toBe(safe);
    expect(html('{{ "<i>" }}{{ headline | prepend: "<u>" }}')).toBe(`&lt;i&gt;&lt;u&gt;${safe}`);
    expect(html('{% assign x = headline %}{{ x }}')).toBe(safe);
    expect(html('{{ body }}', { ...rich, body: ['a<b', 'c'] })).toBe('a&lt;b\n\nc');
    expect(html('{% cycle headline, "x" %}', rich)).not.toContain('<');
    expect(html('{{ link }}')).toBe('https://news.example/a?x=1&amp;y=2');
  });

  it('happens once to what is captured', () => {
    const capture = '{% capture name %}<i>{{ headline }}</i>{% endcapture %}';
    expect(html(`${capture}[{{ name }}]`)).toBe('[<i>بلدية حمص &amp; المياه &lt;1&gt;</i>]');
    expect(
      html(
        '{% capture name %}{{ agency }}{% endcapture %}{% if name != blank %}{{ name }}{% endif %}|{% if name == "Reporters" %}y{% endif %}',
      ),
    ).toBe('Reporters|y');
    expect(html('{% capture name %}{{ agency }}{% endcapture %}{% if name == blank %}none{% endif %}', bare)).toBe(
      'none',
    );
  });

  it('lets no article add a tag, whatever the template', () => {
    const hostile = fc.constantFrom(
      '</b>',
      '<a href="x">',
      '&amp;',
      '<',
      '&',
      '"',
      'نص',
      '{{ headline }}',
      '{% raw %}',
      '\n',
    );
    const text = fc.array(hostile, { maxLength: 6 }).map((parts) => parts.join(''));
    const print = fc.constantFrom(
      '{{ headline }}',
      '{{ summary }}',
      '{% capture c %}<i>{{ section }}</i>{% endcapture %}{{ c }}',
      '{{ tags | join: " " }}',
      '{% for p in body %}{{ p }}\n{% endfor %}',
      '{{ headline | append: section | upcase }}',
    );
    fc.assert(
      fc.property(text, fc.array(print, { maxLength: 5 }), (odd, prints) => {
        const values = { ...rich, headline: odd, section: odd, summary: () => odd, tags: [odd], body: [odd, odd] };
        const source = `<b>x</b>${prints.map((one) => `<i>${one}</i>`).join('\n')}`;
        expect(visibleTelegram(html(source, values)).problem).toBeUndefined();
      }),
    );
  });
});
