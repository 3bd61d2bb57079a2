import type { ArticlePreview, PostPreview } from '../../../src/cli/preview-posts.ts';
import type { Article } from '../../../src/core/article.ts';
import type { PostPart } from '../../../src/core/post.ts';

/** Posts made by hand: how a preview shows a post does not depend on how posts are composed. */

export const picture = { url: 'https://example.org/p.jpg', alt: 'باب المدينة' };

export function sampleArticle(change: Partial<Article> = {}): Article {
  return {
    id: 'a1',
    version: 1,
    url: 'https://example.org/story',
    title: 'افتتاح سوق المدينة القديم',
    paragraphs: ['افتتح السوق.'],
    language: 'ar',
    direction: 'rtl',
    images: [],
    tags: [],
    publishedAt: '2026-05-06T09:15:00+03:00',
    priority: 'normal',
    ...change,
  };
}

export function samplePart(text: string, change: Partial<PostPart> = {}): PostPart {
  return { text, length: text.length, limit: 1000, unit: 'utf16', media: [], ...change };
}

export function samplePost(platform: string, parts: PostPart[], change: Partial<PostPreview> = {}): PostPreview {
  return { channel: `${platform}-ar`, platform, sandbox: true, parts, edits: [], warnings: [], ...change };
}

export function samplePreview(posts: PostPreview[], change: Partial<Article> = {}): ArticlePreview {
  return { article: sampleArticle(change), posts, dueMs: Date.parse('2026-05-06T12:00:00+03:00') };
}

/** One post a platform, with all that a post can have. */
export function samplePosts(text: string, markup = text): PostPreview[] {
  const link = 'https://example.org/story';
  return [
    samplePost('telegram', [samplePart(text, { markup, media: [picture], link })], { place: '@munadi_example' }),
    samplePost('x', [samplePart(text, { unit: 'weighted', limit: 280 }), samplePart(text, { unit: 'weighted' })]),
    samplePost('whatsapp', [samplePart(text, { link })], {
      template: { name: 'news', language: 'ar', parameters: ['عنوان', text], headerImage: false },
      edits: [{ kind: 'digits', before: 'في عام 2026', after: 'في عام ٢٠٢٦' }],
      warnings: ['Paragraph 2: a quotation is not closed.'],
    }),
    samplePost('facebook', [samplePart(text, { link })], { sandbox: false }),
  ];
}
