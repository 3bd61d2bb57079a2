import { describe, expect, it } from 'vitest';
import { hubInLinks } from '../../../src/sources/websub.ts';

describe('a hub in Link headers', () => {
  const base = 'https://example.org/feed.xml';
  const hub = { url: 'https://hub.example/', topic: 'https://example.org/feed.xml' };

  it.each([
    ['<https://hub.example/>; rel="hub", <https://example.org/feed.xml>; rel="self"', hub],
    ['</feed.xml>; rel=self; type="text/xml", <https://hub.example/>;title=x; REL=Hub', hub],
    ['<https://hub.example/>; rel="preload hub", <>; rel=self', hub],
    ['<https://hub.example/>; rel="hub"', undefined],
    ['<https://example.org/feed.xml>; rel="self"', undefined],
    ['<javascript:1>; rel=hub, </feed.xml>; rel=self', undefined],
    ['<'.repeat(16_000), undefined],
    [undefined, undefined],
  ])('%s', (header, found) => {
    expect(hubInLinks(header, base)).toEqual(found);
  });
});
