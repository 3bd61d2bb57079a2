/** Words that open a byline rather than a sentence. */
const by = /^(?:by|كتب(?:ت|ه|ها)?|بقلم|إعداد|أعد(?:ه|ت)?|تقرير|ترجمة|تحرير)\s*[:：]?\s+/i;
/** What an outlet writes where a reporter's name would stand. */
const kind = /^(?:خاص|وكالات|متابعات|رصد|وكالة|exclusive|special|agencies|staff)(?=\s|$)/i;
const separator = /\s+[–—|-]+\s+|\s*[|/]\s*|،\s+|,\s+/;
const agencyName =
  /\b(?:AFP|AP|Reuters|DPA|EFE|ANSA|UPI|TASS|BBC|CNN|[A-Z]{2,}\d*)\b|^(?:سانا|رويترز|وكالة|الأناضول|فرانس برس|أ\s?ف\s?ب|د\s?ب\s?أ|قنا|وام|واس|بترا|كونا)/;

/**
 * True for a line that names who wrote the article, such as `خاص – SY24`, `دمشق - سانا`, `كتب: فلان`, `By Jane Doe, Reuters`,
 * `(AFP)`. Such a line is short and ends like no sentence.
 */
export function isByline(line: string): boolean {
  if (line.length > 80 || /[.؟!?:…]$/.test(line) || line.split(/\s+/).length > 10) return false;
  if (by.test(line) || /^\([^)]{2,30}\)$/.test(line)) return true;
  const [first = '', ...rest] = line.split(/\s+[–—|-]+\s+/);
  if (kind.test(line) && line.split(/\s+/).length <= 6) return true;
  // A place or a name, a dash, and an outlet: both parts short, without a verb's company.
  return (
    rest.length === 1 &&
    first.split(/\s+/).length <= 3 &&
    (rest[0] ?? '').split(/\s+/).length <= 3 &&
    agencyName.test(rest[0] ?? '')
  );
}

/** A byline as author (or place) and agency. */
export function splitByline(line: string): { byline?: string; agency?: string } {
  const text = line.replace(/^\((.*)\)$/, '$1').trim();
  if (text === '') return {};
  const parts = text
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const name = (part: string | undefined) => part?.replace(by, '').trim() || undefined;
  if (parts.length === 1)
    return agencyName.test(text) && !by.test(text) ? { agency: text } : { byline: name(text) ?? text };
  const agency = parts.at(-1) as string;
  return { byline: name(parts.slice(0, -1).join(' – ')) ?? text, agency };
}
