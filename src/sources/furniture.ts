import { isDateLine } from './date-line.ts';
import { countWords, endsSentence, fold, foldedSet } from './fold.ts';
import { isShareLabel } from './share-bar.ts';

/** What stands on a page around an article. A line of the story itself is never furniture: in doubt, a line stays. */

const navigation = foldedSet(
  [
    'الرئيسية|الصفحة الرئيسية|القائمة|بحث|ابحث|البحث|تسجيل الدخول|دخول|تسجيل|اشترك|اشتراك|اشترك الآن|من نحن|اتصل بنا|تواصل معنا',
    'أعلن معنا|سياسة الخصوصية|شروط الاستخدام|الشروط والأحكام|تخطي إلى المحتوى|تجاوز إلى المحتوى|انتقل إلى المحتوى|عودة إلى الأعلى',
    'العودة إلى الأعلى|التالي|السابق|المقال التالي|المقال السابق|الخبر التالي|الخبر السابق|استمع|استمع للمقال|استمع إلى المقال|استمع للخبر',
    'حجم الخط|تكبير الخط|تصغير الخط|تغيير حجم الخط|موافق|قبول|قبول الكل|رفض|إغلاق|عرض الكل|عرض المزيد|البث المباشر|بث مباشر|فيديو|صور|صورة',
    'بالفيديو|بالصور|التعليقات|تعليقات|التعليق|الوسوم|وسوم|كلمات مفتاحية|الكلمات المفتاحية|كلمات دلالية|الاسم|الموقع الإلكتروني|إرسال التعليق',
    'آخر الأخبار|أحدث الأخبار|النشرة البريدية|النسخة الكاملة|english|العربية',
    'home|menu|search|log in|login|sign in|sign up|register|subscribe|subscribe now|my account|about us|contact us|advertise with us',
    'privacy policy|terms of use|terms of service|terms and conditions|cookie policy|skip to content|skip to main content|skip to navigation',
    'back to top|next|previous|next article|previous article|next post|previous post|listen|listen to this article|listen to article|text size',
    'font size|accept|accept all|accept cookies|accept all cookies|reject|reject all|got it|ok|i agree|close|show more|view all|see all|load more',
    'live|watch live|video|photos|gallery|comments|tags|topics|keywords|name|website|post comment|submit|breaking news|latest news|newsletter',
    'gift article|gift this article|play|play video|a a a|a a',
  ].join('|'),
);

const sections = foldedSet(
  [
    'أخبار|الأخبار|أخبار محلية|محليات|محلي|سياسة|السياسة|سياسي|اقتصاد|الاقتصاد|مال وأعمال|رياضة|الرياضة|ثقافة|ثقافة وفن|فن|فنون|منوعات|مجتمع',
    'صحة|علوم|تكنولوجيا|تقنية|علوم وتكنولوجيا|رأي|آراء|مقالات|مقالات رأي|تقارير|تقرير|تحقيقات|تحقيق|تحليل|تحليلات|حوارات|ملفات|دولي|دوليات|عالم',
    'العالم|عربي|عربي ودولي|عربية|عربيات|شؤون عربية|شؤون دولية|سوريا|سورية|الشرق الأوسط|أخبار سوريا|أخبار العالم|أخبار عربية|أخبار دولية|عاجل',
    'خبر عاجل|حصري|خاص|قضايا|اقتصاد وأعمال|حقوق وحريات|حقوق الإنسان|بيئة|تعليم|سياحة|الأخبار العاجلة|لاجئون|ميداني|سياسية|أمن|حوادث|مجتمع مدني',
    'news|world|world news|politics|business|economy|sport|sports|culture|arts|technology|tech|science|health|opinion|analysis|features|feature',
    'middle east|syria|local|local news|international|national|africa|asia|europe|americas|us news|uk news|environment|climate|education|travel',
    'lifestyle|entertainment|breaking|breaking news|exclusive|live updates|editorial|investigations|explainer|society|human rights|money|markets',
    'top stories|latest|latest news|headlines|us|uk|middle east news',
  ].join('|'),
);

const number = String.raw`\(?\d[\d.,]*\s?(?:k|m|الف|مليون)?\)?`;
const counted =
  '(?:ال)?(?:مشاهدات|مشاهده|قراءات|قراءه|قرات|زيارات|زياره|تعليقات|تعليق|تعليقا|ردود|رد|مشاركات|مشاركه|اعجابات|اعجاب|مره|مرات|نقرات)|views?|reads?|comments?|shares?|likes?|hits|visits?|repl(?:y|ies)|reactions?';
const minutes = String.raw`(?:${number}\s?)?(?:-\s?)?(?:اقل من |less than (?:a|one|1) )?(?:دقيقه|دقيقتان|دقيقتين|دقائق|ثانيه|ثوان|ثواني|د|mins?|minutes?|seconds?)`;
const counter = new RegExp(
  [
    String.raw`(?:عدد )?(?:${counted})\s*[:(\[–-]*\s*${number}\]?(?: (?:مره|مرات|times?))?`,
    `(?:قرئ|قرئت|شوهد|تمت? (?:ال)?(?:قراءه|قراءته|مشاهده|مشاهدته)|read|viewed|seen) ${number} (?:مره|مرات|times?)`,
    `${number} (?:${counted})`,
    '(?:لا (?:يوجد|توجد)|بدون|no|zero) (?:اي )?(?:تعليقات|تعليق|comments?)(?: (?:بعد|yet|حتي الان))?',
    '(?:leave|post|add|write) a (?:comment|reply)|join the (?:conversation|discussion)',
    '(?:اترك|اضف|اكتب) (?:تعليقا|تعليقك|تعليق|ردا|رد|ردك)(?: هنا)?|الغاء الرد',
    `(?:~|about )?${minutes}(?: of)? (?:read|reading|قراءه|للقراءه|من القراءه|لقراءه (?:المقال|الخبر))(?: time)?`,
    String.raw`(?:estimated |est\. |average )?(?:read|reading) ?time\s*[:–-]?\s*(?:${minutes})?`,
    String.raw`(?:(?:مده|وقت|زمن) )?(?:ال)?(?:قراءه)(?: (?:المتوقع[ه]?|المقدر[ه]?|التقريبي[ه]?))?\s*[:–-]?\s*${minutes}`,
    String.raw`(?:مده|وقت|زمن) القراءه\s*:?`,
  ]
    .map((form) => `(?:${form})`)
    .join('|')
    .replace(/^(.*)$/s, '^(?:$1)$'),
);

/** A count of readers, shares or comments, or how long reading takes, and nothing else. */
function isCounter(line: string): boolean {
  if (line.length > 100) return false;
  const text = fold(line)
    .replace(/^[^\p{L}\p{N}(~]+|[^\p{L}\p{N})\]]+$/gu, '')
    .trim();
  return counter.test(text);
}

const advert =
  /^(?:-\s*)?(?:advertisement|advertisment|sponsored(?: content)?|promoted|story continues below(?: advertisement)?|article continues below(?: this ad| advertisement)?|(?:advertisement\W+)?continue reading(?: below)?|scroll to continue|اعلان|اعلانات|مساحه اعلانيه|(?:محتوي|ماده) (?:اعلاني|ممول|اعلانيه)|تستمر القصه (?:بعد|اسفل) الاعلان|يتبع بعد الاعلان)\W*$/;

/** The line has nothing to read in it: rules, bullets, icons. */
function isBlank(line: string): boolean {
  return !/[\p{L}\p{N}]/u.test(line);
}

const readAlso =
  /^(?:[^\p{L}\p{N}]*)(?:(?:اقرا|اقراي|اقرؤوا|اقراوا|اقرء|طالع|شاهد|شاهدوا|انظر|تابع|للمزيد اقرا) (?:ايضا|كذلك)(?![\p{L}])|(?:اقرا|اقرؤوا|لقراءه) المزيد(?![\p{L}])|قد يهمك(?: ايضا)?(?![\p{L}])|(?:اقرا|شاهد|طالع|ذات صله|للمزيد|متعلقات|خبر ذو صله|موضوع ذو صله)\s*:|(?:مواضيع|موضوعات|مقالات|اخبار) (?:ذات صله|متعلقه|مشابهه)\s*(?::|$)|ذات صله\s*$|(?:also read|read also|see also|read next|related(?: (?:articles?|stor(?:y|ies)|news|posts|content|topics))?|recommended(?: (?:reading|stories))?|read|watch|more|listen|don['’]t miss|you may (?:also )?like)\s*(?:[:|»›]|$)|read more(?![\p{L}])|more on this(?: story)?\s*:?$)/u;

/** A line that points to another story. With nothing after it, the next line is the other story's headline. */
export function isReadAlso(line: string): boolean {
  return countWords(line) <= 30 && readAlso.test(fold(line));
}

/** A pointer to other stories that names none itself. */
export function isReadAlsoLabel(line: string): boolean {
  return (
    isReadAlso(line) &&
    countWords(line) <= 4 &&
    /^[^\p{L}]*[\p{L} ]+[^\p{L}]*$/u.test(line) &&
    !/[:|»›-]\s*[\p{L}\p{N}]/u.test(line)
  );
}

const networks =
  /facebook|twitter|whatsapp|telegram|youtube|instagram|tiktok|google news|فيسبوك|فيس بوك|تويتر|اكس|واتس ?اب|تلغرام|تيليغرام|تليغرام|تيلي?جرام|يوتيوب|انستغرام|غوغل|جوجل|مواقع التواصل/;
const ours =
  /قناتنا|قنواتنا|صفحتنا|صفحاتنا|حسابنا|حساباتنا|مجموعتنا|مجموعاتنا|غرفتنا|نشرتنا|نشراتنا|تطبيقنا|منصاتنا|منصتنا|معرفاتنا|النشره (?:البريديه|الاخباريه|اليوميه)|غوغل نيوز|جوجل نيوز|google news/;

/** A call to follow, subscribe or install. */
function isPromotion(line: string): boolean {
  const text = fold(line).replace(/^[^\p{L}\p{N}@]+/u, '');
  if (countWords(text) > 26) return false;
  if (/^(?:تابعونا|تابعنا|لمتابعتنا|شاركونا|شاركنا (?:رايك|برايك)|تابعونا عبر)(?![\p{L}])/u.test(text)) {
    return countWords(text) <= 4 || networks.test(text) || ours.test(text) || /رايك|رايكم/.test(text);
  }
  if (
    /^(?:تابع(?:وا)?|اشترك(?:وا)?|اشتركي|انضم(?:وا)?|انضمي|سجل(?:وا)?|حمل(?:وا)?|نزل(?:وا)?|لا تنس(?:وا)?|للاشتراك|للانضمام|للمتابعه|لمتابعه|لمتابعه المزيد|يمكنكم?|ليصلك|لتصلك|لتصلكم|ليصلكم|احصل(?:وا)?|كن|كونوا)(?![\p{L}])/u.test(
      text,
    )
  ) {
    return ours.test(text);
  }
  return (
    /^(?:please )?(?:follow|like|join|find|visit) (?:us\b|our\b|@\w)/.test(text) ||
    /^(?:please )?(?:subscribe|sign up)\b.*\b(?:newsletters?|our|us|channel|emails?|alerts|briefing|podcast)\b/.test(
      text,
    ) ||
    /^(?:get|download|install|try)\b.*\b(?:our (?:free )?(?:app|newsletter)|newsletters?|(?:app|news) alerts?|in your inbox)\b/.test(
      text,
    ) ||
    /^(?:click|tap) here (?:to|for)\b/.test(text) ||
    /^(?:support|help fund) (?:our|independent) (?:work|journalism|reporting)\b/.test(text)
  );
}

const credit =
  /^[[(]?\s*(?:(?:photo|photograph|image|picture|video|illustration|graphic|infographic)s?(?: (?:credit|source|caption|by|courtesy of|via))?\s*(?::|by |©|,|courtesy)|(?:photo|image|picture|media) (?:credit|source|caption)\b|file (?:photo|picture|image)|getty images|archive(?: photo)?|(?:afp|ap|reuters|epa|dpa|xinhua)(?: photo)?[ /]+(?:via )?[\p{L}. '-]{3,40}$|©\s*(?:\d{4} )?[\p{L} /.]{2,40}$|تصوير\s*[:–/-]|صوره? (?:ارشيفيه|تعبيريه|متداوله|توضيحيه)|الصوره? (?:ارشيفيه|تعبيريه|من (?:الانترنت|الارشيف)|متداوله)|(?:ال)?صوره?\s*[:–-]|مصدر الصوره?|المصور\s*:|ارشيف|انترنت|(?:عدسه|كاميرا)\s*:)/u;
/** A caption with its credit in brackets at the end. */
const creditAtEnd =
  /[[(][^\])]*(?:getty|shutterstock|istock|alamy|unsplash|handout|courtesy|file|archive|photo|via ap|via reuters|\/ap\b|\/afp|\/reuters|\/epa|غيتي|جيتي|ارشيف|ارشيفيه|تصوير|متداوله|مواقع التواصل|ناشطون)[^\])]*[\])]$/;

/** A photographer's or agency's credit, or a caption that carries one. A full sentence is none. */
function isCredit(line: string): boolean {
  if (countWords(line) > 22 || /[.؟!?]\s*["”»]?$/.test(line)) return false;
  const text = fold(line);
  return (countWords(line) <= 14 && credit.test(text)) || creditAtEnd.test(text);
}

const home =
  /^(?:(?:انت هنا|you are here)\s*:?\s*)?(?:الرئيسيه|الصفحه الرئيسيه|home|homepage|main)\s*[/›>»|<«\\→←‹:•-]/;

/** The path to a page: `الرئيسية / أخبار / سوريا`, `World › Middle East`. */
export function isBreadcrumb(line: string): boolean {
  const text = fold(line);
  if (line.length > 250 || /[.؟]$/.test(line)) return false;
  if (home.test(text) || /^(?:انت هنا|you are here)\s*:/.test(text)) return true;
  const parts = text.split(/\s*[›>»/\\→←‹|•]\s*/).filter((part) => part !== '');
  return (
    parts.length > 1 &&
    parts.every((part) => countWords(part) <= 4) &&
    parts.some((part) => sections.has(part)) &&
    !/["“”]/.test(line)
  );
}

/** The name of a section, which stands alone above a headline. */
export function isSection(line: string): boolean {
  return sections.has(fold(line).replace(/[^\p{L}\p{N}]+$/u, ''));
}

/** A button or heading of the site around the article. */
export function isNavigation(line: string): boolean {
  const text = fold(line);
  return (
    navigation.has(text.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '').replace(/\s*\(?\d+\)?$/, '')) ||
    navigation.has(text.replace(/[^\p{L}\p{N} ]/gu, '').trim())
  );
}

const legal =
  /^[\s(]*(?:©|copyright\b|\(c\) (?:19|20)\d\d|all rights reserved|(?:جميع |كافه |كل )?(?:ال)?حقوق (?:النشر |الطبع )?(?:والنشر )?(?:محفوظه|لـ?)|يمنع (?:نسخ|نقل|اعاده نشر)|هذا المصنف مرخص)|(?:all rights reserved|جميع الحقوق محفوظه)[^\p{L}]*$/u;
const cookies = /cookie|كوكيز|تعريف الارتباط/;
const cookieOpening =
  /^(?:we (?:and our (?:partners )?)?(?:use|value)|this (?:site|website) uses|by (?:continuing|using|clicking)|our (?:site|website)|نستخدم|نحن نستخدم|يستخدم (?:هذا )?(?:الموقع|موقعنا)|هذا الموقع يستخدم|باستخدام|باستمرار|بمتابعه|cookies? (?:policy|settings|notice|on this)|manage|accept)/;

/** Copyright and cookie notices, which stand above or below an article. */
export function isNotice(line: string): boolean {
  const text = fold(line);
  return (
    (countWords(line) <= 30 && legal.test(text)) ||
    (countWords(line) <= 60 && cookies.test(text) && cookieOpening.test(text))
  );
}

/** Furniture wherever it stands, in the middle of a story too. */
export function isFurniture(line: string): boolean {
  return (
    isBlank(line) ||
    isShareLabel(line) ||
    isCounter(line) ||
    isReadAlso(line) ||
    isPromotion(line) ||
    isCredit(line) ||
    advert.test(fold(line))
  );
}

/** Furniture above a headline or below the last paragraph, where a line of the story is not expected to look like it. */
export function isOuterFurniture(line: string): boolean {
  if (isFurniture(line) || isNavigation(line) || isNotice(line) || isBreadcrumb(line)) return true;
  if (isDateLine(line) || isSection(line)) return true;
  if (!/\p{L}/u.test(line)) return true;
  const parts = line.split(/\s+[|•·–—/-]\s+|\s*[|•·]\s*/).filter((part) => part !== '');
  return parts.length > 1 && !endsSentence(line) && parts.every((part) => isOuterFurniture(part));
}
