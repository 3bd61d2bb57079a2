import { type Byline, isByline, splitByline } from './byline.ts';
import { countWords, endsSentence, fold } from './fold.ts';
import { isBreadcrumb, isFurniture, isNavigation, isNotice, isOuterFurniture, isSection } from './furniture.ts';

export interface FoundHeadline {
  title: string;
  /** Said above the headline. */
  by: Byline;
  /** The lines below it. */
  rest: string[];
}

/** The headline of a scraped text: the first line that is neither furniture, nor a byline, section or ticker. */
export function findHeadline(lines: string[]): FoundHeadline | undefined {
  const marked = lines.slice(0, 12).findIndex((line) => /^#\s+\S/.test(line));
  if (marked >= 0) return found(lines, marked, {});
  let by: Byline = {};
  let inPath = false;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] as string;
    const next = lines.slice(at + 1, at + 60).find((later) => !isOuterFurniture(later) && !isByline(later));
    if (isFurniture(line) || isNotice(line) || (isOuterFurniture(line) && (next !== undefined || !isSection(line)))) {
      inPath ||= isNavigation(line) && /^(?:الرئيسيه|home)$/.test(fold(line));
      continue;
    }
    if (next === undefined) return found(lines, at, by);
    if (isByline(line)) {
      by = { ...splitByline(line), ...by };
      continue;
    }
    if (inPath && countWords(line) <= 3 && !endsSentence(line)) continue;
    if (isPageTitle(line, next) || isKicker(lines, at, next) || isTicker(lines, at, next)) continue;
    return found(lines, at, by);
  }
  return undefined;
}

function found(lines: string[], at: number, by: Byline): FoundHeadline {
  return { title: (lines[at] as string).replace(/^#\s+/, ''), by, rest: lines.slice(at + 1) };
}

const siteSeparator = /^\s*[-–—|•·:»›]+\s*/;

/** `Headline - Site name`, with the headline alone on the next line. */
function isPageTitle(line: string, next: string): boolean {
  const [whole, title] = [fold(line), fold(next)];
  if (whole === title || countWords(next) < 3) return false;
  const extra = whole.startsWith(title) ? whole.slice(title.length) : '';
  return siteSeparator.test(extra) && countWords(extra) <= 6;
}

const looksLikeHeadline = (line: string) => countWords(line) >= 4 && countWords(line) <= 30 && !/[.…]$/.test(line);

/** A few words above the headline, which the lines right below it (a byline, a date, a share bar) give away. */
function isKicker(lines: string[], at: number, next: string): boolean {
  const line = lines[at] as string;
  if (countWords(line) > 3 || endsSentence(line) || !looksLikeHeadline(next)) return false;
  if (/[:|]$/.test(line)) return true;
  const below = lines[lines.indexOf(next, at) + 1];
  const between = lines.slice(at + 1, lines.indexOf(next, at));
  if (between.some((one) => isByline(one))) return false;
  return below !== undefined && (isByline(below) || isOuterFurniture(below)) && !isBreadcrumb(line);
}

/** News of another story running above this one: begins as tickers do, and shares hardly a word with the text below. */
function isTicker(lines: string[], at: number, next: string): boolean {
  const line = lines[at] as string;
  if (!/^(?:عاجل|خبر عاجل|اخر الاخبار|مباشر|الان|breaking|live|just in|latest)(?: news)?\s*[:|–•-]/.test(fold(line)))
    return false;
  if (!looksLikeHeadline(next)) return false;
  const body = lines.slice(lines.indexOf(next, at) + 1, at + 12).join(' ');
  return shared(line, `${next} ${body}`) <= 1 && shared(next, body) >= 3;
}

function shared(line: string, text: string): number {
  const words = (of: string) => fold(of).match(/[\p{L}\p{N}]{4,}/gu) ?? [];
  const there = new Set(words(text).map((word) => word.replace(/^(?:و?ال|لل)/, '')));
  return words(line).filter((word) => there.has(word.replace(/^(?:و?ال|لل)/, ''))).length;
}
