const words = (list: string) => list.trim().split(/\s+/).join('|');

const weekday = words('الأحد الاحد الاثنين الإثنين الثلاثاء الأربعاء الاربعاء الخميس الجمعة السبت');
/** What makes `اليوم` a name or a count: اليوم السابع, اليوم العالمي, في ذلك اليوم. */
const notToday = words(
  'السابع العالمي الدولي الوطني القومي التالي الأول الثاني الثالث الرابع الخامس السادس الثامن التاسع العاشر نفسه ذاته الموالي الواحد الأخير الختامي الافتتاحي السابق المقبل الذي',
);
const beforeName = words('صحيفة جريدة قناة موقع مجلة وكالة المصري روسيا ذلك نفس هذا في');
const beforeDayName = words('صلاة خطبة سوق أيام كل باب حي');
const afterDayName = words(
  'السوداء البيضاء العظيمة الحزينة الأسود الدامي من\\s+كل الأول الثاني الثالث الرابع الخامس السادس السابع الثامن التاسع العاشر الحادي',
);
const wordEnd = '(?![\\p{L}\\p{M}])';

const arabic = [
  `(?:صباح|مساء|ظهر|فجر|ليلة|عصر)\\s+اليوم${wordEnd}`,
  `(?<!(?:^|[^\\p{L}])[وفبل]?(?:${beforeName})\\s+[«“"]?)اليوم${wordEnd}(?!\\s+(?:${notToday})${wordEnd})(?!(?<=[«“"]\\p{L}{1,20}\\s+اليوم)[»”"])`,
  `(?:بال|ال)?أمس${wordEnd}(?!\\s+الحاجة)(?:\\s+الأول${wordEnd})?|البارحة${wordEnd}`,
  `(?<!(?:صحيفة|جريدة|قناة)\\s+[«“"]?)(?:بعد\\s+غد|يوم\\s+غد|غد[اً]{0,2}|الغد)${wordEnd}`,
  `(?<!(?:^|[^\\p{L}])(?:${beforeDayName})\\s+)(?:يوم\\s+|ب)?(?:${weekday})${wordEnd}(?!\\s+(?:${afterDayName})${wordEnd}|\\s*[،(]?\\s*[0-9٠-٩۰-۹])`,
  `هذا\\s+(?:المساء|الصباح)${wordEnd}|هذه\\s+الليلة${wordEnd}|الليلة\\s+الماضية${wordEnd}`,
  `(?:قبل|منذ)\\s+(?:قليل|ساعات|دقائق)${wordEnd}(?!\\s+من${wordEnd})`,
].map((one) => `(?<=(?<![\\p{L}\\p{M}])[وف]?)(?:${one})`);

const englishDay = '(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day';
const months = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const english = [
  `(?<!\\b(?:USA|Russia|India|Sky|Psychology|the)\\s)(?<!["“](?=Today,?["”]))\\b[Tt]oday\\b(?!\\s+(?:show|programme|program|newspaper)\\b)`,
  '\\b[Yy]esterday\\b|\\b[Tt]omorrow\\b|\\b[Tt]onight\\b|\\b[Ll]ast night\\b',
  '\\b[Tt]his (?:morning|afternoon|evening)\\b',
  `(?<!\\b(?:Black|Good|Holy|Maundy|Super|Bloody|Ash|Palm|Easter|Cyber|Giving|Red|Whit|Shrove|Sheffield|Ruby|Man|[Ee]very|[Ee]ach)\\s)(?:\\b(?:[Oo]n|[Ll]ast|[Nn]ext|[Tt]his|[Ss]ince|[Uu]ntil|[Bb]y)\\s+)?\\b${englishDay}\\b(?!\\s+(?:Times|Telegraph|Mirror|Express|Mail|Post|Star|Sun|World|Mercury|Tribune|Herald|Night Live|Addams|[Pp]rayers?)\\b|,?\\s*\\(?(?:[0-9]|(?:${months})[a-z]*\\.?\\s+[0-9]))`,
];

const relative = new RegExp([...arabic, ...english].join('|'), 'gu');

/**
 * Words of an Arabic or English text that say a day by its distance from the day of writing, in order, each once: اليوم,
 * أمس, الخميس; today, on Thursday. Days with their date, and names made of such words, are not among them.
 */
export function relativeDays(text: string): string[] {
  return [...new Set(text.match(relative))];
}
