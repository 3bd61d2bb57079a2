import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressSecrets, shownAddress } from '../../../src/text/shown-address.ts';

describe('an address as messages show it', () => {
  it.each([
    ['https://news.example.org/feed?page=2&cat=sport', 'https://news.example.org/feed?page=2&cat=sport'],
    ['https://news.example.org/feed?token=abc&page=2', 'https://news.example.org/feed?token=…&page=2'],
    ['https://news.example.org/feed?page=2&API_KEY=a%2Fb#top', 'https://news.example.org/feed?page=2&API_KEY=…#top'],
    ['https://u:p@news.example.org/feed?key=1', 'https://news.example.org/feed?key=…'],
    ['https://news.example.org/f?u=9f86d081884c7d659a2feaa0c5', 'https://news.example.org/f?u=…'],
    ['https://news.example.org/f?story=2026-11-28-a-long-title-of-a-story', undefined],
    ['https://news.example.org/?monkey=1&author=2&keyword=3', undefined],
    ['no address?token=abc', undefined],
  ])('%s', (address, shown) => {
    expect(shownAddress(address)).toBe(shown ?? address);
  });

  it('never has a value that lets one in', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9]{8,20}$/);
    const name = fc.constantFrom('token', 'access_token', 'key', 'rss_key', 'Password', 'sig', 'auth', 'client_secret');
    fc.assert(
      fc.property(name, value, fc.boolean(), (parameter, secret, isFirst) => {
        const address = `https://news.example.org/feed?${isFirst ? '' : 'page=2&'}${parameter}=${secret}&more=1`;
        expect(shownAddress(address)).not.toContain(secret);
        expect(addressSecrets(address)).toEqual([secret]);
      }),
    );
  });

  it('leaves out the same as the log, plain and as the address has it', () => {
    expect(addressSecrets('https://news.example.org/feed?page=2&token=a%2Fb')).toEqual(['a%2Fb', 'a/b']);
    expect(addressSecrets('no address')).toEqual([]);
  });
});
