import type { Article } from '../../src/core/article.ts';
import type { Post } from '../../src/core/post.ts';
import { flatten } from './folded.ts';

/** A post taken apart, as a reader who knows the article would. */
export interface Reading {
  headline: string;
  /** The summary's lines, in order, over all parts. */
  summary: string[];
  /** Hashtags from the article's tags and section, in the order of the post. */
  hashtags: string[];
  /** The article's address, as often as it stands in the post. */
  links: string[];
}

const marks = /[\u061C\u200E\u200F\u202A-\u202E\u2060\u2066-\u2069]/g;
const plain = (token: string) => token.replace(marks, '');

/** Letters and digits alone: what a tag and its hashtag share. */
export const tagLetters = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/[^\p{L}\p{N}]/gu, '')
    .toLowerCase();

/** One spelling of an address, without campaign parameters. */
function canonical(address: string): string | undefined {
  const url = URL.parse(address);
  if (!url) return undefined;
  for (const name of [...url.searchParams.keys()]) if (name.startsWith('utm_')) url.searchParams.delete(name);
  const { href } = url;
  try {
    return decodeURIComponent(href.replaceAll('+', '%20')).toLowerCase();
  } catch {
    return href.toLowerCase();
  }
}

/** Recognises an article's address, however it is encoded. */
export function addressMatcher({ url }: Article): (token: string) => boolean {
  const own = url === undefined ? undefined : canonical(url);
  return (token) => own !== undefined && /^https?:/i.test(plain(token)) && canonical(plain(token)) === own;
}

export function readPost(article: Article, post: Post): Reading {
  const isLink = addressMatcher(article);
  const tags = new Set([...article.tags, article.section ?? ''].map(tagLetters).filter((tag) => tag !== ''));
  const isTag = (token: string) => plain(token).startsWith('#') && tags.has(tagLetters(plain(token)));
  const { headline, lines } = post.template ? fromTemplate(post) : fromText(post);
  const reading: Reading = { headline, summary: [], hashtags: [], links: [] };
  for (const line of lines) {
    const tokens = line.split(/\s+/).filter((token) => plain(token) !== '');
    const isFurniture = tokens.length > 0 && tokens.every((token) => isLink(token) || isTag(token));
    while (tokens.length > 0) {
      const last = tokens.at(-1) as string;
      if (isLink(last)) reading.links.unshift(plain(last));
      else if (isTag(last) && (isFurniture || (post.template && reading.links.length > 0))) {
        reading.hashtags.unshift(plain(last));
      } else break;
      tokens.pop();
    }
    if (tokens.length > 0) reading.summary.push(tokens.length === line.split(/\s+/).length ? line : tokens.join(' '));
  }
  return reading;
}

function fromTemplate({ template }: Post): { headline: string; lines: string[] } {
  const [headline = '', ...rest] = template?.parameters ?? [];
  // A template without anything to say says the headline again.
  return { headline, lines: rest.filter((one) => flatten(one) !== flatten(headline)) };
}

function fromText({ parts }: Post): { headline: string; lines: string[] } {
  const lines = parts.flatMap(({ text }) => text.split('\n')).filter((line) => plain(line).trim() !== '');
  const [headline = '', ...rest] = lines;
  const isNumber = (line: string) => parts.length > 1 && new RegExp(`^\\d+/${parts.length}$`).test(flatten(line));
  return { headline, lines: rest.filter((line) => !isNumber(line)) };
}
