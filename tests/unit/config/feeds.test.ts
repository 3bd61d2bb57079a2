import { describe, expect, it } from 'vitest';
import { check, rest } from './written-config.ts';

const file = (...feeds: string[]) => `${rest}feeds:\n${feeds.map((one) => `  - { ${one} }\n`).join('')}`;
const read = (...feeds: string[]) => check(file(...feeds));
const url = 'url: "https://example.org/feed.xml"';

describe('feeds', () => {
  it('have defaults', () => {
    expect(read(`id: site, ${url}`).config?.feeds).toEqual({
      site: {
        ...{ url: 'https://example.org/feed.xml', everyMs: 300_000, fullText: 'auto', first: 'remember' },
        ...{ webSub: true, source: 'site', tags: [], updates: 'follow', onDelete: 'ask' },
      },
    });
  });

  it.each([
    ['an address with a password', ['id: a, url: "https://me:secret@example.org/f"'], /without user and password/],
    ['another protocol', ['id: a, url: "file:///etc/passwd"'], /http or https/],
    ['no address', ['id: a'], /url/],
    ['a pace that is too quick', [`id: a, ${url}, every: 5s`], /30s/],
    ['a channel that is not there', [`id: a, ${url}, channels: [nowhere]`], /nowhere/],
    ['an unknown key', [`id: a, ${url}, fulltext: auto`], /fullText/],
    ['the id of another', [`id: a, ${url}`, `id: a, ${url}`], /feeds\[0\]/],
  ])('are refused with %s', (_, feeds, reason) => {
    const { config, problems } = read(...feeds);
    expect(config).toBeUndefined();
    expect(problems.join('\n')).toMatch(reason);
    expect(problems.join('\n')).not.toContain('secret');
  });
});
