import { numberOf, numbersIn } from '../faults/numbers.ts';
import type { Random } from '../random.ts';

/** What a version says, as the API takes it. */
export interface Draft {
  id: string;
  title: string;
  paragraphs: string[];
  language: string;
  tags: string[];
  byline?: string;
  embargoUntil?: string;
}

/** Versions of one article that readers can tell apart. */
export const mostEditions = 9;

const who = ['المجلس البلدي', 'مديرية الصحة', 'نقابة المعلمين', 'هيئة النقل', 'جمعية المزارعين', 'غرفة الصناعة'];
const does = ['أعلن', 'ناقش', 'أقر', 'تابع', 'أنجز', 'راجع', 'أطلق', 'أجل'];
const what = ['خطة الطرق', 'برنامج اللقاحات', 'موازنة المدارس', 'مشروع المياه', 'جدول المواسم', 'شبكة الكهرباء'];
const where = ['الأحياء الشرقية', 'القرى الجبلية', 'ضفة النهر', 'وسط المدينة', 'المحطة القديمة', 'الميناء الجديد'];

/** One edition of an article's text: every sentence holds a number that tells the article and the edition. */
export function writeEdition(random: Random, article: number, edition: number): Pick<Draft, 'title' | 'paragraphs'> {
  const number = article * 10 + edition;
  const words = () => `${random.pick(does)} ${random.pick(who)} ${random.pick(what)} في ${random.pick(where)}`;
  const sentence = (index: number) => `${words()} بموجب القرار ${numberOf(number, index)}.`;
  // Some need several Telegram messages, and others do not.
  const rows = random.pick([2, 8, 12]);
  return {
    title: `${words()} ${numberOf(number, 0)}`,
    paragraphs: Array.from({ length: rows }, (_, row) =>
      Array.from({ length: 6 }, (_, column) => sentence(1 + row * 6 + column)).join(' '),
    ),
  };
}

/** Which articles and editions a text is about, each once, in the order of the text. */
export function editionsIn(text: string): { article: number; edition: number }[] {
  const numbers = new Set(numbersIn(text).map(({ article }) => article));
  return [...numbers].map((number) => ({ article: Math.floor(number / 10), edition: number % 10 }));
}

/** Words of the notice that an article was withdrawn. */
export const isNotice = (text: string) => text.includes('سُحب');
