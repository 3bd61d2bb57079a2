export { type ArticleInput, readArticle } from './article.ts';
export { maxDocumentBytes, readDocument, type SourceDocument } from './document.ts';
export type { ArticleDraft } from './draft.ts';
export { createGuardedFetch, FetchError, type GuardedFetch } from './guarded-fetch.ts';
export { createImageLoader } from './image.ts';
export { readUrl } from './page.ts';
export type { SourceItem, SourceRules } from './source.ts';
