import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { secretValues } from '../../../src/config/load.ts';
import { share } from '../../../src/config/shared.ts';
import { platforms } from '../../../src/platforms/index.ts';
import { check, rest } from './written-config.ts';

/** No message may hold this. */
const secret = 'hunter2hunter2';

function saysNothing(text: string, env: Record<string, string> = {}): string[] {
  const { problems, warnings } = check(text, env);
  expect([...problems, ...warnings].join('\n')).not.toContain(secret);
  return problems;
}

const account = (keys: string) =>
  `accounts: { main: { platform: telegram, ${keys} } }\nchannels: [{ id: a, account: main, chat: "@channel" }]\n`;

describe('a secret in the file itself', () => {
  it('is refused, and not repeated', () => {
    expect(saysNothing(account(`token: "${secret}"`))).toEqual([
      'munadi.yaml:1  accounts.main.token: expected a secret from the environment, such as "${MAIN_TOKEN}", got a secret in the file itself. Set MAIN_TOKEN in the environment, write "${MAIN_TOKEN}" here, and replace the secret where it was published.',
    ]);
    expect(saysNothing(account(`token: "${secret}", apiRoot: "https://proxy.example"`))).toHaveLength(1);
    expect(saysNothing(account(`token: "$\${${secret}}"`))).toHaveLength(1);
  });

  it('is allowed for a simulator on this machine', () => {
    for (const root of ['http://127.0.0.1:9001', 'http://localhost:1/x', 'https://[::1]:9001']) {
      const { config, problems } = check(account(`token: "${secret}", apiRoot: "${root}"`));
      expect(problems).toEqual([]);
      expect(config?.accounts.main).toMatchObject({ sandbox: false, settings: { token: secret } });
    }
  });

  it('is refused in http.token and redis.url where others can reach these, and told of where not', () => {
    expect(
      saysNothing(
        `http: { host: 0.0.0.0, token: ${secret} }\nredis: { url: "redis://u:${secret}@redis.example" }\n${rest}`,
      ),
    ).toEqual([
      expect.stringContaining(
        'http.token: expected a secret from the environment, such as "${MUNADI_API_TOKEN}", got a secret in the file itself.',
      ),
      expect.stringContaining(
        'redis.url: expected an address with its password from the environment, such as "${REDIS_URL}", got a password in the file itself.',
      ),
    ]);
    const { problems, warnings } = check(
      `http: { token: ${secret} }\nredis: { url: "redis://u:${secret}@127.0.0.1" }\n${rest}`,
    );
    expect(problems).toEqual([]);
    expect(warnings).toEqual([
      'munadi.yaml:1  http.token: warning: a secret in the file itself: better "${MUNADI_API_TOKEN}".',
      'munadi.yaml:2  redis.url: warning: a password in the file itself: better move the address to "${REDIS_URL}".',
    ]);
  });

  it.each([
    ['a list', account(`token: [${secret}]`)],
    ['a map', account(`token: { value: ${secret} }`)],
    ['a map with a mistyped key', account(`tokn: ${secret}`)],
    ['a value where the account belongs', `accounts: { main: ${secret} }\nchannels: [{ id: a, account: main }]`],
    ['a value where all accounts belong', `accounts: ${secret}\nchannels: [${secret}]`],
    ['a value where redis belongs', `redis: "redis://u:${secret}@h"\nhttp: ${secret}\n${rest}`],
    ['a Redis address of another form', `redis: { url: "http://u:${secret}@h" }\n${rest}`],
    ['the name of a variable', account(`token: "\${1${secret}}"`)],
    ['a default of a variable', account(`token: "\${T:-${secret}}"`)],
    ['text around a bare reference', `redis: { url: redis://u:${secret}@\${HOST} }\n${rest}`],
    ['a word behind a quoted one', account(`token: "x" ${secret}`)],
    ['an escape', account(`token: "\\q${secret}"`)],
    ['an alias', account(`token: *${secret}`)],
    ['a tag', account(`token: !${secret} x`)],
    ['a block header', `data: > ${secret}\n${rest}`],
    ['an open quote', account(`token: "${secret}`)],
    ['a broken line', `${rest}token\n  ${secret}: : ${secret}\n`],
    ['a second document', `${rest}...\n${secret}: x\n`],
    ['a directive', `%${secret} 1\n---\n${rest}`],
  ])('is not repeated as %s', (_, text) => {
    expect(saysNothing(text).length).toBeGreaterThan(0);
  });

  it('is not shown as a number, a truth or empty text either', () => {
    for (const value of ['987654321987', 'true', '""']) {
      const { problems } = check(account(`token: ${value}`));
      expect(problems).toHaveLength(1);
      expect(problems[0]).not.toContain('987654321987');
    }
  });
});

describe('a secret from the environment', () => {
  it('is not repeated, wherever its variable is used', () => {
    const places = [
      'mode',
      'data',
      'timezone',
      'redis: { url',
      'redis: { prefix',
      'http: { host',
      'http: { port',
      'reliability: { lease',
      'fetch: { maxBytes',
      'fetch: { timeout',
      'log: { level',
      'log',
    ];
    for (const place of places) {
      const close = place.includes('{') ? ' }' : '';
      expect(saysNothing(`${place}: "\${S}"${close}\n${rest}`, { S: `~ ${secret}` })).toHaveLength(1);
    }
    for (const key of [
      'id',
      'account',
      'chat',
      'language',
      'staleAfter',
      'silent',
      'unconfirmed',
      'filters',
      'recipients',
    ]) {
      const others = Object.entries({ id: 'a', account: 'main', chat: '"@channel"' }).filter(([name]) => name !== key);
      const written = [...others, [key, '"${S}"']].map((pair) => pair.join(': ')).join(', ');
      expect(
        saysNothing(`accounts: { main: { platform: telegram } }\nchannels: [{ ${written} }]`, { S: `~ ${secret}` })
          .length,
      ).toBeGreaterThan(0);
    }
    expect(
      saysNothing('accounts: { main: { platform: "${S}", apiRoot: "${S}" } }\nchannels: ["${S}"]', { S: secret }),
    ).toHaveLength(2);
    expect(
      saysNothing(`${rest.replace('account: main', 'account: main').replace('id: news', 'id: "${S}"')}  - x`, {
        S: secret,
      }),
    ).toHaveLength(1);
    const twins = `accounts: { main: { platform: telegram } }\nchannels: [{ id: "\${S}", account: main, chat: "@channel" }, { id: "\${S}", account: main, chat: "@channel" }]`;
    expect(saysNothing(twins, { S: secret })).toHaveLength(1);
  });

  it.each([
    ['quotes around it', `"${secret}"`],
    ['quotes around it', `'${secret}'`],
    ['quotes around it', `“${secret}”`],
    ['line breaks', `${secret}\n`],
    ['line breaks', `${secret}\r`],
    ['spaces', ` ${secret}`],
    ['spaces', `${secret}\u00a0`],
    ['invisible characters', `\u200f${secret}`],
  ])('with %s is refused before a platform refuses it', (extra, value) => {
    expect(saysNothing(account('token: "${T}"'), { T: value })).toEqual([
      `munadi.yaml:1  accounts.main.token: expected nothing but the secret, got one with ${extra}. Remove them in T.`,
    ]);
    expect(saysNothing(`http: { token: "\${T}" }\n${rest}`, { T: value })).toHaveLength(1);
  });

  it('never appears in a message, whatever it holds', () => {
    const names = Object.values(platforms).flatMap(({ account: { shape } }) => Object.keys(shape));
    const text = [
      'http: { token: "${A}" }',
      'redis: { url: "${B}" }',
      'accounts:',
      ...Object.keys(platforms).map(
        (id) => `  ${id}: { platform: ${id}, ${names.map((name) => `${name}: "\${${name}}"`).join(', ')} }`,
      ),
      'channels: [{ id: a, account: telegram, chat: "${A}" }]',
    ].join('\n');
    const filler = fc.string({ unit: 'grapheme', maxLength: 8 });
    const value = fc.tuple(filler, filler).map(([before, after]) => `${before}${secret}${after}`);
    const env = fc.dictionary(fc.constantFrom('A', 'B', ...names), value);
    fc.assert(
      fc.property(env, (given) => void saysNothing(text, given)),
      { numRuns: 50 },
    );
  });
});

describe('the secrets of a configuration', () => {
  it('are all given to the log to be cut out, plain and as the address has them', () => {
    const { config } = check(`http: { token: "\${A}" }\nredis: { url: "\${R}" }\n${account('token: "${T}"')}`, {
      A: 'api-secret',
      R: 'redis://u:p%40ss%2Fword@h',
      T: '1:bot-secret',
    });
    if (!config) throw new Error('refused');
    expect(new Set(secretValues(config))).toEqual(
      new Set(['1:bot-secret', 'api-secret', 'p%40ss%2Fword', 'p@ss/word']),
    );
  });

  it('are also those in the addresses of feeds, which no other process is told', () => {
    const feed = 'feeds: [{ id: wire, url: "https://wire.example.org/rss?token=${F}&page=2" }]';
    const { config } = check(`${feed}\n${account('token: "${T}"')}`, { F: 'feed-secret', T: '1:bot-secret' });
    if (!config) throw new Error('refused');
    expect(secretValues(config)).toContain('feed-secret');
    expect(share(config).json).not.toContain('feed-secret');
  });
});
