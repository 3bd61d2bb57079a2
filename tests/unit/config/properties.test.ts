import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { settings } from '../../../src/config/schema.ts';
import { substitute } from '../../../src/config/substitute.ts';
import { platforms } from '../../../src/platforms/index.ts';
import { check, type Result } from './written-config.ts';

const form = /^munadi\.yaml:[1-9]\d* {2}\S.*: expected .+, got .+\. [A-Z].*[.?]$/;

/** A text is either a configuration, or a report that can be read line by line. */
function holds({ config, problems }: Result, text: string): void {
  expect(config === undefined).toBe(problems.length > 0);
  const lines = text.split('\n').length;
  for (const problem of problems) {
    expect(problem).toMatch(form);
    expect(problem).not.toMatch(/undefined|\[object|\n/);
    expect(Number(/:(\d+)/.exec(problem)?.[1])).toBeLessThanOrEqual(lines);
  }
  expect(new Set(problems).size).toBe(problems.length);
}

const names = [
  ...Object.keys(settings.shape),
  ...Object.values(platforms).flatMap(({ id, account, channel }) => [
    id,
    ...Object.keys(account.shape),
    ...Object.keys(channel.shape),
  ]),
  'platform',
  'apiRoot',
  'id',
  'account',
  'filters',
  'language',
  'staleAfter',
  'url',
  'host',
  'port',
  'allow',
  '__proto__',
  'toString',
  '<<',
];
const signs = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ': ',
  '- ',
  ', ',
  '\n',
  '\n  ',
  '\t',
  '"',
  "'",
  '#',
  '&a ',
  '*a',
  '!x',
  '|',
  '>',
  '?',
  '%',
  '@',
  '`',
  '\r\n',
  '\ufeff',
  '---\n',
  '${A}',
  '${B:?}',
  '${',
  '$',
  '23:00',
  '1e9',
  '~',
  '\\',
  '\0',
  '\u202e',
  'منادي',
  '😀',
];

describe('any text at all', () => {
  it('gives a configuration or a report, and nothing else', () => {
    const piece = fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...signs) },
      { weight: 2, arbitrary: fc.constantFrom(...names) },
      fc.string({ unit: 'grapheme', maxLength: 5 }),
    );
    const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (given) => holds(check(given, { A: 'a' }), given)),
      { numRuns: 400 },
    );
  });

  it('still does with one piece of a right file changed', () => {
    const right = `accounts:\n  t: { platform: telegram, token: "\${T}" }\n  w: &w { platform: whatsapp, phoneNumberId: "1", accessToken: "\${W}" }\nchannels:\n  - { id: a, account: t, chat: "@channel", filters: { language: [ar] } }\n  - id: b\n    account: w\n    recipients: ["+963900000000"]\n    template: { name: news, language: ar }\nhttp: { host: 127.0.0.1, port: 3000 }\n`;
    const change = fc.tuple(fc.nat(right.length), fc.nat(6), fc.constantFrom('', ...signs));
    fc.assert(
      fc.property(change, fc.constantFrom({}, { T: '1:a', W: 'b' }, { W: 'b' }), ([at, length, put], env) => {
        const given = right.slice(0, at) + put + right.slice(at + length);
        holds(check(given, env as Record<string, string>), given);
      }),
      { numRuns: 300 },
    );
  });
});

describe('any values', () => {
  const odd = fc.oneof(
    fc.constantFrom<unknown>(
      '',
      '${A}',
      '${B}',
      'x${B}',
      '$${',
      'telegram',
      'x',
      'main',
      '@channel',
      '30s',
      '+963900000000',
      23,
      -1,
      1e21,
      true,
      null,
    ),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const value = fc.oneof(
    odd,
    fc.dictionary(fc.constantFrom(...names), odd, { maxKeys: 5 }),
    fc.array(odd, { maxLength: 3 }),
  );

  it('under the known keys give a configuration or a report', () => {
    const account = fc.oneof(
      value,
      fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 5 }).map((own) => ({ platform: 'telegram', ...own })),
    );
    const channel = fc.oneof(
      value,
      fc
        .dictionary(fc.constantFrom(...names), value, { maxKeys: 5 })
        .map((own) => ({ id: 'a', account: 'main', ...own })),
    );
    const file = fc.record(
      {
        ...Object.fromEntries(Object.keys(settings.shape).map((key) => [key, value])),
        accounts: fc.oneof(value, fc.dictionary(fc.constantFrom('main', 'b c', '__proto__', 'constructor'), account)),
        channels: fc.oneof(value, fc.array(channel, { maxLength: 3 })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(file, fc.constantFrom({}, { A: '1', B: '' }, { A: 'a b\n', B: 'true' }), (given, env) => {
        for (const text of [JSON.stringify(given), stringify(given, { aliasDuplicateObjects: false })]) {
          holds(check(text, env as Record<string, string>), text);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('keep all their keys in substitution, but for those that become absent', () => {
    const key = fc.oneof(fc.constantFrom('${A}', '${B:?}', '$${', '__proto__'), fc.string({ maxLength: 6 }));
    const text = fc.oneof(fc.constantFrom('${A}', 'x${A}y', '$${A}'), fc.string({ maxLength: 6 }));
    const { node } = fc.letrec((tie) => ({
      node: fc.oneof({ maxDepth: 4 }, text, fc.integer(), fc.dictionary(key, tie('node')), fc.array(tie('node'))),
    }));
    fc.assert(
      fc.property(node, (given) => {
        const { value: filled } = substitute(given, { A: '${B}' });
        expect(keysOf(filled)).toEqual(keysOf(given));
      }),
      { numRuns: 300 },
    );
    expect(substitute({ a: '${B}', c: 1 }, {}).value).toEqual({ c: 1 });
  });

  it('are filled in exactly where they name a variable', () => {
    const plain = fc.string({ maxLength: 8 }).filter((text) => !text.includes('$'));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(plain, fc.constantFrom('A', 'B')), { maxLength: 4 }),
        plain,
        plain,
        (parts, end, value) => {
          const env = { A: value || 'a', B: '$${A}${A}' };
          const written = parts.map(([before, name]) => `${before}\${${name}}`).join('') + end;
          const wanted = parts.map(([before, name]) => before + env[name as 'A' | 'B']).join('') + end;
          expect(substitute([written], env).value).toEqual([wanted]);
        },
      ),
    );
  });
});

/** All keys, with where they are. */
function keysOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [`${path}/${key}`, ...keysOf(item, `${path}/${key}`)]);
}
