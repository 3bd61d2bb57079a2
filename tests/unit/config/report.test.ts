import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/config/problem.ts';
import { channelFile, check, rest } from './written-config.ts';

describe('unknown keys', () => {
  it.each([
    [
      'at the top',
      `timezon: UTC\n${rest}`,
      'munadi.yaml:1  timezon: expected a known key, got "timezon". Did you mean "timezone"?',
    ],
    [
      'nested',
      `${rest}http: { prot: 80 }`,
      'munadi.yaml:3  http.prot: expected a known key, got "prot". Did you mean "port"?',
    ],
    [
      'in an account',
      rest.replace('telegram', 'telegram, tokn: "${T}"'),
      'munadi.yaml:1  accounts.main.tokn: expected a known key, got "tokn". Did you mean "token"?',
    ],
    [
      'in a channel',
      channelFile('telegram', 'chat: "@channel", staleafter: 6h'),
      'munadi.yaml:3  channels[0].staleafter: expected a known key, got "staleafter". Did you mean "staleAfter"?',
    ],
    [
      'deep in a channel',
      channelFile('whatsapp', 'recipients: ["+963900000000"], template: { name: news, langage: ar, language: ar }'),
      'munadi.yaml:3  channels[0].template.langage: expected a known key, got "langage". Did you mean "language"?',
    ],
    [
      'of another platform in a channel',
      channelFile('telegram', 'chat: "@channel", recipients: []'),
      'munadi.yaml:3  channels[0].recipients: expected a known key, got "recipients". Remove it: it is a setting of WhatsApp channels, and this account is on Telegram.',
    ],
    [
      'of another platform in an account',
      rest.replace('telegram', 'telegram, appKey: "${K}"'),
      'munadi.yaml:1  accounts.main.appKey: expected a known key, got "appKey". Remove it: it is a setting of X accounts, and this one is on Telegram.',
    ],
    [
      'of the account in a channel',
      channelFile('telegram', 'chat: "@channel", token: "${T}"'),
      'munadi.yaml:3  channels[0].token: expected a known key, got "token". Move it to the account: channels hold no credentials.',
    ],
    [
      'that name a platform twice',
      channelFile('telegram', 'chat: "@channel", platform: telegram'),
      'munadi.yaml:3  channels[0].platform: expected a known key, got "platform". Remove it: the platform comes from the account.',
    ],
  ])('are refused %s', (_, text, problem) => {
    const { config, problems } = check(text);
    expect(problems).toEqual([problem]);
    expect(config).toBeUndefined();
  });

  it('that are like none are answered with all that exist', () => {
    const { problems } = check(`log: { everything: 1 }\n${rest}`);
    expect(problems).toEqual([
      'munadi.yaml:1  log.everything: expected a known key, got "everything". Valid here: level.',
    ]);
  });

  it('cannot hide behind names that every object has', () => {
    const { problems } = check(
      `constructor: 1\n__proto__: { mode: live }\n${channelFile('telegram', 'chat: "@channel", toString: 1')}`,
    );
    expect(problems.map((problem) => problem.split(': ')[0])).toEqual([
      'munadi.yaml:1  constructor',
      'munadi.yaml:2  __proto__',
      'munadi.yaml:5  channels[0].toString',
    ]);
    const inherited = check('accounts: { main: { platform: constructor } }\nchannels: [{ id: a, account: toString }]');
    expect(inherited.problems).toHaveLength(2);
  });
});

describe('the report', () => {
  it('holds every problem at once, by line', () => {
    const { problems } = check(
      [
        'timezon: UTC',
        'http: { host: 0.0.0.0, port: 70000 }',
        'reliability: { lease: 10s, requestTimeout: 20s }',
        'accounts:',
        '  main: { platform: telegram, tokn: x }',
        '  other: { platform: twitter }',
        'channels:',
        '  - { id: news, account: man, chat: "channel", silent: no }',
        '  - id: news',
        '    account: main',
        '    chat: -100123456',
        '    filters: { language: ar }',
        '  - just text',
        'retention: { days: 0 }',
      ].join('\n'),
    );
    expect(problems).toEqual([
      'munadi.yaml:1  timezon: expected a known key, got "timezon". Did you mean "timezone"?',
      'munadi.yaml:2  http.port: expected a whole number from 0 to 65531, got 70000. Correct it (Port of the API; 0 takes a free one. The sandbox prefers the four ports above it).',
      'munadi.yaml:3  reliability.lease: expected at least requestTimeout and 5s (25s), got 10s. Write lease: 25s, or shorten requestTimeout: a delivery must not be taken over while it is being sent.',
      'munadi.yaml:5  accounts.main.tokn: expected a known key, got "tokn". Did you mean "token"?',
      'munadi.yaml:6  accounts.other.platform: expected telegram, x, whatsapp or facebook, got "twitter". Valid here: telegram, x, whatsapp, facebook.',
      'munadi.yaml:8  channels[0].account: expected one of the accounts (main or other), got "man". Did you mean "main"?',
      'munadi.yaml:8  channels[0].chat: expected a public name such as "@channel", or a numeric id such as "-1001234567890", got "channel". Did you mean "@channel"?',
      'munadi.yaml:8  channels[0].silent: expected true or false, got "no". Write false, without quotes.',
      'munadi.yaml:9  channels[1].id: expected an id of its own, got "news", as in channels[0]. Rename one of the two.',
      'munadi.yaml:11  channels[1].chat: expected text, got -100123456. Put it in quotes: "-100123456".',
      'munadi.yaml:12  channels[1].filters.language: expected a list, got "ar". Write a list: ["ar"].',
      'munadi.yaml:13  channels[2]: expected a map of keys, got text. Write { id: …, account: … }.',
      'munadi.yaml:14  retention.days: expected a whole number from 1 to 3650, got 0. Correct it (How long finished articles are kept, and known again when they return).',
    ]);
  });

  it('checks what belongs together although something else is wrong', () => {
    const { problems } = check(`nonsense: 1\nhttp: { host: 0.0.0.0 }\n${rest}`);
    expect(problems[1]).toBe(
      'munadi.yaml:2  http.token: expected a token, since http.host ("0.0.0.0") is reachable from other machines, got nothing. Add token: "${MUNADI_API_TOKEN}" and set it in the environment, or write host: 127.0.0.1.',
    );
  });

  it('is thrown as one error, a problem a line, with exit code 2', () => {
    const folder = mkdtempSync(join(tmpdir(), 'munadi-config-'));
    try {
      const error = catchError(() => loadConfig(join(folder, 'none.yaml'), { env: {} }));
      expect(error).toBeInstanceOf(ConfigError);
      expect(error).toMatchObject({ exitCode: 2, problems: [{ line: 1, key: '(file)' }] });
      expect(String(error)).toContain(
        'none.yaml:1  (file): expected a YAML file, got no such file. Name the file with --config;',
      );
      expect(String(catchError(() => loadConfig(folder, { env: {} })))).toContain('got a folder.');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('keeps each problem on one line, whatever the file holds', () => {
    const { problems } = check(`"a\\nb": 1\ntimezone: "x\\r\\ny\\u2028z\\u202e"\n${rest}`);
    expect(problems[0]).toMatch(/^munadi.yaml:1 {2}\["a\\nb"\]: expected a known key/);
    expect(problems[1]).toContain('got "x\\r\\ny\\u2028z\\u202e"');
  });
});

describe('lines', () => {
  it('are those of values in flow maps, lists, anchors and merged maps', () => {
    const { problems } = check(
      [
        'accounts:',
        '  main: &telegram',
        '    platform: telegram',
        '    tokn: 1',
        '  second: *telegram',
        '  third: { <<: *telegram,',
        '    tken: 1 }',
        'channels: [',
        '  { id: a, account: main, chat: "@channel" },',
        '  { id: b, account: main, chat: "@channel2",',
        '    filters: { language: [ar,',
        '      english] } },',
        ']',
      ].join('\n'),
    );
    expect(problems.map((problem) => problem.split(': expected')[0])).toEqual([
      'munadi.yaml:4  accounts.main.tokn',
      'munadi.yaml:4  accounts.second.tokn',
      'munadi.yaml:4  accounts.third.tokn',
      'munadi.yaml:7  accounts.third.tken',
      'munadi.yaml:12  channels[1].filters.language[1]',
    ]);
  });

  it('of what is absent are those of what it is absent from', () => {
    const { problems } = check(
      'accounts:\n  main: { platform: telegram }\n\nchannels:\n  -\n    id: a\n    account: main\n',
    );
    expect(problems).toEqual([
      expect.stringMatching(/^munadi.yaml:6 {2}channels\[0\].chat: expected text, got nothing. Add "chat"/),
    ]);
  });

  it('count list items that an unset variable has taken away', () => {
    const { problems } = check(
      channelFile('whatsapp', 'template: { name: news, language: ar }, recipients: ["${A}", "${B}",\n      0039]'),
      { B: '+963900000000' },
    );
    expect(problems).toEqual([expect.stringMatching(/^munadi.yaml:4 {2}channels\[0\].recipients\[2\]: /)]);
  });
});

function catchError(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('Nothing was thrown.');
}
