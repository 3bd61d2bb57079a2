import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig, secretValues } from '../../../src/config/load.ts';
import { adopt, isSame, share } from '../../../src/config/shared.ts';
import { check } from './written-config.ts';

const env = {
  TG: '123456:telegram-telegram-telegram-telegram',
  K: 'x-app-key-of-ours',
  S: 'x-app-secret-of-ours',
  T: 'x-access-token-of-ours',
  W: 'whatsapp-token-of-ours',
  F: 'facebook-token-of-ours',
  API: 'api-token-of-ours',
};

const text = (more = '', links = 'always') => `
timezone: Asia/Damascus
http: { token: "\${API}" }
accounts:
  telegram-main: { platform: telegram, token: "\${TG}", apiRoot: "\${ROOT}" }
  x-main: { platform: x, appKey: "\${K}", appSecret: "\${S}", accessToken: "\${T}", accessSecret: "\${S}" }
  whatsapp-main: { platform: whatsapp, phoneNumberId: "1", accessToken: "\${W}" }
  facebook-main: { platform: facebook, pageId: "1", accessToken: "\${F}" }
channels:
  - { id: telegram-ar, account: telegram-main, chat: "@channel" }
  - { id: x-ar, account: x-main, links: ${links} }
  - { id: whatsapp-ar, account: whatsapp-main, recipients: ["+963900000000"], template: { name: news, language: ar } }
  - { id: facebook-ar, account: facebook-main }
${more}`;

function configOf(source: string, change: Record<string, string> = {}): Config {
  const { config, problems } = check(source, { ...env, ...change });
  expect(problems).toEqual([]);
  return config as Config;
}

describe('the shared configuration', () => {
  it('holds no secret, whatever the secrets are', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9:_-]{12,40}$/);
    fc.assert(
      fc.property(fc.record({ K: word, S: word, T: word, W: word, F: word, API: word }), (secrets) => {
        const config = configOf(text(), secrets);
        const { json } = share(config);
        for (const secret of secretValues(config)) expect(json).not.toContain(secret);
      }),
      { numRuns: 30 },
    );
  });

  it('holds no secret that stands in the middle of another text', () => {
    const config = configOf(text());
    const [first] = config.channels;
    const change = { ...first, style: { utm: { utm_source: `a-${env.W}-b` } } };
    const { json } = share({ ...config, channels: [change, ...config.channels.slice(1)] } as Config);
    expect(json).not.toContain(env.W);
  });

  it("has the same version whatever the secrets and each machine's own settings are", () => {
    const { version } = share(configOf(text()));
    expect(share(configOf(text(), { T: 'another-token', ROOT: 'http://127.0.0.1:9001' })).version).toBe(version);
    expect(share(configOf(text('workers: { concurrency: 3 }\nlog: { level: warn }\ndata: ./other'))).version).toBe(
      version,
    );
    expect(share(configOf(text('retention: { days: 3 }'))).version).not.toBe(version);
    expect(share(configOf(text('', 'never'))).version).not.toBe(version);
  });

  it('becomes the same configuration again where the secrets are the same', () => {
    const hours = 'windows: [{ from: "07:00", to: "23:00" }], caps: { day: 9 }, approve: over 100 recipients, links:';
    const rich = configOf(text('holidays: ["05-01"]\nbreaking: { keywords: [عاجل] }').replace('links:', hours));
    for (const config of [configOf(text()), rich, loadConfig('config/munadi.yaml', { env: {} })]) {
      const { config: again } = adopt(share(config).json, config);
      expect(again).toEqual(config);
      expect(isSame(config, again as Config)).toBe(true);
    }
  });

  it("is filled with the secrets and the machine's own settings of whoever takes it up", () => {
    const theirs = configOf(text('', 'never'));
    const own = configOf(text('workers: { concurrency: 3 }'), { T: 'another-token', ROOT: 'http://127.0.0.1:9001' });
    const { config } = adopt(share(theirs).json, own);
    expect(config?.channels[1]?.settings).toMatchObject({ links: 'never' });
    expect(config?.accounts).toEqual(own.accounts);
    expect([config?.workers, config?.http.token]).toEqual([{ concurrency: 3 }, env.API]);
  });

  it('is not taken up where a secret is missing, and each is named', () => {
    const theirs = configOf(
      text().replace('phoneNumberId: "1",', 'phoneNumberId: "1", appSecret: "${S}", verifyToken: "${S}",'),
    );
    expect(adopt(share(theirs).json, configOf(text()))).toEqual({
      wouldPlay: false,
      problems: ['appSecret', 'verifyToken'].map(
        (key) =>
          `accounts.whatsapp-main.${key}: a secret that this process does not have. Give it the same file and environment.`,
      ),
    });
  });

  it('is not taken up where the one posts for the public and the other plays', () => {
    const live = configOf(text());
    const play = configOf(text(), { TG: '', K: '', S: '', T: '', W: '', F: '' });
    const there = adopt(share(live).json, play);
    expect([there.config, there.problems && there.wouldPlay]).toEqual([undefined, true]);
    const here = adopt(share(play).json, live);
    expect([here.config, here.problems?.length, here.problems && here.wouldPlay]).toEqual([undefined, 4, false]);
  });
});
