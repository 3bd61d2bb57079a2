import { isDateLine, withoutDate } from './date-line.ts';
import { countWords, endsSentence } from './fold.ts';
import { isSection } from './furniture.ts';
import { isKnownOutlet, isOutlet } from './outlet.ts';

/** Who wrote an article: a name or place, and the agency or outlet. */
export interface Byline {
  byline?: string;
  agency?: string;
}

/** Opens a byline wherever it stands. */
const by =
  /^(?:by\s*:?\s+|(?:written|reported|reporting|posted|edited|translated|words|text|story|compiled) by\s*:?\s+|authors?\s*:\s*|from our correspondents?\s*:?\s*|بقلم\s*[:/–-]?\s*|(?:كتب[تها]*|كتابة|إعداد(?: وتحرير)?|أعده?|أعدته?|أعد التقرير|الكاتبة?|تقرير|ترجمة(?: وتحرير)?|تحرير|حوار|تحقيق|المحررة?|مراسل[ةنا]*|متابعة|رصد|حاوره?ا?|أجرى الحوار|تقرير خاص)\s*[:：/–—-]\s*)/iu;
/** Opens one only where a byline is expected: elsewhere the same word opens a sentence. */
const byHere = /^(?:كتبت?|إعداد|تقرير|ترجمة|تحرير|حوار|مراسلة?)\s+(?=\S)/u;
/** Alone on a line before the name. */
const byAlone = /^(?:by|written by|author|كتب|كتبت|بقلم|إعداد|الكاتب|تحرير|تقرير)\s*:?$/iu;
const source = /^(?:المصدر|المصادر|نقلا عن|نقلاً عن|عن|source|sources|via)\s*[:：]\s*/iu;
/** What an outlet writes where a reporter's name would stand. */
const kind =
  /^(?:خاص|حصري|متابعات|رصد|وكالات|خاص وحصري|تقرير خاص|غرفة الأخبار|فريق التحرير|هيئة التحرير|قسم (?:الأخبار|التحرير)|exclusive|special|staff|agencies|newsroom|news desk)$/iu;
const kindFirst =
  /^(خاص|حصري|exclusive to|special to)\s+(?:(?:لـ?|ب[ـ]?|إلى|-)\s*)?(?=[“"«]?[\p{Lu}\p{Script=Arabic}])/iu;
const role =
  /^(?:(?:senior |chief |political |foreign )?(?:staff writer|staff|correspondent|reporter|editor|writer|contributor)|مراسلنا?|مراسلة|محرر|محررة|صحفي|صحافي|صحفية|صحافية|كاتب|كاتبة)$/iu;
const signOff =
  /^\(?\s*(?:(?:additional )?reporting by\b.*;?.*(?:editing|writing) by\b.*|(?:editing|writing) by\b.*|(?:شارك في التغطية|إعداد .{2,40} للنشرة العربية|تغطية صحفية).*)\)?$/iu;
const separator =
  /\s+[–—|•·/-]+\s+|\s*[–—|•·/]\s*|(?<=\p{Script=Arabic})-+\s*(?=\p{Script=Arabic}|[A-Z])|(?<=[A-Z\d])\s*-\s*(?=\p{Script=Arabic})|(?<=\p{Script=Arabic})\s*-(?=\s)/u;

const names = (line: string) =>
  line
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
const bracketed = /^[([]([^()[\]]{2,40})[)\]]$/;
/** Every word as in a name: capital, or one of the small words between names. */
const capitalised =
  /^(?:(?:\p{Lu}[\p{L}\p{M}.'’-]*|al-\p{L}[\p{L}'’-]*|d['’]\p{L}+|and|of|for|in|the|at|with|de|du|la|el|al|bin|ibn|von|van|der|abu|&|[,/|–—-]|[A-Z]+\d+)\s*,?\s*)+$/u;

/** True for a line that says who wrote the article and can be nothing else, such as `خاص – SY24`, `دمشق - سانا`, `كتب: فلان`, `By Jane Doe`, `(رويترز)`. */
export function isByline(given: string): boolean {
  const line = given.replace(source, '').trim();
  if (line === '' || line.length > 110 || countWords(line) > 14) return false;
  if (signOff.test(line)) return true;
  if (given !== line) return countWords(line) <= 6 && !endsSentence(line);
  if (endsSentence(line.replace(/\b(?:\p{Lu}|Jr|Sr|Dr)\.$/u, '')) || isDateLine(line)) return false;
  const opening = line.match(by)?.[0];
  if (opening !== undefined) return isNameAfter(opening, line.slice(opening.length));
  const inner = line.match(bracketed)?.[1];
  if (inner !== undefined) return names(inner).some((part) => isOutlet(part) || kind.test(part));
  if (isKnownOutlet(line) || kind.test(line)) return true;
  const first = line.match(kindFirst)?.[0];
  if (first !== undefined && isOutlet(line.slice(first.length)) && countWords(line) <= 5) return true;
  return isPlaceAndOutlet(line);
}

function isNameAfter(opening: string, rest: string): boolean {
  const count = countWords(rest);
  if (count === 0 || count > 11 || /[:؟?!“"«]/u.test(rest)) return false;
  if (/^\p{Script=Arabic}/u.test(opening)) return count <= 8;
  return /:/.test(opening) || capitalised.test(rest) || !/\p{Script=Latin}/u.test(rest);
}

function isPlaceAndOutlet(line: string): boolean {
  if (/[:؟?!“”"«»]/u.test(line)) return false;
  const parts = names(line).length > 1 ? names(line) : line.split(/\s*[,،]\s*/);
  if (parts.length < 2 || parts.length > 4 || countWords(line) > 10) return false;
  return parts.every((part) => countWords(part) <= 4) && parts.some((part) => isOutlet(part) || kind.test(part));
}

/** True for a line that is a byline if it stands between the headline and the first paragraph: a bare name, or name and place. */
export function isLikelyByline(line: string): boolean {
  if (isByline(line)) return true;
  if (line.length > 70 || /[:؟?!“”"«»…\d]/u.test(line) || endsSentence(line) || isSection(line)) return false;
  const parts = names(line);
  const count = countWords(line);
  if (byHere.test(line)) return count <= 5;
  if (parts.length > 1) return parts.length <= 3 && count <= 8 && parts.every((part) => countWords(part) <= 3);
  return (
    count >= 2 &&
    (count <= 3 || (count <= 6 && /\p{Lu}/u.test(line))) &&
    (capitalised.test(line) || /^[\p{Script=Arabic}\s]+$/u.test(line))
  );
}

/** True for a line that only announces the name on the next one. */
export function isBylineLabel(line: string): boolean {
  return byAlone.test(line);
}

/** A byline as author (or place) and agency. A date beside it is left out. */
export function splitByline(line: string): Byline {
  const withoutSource = line.replace(source, '').trim();
  if (signOff.test(withoutSource)) return {};
  if (withoutSource !== line.trim()) return agencyOnly(withoutSource);
  const text = withoutDate(withoutSource.replace(bracketed, '$1')).trim();
  if (text === '') return {};
  const opened = by.test(text) || byHere.test(text);
  const rest = text.replace(by, '').replace(byHere, '').trim();
  const kindOnly = rest.match(kindFirst);
  if (!opened && kindOnly && names(rest).length === 1) {
    const agency = rest.slice(kindOnly[0].length).trim();
    if (isOutlet(agency)) return { byline: kindOnly[1] as string, agency: bare(agency) };
  }
  const parts = (names(rest).length > 1 ? names(rest) : commaParts(rest)).filter(
    (part) => !role.test(part) && !isDateLine(part),
  );
  const at = agencyAt(parts, { opened, piped: /[|•·]/.test(rest) });
  const byline = parts.filter((_, index) => index !== at).join(' – ');
  const agency = at < 0 ? undefined : bare(parts[at] as string);
  return { ...(byline ? { byline } : {}), ...(agency ? { agency } : {}) };
}

function agencyOnly(text: string): Byline {
  const agency = bare(text);
  return agency === '' || /^https?:/.test(agency) ? {} : { agency };
}

/** Which part names the outlet; -1 where none does. */
function agencyAt(parts: string[], { opened, piped }: { opened: boolean; piped: boolean }): number {
  const known = parts.findLastIndex((part) => isKnownOutlet(part) && !kind.test(part));
  if (known >= 0) return known;
  const like = parts.findLastIndex((part) => isOutlet(part));
  if (like >= 0) return like;
  if (parts.length < 2) return -1;
  const other = parts.findLastIndex((part) => !kind.test(part));
  if (parts.some((part) => kind.test(part))) return other;
  return opened && !piped ? -1 : parts.length - 1;
}

/** Comma-separated parts where the last is an outlet or a role; a list of authors stays whole. */
function commaParts(text: string): string[] {
  const parts = text.split(/\s*[,،]\s*/).filter((part) => part !== '');
  const last = parts.at(-1) ?? '';
  if (parts.length === 2 && isKnownOutlet(parts[0] as string)) return parts;
  return parts.length > 1 && (isOutlet(last) || role.test(last)) ? [parts.slice(0, -1).join(', '), last] : [text];
}

function bare(name: string): string {
  return name.replace(/^[\s"“«(]+|[\s"”»).]+$/g, '').replace(/^(?:لـ?|ل)(?=[A-Z])/u, '');
}

const dateline =
  /^(?:[^.؟!:()]{2,40}?)\s*(?:\(([^()]{2,30})\)\s*[-–—:]|(?:\s[-–—]\s|[-–—/])\s*([^.:()–—-]{2,30}?)\s*[:–—-]\s)/u;

/** The agency that a dateline in the first paragraph names: `دمشق – سانا: …`, `BEIRUT (Reuters) - …`. The text stays. */
export function agencyInDateline(paragraph: string | undefined): string | undefined {
  const [, inBrackets, afterDash] = paragraph?.slice(0, 120).match(dateline) ?? [];
  const agency = (inBrackets ?? afterDash)?.trim();
  return agency !== undefined && (isKnownOutlet(agency) || /^[A-Z]+\d+$/.test(agency)) ? agency : undefined;
}
