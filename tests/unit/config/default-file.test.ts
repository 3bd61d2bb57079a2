import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { checkConfig, loadConfig } from '../../../src/config/load.ts';
import { platforms } from '../../../src/platforms/index.ts';
import { check } from './written-config.ts';

const root = resolve(import.meta.dirname, '../../..');
const file = join(root, 'config/munadi.yaml');
const variables = [...JSON.stringify(parse(readFileSync(file, 'utf8'))).matchAll(/\$\{(\w+)/g)].map(
  ([, name = '']) => name,
);
const secretNames = variables.filter((name) => /^(TELEGRAM|X|WA|FB)_/.test(name));
const allSet = Object.fromEntries(variables.map((name) => [name, '100000000000001']));
const env = { ...allSet, REDIS_URL: 'redis://127.0.0.1:6379', MUNADI_HTTP_HOST: '0.0.0.0' };

describe('the default configuration', () => {
  it('works with no environment at all: a channel per platform, all in the sandbox, Redis embedded', () => {
    const { config, problems, warnings } = checkConfig(file, { env: {} });
    expect([...problems, ...warnings]).toEqual([]);
    expect(config?.channels.map(({ platform }) => platform).sort()).toEqual(Object.keys(platforms).sort());
    expect(Object.values(config?.accounts ?? {}).map(({ sandbox }) => sandbox)).toEqual([true, true, true, true]);
    expect(config?.redis).toEqual({ prefix: 'munadi' });
    expect(config?.http).toEqual({ host: '127.0.0.1', port: 3000 });
    expect(config?.channels.find(({ platform }) => platform === 'whatsapp')?.settings.recipients).toHaveLength(1);
    expect(config?.channels.every(({ filters }) => Object.keys(filters).length === 0)).toBe(true);
  });

  it('is live with all variables set', () => {
    const { config, problems, warnings } = checkConfig(file, { env });
    expect([...problems, ...warnings]).toEqual([]);
    expect(Object.values(config?.accounts ?? {}).map(({ sandbox }) => sandbox)).toEqual([false, false, false, false]);
    expect(config?.redis.url).toBe('redis://127.0.0.1:6379');
    expect(config?.http.token).toBe('100000000000001');
  });

  it('never starts with some of its credentials', () => {
    for (const name of secretNames) {
      expect(checkConfig(file, { env: { ...env, [name]: '' } }).config, `without ${name}`).toBeUndefined();
      expect(checkConfig(file, { env: { [name]: '100000000000001' } }).config, `with ${name} alone`).toBeUndefined();
    }
  });

  it('and .env.example name the same variables', () => {
    const example = parseEnv(readFileSync(join(root, '.env.example'), 'utf8'));
    expect(Object.keys(example).sort()).toEqual([...new Set(variables)].sort());
    expect(Object.values(example).join('')).toBe('');
  });
});

describe('settings that other programs rely on', () => {
  const text = `redis: { url: "\${REDIS_URL}" }
timezone: Asia/Damascus
http: { host: 127.0.0.1, port: 3000, token: "\${MUNADI_API_TOKEN}" }
accounts:
  telegram-main: { platform: telegram, token: "\${TELEGRAM_BOT_TOKEN}", apiRoot: "http://127.0.0.1:9001" }
  x-main: { platform: x, appKey: "\${X_APP_KEY}", appSecret: "\${X_APP_SECRET}", accessToken: "\${X_TOKEN}", accessSecret: "\${X_SECRET}" }
  whatsapp-main: { platform: whatsapp, phoneNumberId: "1", accessToken: "\${WA_TOKEN}", appSecret: "\${WA_APP_SECRET}", verifyToken: "\${WA_VERIFY}", graphVersion: v26.0 }
  facebook-main: { platform: facebook, pageId: "1", accessToken: "\${FB_TOKEN}" }
channels:
  - { id: telegram-ar, account: telegram-main, chat: "@channel", language: ar }
  - { id: x-ar, account: x-main, language: ar, links: breaking }
  - { id: whatsapp-ar, account: whatsapp-main, recipients: ["+963900000000"], template: { name: news, language: ar }, mode: template, unconfirmed: hold }
  - { id: facebook-ar, account: facebook-main, language: ar, staleAfter: 6h, filters: { language: [ar] } }
reliability: { lease: 60s, requestTimeout: 20s, quarantine: 30s }
fetch: { allow: [127.0.0.1/32], ports: [80, 443] }
`;
  const set = Object.fromEntries([...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => [name, `value-of-${name}`]));
  const whole = { ...set, REDIS_URL: 'redis://127.0.0.1:6379' };

  it('are all understood', () => {
    const { config, problems, warnings } = check(text, whole);
    expect([...problems, ...warnings]).toEqual([]);
    expect(config).toMatchObject({
      redis: { url: 'redis://127.0.0.1:6379' },
      timezone: 'Asia/Damascus',
      http: { host: '127.0.0.1', port: 3000, token: 'value-of-MUNADI_API_TOKEN' },
      accounts: {
        'telegram-main': {
          sandbox: false,
          apiRoot: 'http://127.0.0.1:9001',
          settings: { token: 'value-of-TELEGRAM_BOT_TOKEN' },
        },
        'whatsapp-main': { settings: { phoneNumberId: '1', verifyToken: 'value-of-WA_VERIFY', graphVersion: 'v26.0' } },
        'facebook-main': { sandbox: false, settings: { pageId: '1' } },
      },
      channels: [
        { id: 'telegram-ar', platform: 'telegram', language: 'ar', settings: { chat: '@channel' } },
        { id: 'x-ar', settings: { links: 'breaking' } },
        { id: 'whatsapp-ar', unconfirmed: 'hold', settings: { recipients: ['+963900000000'], mode: 'template' } },
        { id: 'facebook-ar', staleAfterMs: 21_600_000, filters: { language: ['ar'] } },
      ],
      reliability: { leaseMs: 60_000, requestTimeoutMs: 20_000, quarantineMs: 30_000 },
      fetch: { allow: ['127.0.0.1/32'], ports: [80, 443] },
    });
  });

  it('are understood with every account on a simulator of this machine, its secrets in the file', () => {
    const local = text
      .replace(', apiRoot: "http://127.0.0.1:9001"', '')
      .replace(/^( {2}\S+-main: \{.*) \}$/gm, '$1, apiRoot: "http://127.0.0.1:9001" }')
      .replace(/"\$\{(?!REDIS|MUNADI)(\w+)\}"/g, '"value-of-$1"');
    const { config, problems, warnings } = check(local);
    expect([...problems, ...warnings]).toEqual([]);
    expect(Object.values(config?.accounts ?? {}).map(({ sandbox }) => sandbox)).toEqual([false, false, false, false]);
    expect(config?.redis.url).toBeUndefined();
  });

  it('all work in the sandbox with nothing set and no apiRoot', () => {
    const { config, problems } = check(text.replace(', apiRoot: "http://127.0.0.1:9001"', ''));
    expect(problems).toEqual([]);
    expect(Object.values(config?.accounts ?? {}).map(({ sandbox }) => sandbox)).toEqual([true, true, true, true]);
  });
});

describe('the environment', () => {
  const before = { folder: process.cwd(), env: { ...process.env } };
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'munadi-env-'));
    process.chdir(folder);
    for (const name of variables) delete process.env[name];
  });
  afterEach(() => {
    process.chdir(before.folder);
    Object.assign(process.env, before.env);
    rmSync(folder, { recursive: true });
  });

  it('goes before a file .env, which may come from Windows', () => {
    writeFileSync(
      '.env',
      '\ufeffMUNADI_API_TOKEN=from-file\r\nREDIS_URL=redis://127.0.0.1:1\r\nMUNADI_HTTP_HOST="::1"\r\n',
    );
    process.env.REDIS_URL = 'redis://127.0.0.1:2';
    const { http, redis, dataDir } = loadConfig(file);
    expect(http).toMatchObject({ token: 'from-file', host: '::1' });
    expect(redis.url).toBe('redis://127.0.0.1:2');
    expect(dataDir).toBe(resolve('data'));
    delete process.env.REDIS_URL;
  });

  it('is read without a file .env', () => {
    expect(loadConfig(file).http.token).toBeUndefined();
  });

  it('is refused where .env cannot be read as text', () => {
    writeFileSync('.env', Buffer.from([0xff, 0xfe, 0x41, 0x00]));
    const { config, problems } = checkConfig(file);
    expect(config).toBeUndefined();
    expect(problems).toEqual([
      {
        file: '.env',
        line: 1,
        key: '(file)',
        expected: 'lines such as NAME=value',
        got: 'bytes that are not UTF-8',
        remedy: 'Save the file as UTF-8.',
      },
    ]);
  });
});
