import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { settings } from '../../src/config/schema.ts';
import { readSource } from '../../src/config/source.ts';
import { check } from './config/written-config.ts';

/*
 * What people copy from the docs must work. A block that is no whole configuration is marked by a word behind the
 * language, which no reader sees: `yaml fragment` is merged into the default file, any other word (`yaml compose`)
 * says that the block belongs to another program, and it is only parsed.
 */

const root = resolve(import.meta.dirname, '../..');

interface Block {
  /** Such as `docs/configuration.md:17`. */
  place: string;
  /** The words behind the language. */
  mark: string;
  text: string;
}

/** Fenced blocks of YAML, those in lists too. */
function blocksOf(page: string, file: string): Block[] {
  const fence = /^([ \t]*)(```+|~~~+)[ \t]*ya?ml\b[ \t]*(.*)\n([\s\S]*?)^[ \t]*\2[ \t]*$/gim;
  return [...page.matchAll(fence)].map(({ index, 1: indent = '', 3: mark = '', 4: text = '' }) => ({
    place: `${file}:${page.slice(0, index).split('\n').length}`,
    mark: mark.trim(),
    text: text.replace(new RegExp(`^${indent}`, 'gm'), ''),
  }));
}

/** A value for every variable that a text names. */
function environmentOf(text: string): Record<string, string> {
  const names = [...text.matchAll(/\$\{(\w+)/g)].map(([, name = '']) => name);
  const sampleOf = (name: string) =>
    /REDIS/.test(name)
      ? 'redis://127.0.0.1:6379'
      : /URL$/.test(name)
        ? 'https://hooks.example.org/alarms'
        : /HOST/.test(name)
          ? '127.0.0.1'
          : /PORT/.test(name)
            ? '3000'
            : '1000000000000001';
  return Object.fromEntries(names.map((name) => [name, sampleOf(name)]));
}

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Maps key by key; lists and single values of the second go before those of the first. */
function merged(first: unknown, second: unknown): unknown {
  if (!isMap(first) || !isMap(second)) return second ?? first;
  const keys = [...new Set([...Object.keys(first), ...Object.keys(second)])];
  return Object.fromEntries(keys.map((key) => [key, merged(first[key], second[key])]));
}

/** What is wrong with a block, in the loader's words. */
function faultsOf({ mark, text }: Omit<Block, 'place'>): string[] {
  if (mark === '') return check(text, environmentOf(text)).problems;
  const { value, problems } = readSource(text, 'block');
  if (mark !== 'fragment' || problems.length > 0) return problems.map(({ line, got }) => `line ${line}: ${got}`);
  if (!isMap(value) || !Object.keys(value).some((key) => Object.hasOwn(settings.shape, key)))
    return ['a fragment begins at the top of the file, such as with "channels:"'];
  const all = merged(parse(readFileSync(join(root, 'config/munadi.yaml'), 'utf8')), value);
  // Times must stay in quotes.
  const whole = stringify(all, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
  return check(whole, environmentOf(whole)).problems;
}

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...(existsSync(join(root, 'docs')) ? readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }) : [])
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
].map((name) => ({ file: name.split(sep).join('/'), text: readFileSync(join(root, name), 'utf8') }));

describe('YAML in the docs', () => {
  const blocks = pages.flatMap(({ file, text }) => blocksOf(text, file));

  it('is found', () => {
    expect(blocks.map(({ place }) => place)).toContainEqual(expect.stringContaining('configuration.md'));
    const fences = pages.flatMap(({ text }) => text.match(/^\s*(```+|~~~+)\s*ya?ml/gim) ?? []);
    expect(blocks).toHaveLength(fences.length);
  });

  it.each(blocks)('works as it stands in $place', (block) => {
    expect(faultsOf(block)).toEqual([]);
  });
});

describe('YAML in config/', () => {
  const files = readdirSync(join(root, 'config')).filter((name) => /\.ya?ml$/.test(name));

  it.each(files)('is a whole configuration: %s', (name) => {
    const text = readFileSync(join(root, 'config', name), 'utf8');
    expect(faultsOf({ mark: '', text })).toEqual([]);
    expect(check(text).problems).toEqual([]);
  });
});

describe('this check', () => {
  const page = [
    'Text',
    '```yaml',
    'accounts: { main: { platform: telegram, token: ${T} } }',
    'channels: [{ id: a, account: main, chat: "@channel" }]',
    '```',
    '1. In a list:',
    '   ```yaml fragment',
    '   log:',
    '     levl: info',
    '   ```',
    '```YML compose',
    'services: { redis: { image: redis } }',
    '```',
    '```yaml compose',
    'services: [',
    '```',
    '```yaml fragment',
    'levl: info',
    '```',
    '',
  ].join('\n');

  it('finds blocks by their fences and marks, and what is wrong with them', () => {
    const blocks = blocksOf(page, 'page.md');
    expect(blocks.map(({ place, mark }) => [place, mark])).toEqual([
      ['page.md:2', ''],
      ['page.md:7', 'fragment'],
      ['page.md:11', 'compose'],
      ['page.md:14', 'compose'],
      ['page.md:17', 'fragment'],
    ]);
    expect(
      blocks.map((block) => faultsOf(block).map((fault) => fault.replace(/^.*: expected/, 'expected').slice(0, 30))),
    ).toEqual([
      ['expected the reference in quot'],
      ['expected a known key, got "lev'],
      [],
      ['line 1: a { or [ that is opene'],
      ['a fragment begins at the top o'],
    ]);
  });
});
