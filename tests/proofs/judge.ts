import type { Article } from '../../src/core/article.ts';
import type { Post } from '../../src/core/post.ts';
import { checkDirection } from './checks-direction.ts';
import { checkEdits, checkHashtags, checkHeadline, checkLink } from './checks-furniture.ts';
import { checkLimits } from './checks-limits.ts';
import { checkWords } from './checks-words.ts';
import { type Reading, readPost } from './reading.ts';
import type { Setting } from './settings.ts';

/** A post before its judge. */
export interface Judged {
  article: Article;
  setting: Setting;
  post: Post;
  reading: Reading;
}

/** The promises that a single post can break. */
export const promises = [
  'within-limit',
  'length-exact',
  'not-empty',
  'markup',
  'parameters',
  'headline',
  'link',
  'hashtags',
  'verbatim',
  'whole-sentences',
  'order',
  'twice',
  'quotes',
  'words',
  'graphemes',
  'punctuation',
  'edits-listed',
  'edits-true',
  'line-direction',
  'latin-order',
] as const;

export type Promised = (typeof promises)[number];
export type Fail = (promise: Promised, what: string) => void;

/** Holds one post against every promise; `fail` is called for each breach. */
export function judge(article: Article, setting: Setting, post: Post, fail: Fail): void {
  const judged: Judged = { article, setting, post, reading: readPost(article, post) };
  checkLimits(judged, fail);
  const owed = new Set([...checkHeadline(judged, fail), ...checkWords(judged, fail)]);
  checkEdits(judged, owed, fail);
  checkLink(judged, fail);
  checkHashtags(judged, fail);
  checkDirection(judged, fail);
}
