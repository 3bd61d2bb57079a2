import { fold, foldedSet } from './fold.ts';

const named = foldedSet(
  [
    'السبت|الأحد|الاثنين|الإثنين|الثلاثاء|الأربعاء|الخميس|الجمعة|سبت|أحد|اثنين|ثلاثاء|أربعاء|خميس|جمعة',
    'كانون الثاني|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|تشرين الأول|تشرين الثاني|كانون الأول|تشرين|كانون|الأول|الثاني|أول',
    'يناير|فبراير|مارس|أبريل|إبريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر|ديسمبر|جانفي|فيفري|أفريل|ماي|جوان|جويلية|أوت',
    'شتنبر|غشت|يوليوز|نونبر|دجنبر|محرم|صفر|ربيع|الآخر|الآخرة|جمادى|رجب|شعبان|رمضان|شوال|ذو|ذي|القعدة|الحجة',
    'monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun',
    'january|february|march|april|may|june|july|august|september|october|november|december',
    'jan|feb|mar|apr|jun|jul|aug|sep|sept|oct|nov|dec',
    'ساعة|ساعات|ساعتين|دقيقة|دقائق|دقيقتين|يوم|أيام|يومين|أسبوع|أسابيع|أسبوعين|شهر|أشهر|شهرين|سنة|سنوات|ثانية|ثوان|الآن',
    'second|seconds|sec|minute|minutes|min|mins|hour|hours|hr|hrs|h|day|days|week|weeks|month|months|year|years|now',
    'اليوم|أمس|today|yesterday',
  ].join('|'),
);
const filling = foldedSet(
  [
    'نشر|نُشر|نشرت|منشور|في|آخر|أخر|تحديث|التحديث|حدث|حُدّث|تم|بتاريخ|تاريخ|النشر|الإضافة|أضيف|الساعة|بتوقيت|توقيت|دمشق|القدس|بيروت',
    'القاهرة|بغداد|مكة|المكرمة|غرينتش|غرينيتش|جرينتش|الموافق|منذ|قبل|ص|م|ه|صباحا|صباحًا|مساء|مساءً|ظهرا|و|يوم|وقت|التعديل|تعديل|محدث',
    'published|publish|posted|updated|update|last|modified|created|first|on|at|date|time|ago|am|pm|a.m|p.m|gmt|utc|est|edt|bst|cet|ist',
    'eet|eest|et|local|just|of|the|about|an|a|st|nd|rd|th|t|z|edited|added',
  ].join('|'),
);
const label =
  /^(?:(?:last |first )?(?:published|updated|posted|modified|created)(?: on| at)?|(?:تم )?نشر(?: في)?|اخر تحديث|تاريخ النشر|بتاريخ)\s*:?$/;
const word = /[\p{L}\p{N}]+(?:\.(?=m\b)\p{L})?/gu;

function isDateWord(folded: string): boolean {
  return (
    /^\d{1,4}(?:st|nd|rd|th|am|pm|h|m|d|z)?$|^\d{8}$|^\d\dt\d\d$/.test(folded) ||
    named.has(folded) ||
    filling.has(folded)
  );
}

/**
 * True for a line that is a date, a time, or how long ago something was published, and nothing else, such as
 * `الخميس 12 نوفمبر 2020، 14:30`, `12/11/2020 - 10:30` or `Published 3 hours ago`.
 */
export function isDateLine(line: string): boolean {
  if (line.length > 120) return false;
  const text = fold(line);
  if (label.test(text)) return true;
  const words = text.match(word) ?? [];
  if (words.length === 0 || words.length > 18 || !words.every(isDateWord)) return false;
  const names = words.filter((one) => named.has(one));
  const relative = /(?:^|\s)(?:منذ|قبل|ago|just|امس|اليوم|today|yesterday)(?:\s|$|[،,])/.test(text);
  if (relative && names.length > 0 && words.length > 1 && words.length < 8) return true;
  return (
    /\d{1,2}:\d\d/.test(text) ||
    /\d{1,4}[/.\-–]\d{1,2}[/.\-–]\d{1,4}/.test(text) ||
    (/\d/.test(text) && names.length > 0 && words.length > 1)
  );
}

/** The line without a date at its beginning or end: `By Jane Doe, 12 May 2026` is `By Jane Doe`. */
export function withoutDate(line: string): string {
  const words = line.split(' ');
  const isLoose = (one: string | undefined) =>
    one !== undefined && (fold(one).match(word) ?? []).every((part) => isDateWord(part));
  let end = words.length;
  while (end > 0 && isLoose(words[end - 1])) end -= 1;
  let start = 0;
  while (start < end && isLoose(words[start])) start += 1;
  const from = isDateLine(words.slice(0, start).join(' ')) ? start : 0;
  const to = isDateLine(words.slice(end).join(' ')) ? end : words.length;
  if (from === 0 && to === words.length) return line;
  return words
    .slice(from, to)
    .join(' ')
    .replace(/^[\s،,|•·–—/-]+|[\s،,|•·–—/-]+$/g, '');
}
