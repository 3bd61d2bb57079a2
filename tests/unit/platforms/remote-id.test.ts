import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { platforms } from '../../../src/platforms/index.ts';
import { codePoint } from '../../support/code-point.ts';

const cases: Record<string, [string, string | undefined][]> = {
  x: [
    ['1790000000000000001', '1790000000000000001'],
    ['https://x.com/i/web/status/1790000000000000001', '1790000000000000001'],
    ['https://twitter.com/newsroom/status/179?s=20', '179'],
    ['mobile.twitter.com/newsroom/status/179/photo/1', '179'],
    ['http://127.0.0.1:3002/p/179', '179'],
    ['http://127.0.0.1:3002/p/@news/179', undefined],
    ['https://x.com/newsroom', undefined],
    ['https://x.com.example.org/a/status/179', undefined],
    ['https://example.org/a/status/179', undefined],
  ],
  telegram: [
    ['https://t.me/newsroom/123', '@newsroom/123'],
    ['t.me/newsroom/123?single', '@newsroom/123'],
    ['https://t.me/s/newsroom/123', '@newsroom/123'],
    ['https://t.me/newsroom/7/123', '@newsroom/123'],
    ['https://t.me/c/123/45', '-100123/45'],
    ['https://t.me/c/123/7/45', '-100123/45'],
    ['@newsroom/123', '@newsroom/123'],
    ['-100123/45', '-100123/45'],
    ['http://127.0.0.1:3001/p/%40newsroom/12', '@newsroom/12'],
    ['http://127.0.0.1:3001/p/-100123/12', '-100123/12'],
    ['https://t.me/newsroom', undefined],
    ['https://t.me/c/123', undefined],
    ['123', undefined],
  ],
  facebook: [
    ['https://www.facebook.com/1000_123', '1000_123'],
    ['https://www.facebook.com/1000/posts/123/', '1000_123'],
    ['https://www.facebook.com/1000/posts/some-words/123', '1000_123'],
    ['https://m.facebook.com/story.php?story_fbid=123&id=1000', '1000_123'],
    ['https://www.facebook.com/permalink.php?id=1000&story_fbid=123', '1000_123'],
    ['1000_123', '1000_123'],
    ['http://127.0.0.1:3004/p/1000_123', '1000_123'],
    ['https://www.facebook.com/permalink.php?story_fbid=pfbid0aBc&id=1000', undefined],
    ['https://www.facebook.com/newsroom/posts/123', undefined],
    ['https://www.facebook.com/p/Newsroom-1000/', undefined],
    ['123', undefined],
  ],
  whatsapp: [
    [
      'wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA',
      'wamid.HBgLMTY0NjcwNDM1OTUVAgARGBI1RjQyNUE3NEYxMzAzMzQ5MkEA',
    ],
    ['wamid.a+b/c==', 'wamid.a+b/c=='],
    ['http://127.0.0.1:3003/p/wamid.Ab_c-1', 'wamid.Ab_c-1'],
    ['http://127.0.0.1:3003/p/wamid.a%2Bb%2Fc%3D%3D', 'wamid.a+b/c=='],
    ['+963900000000', undefined],
    ['wamid.', undefined],
  ],
};

describe.each(Object.keys(platforms))('what is pasted for a post on %s', (id) => {
  const { remoteIdOf } = platforms[id] ?? {};

  it.each(cases[id] ?? [])('%s', (text, expected) => {
    expect(remoteIdOf?.(text)).toBe(expected);
    expect(remoteIdOf?.(`\n ${text} `)).toBe(expected);
  });

  it('may be anything', () => {
    const mixed = fc.array(
      fc.oneof(fc.string({ unit: codePoint }), fc.constantFrom('https://t.me/', '/p/', '%', '/status/')),
    );
    fc.assert(fc.property(mixed, (pieces) => void remoteIdOf?.(pieces.join(''))));
  });
});
