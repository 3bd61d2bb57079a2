export { type ArticleInput, readArticle } from './article.ts';
export { readDocument } from './document.ts';
export type { ArticleDraft } from './draft.ts';
export { createGuardedFetch, FetchError, type GuardedFetch } from './guarded-fetch.ts';
export { createImageLoader } from './image.ts';
export { readUrl } from './page.ts';
export { maxDocumentBytes, type SourceDocument, type SourceItem, type SourceRules } from './source.ts';
