import fc from 'fast-check';
import twitterText from 'twitter-text';
import { describe, expect, it } from 'vitest';
import { postLink } from '../../../src/text/link.ts';

const whole = (link: string) => expect(twitterText.extractUrls(`كلمة ${link} كلمة ${link}`)).toEqual([link, link]);

describe('the link of a post', () => {
  it.each([
    ['https://sy24.com/a', 'https://sy24.com/a'],
    ['https://sy24.com', 'https://sy24.com/'],
    ['https://sy24.com/مقال-جديد/', 'https://sy24.com/%D9%85%D9%82%D8%A7%D9%84-%D8%AC%D8%AF%D9%8A%D8%AF/'],
    ['https://en.example.org/wiki/Dune_(film)', 'https://en.example.org/wiki/Dune_%28film%29'],
    ['https://sy24.com/a.', 'https://sy24.com/a%2E'],
    ['https://sy24.com/a?q=1.', 'https://sy24.com/a?q=1%2E'],
    ['https://sy24.com/a?q=b+', 'https://sy24.com/a?q=b%20'],
    ['https://sy24.com/a.?q=1', 'https://sy24.com/a%2E?q=1'],
    ['https://sy24.com/a?', 'https://sy24.com/a'],
    ['https://sy24.com/a?b[]=1|2', 'https://sy24.com/a?b%5B%5D=1%7C2'],
    ['https://sy24.com/100%', 'https://sy24.com/100%25'],
    ['https://sy24.com/#a?b', 'https://sy24.com/#a%3Fb'],
    ['https://user:secret@sy24.com./a', 'https://sy24.com/a'],
    ['HTTPS://SY24.com:8080/A', 'https://sy24.com:8080/A'],
    ['https://عرب.com/', 'https://xn--ngbrx.com/'],
  ])('%j is %j', (given, expected) => {
    expect(postLink(given)).toBe(expected);
    whole(expected);
    expect(postLink(expected)).toBe(expected);
  });

  it.each([
    ['https://sy24.com/a', 'https://sy24.com/a?utm_source=x&utm_campaign=%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1%20(1)'],
    [
      'https://sy24.com/a?b=1#c',
      'https://sy24.com/a?b=1&utm_source=x&utm_campaign=%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1%20(1)#c',
    ],
    [
      'https://sy24.com/a?utm_source=own&',
      'https://sy24.com/a?utm_source=own&utm_campaign=%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1%20(1)',
    ],
  ])('%j with parameters is %j', (given, expected) => {
    const link = postLink(given, { utm_source: 'x', utm_campaign: 'أخبار (1)', utm_term: '' });
    expect(link).toBe(expected.replace('(1)', '%281%29'));
    whole(link);
  });

  it.each(['ftp://a.org/', 'mailto:a@b.org', 'a.org', ''])('%j is refused', (given) => {
    expect(() => postLink(given)).toThrow(TypeError);
  });

  const host = fc.constantFrom(
    'sy24.com',
    'www.example.org',
    'bbc.co.uk',
    'a-b.net:8080',
    'news.example.sy',
    'عرب.com',
  );
  const rest = fc.oneof(
    fc.webUrl({ withQueryParameters: true, withFragments: true }).map((url) => url.replace(/^https?:\/\/[^/?#]*/, '')),
    fc
      .string({ unit: fc.constantFrom(...'aZ0/سé%.,)(\'*~|[]{}^`"\\!$&;=:@?#+-_ <>'), maxLength: 20 })
      .map((path) => `/${path}`),
    fc.string({ unit: 'grapheme', maxLength: 10 }).map((path) => `/${path}`),
  );
  const url = fc
    .tuple(fc.constantFrom('http', 'https'), host, rest)
    .map(([scheme, name, path]) => `${scheme}://${name}${path}`);
  const utm = fc.dictionary(
    fc.constantFrom('utm_source', 'utm_medium', 'خ', 'a b'),
    fc.string({ unit: 'grapheme', maxLength: 5 }),
  );

  it('is one whole address for X, whatever the article has', () => {
    fc.assert(
      fc.property(url, utm, (given, added) => {
        fc.pre(URL.canParse(given));
        const link = postLink(given, added);
        expect(twitterText.extractUrls(`كلمة ${link}`)).toEqual([link]);
        expect(postLink(link, added)).toBe(link);
      }),
      { numRuns: 1_500 },
    );
  });

  it('leads to the same place', () => {
    const decoded = (text: string) =>
      text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('latin1'));
    fc.assert(
      fc.property(url, (given) => {
        fc.pre(URL.canParse(given));
        const before = new URL(given);
        const after = new URL(postLink(given));
        expect(after.host).toBe(before.host);
        expect(decoded(after.pathname)).toBe(decoded(before.pathname));
        expect(decoded(after.hash)).toBe(decoded(before.hash).replace(/^#$/, ''));
        expect([...after.searchParams]).toEqual([...before.searchParams]);
      }),
      { numRuns: 2_000 },
    );
  });
});
