import type { Image } from '../core/article.ts';
import { InputError } from '../core/errors.ts';
import { canonicalLanguage, detectLanguage, directionOf } from '../text/language.ts';
import { normaliseText } from '../text/normalise.ts';
import { splitSentences } from '../text/sentences.ts';
import { isDecoration } from './best-image.ts';
import { agencyInDateline, splitByline } from './byline.ts';
import { type ArticleDraft, toDraft } from './draft.ts';
import { readFeedDate } from './feed-date.ts';
import { type FeedEntry, type FeedHead, type FeedPicture, type FeedWords, webAddress } from './feed-entry.ts';
import { type FeedBody, readFeedBody, readFeedLine, withoutCut } from './feed-text.ts';
import { endsSentence, fold } from './fold.ts';
import { isSection } from './furniture.ts';
import { readStory, type Story } from './story.ts';

/** An entry as an article. */
export interface FeedArticle {
  draft: ArticleDraft;
  updatedAt?: string;
  isTeaser: boolean;
  /** About this entry alone. */
  warnings: string[];
}

/** A description from this length on is a story, not a teaser (characters); a shorter one from the other on, in so many paragraphs. */
const storyLength = 1_000;
const shortStory = { length: 500, paragraphs: 3 };
/** A text without a title gives its first sentence; a longer one is cut at a word (characters). */
const longestTitle = 200;
/** Longer texts are no news, and are not searched for bylines and buttons (characters). */
const longestStory = 100_000;
const mostPictures = 10;
/** A picture in the text is better than one that the feed says is narrower (pixels). */
const smallPicture = 300;

/** Cleans an entry as all sources are cleaned. Undefined where it has neither a title nor text. */
export function toFeedArticle(entry: FeedEntry, head: FeedHead, name: string): FeedArticle | undefined {
  const warnings: string[] = [];
  const base = entry.base === undefined ? head.base : (webAddress(entry.base, head.base) ?? head.base);
  const url = addressOf(entry.addresses, base);
  const body = firstBody(entry.contents, base, warnings);
  const summary = firstBody(entry.summaries, base, warnings);
  const full = body && (!summary || !isSame(body, summary)) ? body : undefined;
  const shown = full ?? (summary?.paragraphs.length ? summary : body);
  const given = entry.titles.map((words) => readFeedLine(words)).find((line) => /[\p{L}\p{N}]/u.test(line));
  const isTeaser = url !== undefined && (full ? full.isCut : !isStory(shown));
  const sentences = shown?.isCut ? wholeParagraphs(shown.paragraphs) : (shown?.paragraphs ?? []);
  const source = readFeedLine({ text: entry.source ?? '', form: 'either' });
  const { title, rest } = given === undefined ? titleFrom(sentences, shown) : ofSource(given, sentences, source);
  if (title === undefined) return undefined;
  const length = rest.reduce((sum, one) => sum + one.length, 0);
  const story: Story = length > longestStory ? { paragraphs: rest, tags: [] } : readStory(rest, title);
  const agency = story.agency ?? agencyInDateline(story.paragraphs[0]) ?? (source || undefined);
  const tags = cleanTags(entry.tags);
  const section = normaliseText(entry.section ?? '') || tags.find((tag) => isSection(tag));
  const language = plausible(entry.language, head.language, [title, ...story.paragraphs].join('\n'));
  const published = firstDate(entry.published, warnings);
  const updated = firstDate(entry.updated, warnings);
  const isSmall = ([first]: FeedPicture[]) => first?.width !== undefined && first.width < smallPicture;
  const inText = [(full ?? body)?.pictures.slice(0, 1) ?? [], summary?.pictures.slice(0, 1) ?? []];
  const images = picturesOf(
    [...entry.pictures.filter((set) => !isSmall(set)), ...inText, ...entry.pictures.filter(isSmall)],
    base,
  );
  const teaser = teaserOf(summary, shown);
  const draft = toDraft(
    {
      title,
      paragraphs: story.paragraphs,
      ...(agency === undefined ? {} : { agency }),
      ...(story.byline === undefined ? {} : { byline: story.byline }),
      ...bylineOf(entry.authors.length > 0 ? entry.authors : head.authors),
      ...((url ?? entry.media) ? { url: (url ?? webAddress(entry.media, base)) as string } : {}),
      ...(published ? { publishedAt: published } : {}),
      ...(language ? { language } : {}),
      ...(section ? { section } : {}),
      ...(teaser ? { teaser } : {}),
      tags: tags.length > 0 ? tags : story.tags,
      images,
    },
    name,
  );
  return { draft, ...(updated ? { updatedAt: updated } : {}), isTeaser, warnings };
}

/** The first address that leads to a page. Addresses of search engines that only count readers are followed in words. */
function addressOf(addresses: FeedEntry['addresses'], base: string | undefined): string | undefined {
  for (const address of addresses) {
    const found = webAddress(address, base);
    if (found !== undefined) return behindCounter(found);
  }
  return undefined;
}

function behindCounter(url: string): string {
  const { hostname, pathname, searchParams } = new URL(url);
  const counts =
    (/^(?:www\.)?google\.[a-z.]{2,6}$/.test(hostname) && pathname === '/url') ||
    (/^(?:www\.)?bing\.com$/.test(hostname) && /apiclick/i.test(pathname));
  return (
    (counts ? webAddress(searchParams.get('url') ?? searchParams.get('q') ?? undefined, undefined) : undefined) ?? url
  );
}

/** The first text that has something in it. What cannot be read is left out, with a warning. */
function firstBody(all: (FeedWords | undefined)[], base: string | undefined, warnings: string[]): FeedBody | undefined {
  let pictures: FeedPicture[] = [];
  for (const words of all) {
    if (words === undefined || words.text.trim() === '') continue;
    const body = tryBody(words, base, warnings);
    if (body && body.paragraphs.length > 0) return body;
    if (body && pictures.length === 0) pictures = body.pictures;
  }
  return pictures.length > 0 ? { paragraphs: [], pictures, isCut: false } : undefined;
}

function tryBody(words: FeedWords, base: string | undefined, warnings: string[]): FeedBody | undefined {
  try {
    return readFeedBody(words, base);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const why =
      error.code === 'too-large'
        ? 'is larger than an article may be'
        : 'is HTML with too many or too deeply nested elements';
    warnings.push(`its text ${why}, and was left out`);
    return undefined;
  }
}

const joined = (body: FeedBody) => body.paragraphs.join(' ');

/** True where the content says no more than the description. */
function isSame(content: FeedBody, summary: FeedBody): boolean {
  const [one, other] = [fold(joined(content)), fold(joined(summary))];
  return one === '' || one === other || (content.isCut && one.length <= other.length + 20);
}

/** A description that is the whole story. */
function isStory(body: FeedBody | undefined): boolean {
  if (!body || body.isCut) return false;
  const { length } = joined(body);
  return length >= storyLength || (length >= shortStory.length && body.paragraphs.length >= shortStory.paragraphs);
}

/** Without the sentence that is cut at the end. */
function wholeParagraphs(paragraphs: string[]): string[] {
  const last = paragraphs.at(-1) ?? '';
  const whole = withoutCut(splitSentences(last, detectLanguage(last).language)).join(' ');
  return [...paragraphs.slice(0, -1), ...(whole === '' ? [] : [whole])];
}

/** The first sentence as the title, and what is left. */
function titleFrom(paragraphs: string[], shown: FeedBody | undefined): { title?: string; rest: string[] } {
  const [first = shown?.paragraphs[0] ?? '', ...others] = paragraphs.filter((one) => /[\p{L}\p{N}]/u.test(one));
  if (first === '') return { rest: [] };
  const [sentence = first, ...left] = splitSentences(first, detectLanguage(first).language);
  if (sentence.length > longestTitle) {
    const cut = sentence.slice(0, longestTitle).replace(/\s+\S*$/u, '');
    return { title: `${cut}…`, rest: paragraphs };
  }
  return { title: sentence, rest: [...(left.length > 0 ? [left.join(' ')] : []), ...others] };
}

/** Collectors of news write whose a story is behind the title, and say both again as the description. */
function ofSource(given: string, paragraphs: string[], source: string): { title: string; rest: string[] } {
  if (source === '') return { title: given, rest: paragraphs };
  const ending = [' - ', ' – ', ' — ', ' | '].map((mark) => `${mark}${source}`).find((one) => given.endsWith(one));
  const title = ending === undefined ? given : given.slice(0, -ending.length);
  return { title, rest: paragraphs.filter((one) => fold(one) !== fold(`${title} ${source}`)) };
}

/** The description, where it is more than the story's own text again. */
function teaserOf(summary: FeedBody | undefined, shown: FeedBody | undefined): string | undefined {
  if (!summary || summary.paragraphs.length === 0) return undefined;
  if (summary === shown && isStory(summary)) return undefined;
  // A line that is no sentence would run into the next one.
  return summary.paragraphs.filter((one, index, all) => index === all.length - 1 || endsSentence(one)).join(' ');
}

/** Names that blog software gives to those who have none. */
const nobody =
  /^(?:admin|administrator|editor|root|webmaster|user|author|unknown|anonymous|المحرر|المدير|مدير الموقع|أدمن)\d*$/i;

function bylineOf(authors: readonly string[]) {
  const names = [...new Set(authors.map((author) => readFeedLine({ text: author, form: 'either' })))].filter(
    (name) => name !== '' && name.length <= 200 && !nobody.test(name) && !/^\S+@\S+$|^https?:/.test(name),
  );
  if (names.length === 0) return {};
  const first = names[0] as string;
  return names.length === 1
    ? splitByline(first)
    : { byline: names.join(/\p{Script=Arabic}/u.test(first) ? '، ' : ', ') };
}

const noTag = /^(?:uncategori[sz]ed|غير مصنف|بدون تصنيف|general|none)$/i;
const mostTags = 30;

function cleanTags(tags: readonly string[]): string[] {
  const all = tags.slice(0, 200).map((tag) => readFeedLine({ text: tag, form: 'either' }).replace(/^#/, ''));
  return [...new Set(all)].filter((tag) => tag !== '' && tag.length <= 100 && !noTag.test(tag)).slice(0, mostTags);
}

/** What entry or feed say, where the text can be that: a feed's template often says `en` above Arabic. */
function plausible(entry: string | undefined, feed: string | undefined, text: string): string | undefined {
  const detected = detectLanguage(text).language;
  return [entry, feed]
    .map((tag) => tag?.trim().replaceAll('_', '-') ?? '')
    .filter((tag) => /^[a-z]{2,3}(?:-[a-z0-9]{2,8})*$/i.test(tag))
    .map(canonicalLanguage)
    .find((tag) => detected === 'und' || directionOf(tag) === directionOf(detected));
}

function firstDate(dates: FeedEntry['published'], warnings: string[]): string | undefined {
  for (const date of dates) {
    const time = readFeedDate(date);
    if (!time) continue;
    if (!time.zoned) warnings.push('its date has no time zone, and was read as UTC');
    return time.iso;
  }
  const told = dates.find((date) => date !== undefined);
  if (told !== undefined) warnings.push(`its date "${told.slice(0, 60)}" cannot be read`);
  return undefined;
}

/** The first set that is not empty, each picture once. */
function picturesOf(sets: FeedPicture[][], base: string | undefined): Image[] {
  const described = new Map(
    sets.flat().flatMap(({ url, alt }) => (alt ? [[webAddress(url, base) ?? '', alt] as const] : [])),
  );
  for (const set of sets) {
    const urls = set
      .map(({ url }) => webAddress(url, base))
      .filter((url): url is string => url !== undefined && !isDecoration(url));
    const distinct = [...new Set(urls)].slice(0, mostPictures);
    if (distinct.length > 0) {
      return distinct.map((url) => {
        const alt = described.get(url);
        return { url, ...(alt === undefined ? {} : { alt }) };
      });
    }
  }
  return [];
}
