import { describe, expect, it } from 'vitest';
import { secretValues } from '../../../src/config/load.ts';
import { alarmKindNames } from '../../../src/core/alarms.ts';
import { check } from './written-config.ts';

const top =
  'accounts: { main: { platform: telegram, token: "${T}" }, other: { platform: x } }\nchannels: [{ id: news, account: main, chat: "@channel" }]\n';
const env = { T: '1:bot-secret', S: 'whsec_c2VjcmV0', U: 'https://hooks.example.org/services/hidden-path' };

/** Problems of a file with these alarms, each behind its line number. */
function problemsOf(alarms: string, given: Record<string, string> = env): string[] {
  const { problems } = check(`alarms: ${alarms}\n${top.replace(', other: { platform: x }', '')}`, given);
  return problems.map((problem) => problem.replace(/^munadi.yaml:1 {2}/, ''));
}

const webhook = 'pager: { to: webhook, url: "https://hooks.example.org/a" }';

describe('alarms', () => {
  it('stand in the log without a setting', () => {
    expect(check(top.replace(', other: { platform: x }', ''), env).config?.alarms).toEqual({
      targets: { log: { to: 'log' } },
      wake: ['log'],
      day: ['log'],
      dayHours: { fromMinute: 480, toMinute: 1320 },
      dedupeMs: 900_000,
      severity: {},
      breakingAfterMs: 60_000,
    });
  });

  it('are read with their targets', () => {
    const text = `alarms:
  targets:
    desk: { to: telegram, account: main, chat: "-1001234567890" }
    pager: { to: webhook, url: "\${U}", secret: "\${S}" }
  wake: [pager, desk, pager]
  day: [log]
  dayHours: { from: "23:30", to: "06:05" }
  dedupe: 1h
  breakingAfter: 90s
  severity: { held: wake, circuit: off }
`;
    const { config, problems, warnings } = check(text + top.replace(', other: { platform: x }', ''), env);
    expect(problems).toEqual([]);
    expect(warnings).toEqual([]);
    expect(config?.alarms).toEqual({
      targets: {
        log: { to: 'log' },
        desk: { to: 'telegram', account: 'main', chat: '-1001234567890' },
        pager: { to: 'webhook', url: env.U, secret: env.S },
      },
      wake: ['pager', 'desk'],
      day: ['log'],
      dayHours: { fromMinute: 1410, toMinute: 365 },
      dedupeMs: 3_600_000,
      severity: { held: 'wake', circuit: 'off' },
      breakingAfterMs: 90_000,
    });
    if (!config) return;
    expect(secretValues(config)).toEqual(expect.arrayContaining([env.S, env.U, '/services/hidden-path']));
  });

  it.each([
    ['{ targts: {} }', 'alarms.targts: expected a known key, got "targts". Did you mean "targets"?'],
    [
      `{ targets: { ${webhook} }, wake: [pagr] }`,
      'alarms.wake[0]: expected a target (log or pager), got "pagr". Did you mean "pager"?',
    ],
    ['{ day: [telephone] }', 'alarms.day[0]: expected a target (log), got "telephone". Valid here: log.'],
    ['{ wake: [] }', 'alarms.wake: expected at least one target, got an empty list. '],
    ['{ wake: log }', 'alarms.wake: expected a list of targets, got "log". Write a list: ["log"].'],
    [
      '{ targets: { desk: { to: telegam, chat: "@c" } } }',
      'alarms.targets.desk.to: expected telegram, webhook or log, got "telegam". Did you mean "telegram"?',
    ],
    [
      '{ targets: { desk: { chat: "@c" } } }',
      'alarms.targets.desk.to: expected telegram, webhook or log, got nothing. Add "to".',
    ],
    [
      '{ targets: { desk: telegram } }',
      'alarms.targets.desk: expected a map of keys, got text. Write { to: telegram, … }.',
    ],
    ['{ targets: { "my desk": { to: log } } }', 'alarms.targets["my desk"]: expected a name of up to 64 Latin letters'],
    [
      '{ targets: { log: { to: webhook, url: "https://h.example.org" } } }',
      'alarms.targets.log.to: expected log, which is what a target of this name is, got "webhook".',
    ],
    [
      '{ targets: { desk: { to: telegram, account: man, chat: "@desk" } } }',
      'alarms.targets.desk.account: expected an account on Telegram (main), got "man". Did you mean "main"?',
    ],
    [
      '{ targets: { desk: { to: telegram, account: main, chat: desk } } }',
      'alarms.targets.desk.chat: expected a public name such as "@channel"',
    ],
    [
      '{ targets: { desk: { to: telegram, account: main, chat: "@desk", url: x } } }',
      'alarms.targets.desk.url: expected a known key, got "url".',
    ],
    [
      '{ targets: { pager: { to: webhook } } }',
      'alarms.targets.pager.url: expected an http or https address without a fragment, got nothing. Add "url"',
    ],
    [
      '{ targets: { pager: { to: webhook, url: "${MISSING}" } } }',
      'alarms.targets.pager.url: expected an http or https address without a fragment, got nothing. Set MISSING in the environment',
    ],
    [
      '{ targets: { pager: { to: webhook, url: "ftp://h.example.org/hidden" } } }',
      'alarms.targets.pager.url: expected an http or https address without a fragment, got something else. Correct it, such as',
    ],
    [
      '{ targets: { pager: { to: webhook, url: "https://u:hidden@h.example.org/a" } } }',
      'alarms.targets.pager.url: expected an address with its password from the environment, such as "${PAGER_URL}", got a password in the file itself.',
    ],
    [
      '{ targets: { pager: { to: webhook, url: "${U}", secret: hidden } } }',
      'alarms.targets.pager.secret: expected a secret from the environment, such as "${PAGER_SECRET}", got a secret in the file itself.',
    ],
    [
      '{ targets: { pager: { to: webhook, url: "${U}", secret: "${MISSING}" } } }',
      'alarms.targets.pager.secret: expected the secret that signs the calls, got nothing: MISSING is unset. Set MISSING in the environment, or remove the key.',
    ],
    ['{ severity: { helt: wake } }', 'alarms.severity.helt: expected a known key, got "helt". Did you mean "held"?'],
    [
      '{ severity: { held: night } }',
      'alarms.severity.held: expected wake, day or off, got "night". Write one of these.',
    ],
    ['{ dayHours: { from: "8:00" } }', 'alarms.dayHours.from: expected a time in quotes, such as "08:00", got "8:00".'],
    [
      '{ dayHours: { from: "24:00" } }',
      'alarms.dayHours.from: expected a time in quotes, such as "08:00", got "24:00".',
    ],
    [
      '{ dayHours: { from: "09:00", to: "09:00" } }',
      'alarms.dayHours.to: expected another time than from, got the same.',
    ],
    ['{ dedupe: 15 }', 'alarms.dedupe: expected a duration from 1s to 7d'],
    ['{ breakingAfter: 0s }', 'alarms.breakingAfter: expected a duration from 1s to 1d'],
  ])('%s is explained', (alarms, expected) => {
    const problems = problemsOf(alarms);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(expected);
    expect(problems[0]).not.toContain('hidden');
  });

  it('are all checked at once', () => {
    const problems = problemsOf(
      '{ dedupe: 15, targets: { desk: { to: telegram, account: man, chat: "@desk" }, pager: { to: webhok } }, wake: [desc] }',
    );
    expect(problems.map((problem) => problem.split(': ')[0])).toEqual([
      'alarms.dedupe',
      'alarms.targets.desk.account',
      'alarms.targets.pager.to',
      'alarms.wake[0]',
    ]);
  });

  it('list every kind where one is far from all', () => {
    expect(problemsOf('{ severity: { xxxxxxxxxxxxxxxxxx: wake } }')[0]).toContain(
      `Valid here: ${alarmKindNames.join(', ')}.`,
    );
  });

  it('name accounts of Telegram alone', () => {
    const { problems } = check(
      `mode: sandbox\nalarms: { targets: { desk: { to: telegram, account: other, chat: "@desk" } }, day: [desk] }\n${top}`,
      env,
    );
    expect(problems).toEqual([
      'munadi.yaml:2  alarms.targets.desk.account: expected an account on Telegram (main), got "other". Valid here: main.',
    ]);
  });

  it('warn of a target that nothing is told, and of an open way', () => {
    const { warnings } = check(
      `alarms: { targets: { pager: { to: webhook, url: "http://pager.internal/a" } } }\n${top.replace(', other: { platform: x }', '')}`,
      env,
    );
    expect(warnings).toEqual([
      'munadi.yaml:1  alarms.targets.pager.url: warning: alarms travel there unencrypted: use https where they leave your own network.',
      'munadi.yaml:1  alarms.targets.pager: warning: neither wake nor day names it, so nothing is told there.',
    ]);
  });

  it('leave this machine in no sandbox', () => {
    const text = `alarms: { targets: { far: { to: webhook, url: "https://hooks.example.org" }, near: { to: webhook, url: "http://127.0.0.1:9" } }, wake: [far, near] }\n${top}`;
    expect(check(text, env, 'sandbox').config?.alarms.targets).toMatchObject({
      far: { to: 'log' },
      near: { to: 'webhook' },
    });
  });
});
