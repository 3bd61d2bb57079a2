import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { platforms } from '../../../src/platforms/index.ts';
import { check } from './written-config.ts';

const root = resolve(import.meta.dirname, '../../..');
const schema = JSON.parse(readFileSync(join(root, 'config/munadi.schema.json'), 'utf8'));
const written = parse(readFileSync(join(root, 'config/munadi.yaml'), 'utf8'));

type Json = Record<string, unknown>;

/** What an editor finds wrong: the part of JSON Schema that the file uses. Throws at a keyword it does not know. */
function faults(rule: Json, value: unknown, path = ''): string[] {
  return Object.entries(rule).flatMap(([keyword, given]) => {
    const test = keywords[keyword];
    if (!test) throw new Error(`The schema uses ${keyword}, which this test does not know.`);
    const found = test(given, value, { rule, path });
    return typeof found === 'boolean' ? (found ? [] : [`${path} ${keyword}`]) : found;
  });
}

type Test = (given: unknown, value: unknown, context: { rule: Json; path: string }) => boolean | string[];

const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const types: Record<string, (value: unknown) => boolean> = {
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  array: Array.isArray,
  object: isMap,
};
const always = () => true;
const passing = (rules: unknown, value: unknown) =>
  (rules as Json[]).filter((rule) => faults(rule, value).length === 0);

const keywords: Record<string, Test> = {
  title: always,
  description: always,
  default: always,
  $schema: always,
  type: (given, value) => types[String(given)]?.(value) ?? false,
  const: (given, value) => given === value,
  enum: (given, value) => (given as unknown[]).includes(value),
  pattern: (given, value) => typeof value !== 'string' || new RegExp(String(given), 'u').test(value),
  minLength: (given, value) => typeof value !== 'string' || value.length >= Number(given),
  minimum: (given, value) => typeof value !== 'number' || value >= Number(given),
  maximum: (given, value) => typeof value !== 'number' || value <= Number(given),
  minItems: (given, value) => !Array.isArray(value) || value.length >= Number(given),
  anyOf: (given, value) => passing(given, value).length > 0,
  oneOf: (given, value) => passing(given, value).length === 1,
  required: (given, value) => !isMap(value) || (given as string[]).every((key) => Object.hasOwn(value, key)),
  items: (given, value, { path }) =>
    Array.isArray(value) ? value.flatMap((item, index) => faults(given as Json, item, `${path}[${index}]`)) : true,
  properties: (given, value, { path }) =>
    Object.entries(given as Record<string, Json>).flatMap(([key, rule]) =>
      isMap(value) && Object.hasOwn(value, key) ? faults(rule, value[key], `${path}.${key}`) : [],
    ),
  propertyNames: (given, value) =>
    !isMap(value) || Object.keys(value).every((key) => faults(given as Json, key).length === 0),
  additionalProperties: (given, value, { rule, path }) => {
    if (!isMap(value)) return true;
    const others = Object.keys(value).filter((key) => !Object.hasOwn((rule.properties as Json) ?? {}, key));
    return given === false
      ? others.map((key) => `${path}.${key}`)
      : others.flatMap((key) => faults(given as Json, value[key], `${path}.${key}`));
  },
};

/** What is wrong with the default file once a setting has another value, or none. */
function edited(path: (string | number)[], value?: unknown): string[] {
  const file = structuredClone(written);
  const last = path.at(-1) as string;
  const around = path.slice(0, -1).reduce((node, step) => node[step], file);
  if (value === undefined) delete around[last];
  else around[last] = value;
  return faults(schema, file);
}

describe('the JSON Schema', () => {
  it('and the tables of the docs are current', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/schema.ts', '--check'], {
      cwd: root,
      encoding: 'utf8',
    });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  it('is named by the default file and accepts it', () => {
    expect(readFileSync(join(root, 'config/munadi.yaml'), 'utf8')).toMatch(
      /^# yaml-language-server: \$schema=\.\/munadi\.schema\.json\n/,
    );
    expect(faults(schema, written)).toEqual([]);
  });

  it('accepts an example of each platform', () => {
    for (const [id, { example }] of Object.entries(platforms)) {
      const accounts = { main: { platform: id, ...example.account } };
      const channels = [{ id: 'a', account: 'main', ...example.channel }];
      expect(faults(schema, { accounts, channels }), id).toEqual([]);
    }
  });

  it('refuses unknown keys on every level', () => {
    expect(edited(['chanels'], [])).toEqual(['.chanels']);
    expect(edited(['http', 'prot'], 1)).toEqual(['.http.prot']);
    expect(edited(['accounts', 'x-main', 'token'], '${T}')).toEqual(['.accounts.x-main oneOf']);
    expect(edited(['channels', 0, 'chanel'], '@a')).toEqual(['.channels[0] anyOf']);
    expect(edited(['channels', 2, 'template', 'langage'], 'ar')).toEqual(['.channels[2] anyOf']);
  });

  it('refuses what is absent or of another kind', () => {
    expect(edited(['accounts'])).toEqual([' required']);
    expect(edited(['accounts', 'x-main', 'platform'], 'twitter')).toEqual(['.accounts.x-main oneOf']);
    expect(edited(['channels', 0, 'chat'], -1001234567890)).toEqual(['.channels[0] anyOf']);
    expect(edited(['reliability', 'lease'], 60)).toEqual(['.reliability.lease anyOf']);
    expect(edited(['channels'], [])).toEqual(['.channels minItems']);
  });

  it('never refuses what the program accepts', () => {
    const maybe = <T>(...values: T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
    const top = fc.record({
      mode: maybe<unknown>('sandbox', '${M}'),
      timezone: maybe<unknown>('UTC', 'Asia/Damascus', '${TZ}'),
      http: maybe<unknown>({ port: 0 }, { port: '${PORT}' }, { host: '[::1]' }, { host: '${HOST}' }),
      fetch: maybe<unknown>(
        { maxBytes: '5MB' },
        { maxBytes: 5 },
        { maxBytes: '5' },
        { ports: ['${PORT}', 80] },
        { allow: ['::1/128'] },
      ),
      reliability: maybe<unknown>({ lease: '90s' }, { lease: '${LEASE}', attempts: '${N}' }),
      log: maybe<unknown>({ level: 'debug' }, { level: '${LEVEL}' }),
    });
    const channel = fc.record({
      language: maybe<unknown>('ar', 'AR', '${LANGUAGE}'),
      staleAfter: maybe<unknown>('6h', '${LEASE}'),
      silent: maybe<unknown>(true, '${TRUE}'),
      chat: fc.constantFrom<unknown>('@channel', '-1001', '${CHAT}'),
      filters: maybe<unknown>({}, { language: ['en-gb'] }, { priority: ['${PRIORITY}'] }),
    });
    const env = {
      TZ: 'UTC',
      PORT: '80',
      HOST: '::1',
      LEASE: '1h',
      N: '3',
      LEVEL: 'warn',
      LANGUAGE: 'en',
      TRUE: 'true',
      CHAT: '@channel',
      PRIORITY: 'low',
    };
    fc.assert(
      fc.property(top, channel, (given, own) => {
        const value = JSON.parse(
          JSON.stringify({
            ...given,
            accounts: { main: { platform: 'telegram' } },
            channels: [{ id: 'a', account: 'main', ...own }],
          }),
        );
        expect(check(JSON.stringify(value), env).problems).toEqual([]);
        expect(faults(schema, value)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});
