import { type Byline, isByline, isBylineLabel, isLikelyByline, splitByline } from './byline.ts';
import { isDateLine, withoutDate } from './date-line.ts';
import { countWords, endsSentence, fold, foldedSet } from './fold.ts';
import { isFurniture, isOuterFurniture, isReadAlso, isReadAlsoLabel } from './furniture.ts';

export interface Story extends Byline {
  paragraphs: string[];
  tags: string[];
  publishedAt?: string;
}

const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** The story in the lines below a headline: without furniture, with byline, agency and tags split off. */
export function readStory(lines: string[], title: string): Story {
  const { lines: opened, ...head } = takeHead(lines, title);
  const { lines: closed, tags, ...tail } = takeTail(cutRelated(opened));
  return { ...tail, ...head, tags, paragraphs: dropAsides(closed) };
}

const isLong = (line: string) => countWords(line) >= 12 || (endsSentence(line) && countWords(line) >= 5);

/** What stands between the headline and the story: repeated headline, byline, date, captions. Looks no further than the second paragraph. */
function takeHead(lines: string[], title: string): Byline & { lines: string[]; publishedAt?: string } {
  const kept: string[] = [];
  let by: Byline | undefined;
  let publishedAt: string | undefined;
  let at = 0;
  for (let long = 0; at < lines.length && long < 2 && at < 14; at += 1) {
    const line = lines[at] as string;
    if (isoTime.test(line)) {
      publishedAt ??= line;
      continue;
    }
    if (isRepeated(line, title)) continue;
    if (isBylineLabel(line) && countWords(lines[at + 1] ?? '') <= 5 && !isLong(lines[at + 1] ?? '')) {
      by ??= splitByline(`${line.replace(/\s*:$/, '')}: ${lines[at + 1] ?? ''}`);
      at += 1;
      continue;
    }
    if (isFurniture(line) && !isReadAlso(line)) continue;
    const found = bylineIn(line, { likely: long === 0 && !by && isLong(nextOf(lines, at)) });
    if (found) by = { ...found, ...by };
    else if (isReadAlso(line) || isLong(line) || !isOuterFurniture(line)) {
      kept.push(line);
      if (isLong(line)) long += 1;
    }
  }
  return { ...by, ...(publishedAt ? { publishedAt } : {}), lines: [...kept, ...lines.slice(at)] };
}

function nextOf(lines: string[], at: number): string {
  return lines.slice(at + 1, at + 6).find((line) => !isOuterFurniture(line) && !isByline(line)) ?? '';
}

function isRepeated(line: string, title: string): boolean {
  const [text, head] = [fold(line), fold(title)];
  if (text === head) return true;
  const extra = text.startsWith(head) ? text.slice(head.length) : undefined;
  return extra !== undefined && /^\s*[-–—|•·»]+\s*\S/.test(extra) && countWords(extra) <= 5 && !endsSentence(line);
}

/** Markdown around a whole line. */
const emphasised = /^([*_]{1,3})(.+)\1$/u;

/** The byline in a line that may also carry a date, a counter or buttons: `By Jane Doe | 3 min read`. */
function bylineIn(line: string, { likely }: { likely: boolean }): Byline | undefined {
  if (isDateLine(line)) return undefined;
  const isBy = likely ? isLikelyByline : isByline;
  const undated = withoutDate(line.replace(emphasised, '$2'));
  if (undated !== line && isOuterFurniture(undated)) return undefined;
  if (isBy(undated)) return isOuterFurniture(undated) && !isByline(undated) ? undefined : splitByline(undated);
  const parts = undated.split(/\s+[|•·–—-]\s+|\s*[|•·]\s*/);
  const left = parts.filter((part) => !isOuterFurniture(part) || isByline(part));
  const rest = left.join(' – ');
  return left.length > 0 && left.length < parts.length && isBy(rest) ? splitByline(rest) : undefined;
}

const relatedHeading =
  /^(?:(?:مواضيع|موضوعات|مقالات|اخبار|قصص) (?:ذات صله|متعلقه|مشابهه|قد تهمك)|(?:المزيد|مزيد) (?:من|حول|عن) .{0,40}|اقرا (?:ايضا|المزيد)|ذات صله|الاكثر (?:قراءه|مشاهده|تداولا|شيوعا)|قد يهمك(?: ايضا)?|اخر الاخبار|احدث الاخبار|مختارات|اخترنا لك[م]?|قد يعجبك(?: ايضا)?|related(?: (?:articles?|stor(?:y|ies)|news|posts|content|topics))?|read (?:also|more|next)|see also|more (?:on this(?: story)?|from .{2,40}|stories|news)|most (?:read|popular|viewed|shared)|top stories|recommended(?: (?:reading|stories|for you))?|you (?:may|might) (?:also )?like|editor['’]?s['’]? picks?|trending(?: now)?|latest (?:news|stories)|popular)\s*:?$/u;

/** Without the list of other stories that closes a page, and whatever follows it. */
function cutRelated(lines: string[]): string[] {
  const sizes = lines.map(countWords);
  const outer = new Map<string, boolean>();
  const isOuter = (line: string) => {
    const known = outer.get(line) ?? isOuterFurniture(line);
    outer.set(line, known);
    return known;
  };
  let looked = 0;
  for (let at = 1; at < lines.length && looked < 20; at += 1) {
    if (!relatedHeading.test(fold(lines[at] as string).replace(/^[^\p{L}]+/u, ''))) continue;
    looked += 1;
    const before = lines.slice(0, at).filter(isLong);
    if (before.length === 0) continue;
    const usual = sizes.slice(0, at).toSorted((a, b) => a - b)[at >> 1] ?? 0;
    const after = lines.slice(at + 1).filter((line) => !isOuter(line));
    const punctuated = before.filter((line) => endsSentence(line)).length >= before.length * 0.8;
    const isListed = (line: string) =>
      countWords(line) <= 20 &&
      !/[.…][\s"”»’')\]]*$/u.test(line) &&
      (punctuated || countWords(line) <= Math.max(6, usual / 2));
    if (after.every(isListed)) return lines.slice(0, at);
  }
  return lines;
}

const tagLabel = foldedSet(
  'الوسوم|وسوم|كلمات مفتاحية|الكلمات المفتاحية|كلمات دلالية|الكلمات الدلالية|تاغات|هاشتاغ|علامات|مواضيع|المواضيع|tags|tag|tagged|topics|keywords|filed under|hashtags',
);
const labelled = /^(.{2,20}?)\s*[:：]\s*(.*)$/u;

/** The tags that a line lists: hashtags alone, or a list after `الوسوم:`; undefined for any other line. */
function tagsIn(line: string): string[] | undefined {
  if (/^(?:[#＃][\p{L}\p{N}\p{M}_]+[\s،,|]*)+$/u.test(line)) {
    return [...line.matchAll(/[#＃]([\p{L}\p{N}\p{M}_]+)/gu)].map(([, tag]) =>
      (tag as string).replaceAll('_', ' ').trim(),
    );
  }
  const [, label = '', list = ''] = line.match(labelled) ?? [];
  if (!tagLabel.has(fold(label)) || endsSentence(line)) return undefined;
  const parts = /[,،|؛;#•·/]/.test(list) ? list.split(/\s*[,،|؛;#•·/]\s*/) : [list];
  const tags = parts.map((tag) => tag.replaceAll('_', ' ').trim()).filter((tag) => tag !== '');
  return tags.every((tag) => countWords(tag) <= 6) ? tags : undefined;
}

/** Furniture from the end upwards: legal notes, counters, tags, who wrote it. */
function takeTail(lines: string[]): Byline & { lines: string[]; tags: string[] } {
  const kept = [...lines];
  let tags: string[] = [];
  let by: Byline = {};
  const heading = kept.findLastIndex(
    (line, index) => index > 0 && index >= kept.length - 12 && tagLabel.has(fold(line).replace(/\s*:$/, '')),
  );
  if (heading > 0) {
    const listed = kept.slice(heading + 1).filter((line) => !isFurniture(line));
    if (listed.every((line) => tagsIn(line) || (countWords(line) <= 4 && !endsSentence(line)))) {
      tags = listed
        .filter((line) => !isOuterFurniture(line) && !isByline(line))
        .flatMap((line) => tagsIn(line) ?? [line]);
      kept.length = heading;
    }
  }
  for (let line = kept.at(-1); line !== undefined; line = kept.at(-1)) {
    const listed = tagsIn(line);
    if (listed) tags = [...listed, ...tags];
    else if (isByline(line)) by = { ...by, ...splitByline(line) };
    else if (!isOuterFurniture(line)) break;
    kept.pop();
  }
  return { ...by, lines: kept, tags: [...new Set(tags)] };
}

/** Without furniture between paragraphs, and without the headline that a bare "read also" announces. */
function dropAsides(lines: string[]): string[] {
  return lines.filter((line, index) => {
    if (isFurniture(line)) return false;
    const before = lines[index - 1];
    return !(
      before !== undefined &&
      isReadAlsoLabel(before) &&
      countWords(line) <= 20 &&
      !/[.…][\s"”»’')\]]*$/u.test(line)
    );
  });
}
