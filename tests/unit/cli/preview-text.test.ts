import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { columnsOf } from '../../../src/cli/preview-columns.ts';
import { renderText } from '../../../src/cli/preview-text.ts';
import { samplePart, samplePost, samplePosts, samplePreview } from './preview-sample.ts';

const show = (posts: ReturnType<typeof samplePosts>, change = {}, options = {}) =>
  renderText([samplePreview(posts, change)], { timezone: 'Asia/Damascus', ...options });

describe('the preview in a terminal', () => {
  it('ends right-to-left lines at the right edge, and begins others at the left', () => {
    const lines = show([samplePost('telegram', [samplePart('عنوان قصير\nAn English line')])]).split('\n');
    const arabic = lines.find((line) => line.includes('عنوان قصير')) ?? '';
    expect(columnsOf(arabic)).toBe(74);
    expect(arabic.trimStart()).toBe('عنوان قصير');
    expect(lines).toContain('  An English line');
  });

  it('is never wider than it may be', () => {
    const text = `${'كلمة طويلة '.repeat(60)}\n\n${'https://example.org/'.padEnd(300, 'a')} ${'中文字'.repeat(50)}`;
    for (const line of show(samplePosts(text)).split('\n')) expect(columnsOf(line), line).toBeLessThanOrEqual(74);
  });

  it('tells length, limit, unit, part, picture, link, template, edits and notes', () => {
    const text = show(samplePosts('نص المنشور')).replaceAll(/\n {12}/g, ' ');
    for (const told of [
      '── telegram-ar (telegram, SANDBOX) @munadi_example ──',
      '── facebook-ar (facebook, LIVE) ──',
      '10 of 280 weighted characters',
      '10 of 1000 UTF-16 units',
      '· 2 of 2',
      'picture   https://example.org/p.jpg (باب المدينة)',
      'link      https://example.org/story',
      'template  news, ar',
      '{{2}}     نص المنشور',
      'changed   Digits are written as the channel wants them:',
      '“في عام 2026” → “في عام ٢٠٢٦”',
      'note      Paragraph 2: a quotation is not closed.',
      'a1 · ar · published 6 May 2026, 09:15 (Asia/Damascus)',
    ])
      expect(text).toContain(told);
  });

  it('says so where a post is over its limit', () => {
    const over = samplePost('x', [samplePart('long', { length: 300, limit: 280, unit: 'weighted' })]);
    expect(show([over])).toContain('300 of 280 weighted characters – OVER THE LIMIT');
    expect(show(samplePosts('x'))).not.toContain('OVER');
  });

  it('says so where no channel takes the article', () => {
    expect(show([])).toContain('No channel takes this');
  });

  it('has colours only where they are asked for, and hands no control of a text to the terminal', () => {
    const hostile = 'a\u001B[2Jb\u0007\u009Bc\rd\te';
    const posts = [samplePost('x', [samplePart(hostile, { link: hostile })], { place: hostile, warnings: [hostile] })];
    const plain = show(posts, { title: hostile, id: hostile });
    expect(plain).not.toMatch(/[^\P{Cc}\n]/u);
    expect(plain).toContain('a[2Jbcd e');
    const coloured = show(posts, { title: hostile }, { colour: true });
    expect(coloured).toContain('\u001B[1m');
    expect(stripVTControlCharacters(coloured)).not.toMatch(/[^\P{Cc}\n]/u);
  });

  it('keeps texts in logical order', () => {
    const text = 'أعلنت شركة SkyBridge أرباحها لعام 2026';
    expect(show([samplePost('x', [samplePart(text)])])).toContain(text);
  });
});
