import { describe, expect, it } from 'vitest';
import { channelFile, check, checkFile, rest } from './written-config.ts';

const start = 'Start from config/munadi.yaml.';
const invalid = 'expected valid YAML, got';

describe('a file', () => {
  it.each([
    ['empty', ''],
    ['nothing but comments', '# to do\n\n'],
    ['nothing but a document mark', '---\n'],
    ['null', '~'],
  ])('that is %s is called empty', (_, text) => {
    expect(check(text).problems).toEqual([
      `munadi.yaml:1  (file): expected accounts and channels, got an empty file. ${start}`,
    ]);
  });

  it('with a list or a single value at the top is refused', () => {
    expect(check('- a\n- b').problems).toEqual([
      `munadi.yaml:1  (file): expected accounts and channels, got a list. ${start}`,
    ]);
    expect(check('secret-word').problems).toEqual([
      `munadi.yaml:1  (file): expected accounts and channels, got text. ${start}`,
    ]);
  });

  it('with no value behind a key says so', () => {
    const { problems } = check('http:\naccounts:\nchannels:\n');
    expect(problems).toEqual([
      'munadi.yaml:1  http: expected a map of keys, got nothing. Give it a value (The API and the desk page), or remove the key.',
      expect.stringMatching(/^munadi.yaml:2 {2}accounts: expected a map .*, got nothing\. Give it a value \(.*\)\.$/),
      expect.stringMatching(/^munadi.yaml:3 {2}channels: expected a list of channels, got nothing\./),
    ]);
  });

  it('may begin with a byte order mark and end its lines as on Windows', () => {
    expect(checkFile(`\ufeff${rest}`).problems).toEqual([]);
    const windows = `\ufeff${channelFile('telegram', 'chat: "@channel",\n      silent: ${S}')}`.replaceAll(
      '\n',
      '\r\n',
    );
    expect(checkFile(windows).problems).toEqual([
      expect.stringMatching(/^munadi.yaml:4 {2}channels\[0\].silent: expected the reference in quotes/),
    ]);
    expect(checkFile(`\r\n\r\nmod: live\r\n${rest.replaceAll('\n', '\r\n')}`).problems).toEqual([
      'munadi.yaml:3  mod: expected a known key, got "mod". Did you mean "mode"?',
    ]);
  });

  it('that is not UTF-8 is refused', () => {
    for (const bytes of [
      Buffer.from(`\ufeff${rest}`, 'utf16le'),
      Buffer.from([0xff, 0xfe, 0x41]),
      Buffer.from('# caf\xe9', 'latin1'),
    ]) {
      expect(checkFile(bytes).problems).toEqual([
        'munadi.yaml:1  (file): expected a YAML file, got bytes that are not UTF-8. Save the file as UTF-8.',
      ]);
    }
  });

  it('of over 1 MB is refused', () => {
    expect(checkFile(`${rest}# ${'x'.repeat(1024 * 1024)}`).problems).toEqual([
      expect.stringContaining('got more than 1 MB.'),
    ]);
  });
});

describe('a slip in the text', () => {
  it.each([
    ['a tab', `http:\n\tport: 80\n${rest}`, 2, 'a tab as indentation. Indent with spaces.'],
    ['a quote', `${rest}data: "here\nlog: {}\n`, 3, 'a quote that is opened here and never closed. Close it.'],
    [
      'a brace',
      `http: { port: 80\n${rest}`,
      1,
      'a { or [ that is opened here and not closed. Close it, and indent what is inside it.',
    ],
    ['a bracket', `${rest}fetch: { ports: [80, 81 }\n`, 3, 'a { or [ that is opened here and not closed.'],
    ['a colon', `${rest}data: C: here\n`, 3, 'a second ": " in one line, or a next line that is indented too far.'],
    [
      'a comma',
      `${rest}http: { port: 80 host: localhost }\n`,
      3,
      'a ": " too many inside { } or [ ]. Put a comma between two keys,',
    ],
    [
      'an indented first line',
      ` mode: live\n${rest}`,
      2,
      'something behind the end of a value, or a line that is indented differently.',
    ],
    ['a dash', `${rest}log: {}\n- level\n`, 4, ''],
    [
      'a column',
      `http:\n   port: 80\n  host: localhost\n${rest}`,
      3,
      'a line that begins in another column than its neighbours.',
    ],
    [
      'a second document',
      `${rest}---\n${rest}`,
      3,
      'a second document in the same file. Remove the line "---" between the two.',
    ],
    [
      'a backslash',
      `${rest}data: "C:\\quiet"\n`,
      3,
      'a "\\" in double quotes that stands for nothing. Write it twice, or use single quotes.',
    ],
    ['a directive', `%YAML 9\n---\n${rest}`, 1, 'a line that begins with %. Remove it.'],
    ['an alias without anchor', `${rest}data: *here\n`, 3, ''],
  ])('with %s is told with its line and remedy', (_, text, line, words) => {
    const { problems } = check(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^munadi.yaml:${line} {2}`));
    expect(problems[0]).toContain(words);
  });

  it('of a sign or tag leaves the rest to be checked', () => {
    const { problems } = check(`mod: live\n${channelFile('telegram', 'chat: @channel')}timezone: !local UTC\n`);
    expect(problems).toEqual([
      'munadi.yaml:1  mod: expected a known key, got "mod". Did you mean "mode"?',
      `munadi.yaml:4  (file): ${invalid} a value that begins with @. Put the value in double quotes.`,
      `munadi.yaml:5  (file): ${invalid} a tag (a word behind "!"). Remove it, or put the value in double quotes.`,
    ]);
  });

  it('is told of each line that has one', () => {
    const { problems } = check(`http:\n\tport: 80\nlog:\n\tlevel: info\n${rest}`);
    expect(problems.map((problem) => problem.split('  ')[0])).toEqual(['munadi.yaml:2', 'munadi.yaml:4']);
  });
});

describe('keys', () => {
  it('may stand only once, on every level, and the rest is checked', () => {
    const { problems } = check(
      'accounts:\n  main: { platform: telegram }\n  main: { platform: x, platform: telegram }\nchannels:\n  - { id: a, account: main, chat: channel }\nmode: sandbox\nmode: live\n',
    );
    expect(problems).toEqual([
      'munadi.yaml:3  accounts.main: expected each key once, got "main" a second time. Keep one of the two.',
      'munadi.yaml:3  accounts.main.platform: expected each key once, got "platform" a second time. Keep one of the two.',
      expect.stringMatching(/^munadi.yaml:3 {2}accounts.main: expected credentials, since mode is live/),
      expect.stringMatching(/^munadi.yaml:5 {2}channels\[0\].chat: .* Did you mean "@channel"\?$/),
      'munadi.yaml:7  mode: expected each key once, got "mode" a second time. Keep one of the two.',
    ]);
  });

  it('that are maps or lists are refused without a word on standard error', () => {
    const heard: unknown[] = [];
    const listen = (warning: unknown) => heard.push(warning);
    process.on('warning', listen);
    const { problems } = check(`? [a, b]\n: 1\n${rest}`);
    process.off('warning', listen);
    expect(problems[0]).toBe(
      'munadi.yaml:1  (file): expected words as keys, got a map or list as a key. Put the key in double quotes.',
    );
    expect(heard).toEqual([]);
  });
});

describe('anchors', () => {
  it('and merge keys carry settings from one place to another', () => {
    const { config, problems } = check(
      [
        'accounts: { main: { platform: telegram } }',
        'channels:',
        '  - &first { id: a, account: main, chat: "@first", silent: true, filters: &only { language: [ar] } }',
        '  - { <<: *first, id: b, chat: "@second" }',
        '  - { id: c, account: main, chat: "@third", filters: *only }',
      ].join('\n'),
    );
    expect(problems).toEqual([]);
    expect(config?.channels.map(({ id, settings, filters }) => [id, settings.silent, filters])).toEqual([
      ['a', true, { language: ['ar'] }],
      ['b', true, { language: ['ar'] }],
      ['c', false, { language: ['ar'] }],
    ]);
  });

  it('may be used by hundreds of channels', () => {
    const many = Array.from({ length: 500 }, (_, index) => `  - { <<: *first, id: c${index}, filters: *only }`);
    const text = `accounts: { main: { platform: telegram } }\nchannels:\n  - &first { id: a, account: main, chat: "@first", filters: &only { language: [ar] } }\n${many.join('\n')}`;
    expect(check(text).config?.channels).toHaveLength(501);
  });

  it('that lead in a circle or unfold without end are refused', () => {
    expect(check(`data: &a [*a]\n${rest}`).problems).toEqual([
      'munadi.yaml:1  data[0]: expected an alias (*name) of an anchor (&name) above, got one that stands within its own anchor. Write the value out, or put it in double quotes if the * belongs to it.',
    ]);
    const levels = Array.from(
      { length: 12 },
      (_, level) => `l${level + 1}: &l${level + 1} [${`*l${level}, `.repeat(9)}]`,
    );
    expect(check(`l0: &l0 [x]\n${levels.join('\n')}\n${rest}`).problems).toContainEqual(
      expect.stringContaining('aliases (*name) that do not unfold'),
    );
  });

  it('and brackets may not be nested without end', () => {
    for (const depth of [60, 500, 5_000]) {
      const { problems } = check(`data: ${'['.repeat(depth)}${']'.repeat(depth)}\n${rest}`);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain('nested too deeply');
    }
  });
});
