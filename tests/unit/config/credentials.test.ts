import { describe, expect, it } from 'vitest';
import { check } from './written-config.ts';

const accounts = `accounts:
  telegram-main: { platform: telegram, token: "\${TG}" }
  x-main: { platform: x, appKey: "\${KEY}", appSecret: "\${KEY_SECRET}", accessToken: "\${TOKEN}", accessSecret: "\${TOKEN_SECRET}" }
  whatsapp-main: { platform: whatsapp, phoneNumberId: "\${WA_ID}", accessToken: "\${WA}" }
`;
const channels = `channels:
  - { id: t, account: telegram-main, chat: "@channel" }
  - { id: x, account: x-main }
  - { id: w, account: whatsapp-main, recipients: ["+963900000000"], template: { name: news, language: ar } }
`;
const text = accounts + channels;
const allOfX = { KEY: 'a', KEY_SECRET: 'b', TOKEN: 'c', TOKEN_SECRET: 'd' };
const all = { ...allOfX, TG: '1:a', WA: 'e', WA_ID: '100000000000001' };

const sandboxes = (result: ReturnType<typeof check>) =>
  Object.fromEntries(Object.values(result.config?.accounts ?? {}).map(({ id, sandbox }) => [id, sandbox]));

describe('accounts', () => {
  it('all go to the sandbox where none has credentials', () => {
    expect(sandboxes(check(text))).toEqual({ 'telegram-main': true, 'x-main': true, 'whatsapp-main': true });
  });

  it('all are live where all have theirs', () => {
    expect(sandboxes(check(text, all))).toEqual({ 'telegram-main': false, 'x-main': false, 'whatsapp-main': false });
  });

  it('with some but not all of their secrets never go to the sandbox', () => {
    for (const name of Object.keys(allOfX)) {
      const { [name]: _, ...others } = allOfX as Record<string, string>;
      const { config, problems } = check(text, others);
      expect(config).toBeUndefined();
      expect(problems).toEqual([
        `munadi.yaml:3  accounts.x-main: expected all credentials of the account, or none, got only some: ${name} is missing. Set ${name} in the environment. An account with some of its secrets never goes to the sandbox.`,
      ]);
    }
  });

  it('with an id from the environment and no secret are half set up too', () => {
    const { problems } = check(text, { WA_ID: '100000000000001' });
    expect(problems).toEqual([expect.stringContaining('got only some: WA is missing. Set WA in the environment.')]);
    expect(check(text.replace('${WA_ID}', '1')).problems).toEqual([]);
  });

  it('say which key to add where the file lacks it', () => {
    const { problems } = check(text.replace('accessToken: "${WA}"', 'appSecret: "${WA}"'), all);
    expect(problems).toEqual([
      'munadi.yaml:4  accounts.whatsapp-main: expected all credentials of the account, or none, got only some: "accessToken" is missing. Add accessToken: "${WHATSAPP_MAIN_ACCESS_TOKEN}". An account with some of its secrets never goes to the sandbox.',
    ]);
  });

  it('need every secret that the file names, the optional ones too', () => {
    const { problems } = check(text.replace('"${WA}"', '"${WA}", appSecret: "${WA_APP}"'), all);
    expect(problems).toEqual([
      expect.stringContaining('Set WA_APP in the environment, or remove what you do not use.'),
    ]);
  });

  it('without credentials are refused beside a live one', () => {
    const { config, problems } = check(text, { TG: '1:a' });
    expect(config).toBeUndefined();
    expect(problems).toEqual([
      'munadi.yaml:3  accounts.x-main: expected credentials, since the account telegram-main is live, got none: KEY, KEY_SECRET, TOKEN, TOKEN_SECRET are missing. Set KEY, KEY_SECRET, TOKEN, TOKEN_SECRET in the environment, or remove the account and its channels, or write "mode: sandbox" to play with all of them.',
      expect.stringMatching(
        /^munadi.yaml:4 {2}accounts.whatsapp-main: expected credentials, since the account telegram-main is live/,
      ),
    ]);
  });

  it('without credentials are refused in mode live', () => {
    const { problems } = check(`mode: live\n${text}`);
    expect(problems).toHaveLength(3);
    for (const problem of problems) expect(problem).toContain('expected credentials, since mode is live, got none: ');
    expect(check(text, {}, 'live').problems).toHaveLength(3);
    expect(check(`mode: live\n${text}`, all).config?.mode).toBe('live');
  });

  it('all go to the sandbox in mode sandbox, whatever is set, and hold none of the secrets', () => {
    for (const env of [{}, { TG: '1:real-token' }, { KEY: 'real-token' }, { ...all, TG: '1:real-token' }] as Record<
      string,
      string
    >[]) {
      const { config } = check(`mode: sandbox\n${text}`, env);
      expect(new Set(Object.values(config?.accounts ?? {}).map(({ sandbox }) => sandbox))).toEqual(new Set([true]));
      expect(JSON.stringify(config)).not.toContain('real-token');
      expect(check(`mode: live\n${text}`, env, 'sandbox').config?.mode).toBe('sandbox');
    }
  });

  it('on a simulator are live, and go there', () => {
    const simulated = text.replace('token: "${TG}"', 'token: "${TG}", apiRoot: "http://127.0.0.1:9001/"');
    const { config, problems } = check(simulated, all);
    expect(problems).toEqual([]);
    expect(config?.accounts['telegram-main']).toMatchObject({ sandbox: false, apiRoot: 'http://127.0.0.1:9001' });
    expect(check(simulated, { TG: '1:a' }).problems).toHaveLength(2);
  });

  it('with an apiRoot and no credentials are refused', () => {
    const { problems } = check(text.replace('token: "${TG}"', 'token: "${TG}", apiRoot: "http://127.0.0.1:9001"'));
    expect(problems).toEqual([
      'munadi.yaml:2  accounts.telegram-main: expected credentials, since it has an apiRoot, got none: TG is missing. Set TG in the environment, or remove apiRoot to use the sandbox.',
    ]);
  });

  it('whose apiRoot hangs on an unset variable are told of', () => {
    const { warnings } = check(text.replace('token: "${TG}"', 'token: "${TG}", apiRoot: "${ROOT}"'), all);
    expect(warnings).toEqual([
      'munadi.yaml:2  accounts.telegram-main.apiRoot: warning: ROOT is unset, so this account posts to the real Telegram.',
    ]);
  });

  it('on X may use either kind of credentials, not a mixture', () => {
    const oauth2 = text.replace(
      /appKey.*accessSecret: "\S+"/,
      'clientId: "${A}", clientSecret: "${B}", accessToken: "${C}", refreshToken: "${D}"',
    );
    const { TG, WA, WA_ID } = all;
    expect(check(oauth2, { TG, WA, WA_ID, A: 'a', B: 'b', C: 'c', D: 'd' }).problems).toEqual([]);
    expect(check(oauth2, { TG, WA, WA_ID, A: 'a', B: 'b', C: 'c' }).problems).toEqual([
      expect.stringContaining('D is missing'),
    ]);
  });

  it('on X with OAuth 2 need an access token or a refresh token, and are told what they are nearest to', () => {
    const { TG, WA, WA_ID } = all;
    const env = { TG, WA, WA_ID, A: 'a', B: 'b', C: 'c' };
    const missing = (keys: string) => check(text.replace(/appKey.*accessSecret: "\S+"/, keys), env).problems;
    expect(missing('clientId: "${A}", clientSecret: "${B}", refreshToken: "${C}"')).toEqual([]);
    expect(missing('clientId: "${A}", clientSecret: "${B}", accessToken: "${C}"')).toEqual([]);
    expect(missing('clientId: "${A}", refreshToken: "${C}"')).toEqual([
      expect.stringContaining('only some: "clientSecret" is missing'),
    ]);
    expect(missing('accessToken: "${C}"')).toEqual([
      expect.stringContaining('only some: "appKey", "appSecret", "accessSecret" are missing'),
    ]);
  });

  it('that no channel uses are told of, and those of a mistyped channel are not', () => {
    expect(check(accounts + channels.replace('account: x-main', 'account: xmain')).warnings).toEqual([]);
    expect(check(text.replace('  - { id: x, account: x-main }\n', '')).warnings).toEqual([
      'munadi.yaml:3  accounts.x-main: warning: no channel posts with this account.',
    ]);
  });
});

describe('channels', () => {
  it('of an unknown account are told the nearest, and checked by its platform', () => {
    const { problems } = check(
      accounts + channels.replace('telegram-main, chat: "@channel"', 'telegram-man, chatt: "@channel"'),
    );
    expect(problems.map((problem) => problem.split(' (')[0])).toEqual([
      'munadi.yaml:6  channels[0].account: expected one of the accounts',
      'munadi.yaml:6  channels[0].chat: expected text, got nothing. Add "chat"',
      'munadi.yaml:6  channels[0].chatt: expected a known key, got "chatt". Did you mean "chat"?',
    ]);
    expect(problems[0]).toContain(
      '(telegram-main, x-main or whatsapp-main), got "telegram-man". Did you mean "telegram-main"?',
    );
    expect(check('accounts: {}\nchannels: [{ id: a, account: zzz }]').problems).toEqual([
      'munadi.yaml:2  channels[0].account: expected an account, and there is none, got "zzz". Add it under "accounts".',
    ]);
  });

  it('must differ in their ids, and are told of where they post to the same place', () => {
    const twins = `${text}  - { id: t, account: telegram-main, chat: "@channel", silent: maybe }\n`;
    expect(check(twins).problems[0]).toBe(
      'munadi.yaml:9  channels[3].id: expected an id of its own, got "t", as in channels[0]. Rename one of the two.',
    );
    const neighbours = check(`${text}  - { id: other, account: telegram-main, chat: "@channel" }\n`);
    expect(neighbours.warnings).toEqual([
      'munadi.yaml:9  channels[3]: warning: t and other post to the same place: what both take appears there twice.',
    ]);
  });
});
