import { describe, expect, it } from 'vitest';
import { channelFile, check, rest } from './written-config.ts';

const live =
  'accounts: { main: { platform: telegram, token: "${T}" } }\nchannels: [{ id: a, account: main, chat: "@channel" }]\n';
const bareText = (reference: string) =>
  `expected the reference in quotes ("${reference}"), got ${reference} without quotes inside braces. Write "${reference}": inside { } and [ ], YAML takes bare braces for a map.`;

describe('references to the environment', () => {
  it('are filled in, in values alone', () => {
    const { config } = check(`data: "\${BASE}/\${NAME}"\n${live}`, { T: '1:abc', BASE: '/srv', NAME: 'munadi' });
    expect(config?.dataDir).toBe('/srv/munadi');
    expect(config?.accounts.main?.settings).toEqual({ token: '1:abc' });
    expect(check(`"\${KEY}": 1\n${rest}`, { KEY: 'mode' }).problems).toEqual([
      expect.stringMatching(/^munadi.yaml:1 {2}\["\$\{KEY\}"\]: expected a known key, got "\$\{KEY\}"/),
    ]);
  });

  it('become numbers and truths where these belong', () => {
    const text = `http: { port: "\${PORT}" }\nfetch: { ports: [80, "\${PORT}"], maxBytes: "\${SIZE}" }\n${channelFile('telegram', 'chat: "@channel", silent: "${SILENT}"')}`;
    const { config } = check(text, { PORT: '8080', SILENT: 'true', SIZE: '1000' });
    expect(config?.http.port).toBe(8080);
    expect(config?.fetch).toMatchObject({ ports: [80, 8080], maxBytes: 1000 });
    expect(config?.channels[0]?.settings).toMatchObject({ silent: true });
    expect(check(text, { PORT: 'high', SILENT: 'loud', SIZE: '1' }).problems).toEqual([
      expect.stringContaining(
        'http.port: expected a whole number from 0 to 65531, got what PORT holds. Correct PORT in the environment',
      ),
      expect.stringContaining('fetch.ports[1]: expected a whole number from 1 to 65535, got what PORT holds.'),
      expect.stringContaining('channels[0].silent: expected true or false, got what SILENT holds.'),
    ]);
  });

  it('are not looked into again', () => {
    const { config } = check(live, { T: '${U}', U: 'x' });
    expect(config?.accounts.main?.settings).toEqual({ token: '${U}' });
  });

  it('to unset or empty variables make the setting absent', () => {
    for (const env of [{}, { T: '' }] as Record<string, string>[]) {
      const { config, problems } = check(live, env);
      expect(problems).toEqual([]);
      expect(config?.accounts.main?.sandbox).toBe(true);
    }
    const half = check(`data: "\${BASE}/munadi"\n${rest}`);
    expect(half.config?.dataDir).toMatch(/data$/);
    expect(half.warnings).toEqual([
      'munadi.yaml:1  data: warning: the whole setting counts as absent, since these variables are unset: BASE.',
    ]);
  });

  it('say which variable a required setting lacks', () => {
    const { problems } = check(channelFile('telegram', 'chat: "${CHAT}"'));
    expect(problems).toEqual([
      'munadi.yaml:3  channels[0].chat: expected text, got nothing. Set CHAT in the environment, or write the value.',
    ]);
    const list = check(channelFile('whatsapp', 'recipients: ["${A}", "${B}"], template: { name: news, language: ar }'));
    expect(list.problems).toEqual([
      'munadi.yaml:3  channels[0].recipients: expected at least one phone number, got an empty list. Set A and B in the environment, or write the value.',
    ]);
  });

  it('with :? must be set', () => {
    const text = live.replace('${T}', '${T:?}');
    expect(check(text).problems).toEqual([
      'munadi.yaml:1  accounts.main.token: expected the environment variable T, got nothing: it is unset. Set T in the environment.',
    ]);
    expect(check(text, { T: '1:abc' }).config?.accounts.main?.sandbox).toBe(false);
    expect(check(channelFile('telegram', 'chat: "${CHAT:?}"')).problems).toEqual([
      expect.stringContaining('channels[0].chat: expected the environment variable CHAT, got nothing: it is unset.'),
    ]);
  });

  it('are written out by $${', () => {
    const { config } = check(`${rest}data: "./$\${NAME}"`, { NAME: 'x' });
    expect(config?.dataDir).toMatch(/\/\$\{NAME\}$/);
  });

  it.each(['${T-oken}', '${T:-default}', '${}', '${', '${T', '${ T }', '${1T}'])('are refused as %s', (reference) => {
    const { problems } = check(`data: "${reference}"\n${rest}`, { T: 'x' });
    expect(problems).toEqual([
      expect.stringMatching(
        /^munadi.yaml:1 {2}data: expected a reference such as "\$\{NAME\}", got "\$\{" with no such name behind it\. /,
      ),
    ]);
  });
});

describe('references without quotes', () => {
  it('inside braces get an error of their own, and the rest of the file is still checked', () => {
    const { config, problems } = check(
      [
        'redis: { url: ${REDIS_URL} }',
        'accounts:',
        '  main: { platform: telegram, token: ${T} }',
        '  x: {platform: x, appKey: ${K}, appSecret: "${S}"}',
        'channels:',
        '  - { id: a, account: main, chatt: "@channel" }',
        '  - { id: b, account: x, links: sometimes }',
        'fetch: { allow: [127.0.0.1/32, ${RANGE}] }',
      ].join('\n'),
      { T: '1:a' },
      'sandbox',
    );
    expect(config).toBeUndefined();
    expect(problems).toEqual([
      `munadi.yaml:1  redis.url: ${bareText('${REDIS_URL}')}`,
      `munadi.yaml:3  accounts.main.token: ${bareText('${T}')}`,
      `munadi.yaml:4  accounts.x.appKey: ${bareText('${K}')}`,
      expect.stringMatching(/^munadi.yaml:6 {2}channels\[0\].chat: expected text, got nothing/),
      'munadi.yaml:6  channels[0].chatt: expected a known key, got "chatt". Did you mean "chat"?',
      'munadi.yaml:7  channels[1].links: expected always, never or breaking, got "sometimes". Write one of these.',
      `munadi.yaml:8  fetch.allow[1]: ${bareText('${RANGE}')}`,
    ]);
  });

  it('within longer values do not show the text around them, which may be a password', () => {
    for (const value of [
      'redis://:hunter2@${HOST}:${PORT}/0',
      'hunter2 and ${HOST}:${PORT} hunter2',
      "it's hunter2:${HOST}${PORT}",
    ]) {
      const { problems } = check(`redis: { url: ${value} }\n${rest}`, { HOST: 'h', PORT: '1' });
      expect(problems[0]).toMatch(
        /^munadi.yaml:1 {2}redis.url: expected the reference in quotes \("…\$\{HOST\}\$\{PORT\}…"\)/,
      );
      expect(problems.join()).not.toContain('hunter2');
      expect(problems.join()).not.toContain('valid YAML');
    }
  });

  it('are found over several lines, with :? and after comments and quotes', () => {
    const { problems } = check(
      `# { a: \${NOT} }\ndata: "{ \${D} }" # { \${NOT} }\nhttp: {\n  host: "\${H}", # \${NOT}\n  token:\n    \${API:?} }\n${rest}`,
      { API: 'x' },
    );
    expect(problems).toEqual([`munadi.yaml:6  http.token: ${bareText('${API:?}')}`]);
  });

  it('are understood where YAML reads them as text', () => {
    const { config, problems } = check(`data: \${D}\n${rest}`, { D: '/srv/data' });
    expect(problems).toEqual([]);
    expect(config?.dataDir).toBe('/srv/data');
  });
});
