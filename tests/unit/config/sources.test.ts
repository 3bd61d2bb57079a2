import { describe, expect, it } from 'vitest';
import { checkText } from '../../../src/config/load.ts';

const base = `accounts:
  t: { platform: telegram }
channels:
  - { id: telegram-ar, account: t, chat: "@munadi_test" }
sources:
`;
const secret = 'a-secret-of-the-cms-for-tests';
const check = (sources: string, env: Record<string, string> = { CMS: secret }) =>
  checkText(`${base}${sources}`, { file: 'munadi.yaml', env });
const linesOf = (sources: string) =>
  check(sources).problems.map(({ line, key, expected }) => `${line} ${key}: ${expected}`);

describe('sources in the configuration', () => {
  it('are read with what holds unless said otherwise', () => {
    const { config, problems } = check(`  - { id: site, kind: wordpress, secret: "\${CMS}", channels: [telegram-ar] }
  - { id: inbox, kind: folder, path: ./inbox, settle: 2s, tags: [a] }
`);
    expect(problems).toEqual([]);
    expect(config?.sources.site).toEqual({
      ...{ kind: 'wordpress', secrets: [secret], toleranceMs: 300_000, tags: [], updates: 'follow', onDelete: 'ask' },
      channels: ['telegram-ar'],
    });
    expect(config?.sources.inbox).toMatchObject({ kind: 'folder', settleMs: 2_000, onDelete: 'ask', tags: ['a'] });
  });

  it.each([
    ['  - { id: a, kind: wordpres, secret: "${CMS}" }', 'kind', 'wordpress'],
    ['  - { id: a, secret: "${CMS}" }', 'kind', 'wordpress'],
    ['  - { id: a, kind: webhook }', 'secret', 'secret'],
    ['  - { id: a, kind: webhook, secret: short }', 'secret', '16 characters'],
    ['  - { id: a, kind: webhook, secret: "${CMS}", chanels: [x] }', 'chanels', 'a known key'],
    ['  - { id: a, kind: webhook, secret: "${CMS}", channels: [telegram-er] }', 'channels[0]', 'telegram-ar'],
    ['  - { id: a, kind: webhook, secret: "${CMS}", map: { titel: x, title: y } }', 'map.titel', 'key of an article'],
    ['  - { id: a, kind: webhook, secret: "${CMS}", map: { title: "a b" } }', 'map.title', 'path'],
    ['  - { id: a, kind: webhook, secret: "${CMS}", map: { body: a } }', 'map', 'headline'],
    ['  - { id: a, kind: folder }', 'path', 'folder'],
    ['  - { id: a, kind: folder, path: x, onDelete: maybe }', 'onDelete', 'ask'],
    ['  - { id: "a b", kind: folder, path: x }', 'id', 'letters'],
    ['  - { id: a, kind: folder, path: x }\n  - { id: a, kind: folder, path: y }', 'sources[1].id', 'id of its own'],
    [
      '  - { id: a, kind: folder, path: x }\n  - { id: b, kind: folder, path: ./x/ }',
      'sources[1].path',
      'folder of its own',
    ],
    ['  - inbox', 'sources[0]', 'map of keys'],
  ])('%s', (sources, key, expected) => {
    const found = linesOf(`${sources}\n`);
    expect(found.join('\n')).toContain(key);
    expect(found.join('\n')).toContain(expected);
  });

  it('keep their secrets to themselves', () => {
    const { problems } = check('  - { id: a, kind: webhook, secret: "${CMS}", settle: 1s }\n');
    expect(JSON.stringify(problems)).not.toContain(secret);
  });
});
