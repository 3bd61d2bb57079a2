import { sayingVerb } from './summary-cues.ts';
import { type Analysis, shared, type Unit } from './summary-units.ts';
import { fold } from './summary-words.ts';

const newsVerbs = new Set(
  fold(
    'قتل أصيب لقي توفي مات اعتقل أوقف اعتقلت احتجزت أطلق أطلقت شن قصف قصفت هاجم فجر انفجر اندلع اندلعت تحطم تحطمت سقط سقطت غرق وصل وصلت غادر زار التقى استقبل بحث عقد عقدت ' +
      'بدأ بدأت انطلق انطلقت انتهت افتتح افتتحت وقع وقعت وافق وافقت أقر أقرت صوت فاز فازت خسر تأهل تعادل هزم تغلب توج سجل أحرز رفع رفعت خفض ارتفع ارتفعت انخفض تراجع تراجعت هبط هبطت ' +
      'أصدر أصدرت حكم حكمت قضت برأت عين عينت أقال استقال فرض فرضت ألغى ألغت أرجأ علق علقت منع منعت سمح سمحت طرد طردت دان دانت أجرى أجرت تظاهر تجمع خرج خرجت شهد شهدت ' +
      'نشر نشرت أظهر أظهرت تعرض تعرضت تسبب أسفر أدى عثر عثرت انتشل أنقذ أعاد أعادت عاد عادت سلم تسلم توصل توصلت انضم انسحب انسحبت واجه يواجه تواجه يعتزم تعتزم يستعد تستعد يبدأ تبدأ ' +
      'يزور يلتقي تستضيف يستضيف تشهد يشهد تتجه تسعى يسعى عوقب انتخب انتخبت اختار اختارت نجا اختطف خطف أفرج أفرجت شارك شاركت احتفل ألقت ألقى كشفت ردت رد تولى استأنف استأنفت واصل واصلت دخل دخلت سيطر سيطرت',
  ).split(' '),
);
const arabicTime =
  /(?<!\p{L})[وب]?(?:الاثنين|الثلاثاء|الاربعاء|الخميس|الجمعة|السبت|الاحد|امس|اليوم|غدا|مساء|صباح|فجر|ليل|ليلة|(?:هذا |الماضي|المقبل))(?!\p{L})/u;
const englishTime =
  /\b(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|yesterday|tonight|this (?:week|month|morning)|last (?:week|month|night)|said|says|announced|officials|police)\b/;
const fullTitleShare = 0.3;
/** Content words of a headline; a word or two is a title, as of a lexicon entry. */
const headlineWords = 4;
const withoutCue = 0.36;

/** Sentences a paragraph: up to the first of each pair all of it counts, from the second on nothing. */
const newsDensity = [1.4, 1.8] as const;
const flowDensity = [2, 3] as const;
const leastFlow = 0.2;

/**
 * How far an article is built as news is, 0 to 1. `news`: its lead tells the headline and who did what or when, and each
 * paragraph is a sentence; such a lead is a summary, an essay's or a lexicon entry's is not. `flow`: its first sentences
 * belong together, even where paragraphs are longer.
 */
export function genreOf(
  { title, sentences, arabic }: Analysis,
  lead: Unit,
  paragraphs: number,
): { news: number; flow: number } {
  const told = Math.min(1, shared(lead.stems, title) / Math.max(1, title.length) / fullTitleShare);
  const headline = Math.min(1, Math.max(0, (title.length - 1) / (headlineWords - 1)));
  const cue = told * headline * (hasCue(lead.text, arabic) ? 1 : withoutCue);
  const density = sentences / Math.max(1, paragraphs);
  return { news: cue * falling(density, newsDensity), flow: Math.max(leastFlow, cue * falling(density, flowDensity)) };
}

function falling(value: number, [full, none]: readonly [number, number]): number {
  return Math.min(1, Math.max(0, (none - value) / (none - full)));
}

function hasCue(lead: string, arabic: boolean): boolean {
  const folded = fold(lead);
  if (!arabic) return englishTime.test(folded);
  const verb = folded.split(/[^\p{L}]+/u, 3).find((word) => word !== '') ?? '';
  return newsVerbs.has(verb) || sayingVerb(verb) !== undefined || arabicTime.test(folded);
}
