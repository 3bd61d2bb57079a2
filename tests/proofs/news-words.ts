import type { Random } from './random.ts';

/** Sentences that a newsroom might write, put together from lists. */

const arabic = {
  who: [
    'وزير الصحة',
    'رئيس بلدية حمص',
    'المتحدث باسم الهيئة',
    'مدير المشفى الوطني',
    'نقيب المهندسين',
    'مجلس مدينة إدلب',
    'المنظمة الدولية للهجرة',
    'مدير التربية في اللاذقية',
    'ناشط من أهالي درعا',
    'وكالة الأنباء',
    'وفد الأمم المتحدة',
    'الباحثة سلمى الحسن',
    'د. كمال العلي',
    'رئيس الوزراء',
    'والي الولاية',
    'لجنة أهلية في الغوطة',
  ],
  says: [
    'قال {who} إن',
    'أكد {who} أن',
    'أوضح {who} أن',
    'أعلن {who} أن',
    'أشار {who} إلى أن',
    'كشف {who} أن',
    'ذكر {who} أن',
  ],
  what: [
    'العمل في الطريق الدولي سيبدأ مطلع الشهر المقبل',
    'المدارس ستفتح أبوابها في موعدها',
    'أسعار الخبز لن تتغير هذا العام',
    'محطة المياه عادت إلى العمل بطاقتها الكاملة',
    'ثلاث قرى بقيت بلا كهرباء منذ الأحد',
    'المستودع احترق بالكامل ولم يصب أحد',
    'الحدود فتحت أمام الشاحنات من جديد',
    'نحو 4500 عائلة عادت إلى بيوتها',
    'المحادثات تأجلت إلى إشعار آخر',
    'اللقاح وصل إلى المراكز الصحية في الريف',
    'السد امتلأ إلى 72 في المئة من سعته',
    'الحفريات كشفت عن سوق من العصر الأموي',
    'موسم الزيتون هو الأفضل منذ 2011',
    'المباراة النهائية ستقام من دون جمهور',
  ],
  act: [
    'افتتحت البلدية مركزا صحيا يخدم عشرة آلاف شخص',
    'أغلقت الشرطة الجسر أمام المركبات',
    'وقع الطرفان اتفاقا على تبادل الأسرى',
    'سجلت المحافظة أعلى درجة حرارة في تاريخها',
    'عثر عمال على لوحة فسيفساء قرب السوق القديم',
    'وزعت منظمة محلية كتبا على المدارس',
    'خرج المئات في مظاهرة سلمية',
    'انقطعت الاتصالات عن الأحياء الشرقية',
    'وصلت قافلة مساعدات إلى المخيم',
    'وافق البرلمان على موازنة العام الجديد',
    'انخفض سعر الصرف إلى 14.250 ليرة',
  ],
  tail: [
    'بعد أعمال استمرت تسعة أشهر',
    'وفق بيان صدر مساء أمس',
    'على أن تبدأ المرحلة الثانية في الربيع',
    'بحسب مصدر طلب عدم ذكر اسمه',
    'في وقت تشهد فيه المنطقة جفافا لم تعرفه منذ عقود',
    'وذلك بحضور ممثلين عن الأهالي',
    'رغم نقص الوقود',
    'للمرة الأولى منذ ست سنوات',
    'مشيرا إلى أن الأضرار مادية فقط',
    'بتمويل من UNDP وبلدية المدينة',
    'ضمن مشروع Blue Line 3',
  ],
  quote: [
    'لن ننتظر حتى ينفد الماء',
    'هذا البيت لنا وسنبقى فيه',
    'ما جرى خطأ لن يتكرر',
    'نعمل ليلا ونهارا',
    'الوضع تحت السيطرة',
    'نريد حلا لا وعودا',
    'كل دقيقة لها ثمن',
  ],
  opener: ['', '', '', 'و', 'كما ', 'وبدوره ', 'وفي سياق متصل، ', 'يذكر أن ', 'من جهة أخرى، ', 'كما و'],
  title: [
    'عودة المياه إلى أحياء المدينة بعد انقطاع دام أسبوعين',
    'بلدية الساحل تفتتح حديقة على أرض المرفأ القديم',
    'نقابة المعلمين: الإضراب مستمر حتى الخميس',
    'هل تكفي أمطار هذا الشتاء؟',
    'مقتل مسؤول محلي في هجوم على موكب',
    'معرض للكتاب في دمشق بعد غياب',
    'اتفاق جديد بين الحكومة و “قسد” على إدارة السد',
    'أسعار القمح ترتفع للشهر الثالث',
  ],
};

const english = {
  who: [
    'the mayor of Homs',
    'a health ministry spokesman',
    'Dr. Lina Saleh',
    'the port authority',
    'Gen. Robert Hale',
    'the U.N. envoy',
    'farmers in the valley',
    'the union',
    'Prof. A. B. Khoury',
  ],
  what: [
    'the bridge will open in March',
    'three villages are still without power',
    'talks were put off until further notice',
    'about 4,500 families have returned',
    'the dam is 72.5 percent full',
    'bread prices will not change this year',
    'no one was hurt in the fire',
    'the vaccine has reached rural clinics',
  ],
  act: [
    'The city opened a health centre for ten thousand people',
    'Police closed the bridge to traffic',
    'The two sides signed an agreement to exchange prisoners',
    'Workers found a mosaic near the old market',
    'Hundreds marched through the centre on Sunday',
    'An aid convoy reached the camp at 9.40 p.m.',
    'Parliament approved the budget by 112-98',
    'The currency fell to 14,250 a dollar',
  ],
  tail: [
    'after nine months of work',
    'according to a statement',
    'officials said',
    'despite a shortage of fuel',
    'for the first time since 2011',
    'as drought grips the region',
    'with money from the European Union',
  ],
  quote: [
    'We will not wait until the water runs out',
    'This house is ours',
    'Every minute counts',
    'What happened was a mistake',
    'It is under control',
  ],
  title: [
    'Water returns to city districts after two weeks',
    'Teachers’ union: strike goes on until Thursday',
    'Will this winter’s rain be enough?',
    'Port city opens park on old docks',
    'Wheat prices rise for third month',
  ],
};

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** An Arabic news sentence with its full stop, in most cases. */
export function arabicSentence(random: Random): string {
  const tail = () => (random.chance(0.7) ? `، ${random.pick(arabic.tail)}` : '');
  const stop = random.pick(['.', '.', '.', '.', '.', '.', '!', '؟', '…', '..']);
  const said = random.pick(arabic.says).replace('{who}', random.pick(arabic.who));
  const [open, close] = random.pick([
    ['“', '”'],
    ['“', '”'],
    ['"', '"'],
    ['«', '»'],
  ] as const);
  const body = random.pick([
    () => `${said} ${random.pick(arabic.what)}${tail()}${tail()}`,
    () => `${random.pick(arabic.act)}${tail()}${tail()}`,
    () =>
      `قال ${random.pick(arabic.who)}: ${open}${random.pick(arabic.quote)}، ${random.pick(arabic.quote)}${close}${tail()}`,
    () => `${said} ${random.pick(arabic.what)}، مضيفا: ${open}${random.pick(arabic.quote)}${close}`,
  ])();
  return `${random.pick(arabic.opener)}${body}${stop}`;
}

/** An English news sentence with its full stop. */
export function englishSentence(random: Random): string {
  const tail = () => (random.chance(0.7) ? `, ${random.pick(english.tail)}` : '');
  return random.pick([
    () => `${random.pick(english.act)}${tail()}${tail()}.`,
    () => `${capital(random.pick(english.who))} said ${random.pick(english.what)}${tail()}.`,
    () => `“${random.pick(english.quote)},” said ${random.pick(english.who)}${tail()}.`,
    () => `"${random.pick(english.quote)}. ${random.pick(english.quote)}," ${random.pick(english.who)} said${tail()}.`,
    () => `${capital(random.pick(english.who))} said: “${random.pick(english.quote)}. ${random.pick(english.quote)}.”`,
  ])();
}

export const arabicTitle = (random: Random) => random.pick(arabic.title);
export const englishTitle = (random: Random) => random.pick(english.title);
export const arabicQuote = (random: Random) => random.pick(arabic.quote);
export const arabicClause = (random: Random) => random.pick([...arabic.what, ...arabic.act]);
export const arabicTail = (random: Random) => random.pick(arabic.tail);

/** A paragraph of `low` to `high` sentences. */
export function paragraph(random: Random, sentence: (random: Random) => string, low = 1, high = 3): string {
  return random.many(random.whole(low, high), () => sentence(random)).join(' ');
}

/** `low` to `high` paragraphs. */
export function body(random: Random, sentence: (random: Random) => string, low = 3, high = 12): string[] {
  return random.many(random.whole(low, high), () => paragraph(random, sentence));
}
