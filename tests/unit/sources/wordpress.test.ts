import { describe, expect, it } from 'vitest';
import { readMapped } from '../../../src/sources/mapping.ts';
import { readWordpress } from '../../../src/sources/wordpress.ts';

const read = (post: object) => readWordpress({ post: { ID: 7, post_status: 'publish', ...post } }, 'the call');

describe('a post of WordPress', () => {
  it('from the old editor keeps its paragraphs, without what stands for pictures and players', () => {
    const content =
      'الفقرة <strong>الأولى</strong> هنا.\r\n\r\n[caption id="a"]<img src="a.jpg"> تعليق[/caption]\n\nالفقرة الثانية هنا.\n\n[gallery ids="1,2"]';
    expect(read({ post_title: 'عنوان الخبر', post_content: content })).toMatchObject({
      draft: { paragraphs: ['الفقرة الأولى هنا.', 'الفقرة الثانية هنا.'] },
    });
  });

  it('from the new editor is read by its blocks', () => {
    const content =
      '<!-- wp:paragraph -->\n<p>الفقرة الأولى.</p>\n<!-- /wp:paragraph -->\n\n<!-- wp:paragraph -->\n<p>الفقرة الثانية.</p>';
    expect(read({ post_title: 'عنوان الخبر', post_content: content })).toMatchObject({
      draft: { paragraphs: ['الفقرة الأولى.', 'الفقرة الثانية.'] },
    });
  });

  it.each(['page', 'attachment', 'revision'])('is no %s', (type) => {
    expect(read({ post_title: 'من نحن', post_content: 'نص', post_type: type })).toMatchObject({ event: 'wait' });
  });
});

describe('words of a CMS for its events', () => {
  const map = { event: 'state', id: 'id', title: 'title' };
  const events = { '3': 'delete', onAir: 'publish' } as const;
  it.each([
    [3, 'delete'],
    ['onAir', 'publish'],
    ['unpublished', 'delete'],
  ])('%s', (state, event) => {
    const document = { state, id: 1, title: 'عنوان الخبر' };
    expect(readMapped(document, { map, events }, 'the call')).toMatchObject({ event, key: '1' });
  });

  it('that nobody knows are named, with the remedy', () => {
    expect(() => readMapped({ state: 'toString', id: 1, title: 'ع' }, { map, events }, 'the call')).toThrow(/"events"/);
  });
});
