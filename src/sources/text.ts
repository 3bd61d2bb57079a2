import { isByline, splitByline } from './byline.ts';
import type { RawArticle } from './draft.ts';

/** Labels of share bars and page furniture, where they are a whole line. Compared in lower case, without a trailing count. */
const labels = new Set(
  `facebook|twitter|x|x (twitter)|whatsapp|telegram|linkedin|pinterest|reddit|tumblr|messenger|viber|threads|instagram|email|e-mail|mail|print|share|copy link|save|tweet|pin it|share on facebook|share on twitter|share on x|share on whatsapp|share on telegram|share via email|share this article|read also|related|related articles|advertisement|فيسبوك|فيس بوك|تويتر|إكس|اكس|منصة إكس|واتساب|واتس اب|واتس آب|تيليجرام|تيلجرام|تلغرام|تليغرام|تيليغرام|لينكد إن|لينكدإن|بنترست|ماسنجر|فايبر|البريد الإلكتروني|بريد إلكتروني|البريد|طباعة|اطبع|مشاركة|شارك|شاركها|شارك المقال|شارك الخبر|شارك هذا المقال|مشاركة المقال|مشاركة عبر البريد|مشاركة عبر|مشاركة على|نسخ الرابط|انسخ الرابط|حفظ|تغريد|اقرأ أيضا|اقرأ أيضاً|اقرأ المزيد|إقرأ أيضا|إقرأ أيضاً|مواضيع ذات صلة|مقالات ذات صلة|ذات صلة|إعلان`.split(
    '|',
  ),
);

/** From here on a scraped page shows other articles. */
const trailer =
  /^(?:اقرأ|إقرأ)\s+(?:أيضا|أيضاً|المزيد)\s*:?$|^(?:مواضيع|مقالات|أخبار)\s+(?:ذات صلة|متعلقة)\s*:?$|^(?:read also|related( articles| stories)?|more on this|see also)\s*:?$/i;
const loneUrl = /^(?:(?:source|المصدر|الرابط|link)\s*:\s*)?(https?:\/\/\S+)$/i;
const isoTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/;

/** True for a line that is nothing but a share button, a counter of shares, or several of them side by side. */
export function isShareLabel(line: string): boolean {
  const bare = (part: string) =>
    part
      .toLowerCase()
      .replace(/\p{Cf}|\uFE0F/gu, '')
      .replace(/^[\s\p{P}\p{S}\d٠-٩]+|[\s\p{P}\p{S}\d٠-٩]+$/gu, '');
  const isLabel = (part: string) => labels.has(bare(part)) || labels.has(part.trim().toLowerCase());
  if (isLabel(line)) return true;
  const parts = line.split(/\s*[|•·/]\s*|\s{2,}|\t/).filter((part) => part.trim() !== '');
  return parts.length > 1 && parts.every(isLabel);
}

/**
 * An article from plain text as scraped: share bars dropped, the first line that is left is the headline, a byline right
 * after it is split off, blank lines part paragraphs (single line breaks do where there are no blank lines).
 */
export function readText(text: string): RawArticle {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|[\n\r\u2028\u2029]/);
  const trimmed = lines.map((line) => line.trim());
  const end = trimmed.findIndex((line, index) => index > 2 && trailer.test(line) && isTail(trimmed, index));
  const kept = (end < 0 ? trimmed : trimmed.slice(0, end)).filter((line) => !isShareLabel(line));

  const blocks = toBlocks(kept);
  const urls = kept.map((line) => line.match(loneUrl)?.[1]).filter((url) => url !== undefined);
  const url = urls.length === 1 && URL.canParse(urls[0] as string) ? urls[0] : undefined;
  const body = blocks.filter((block) => !(url && loneUrl.test(block)));
  const title = (body.shift() ?? '').replace(/^#\s+/, '');

  let by: ReturnType<typeof splitByline> = {};
  let publishedAt: string | undefined;
  while (body.length > 0) {
    const line = body[0] as string;
    if (publishedAt === undefined && isoTime.test(line)) publishedAt = line;
    else if (by.byline === undefined && by.agency === undefined && isByline(line)) by = splitByline(line);
    else break;
    body.shift();
  }
  return {
    title,
    paragraphs: body,
    ...by,
    ...(url === undefined ? {} : { url }),
    ...(publishedAt === undefined ? {} : { publishedAt }),
  };
}

/** A trailer is one only near the end: in the last third, followed by short lines. */
function isTail(lines: string[], index: number): boolean {
  const rest = lines.slice(index + 1).filter((line) => line !== '');
  return index > (lines.length * 2) / 3 && rest.every((line) => line.length < 120 && !/[.؟!?]$/.test(line));
}

/** Paragraphs. Hard-wrapped lines of a block are joined; lines that end like sentences, or short ones, stand alone. */
function toBlocks(lines: string[]): string[] {
  const groups: string[][] = [[]];
  for (const line of lines) {
    if (line === '') groups.push([]);
    else groups.at(-1)?.push(line);
  }
  const filled = groups.filter((group) => group.length > 0);
  if (filled.length <= 1) return filled.flat();
  return filled.flatMap((group, index) => (isHardWrapped(group) && index > 0 ? [group.join(' ')] : group));
}

function isHardWrapped(group: string[]): boolean {
  const inner = group.slice(0, -1);
  return inner.length > 0 && inner.every((line) => line.length >= 45 && line.length <= 100 && !/[.؟!?”"»]$/.test(line));
}
