import { detectLanguage } from '../text/language.ts';
import { splitSentences } from '../text/sentences.ts';
import { agencyInDateline } from './byline.ts';
import type { RawArticle } from './draft.ts';
import { findHeadline } from './headline.ts';
import { toLines } from './paragraphs.ts';
import { readStory } from './story.ts';

const loneUrl =
  /^(?:(?:source|المصدر|الرابط|رابط (?:المقال|الخبر|المادة)|link|url|full story)\s*[:：]\s*)?(https?:\/\/\S+)$/i;
/** Addresses that scraped texts carry and that are no article's. */
const otherUrl = /^https?:\/\/(?:t\.co|pic\.twitter\.com)\/|\.(?:jpe?g|png|gif|webp|mp4)(?:\?|$)/i;
/** Beyond this a first line is no headline but a whole paragraph (characters). */
const longestHeadline = 300;

/**
 * An article from plain text as scraped: share bars and other page furniture dropped, headline found, byline, agency and
 * tags split off, paragraphs kept. Without a headline, the title is empty.
 */
export function readText(text: string): RawArticle {
  const all = toLines(text);
  const urls = all.map((line) => line.match(loneUrl)?.[1]).filter((url) => url !== undefined && !otherUrl.test(url));
  const url = new Set(urls).size === 1 && URL.canParse(urls[0] as string) ? urls[0] : undefined;
  const lines = all.filter((line) => {
    const found = line.match(loneUrl)?.[1];
    return found === undefined || (found !== url && !otherUrl.test(found));
  });

  const found = findHeadline(lines);
  if (!found) return { title: '', paragraphs: [] };
  const { title, rest } = splitHeadline(found.title);
  const story = readStory([...rest, ...found.rest], title);
  const { byline, publishedAt, tags, paragraphs } = story;
  const agency = story.agency ?? found.by.agency ?? agencyInDateline(paragraphs[0]);
  return {
    title,
    paragraphs,
    ...definedOnly({ byline: byline ?? found.by.byline, agency, url, publishedAt }),
    ...(tags.length > 0 ? { tags } : {}),
  };
}

/** A first line that is a paragraph gives its first sentence as the headline. */
function splitHeadline(line: string): { title: string; rest: string[] } {
  if (line.length <= longestHeadline) return { title: line, rest: [] };
  const [title = line, ...sentences] = splitSentences(line, detectLanguage(line).language);
  return { title, rest: sentences.length > 0 ? [sentences.join(' ')] : [] };
}

function definedOnly<T extends object>(object: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
