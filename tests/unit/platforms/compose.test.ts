import { describe, expect, it } from 'vitest';
import type { Article } from '../../../src/core/article.ts';
import type { Platform } from '../../../src/core/platform.ts';
import { platforms } from '../../../src/platforms/index.ts';

const base: Article = {
  id: 'article',
  version: 1,
  url: 'https://news.example.com/a',
  title: 'Harbour library opens',
  paragraphs: ['The library opened its doors.', 'It holds 2,000 books.'],
  language: 'en',
  direction: 'ltr',
  images: [],
  tags: [],
  priority: 'normal',
};

function compose(id: string, article: Partial<Article> = {}, settings: Record<string, unknown> = {}) {
  const platform = platforms[id] as Platform;
  return platform.compose(
    { ...base, ...article },
    {
      id: 'channel',
      platform: id,
      account: 'account',
      filters: {},
      unconfirmed: 'hold',
      settings: { ...platform.example.channel, ...settings },
    },
  );
}

describe('a link on X', () => {
  it('goes with every post, with breaking ones only, or with none', () => {
    const link = (links: string, priority: Article['priority']) =>
      compose('x', { priority }, { links }).parts[0]?.text.includes('https://');
    expect([link('always', 'normal'), link('breaking', 'normal'), link('breaking', 'breaking')]).toEqual([
      true,
      false,
      true,
    ]);
    expect(link('never', 'breaking')).toBe(false);
  });

  it('is seen in a bare domain of the text, where the channel wants none', () => {
    const title = 'SY24.com asks readers';
    expect(compose('x', { title }, { links: 'never' }).warnings.join()).toContain('SY24.com');
    expect(compose('x', { title }, { links: 'breaking' }).warnings).toHaveLength(1);
    expect(compose('x', { title }, { links: 'always' }).warnings.join()).toMatch(
      /^This post carries a link: X charges/,
    );
    expect(compose('x', {}, { links: 'never' }).warnings).toEqual([]);
  });
});

describe('a post', () => {
  it('goes without an address that would not fit, and says so', () => {
    const url = `https://news.example.com/${'x'.repeat(5_000)}`;
    const post = compose('telegram', { url });
    expect(post.parts[0]?.text).not.toContain('https://');
    expect(post.parts[0]?.link).toBeUndefined();
    expect(post.warnings.join()).toContain('too long');
  });

  it('warns of a second cashtag on X, which is refused', () => {
    expect(compose('x', { title: 'Shares of $ABC and $DEF fell' }).warnings.join()).toContain('cashtag');
  });

  it('shows signs of the article on WhatsApp as they are, and its own in bold', () => {
    const [part] = compose('whatsapp', { paragraphs: ['It was _not_ easy.'] }, { mode: 'text' }).parts;
    expect(part?.markup).toContain('*Harbour library opens*');
    expect(part?.text).toContain('It was \u2060_not_ easy.');
    expect(part?.markup).toContain('It was \u2060_not_ easy.');
  });

  it('shows a WhatsApp template without the signs of its approved body', () => {
    const template = { name: 'news', language: 'en', text: '*{{1}}*\n\n{{2}}', header: 'none' };
    const post = compose('whatsapp', {}, { template });
    expect(post.parts[0]?.text.split('\n')[0]).toBe('Harbour library opens');
    expect(post.parts[0]?.markup?.split('\n')[0]).toBe('*Harbour library opens*');
    expect(post.template?.parameters[0]).toBe('Harbour library opens');
  });
});
