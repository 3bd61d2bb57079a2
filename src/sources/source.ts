import type { ArticleDraft } from './draft.ts';

/** One article as a source gives it. */
export interface SourceItem {
  /** Name of the source in the configuration. */
  source: string;
  /** What the source calls it: the same for every version of it, and for no other of that source. */
  key: string;
  draft: ArticleDraft;
  /** When the source says that it changed it last (ISO 8601). */
  updatedAt?: string;
}

/** What the configuration says of the articles of one source. */
export interface SourceRules {
  /** Channels by name, instead of all whose filters take the article. */
  channels?: readonly string[];
  /** Whether what changes at the source changes what is live. */
  updates: 'follow' | 'ignore';
  /** What follows when an article is gone at the source: a person is asked, it is retracted, or nothing. */
  onDelete: 'ask' | 'retract' | 'ignore';
}

/** What a document of a source says: an article, that one is gone, or that one is not to be published yet. */
export type SourceDocument =
  | { event: 'publish'; key?: string; draft: ArticleDraft; updatedAt?: string }
  | { event: 'delete'; key: string }
  | { event: 'wait'; key?: string; reason: string };

/** Most bytes of a document: formats of newsrooms carry more beside the text than an article may have. */
export const maxDocumentBytes = 4 * 1024 * 1024;
