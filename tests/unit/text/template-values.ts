import { expect } from 'vitest';
import { escapeHtml } from '../../../src/text/escape.ts';
import { compileTemplate, TemplateError, type TemplateValues } from '../../../src/text/template.ts';

/** An article with everything. */
export const rich: TemplateValues = {
  headline: 'بلدية حمص & المياه <1>',
  link: 'https://news.example/a?x=1&y=2',
  hashtags: ['#حمص', '#مياه'],
  summary: (budget) => `ملخص ${budget ?? 'كامل'} & نص.\n\nفقرة.`,
  body: ['الأولى.', 'الثانية.', 'الثالثة.'],
  tags: ['حمص', 'مياه'],
  section: 'محليات',
  byline: 'خاص – Reporters',
  agency: 'Reporters',
  language: 'ar',
  direction: 'rtl',
  priority: 'breaking',
  breaking: true,
  publishedAt: '2026-02-03T04:05:06+03:00',
  channel: 'telegram-ar',
};

/** An article with a headline alone. */
export const bare: TemplateValues = {
  ...rich,
  link: '',
  hashtags: [],
  summary: () => '',
  body: [],
  tags: [],
  section: '',
  byline: '',
  agency: '',
  priority: 'normal',
  breaking: false,
  publishedAt: '',
};

/** A template, printed for the first article, without escaping. */
export const plain = (source: string, values: Partial<TemplateValues> = {}) =>
  compileTemplate({ name: 't.liquid', source }).render({ ...rich, ...values });
/** A template, printed for the second. */
export const plainBare = (source: string) => compileTemplate({ name: 't.liquid', source }).render(bare);
/** A template, printed with Telegram's escaping. */
export const html = (source: string, values = rich) =>
  compileTemplate({ name: 't.liquid', source }).render(values, escapeHtml);

/** The message of the error, without the name of the file. */
export function refusal(source: string): string {
  try {
    plain(source);
  } catch (error) {
    expect(error).toBeInstanceOf(TemplateError);
    expect((error as TemplateError).file).toBe('t.liquid');
    return (error as TemplateError).message.replace(/^t\.liquid:/, '');
  }
  return 'no error';
}
