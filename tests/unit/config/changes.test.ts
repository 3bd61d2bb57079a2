import { describe, expect, it } from 'vitest';
import { changesBetween, needsRestart } from '../../../src/config/changes.ts';
import type { Config } from '../../../src/config/config.ts';
import { check } from './written-config.ts';

const base = `accounts:
  bot: { platform: telegram, token: "\${TG}" }
  user: { platform: x, appKey: "\${K}", appSecret: "\${K}", accessToken: "\${K}", accessSecret: "\${K}" }
channels:
  - { id: news, account: bot, chat: "@channel" }
  - { id: x-ar, account: user, links: always, staleAfter: 6h }
`;

const secret = '123456:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa';

function read(text: string, env: Record<string, string> = {}): Config {
  const { config, problems } = check(text, { TG: secret, K: 'key-of-the-app', ...env });
  expect(problems).toEqual([]);
  return config as Config;
}

const changes = (text: string, env?: Record<string, string>) => changesBetween(read(base), read(text, env));

describe('what has changed between two configurations', () => {
  it.each([
    ['nothing', base, []],
    ['a setting of a platform', base.replace('always', 'never'), ['channels[x-ar].links: "always" -> "never"']],
    ['a duration', base.replace('6h', '90m'), ['channels[x-ar].staleAfter: 6h -> 90m']],
    ['a setting that was not there', `timezone: Asia/Damascus\n${base}`, ['timezone: "UTC" -> "Asia/Damascus"']],
    ['a channel less', base.replace(/.*id: news.*\n/, ''), ['channels[news]: removed']],
    ['a channel more', `${base}  - { id: two, account: bot, chat: "@channel_two" }\n`, ['channels[two]: new']],
    ['channels in another order', base.replace(/( {2}- .*\n)( {2}- .*\n)/, '$2$1'), ['channels: in another order']],
    [
      'an account more',
      base.replace('  user:', '  other: { platform: telegram, token: "${TG}" }\n  user:'),
      ['accounts.other: new'],
    ],
    ['what a machine has for itself', `log: { level: warn }\n${base}`, ['log.level: "info" -> "warn"']],
    [
      'hours where there were none',
      base.replace(
        ', chat',
        ', quiet: { from: "23:00", to: "06:30" }, windows: [{ days: [mon, fri], from: "07:00", to: "24:00" }], chat',
      ),
      ['channels[news].windows: [] -> mon fri 07:00-24:00', 'channels[news].quiet: [] -> daily 23:00-06:30'],
    ],
    ['a gap', base.replace(', chat', ', gap: 10m, chat'), ['channels[news].gap: nothing -> 10m']],
    [
      'what becomes of late ones',
      base.replace(', chat', ', late: drop, gap: 10m, chat'),
      ['channels[news].late: "next" -> "drop"', 'channels[news].gap: nothing -> 10m'],
    ],
    ['a list', `breaking: { tags: [a, b] }\n${base}`, ['breaking.tags: [] -> ["a","b"]']],
  ])('is told: %s', (_what, text, told) => {
    expect(changes(text)).toEqual(told);
  });

  it('shows no secret', () => {
    const told = changes(base, { TG: '654321:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' });
    expect(told).toEqual(['accounts.bot.token: another secret']);
  });

  it('shows no number of a person', () => {
    const list = (numbers: string) =>
      read(`accounts: { wa: { platform: whatsapp } }
channels: [{ id: w, account: wa, recipients: [${numbers}], template: { name: news, language: ar } }]`);
    expect(changesBetween(list('"+963900000000"'), list('"+963900000000", "+963900000001"'))).toEqual([
      'channels[w].recipients: 1 entry -> 2 entries',
    ]);
  });
});

describe('what holds until a restart', () => {
  const restart = (text: string, env?: Record<string, string>) => needsRestart(read(base), read(text, env));

  it.each([
    ['http: { port: 4000 }', 'http.port: 3000 -> 4000 needs a restart'],
    ['redis: { url: "redis://10.0.0.1:6379" }', 'redis.url: another address needs a restart'],
    ['redis: { prefix: other }', 'redis.prefix: "munadi" -> "other" needs a restart'],
    ['reliability: { lease: 90s }', 'reliability.lease: 1m -> 90s needs a restart'],
    ['mode: live', 'mode: nothing -> "live" needs a restart'],
  ])('is named: %s', (line, told) => {
    expect(restart(`${line}\n${base}`)).toEqual([told]);
  });

  it('is whether an account posts for the public', () => {
    expect(restart(`mode: sandbox\n${base}`)).toEqual([
      'mode: nothing -> "sandbox" needs a restart',
      'accounts.bot: "live" -> "sandbox" needs a restart',
      'accounts.user: "live" -> "sandbox" needs a restart',
    ]);
  });

  it('is nothing of what posts are like and when they go', () => {
    expect(
      restart(`timezone: Asia/Damascus\nlimits: { enabled: false }\nreliability: { requestTimeout: 5s }\n${base}`),
    ).toEqual([]);
    expect(restart(base, { TG: '654321:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb' })).toEqual([]);
  });
});
