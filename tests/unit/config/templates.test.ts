import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkConfig } from '../../../src/config/load.ts';
import { formatProblem } from '../../../src/config/problem.ts';
import type { Style } from '../../../src/core/channel.ts';
import { platforms } from '../../../src/platforms/index.ts';
import { compileTemplate, vocabulary } from '../../../src/text/template.ts';
import { channelFile, check } from './written-config.ts';

const shipped = resolve(import.meta.dirname, '../../../config/templates');

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'munadi-templates-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Result {
  styles: (Style | undefined)[];
  problems: string[];
  warnings: string[];
}

/** Checks a configuration with templates beside it; the folder's own name is left out of what it says. */
function load(config: string, templates?: Record<string, string | Uint8Array>): Result {
  const file = join(folder, 'munadi.yaml');
  writeFileSync(file, config);
  if (templates) mkdirSync(join(folder, 'templates'));
  for (const [name, content] of Object.entries(templates ?? {}))
    writeFileSync(join(folder, 'templates', name), content);
  const { config: read, problems, warnings } = checkConfig(file, { env: {} });
  const short = (text: string) => text.replaceAll(`${folder}/`, '');
  return {
    styles: read?.channels.map(({ style }) => style) ?? [],
    problems: problems.map(formatProblem).map(short),
    warnings: warnings.map(short),
  };
}

const telegram = (keys = 'language: ar') => channelFile('telegram', `chat: "@channel", ${keys}`);
const x = (keys = 'language: ar') => channelFile('x', keys);
const styleOf = (keys: string) => check(telegram(keys)).config?.channels[0]?.style;
const problemOf = (keys: string) =>
  check(telegram(keys)).problems.map((text) => text.replace(/^munadi.yaml:\d+ {2}channels\[0\]\./, ''));

describe('what a channel says of its posts', () => {
  it('is kept as its style', () => {
    expect(styleOf('ladder: [text, headline], hashtags: 0, digits: arabic')).toEqual({
      ladder: ['text', 'headline'],
      hashtags: 0,
      digits: 'arabic',
    });
    expect(styleOf('language: ar')).toBeUndefined();
  });

  it('names link parameters in short or in full', () => {
    expect(styleOf('utm: { source: تلغرام, medium: "social post", utm_term: x, desk: ar }')?.utm).toEqual({
      utm_source: 'تلغرام',
      utm_medium: 'social post',
      utm_term: 'x',
      desk: 'ar',
    });
  });

  it.each([
    ['ladder: []', 'ladder: expected at least one form, got an empty list.'],
    ['ladder: [photo, photo]', 'ladder: expected each form once, got a list.'],
    ['ladder: [foto]', 'ladder[0]: expected photo, text or headline, got "foto". Did you mean "photo"?'],
    ['ladder: photo', 'ladder: expected a list, got "photo". Write a list: ["photo"].'],
    ['hashtags: 11', 'hashtags: expected a whole number from 0 to 10, got 11.'],
    ['hashtags: -1', 'hashtags: expected a whole number from 0 to 10, got -1.'],
    ['hashtags: 1.5', 'hashtags: expected a whole number from 0 to 10, got 1.5.'],
    ['digits: arab', 'digits: expected source, latin or arabic, got "arab". Did you mean "arabic"?'],
    ['utm: { source: "" }', 'utm.source: expected some text, got "".'],
    ['utm: { campaign: 2026 }', 'utm.campaign: expected text, got 2026. Put it in quotes: "2026".'],
    ['utm: { "a b": x }', 'utm: expected names of Latin letters, digits, - and _, a letter first, got a map of keys.'],
    [
      'utm: { source: a, utm_source: b }',
      'utm: expected each parameter once (source is utm_source), got a map of keys.',
    ],
    ['layout: "../x"', 'layout: expected the name of a template, without .liquid, got "../x".'],
    ['layout: brief.liquid', 'layout: expected the name of a template, without .liquid, got "brief.liquid".'],
    ['ladders: [photo]', 'ladders: expected a known key, got "ladders". Did you mean "ladder"?'],
  ])('is refused as { %s }', (keys, message) => {
    const [first = '', ...more] = problemOf(keys);
    expect(first.slice(0, message.length)).toBe(message);
    expect(more).toEqual([]);
  });
});

describe('templates', () => {
  const own = '{{ headline }} – {{ channel }}';

  it('are none without the folder, and where it has none for the platform', () => {
    expect(load(telegram())).toEqual({ styles: [undefined], problems: [], warnings: [] });
    expect(load(telegram(), { 'x.liquid': own, 'readme.md': 'x' }).styles).toEqual([undefined]);
  });

  it('are those of the platform, for all languages and for some', () => {
    const files = { 'telegram.liquid': own, 'telegram.ar.liquid': `${own}!`, 'x.liquid': own };
    expect(load(telegram(), files)).toEqual({
      styles: [
        {
          layouts: {
            any: { name: join(folder, 'templates/telegram.liquid'), source: own },
            byLanguage: { ar: { name: join(folder, 'templates/telegram.ar.liquid'), source: `${own}!` } },
          },
        },
      ],
      problems: [],
      warnings: [],
    });
  });

  it('may be for one language alone', () => {
    const { styles } = load(telegram(), { 'telegram.ar.liquid': own });
    expect(Object.keys(styles[0]?.layouts ?? {})).toEqual(['byLanguage']);
  });

  it('are named by a channel', () => {
    const files = { 'brief.liquid': own, 'brief.en.liquid': `${own}!`, 'telegram.liquid': '{{ headline }}' };
    const [style] = load(telegram('layout: brief'), files).styles;
    expect(style?.layouts?.any?.source).toBe(own);
    expect(style?.layouts?.byLanguage?.en?.source).toBe(`${own}!`);
  });

  it('may come from Windows', () => {
    const { styles, problems } = load(telegram(), { 'telegram.liquid': `\ufeff${own}\r\n{{ link }}\r\n` });
    expect(problems).toEqual([]);
    expect(styles[0]?.layouts?.any?.source.startsWith('{{')).toBe(true);
  });

  it('count on WhatsApp for free text alone', () => {
    const whatsapp = (keys: string) => channelFile('whatsapp', `recipients: ["+963900000000"], ${keys}`);
    const files = { 'whatsapp.liquid': own };
    const approved = 'template: { name: news, language: ar }';
    expect(load(whatsapp('mode: text'), files).styles[0]?.layouts?.any?.source).toBe(own);
    rmSync(join(folder, 'templates'), { recursive: true });
    expect(load(whatsapp(approved), files).styles).toEqual([undefined]);
    rmSync(join(folder, 'templates'), { recursive: true });
    const { warnings } = load(whatsapp(`${approved}, layout: whatsapp`), files);
    expect(warnings).toEqual([expect.stringContaining('channels[0].layout: warning: without effect')]);
  });

  it('that no channel uses are told of', () => {
    const files = { 'telegrm.liquid': own, 'telegram.arabic.liquid': own, 'x.liquid': own };
    expect(load(telegram(), files).warnings).toEqual([
      'munadi.yaml:2  channels: warning: no article uses templates/telegram.arabic.liquid: "arabic" is no language such as "ar" or "en".',
      'munadi.yaml:2  channels: warning: no channel uses templates/telegrm.liquid. Did you mean "telegram"?',
    ]);
  });

  it('without a headline are told of', () => {
    expect(load(telegram(), { 'telegram.liquid': 'x {{ summary }}' }).warnings).toEqual([
      'munadi.yaml:3  channels[0]: warning: posts show no headline: templates/telegram.liquid does not print it.',
    ]);
  });
});

describe('a template that cannot be used', () => {
  it('that is not there names the folder and what is in it', () => {
    expect(load(telegram('layout: breif'), { 'brief.liquid': 'x' }).problems).toEqual([
      'munadi.yaml:3  channels[0].layout: expected the name of a template in templates, got "breif". Did you mean "brief"?',
    ]);
    rmSync(join(folder, 'templates'), { recursive: true });
    expect(load(telegram('layout: zz'), { 'brief.liquid': 'x', 'telegram.ar.liquid': 'x' }).problems).toEqual([
      'munadi.yaml:3  channels[0].layout: expected the name of a template in templates, got "zz". There are: brief or telegram. Write templates/zz.liquid.',
    ]);
    rmSync(join(folder, 'templates'), { recursive: true });
    expect(load(telegram('layout: zz')).problems[0]).toContain('It has no templates. Write templates/zz.liquid.');
  });

  it('is told of with file, line and name, every variable of it, after the problems of the configuration', () => {
    const { problems, styles } = load(telegram('hashtags: 11'), {
      'telegram.liquid': '{% if breaking %}\n{{ headlin }}\n{% endif %}\n{{ sumary }}',
      'telegram.ar.liquid': '{{ headline | upcas }}',
    });
    expect(styles).toEqual([]);
    expect(problems).toEqual([
      expect.stringContaining('munadi.yaml:3  channels[0].hashtags: expected a whole number'),
      'templates/telegram.ar.liquid:1  (template): expected a known filter, got "upcas". Did you mean "upcase"?',
      'templates/telegram.liquid:2  (template): expected a known variable, got "headlin". Did you mean "headline"?',
      'templates/telegram.liquid:4  (template): expected a known variable, got "sumary". Did you mean "summary"?',
    ]);
  });

  it('is told of once, though several channels use it, and behind what is wrong with any channel', () => {
    const config = (keys: string) => `accounts: { main: { platform: telegram } }
channels:
  - { id: one, account: main, chat: "@channel" }
  - { id: two, account: main, chat: "@channels"${keys} }
`;
    const { problems } = load(config(', hashtags: 11'), { 'telegram.liquid': '{{ x }}' });
    expect(problems.map((text) => text.split(' ')[0])).toEqual(['munadi.yaml:4', 'templates/telegram.liquid:1']);
    writeFileSync(join(folder, 'templates/telegram.liquid'), '{{ summary }}x');
    expect(load(config('')).warnings).toHaveLength(1);
  });

  it.each([
    [
      '{{ headline }}\n<p>{{ summary }}</p>',
      "2  (template): expected markup that Telegram takes, got <p> is no tag of Telegram's.",
    ],
    ['<b>{{ headline }}', '1  (template): expected markup that Telegram takes, got <b> is not closed.'],
    [
      '{% if breaking %}<b>{% endif %}{{ headline }}</b>',
      '1  (template): expected markup that Telegram takes, got </b> closes nothing.',
    ],
    ['{{ headline }}\n\n{{ headline | summary: 5 }}', '3  (template): expected "summary" behind "body"'],
    [
      '{{ link }}',
      '1  (template): expected some text for every article, got none for an article that is only a headline.',
    ],
    [`{{ headline }}${'س'.repeat(4096)}`, "1  (template): expected room for the text within Telegram's limit, got 41"],
  ])('on Telegram: %j', (template, problem) => {
    const { problems } = load(telegram(), { 'telegram.liquid': template });
    expect(problems).toEqual([expect.stringContaining(`templates/telegram.liquid:${problem}`)]);
  });

  it('on another platform may look like HTML, but must leave room by its count', () => {
    expect(load(x(), { 'x.liquid': '{{ headline }} <p>' }).problems).toEqual([]);
    rmSync(join(folder, 'templates'), { recursive: true });
    const { problems } = load(x(), { 'x.liquid': `{{ headline }} ${'😀'.repeat(120)}` });
    expect(problems).toEqual([expect.stringContaining("expected room for the text within X's limit, got ")]);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['is too large', `{{ headline }}${' '.repeat(65_536)}`, 'expected a template of at most 64 KB, got more.'],
    ['is no UTF-8', new Uint8Array([0xff, 0xfe, 0x41, 0x00]), 'got bytes that are not UTF-8. Save the file as UTF-8.'],
  ])('because it %s', (_, content, problem) => {
    expect(load(telegram(), { 'telegram.liquid': content }).problems).toEqual([expect.stringContaining(problem)]);
  });

  it('because it is a folder, or because the folder is a file', () => {
    mkdirSync(join(folder, 'templates/telegram.liquid'), { recursive: true });
    expect(load(telegram()).problems).toEqual([expect.stringContaining('templates/telegram.liquid:1  (template): ')]);
    rmSync(join(folder, 'templates'), { recursive: true });
    writeFileSync(join(folder, 'templates'), 'x');
    expect(load(telegram()).problems).toEqual([expect.stringContaining('expected a folder')]);
  });
});

describe('the templates that come with Munadi', () => {
  const read = (id: string) => readFileSync(join(shipped, `${id}.liquid`), 'utf8');

  it('are one for each platform', () => {
    expect(readdirSync(shipped).sort()).toEqual(
      Object.keys(platforms)
        .map((id) => `${id}.liquid`)
        .sort(),
    );
  });

  it.each(Object.values(platforms))('say what the built-in one says: $id', ({ id, layout }) => {
    const text = read(id);
    expect(text.replace(/\{% comment %\}[\s\S]*?\{% endcomment %\}\n/, '').trim()).toBe(layout);
    expect(compileTemplate({ name: id, source: text }).variables).toContain('headline');
    const [comment = ''] = text.match(/\{% comment %\}[\s\S]*?\{% endcomment %\}/) ?? [];
    for (const name of [...vocabulary.variables, 'summary:', 'hashtags:', 'isolate', 'date:']) {
      expect(comment, name).toContain(name);
    }
  });

  it('count as the built-in ones until they are changed', () => {
    expect(load(telegram(), { 'telegram.liquid': read('telegram') }).styles).toEqual([undefined]);
    writeFileSync(join(folder, 'templates/telegram.liquid'), `${read('telegram')}x`);
    expect(load(telegram()).styles[0]?.layouts?.any).toBeDefined();
  });
});

describe('the page on templates', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../../docs/templates.md'), 'utf8');

  it('names every variable, filter and tag', () => {
    for (const name of vocabulary.variables) expect(page).toContain(`\`${name}\``);
    for (const name of vocabulary.filters) expect(page).toMatch(new RegExp(`\`(\\w+ \\\\\\| )?${name}\\b`));
    for (const name of vocabulary.tags.filter((tag) => tag !== '#')) expect(page).toContain(`\`${name}\``);
  });

  it('shows templates that work', () => {
    const examples = [...page.matchAll(/```liquid\n([\s\S]*?)```/g)].map(([, text = '']) => text);
    expect(examples.length).toBeGreaterThan(3);
    for (const [index, text] of examples.entries()) {
      rmSync(join(folder, 'templates'), { recursive: true, force: true });
      expect(load(telegram(), { 'telegram.liquid': text }).problems, `example ${index}`).toEqual([]);
    }
  });
});
