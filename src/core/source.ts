import type { Priority } from './article.ts';

/** What articles of one source get that do not have it, and what happens to them. */
export interface SourceTraits {
  /** Channels by name, instead of all whose filters take the article. */
  channels?: string[];
  language?: string;
  section?: string;
  /** Beside their own. */
  tags: string[];
  priority?: Priority;
  /** Whether what changes at the source changes what is live. */
  updates: 'follow' | 'ignore';
  /** What follows when an article is gone at the source. */
  onDelete: 'ask' | 'retract' | 'ignore';
}

/** What a CMS tells of an article: it is there as given, it is gone, or it is not to be published yet. */
export type CmsEvent = 'publish' | 'delete' | 'wait';

/** Where articles come from by themselves, feeds aside. */
export type SourceSetting = SourceTraits &
  (
    | {
        kind: 'wordpress' | 'webhook';
        /** Any of them may have signed a call. */
        secrets: string[];
        /** How far the time of a call may be off. */
        toleranceMs: number;
        /** Of a `webhook`: where each of our keys stands in its documents; absent: they are articles as the API takes them. */
        map?: Record<string, string>;
        /** Of a `webhook`: what its own words for events mean. */
        events?: Record<string, CmsEvent>;
      }
    | {
        kind: 'folder';
        /** Absolute. */
        path: string;
        /** A file is whole when it has not changed for so long. */
        settleMs: number;
      }
  );

/** A feed that is read by itself. */
export type FeedSetting = SourceTraits & {
  url: string;
  everyMs: number;
  /** Where the story's text comes from: the page where the feed has only a teaser, always, or never. */
  fullText: 'auto' | 'always' | 'never';
  /** What becomes of what is there when the feed is read first. */
  first: 'remember' | 'post';
  /** Whether its hub is asked to tell us. */
  webSub: boolean;
  /** Name for filters. */
  source: string;
};

/** The key of a secret in the form of Standard Webhooks, `whsec_BASE64`; undefined for others, and for less than 16 bytes. */
export function standardKey(secret: string): Buffer | undefined {
  const [, text] = /^whsec_([A-Za-z\d+/_-]+={0,2})$/.exec(secret) ?? [];
  const key = text === undefined ? undefined : Buffer.from(text, 'base64');
  return key !== undefined && key.length >= 16 ? key : undefined;
}
