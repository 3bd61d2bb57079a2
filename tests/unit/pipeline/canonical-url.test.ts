import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalUrl } from '../../../src/pipeline/dedupe.ts';

const arabic = 'https://example.org/أخبار/حلب-اليوم';
const same: [string, string, string][] = [
  ['scheme', 'http://example.org/a', 'https://example.org/a'],
  ['host in capitals, default port', 'HTTPS://EXAMPLE.org:443/a', 'https://example.org/a'],
  ['default port of http', 'http://example.org:80/a', 'https://example.org/a'],
  ['www', 'https://www.example.org/a', 'https://example.org/a'],
  ['dot behind the host', 'https://example.org./a', 'https://example.org/a'],
  ['closing slash', 'https://example.org/a/', 'https://example.org/a'],
  ['bare host', 'https://example.org', 'https://www.example.org/'],
  ['doubled slash', 'https://example.org//a//b', 'https://example.org/a/b'],
  ['empty query', 'https://example.org/a?', 'https://example.org/a'],
  ['fragment', 'https://example.org/a#comments', 'https://example.org/a'],
  ['order', 'https://example.org/a?y=1&x=2', 'https://example.org/a?x=2&y=1'],
  ['index page', 'https://example.org/a/index.html', 'https://example.org/a'],
  ['encoded Arabic', encodeURI(arabic), arabic],
  ['encoded Arabic in small letters', encodeURI(arabic).toLowerCase(), arabic],
  ['encoded plain letters', 'https://example.org/%61-b%7Ec', 'https://example.org/a-b~c'],
  ['composed letters', `https://example.org/${'أ'.normalize('NFD')}`, 'https://example.org/أ'],
  ['plus for space', 'https://example.org/?q=a+b', 'https://example.org/?q=a%20b'],
  ['AMP path', 'https://example.org/a/amp/', 'https://example.org/a'],
  ['AMP file', 'https://example.org/a.amp.html', 'https://example.org/a.html'],
  ['AMP query', 'https://example.org/a?outputType=amp&amp=1', 'https://example.org/a'],
  ['where a feed leads from', 'https://example.org/a?ref=rss', 'https://example.org/a'],
  ...[
    'utm_source=x&utm_medium=y&UTM_campaign=z',
    'fbclid=1&gclid=2&gbraid=3&wbraid=4&dclid=5&msclkid=6&yclid=7&igsh=8&igshid=9',
    'mc_cid=1&mc_eid=2&_hsenc=3&_hsmi=4&mkt_tok=5&vero_id=6&oly_enc_id=7&wickedid=8&spm=9',
    'CMP=share_btn&ITO=1&ns_mchannel=rss&at_medium=RSS&xtor=AL-72&__twitter_impression=true&ref_src=twsrc',
  ].map((query): [string, string, string] => [query, `https://example.org/a?${query}`, 'https://example.org/a']),
];

const other: [string, string, string][] = [
  ['ids', 'https://example.org/?p=1', 'https://example.org/?p=2'],
  ['ids under index.php', 'https://example.org/index.php?id=1', 'https://example.org/index.php?id=2'],
  ['ids of hash-bang pages', 'https://example.org/#!/news/1', 'https://example.org/#!/news/2'],
  ['letters in capitals', 'https://example.org/A', 'https://example.org/a'],
  ['hosts below', 'https://m.example.org/a', 'https://example.org/a'],
  ['ports', 'https://example.org:8443/a', 'https://example.org/a'],
  ['a slash that belongs to a name', 'https://example.org/a%2Fb', 'https://example.org/a/b'],
  ['an ampersand in a value', 'https://example.org/?q=a%26b=1', 'https://example.org/?q=a&b=1'],
  ['references that may be pages', 'https://example.org/a?ref=1234', 'https://example.org/a?ref=1235'],
  ['sources that may be pages', 'https://example.org/a?source=12', 'https://example.org/a?source=13'],
  ['order of one name', 'https://example.org/?x=1&x=2', 'https://example.org/?x=2&x=1'],
  ['a host that is called www', 'https://www.org/a', 'https://org/a'],
];

describe('one name for a page', () => {
  it.each(same)('does not heed %s', (_, one, another) => {
    expect(canonicalUrl(one)).toBe(canonicalUrl(another));
  });

  it.each(other)('tells apart %s', (_, one, another) => {
    expect(canonicalUrl(one)).not.toBe(canonicalUrl(another));
  });

  const text = fc.string({ unit: fc.constantFrom(..."ab1Z/?&=%#!+. ;أب~*'(é%2F%d8"), maxLength: 24 });
  const address = fc
    .tuple(fc.constantFrom('http://', 'https://www.', 'https://'), fc.webAuthority({ withPort: true }), text)
    .map(([scheme, host, rest]) => `${scheme}${host}/${rest}`)
    .filter((url) => URL.canParse(url));

  it('is its own name', () => {
    fc.assert(
      fc.property(address, (url) => {
        const once = canonicalUrl(url);
        expect(canonicalUrl(once)).toBe(once);
      }),
      { numRuns: 400 },
    );
  });

  it('keeps apart what only an id tells apart', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,12}$/);
    const place = fc.constantFrom('?p=', '?id=', '?story_id=', '?article=', '/', '/news/', '?ref=', '?q=x&n=', '#!');
    fc.assert(
      fc.property(place, id, id, (where, one, another) => {
        const known =
          /^(?:amp|1|true|rss|feed|home|homepage|fb|facebook|twitter|tw|x|telegram|share|nl|app|push|google)$/i;
        fc.pre(one !== another && !known.test(one) && !known.test(another));
        const named = (name: string) => canonicalUrl(`https://example.org${where}${name}`);
        expect(named(one)).not.toBe(named(another));
      }),
      { numRuns: 400 },
    );
  });
});
