import type { Kind } from './articles.ts';
import {
  arabicClause,
  arabicQuote,
  arabicSentence,
  arabicTail,
  arabicTitle,
  body,
  englishSentence,
  englishTitle,
} from './news-words.ts';
import type { Random } from './random.ts';

const emoji = ['👨‍👩‍👧‍👦', '🇸🇾', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '👍🏽', '❤️', '1️⃣', '🧑‍🚒', '🇱🇧', '☎️', '😀'];

const words = (count: number, random: Random) =>
  random
    .many(Math.ceil(count / 5), () => arabicClause(random))
    .join(' ')
    .split(' ')
    .slice(0, count)
    .join(' ');

/** Every paragraph changed by `change`. */
const arabicWith =
  (change: (paragraph: string, random: Random) => string): Kind =>
  (random) => ({
    title: arabicTitle(random),
    paragraphs: body(random, arabicSentence).map((one) => change(one, random)),
  });

const sprinkle = (pieces: readonly string[]) =>
  arabicWith((paragraph, random) =>
    paragraph
      .split(' ')
      .flatMap((word) => (random.chance(0.12) ? [word, random.pick(pieces)] : [word]))
      .join(' '),
  );

const inArabicTitle =
  (make: (random: Random) => string): Kind =>
  (random) => ({ title: make(random), paragraphs: body(random, arabicSentence) });

const foreign: Record<string, [title: string, ...paragraphs: string[]]> = {
  persian: [
    'بازگشایی کتابخانه‌ی شهر پس از ده سال',
    'کتابخانه‌ی مرکزی شهر روز شنبه پس از ده سال بازگشایی شد، و صدها نفر در مراسم شرکت کردند.',
    'شهردار گفت: «این کتاب‌ها خانه‌ی ماست»، و افزود که ۱۲۰۰۰ جلد کتاب تازه خریداری شده است.',
  ],
  hebrew: [
    'הספרייה העירונית נפתחה מחדש',
    'הספרייה העירונית נפתחה ביום ראשון אחרי עשר שנים, והגיעו אליה מאות תושבים.',
    'ראש העיר אמר: "הספרים האלה הם הבית שלנו", והוסיף כי נרכשו 12,000 ספרים ב-2024-2025.',
  ],
  french: [
    'La bibliothèque municipale rouvre ses portes',
    'La bibliothèque municipale a rouvert dimanche, après dix ans de travaux ; des centaines d’habitants sont venus.',
    '« Ces livres sont notre maison », a dit le maire, qui annonce l’achat de 12 000 volumes.',
  ],
  chinese: [
    '市图书馆时隔十年重新开放',
    '市图书馆星期日重新开放，数百名居民前来参观。市长说：“这些书就是我们的家。”图书馆新购一万二千册图书。',
    '修复工程持续了十年，耗资三千万元。',
  ],
};

const foreignKinds = Object.fromEntries(
  Object.entries(foreign).map(([language, [title, ...paragraphs]]): [string, Kind] => [
    language,
    (random) => ({ title, paragraphs: random.many(random.whole(1, 3), () => paragraphs).flat() }),
  ]),
);

/** Articles that a careless composer would break on. */
export const awkwardKinds: Record<string, Kind> = {
  ...foreignKinds,
  emoji: sprinkle(emoji),
  'emoji-runs': (random) => ({
    title: `🚨 عاجل ${random.many(60, () => random.pick(emoji)).join('')}`,
    paragraphs: [random.many(400, () => random.pick(emoji)).join(''), arabicSentence(random)],
  }),
  'no-spaces': (random) => ({
    title: words(random.whole(1, 80), random).replaceAll(' ', ''),
    paragraphs: [words(400, random).replaceAll(' ', ''), 'x'.repeat(5_000)],
  }),
  'no-spaces-marks': (random) => ({
    title: 'عُ̈'.repeat(random.whole(100, 600)),
    paragraphs: ['مَدرَسَةٌ'.repeat(300)],
  }),
  'endless-sentence': (random) => ({ title: arabicTitle(random), paragraphs: [words(10_000, random)] }),
  'endless-commas': (random) => ({
    title: englishTitle(random),
    paragraphs: [random.many(1_500, () => arabicTail(random)).join('، ')],
  }),
  'headline-200-words': inArabicTitle((random) => words(200, random)),
  'headline-long-quote': inArabicTitle((random) => `“${words(random.whole(30, 200), random)}” ${words(10, random)}`),
  'headline-quotes': inArabicTitle(
    (random) =>
      `${words(20, random)} “${words(15, random)}” ${words(10, random)} (${words(30, random)}) ${words(20, random)}`,
  ),
  'headline-html': inArabicTitle((random) => `<b>${arabicTitle(random)}</b> &amp; <i>${englishTitle(random)}</i> <br>`),
  'headline-domain': inArabicTitle((random) => `موقع sy24.com ينشر: ${arabicTitle(random)} www.example.org`),
  'headline-latin': inArabicTitle((random) => `SY24: ${arabicTitle(random)} - BBC News 2019-2024`),
  'headline-one-word': (random) => ({ title: 'عاجل', paragraphs: body(random, arabicSentence, 0, 2) }),
  'headline-english': (random) => ({
    title: englishTitle(random),
    paragraphs: body(random, arabicSentence),
    language: 'ar',
  }),
  'quotes-only': (random) => ({
    title: `“${arabicQuote(random)}”`,
    paragraphs: random.many(6, () => `“${random.many(8, () => arabicQuote(random)).join('. ')}”`),
  }),
  'quotes-nested': arabicWith(
    (_, random) =>
      `قال المتحدث: “نعمل مع “${arabicQuote(random)}” ضد “${arabicQuote(random)}” كل يوم، ${arabicTail(random)}. ${arabicQuote(random)}”، ${arabicTail(random)}.`,
  ),
  'quotes-unbalanced': arabicWith((paragraph, random) => `${random.pick(['“', '”', '«', ')', '"'])}${paragraph}`),
  brackets: arabicWith(
    (_, random) =>
      `${arabicClause(random)} (${arabicTail(random)}، ${arabicTail(random)} [${arabicQuote(random)}. ${arabicQuote(random)}])، ${arabicTail(random)}.`,
  ),
  'long-no-commas': arabicWith((_, random) => `${words(random.whole(60, 90), random)}.`),
  'long-clauses': arabicWith(
    (_, random) => `${words(random.whole(45, 60), random)}، ${words(random.whole(10, 60), random)}.`,
  ),
  'one-word-paragraphs': (random) => ({ title: arabicTitle(random), paragraphs: words(40, random).split(' ') }),
  'short-paragraphs': (random) => ({
    title: arabicTitle(random),
    paragraphs: random.many(80, () => `${words(5, random)}.`),
  }),
  'no-full-stops': arabicWith((_, random) => `${arabicClause(random)}، ${arabicTail(random)}`),
  digits: sprinkle([
    '2011-2015',
    '10–15%',
    '٣٫٥',
    '1,234.50',
    '12:30',
    '3/4',
    '٢٠٢٤/١/٥',
    '+963 11 555 0100',
    '24-SY',
    'COVID-19',
    '1.5-2.5',
  ]),
  'digits-only': (random) => ({
    title: 'حصيلة 2011-2024',
    paragraphs: random.many(10, () => `${random.whole(1, 99)}-${random.whole(100, 999)}، ${random.whole(1, 9)}.`),
  }),
  addresses: sprinkle([
    'https://example.org/a/b?c=d',
    'sy24.com',
    'www.example.com/x',
    'press@example.org',
    'https://example.org/مقال',
    'ftp.example.net.',
  ]),
  handles: sprinkle([
    '#دمشق_الآن',
    '#Syria',
    '@UN_Syria',
    '$TSLA',
    '$AAPL',
    '#24',
    '@ا',
    'AT&T',
    '(#SY24)',
    'C++',
    'F-16',
    'iPhone 15 Pro',
  ]),
  formatting: sprinkle([
    '*مهم*',
    '_مائل_',
    '~شطب~',
    '`رمز`',
    '{{1}}',
    '{{ headline }}',
    '{% if x %}',
    '*',
    '_',
    '**نجمتان**',
    '- ',
    '> ',
  ]),
  'formatting-headline': inArabicTitle((random) => `*${arabicTitle(random)}* _و_ {{2}} ~`),
  'html-signs': sprinkle(['&', '<', '>', '&amp;', '&lt;b&gt;', '<b>', '</i>', '<script>', '"', "'"]),
  'html-body': (random) => ({
    title: arabicTitle(random),
    body: body(random, arabicSentence)
      .map((one) => `<p>${one} <a href="https://example.org">رابط</a></p>`)
      .join('\n'),
  }),
  'html-escapes-long': (random) => ({
    title: '&<>'.repeat(200) + arabicTitle(random),
    paragraphs: ['<&>'.repeat(4_000), `${'& '.repeat(900)}.`],
  }),
  'bidi-controls': sprinkle([
    '\u202Eabc\u202C',
    '\u200F',
    '\u200E',
    '\u2067س\u2069',
    '\u061C',
    '\u2066x',
    '\u200D',
    '\u200C',
  ]),
  'lone-surrogates': sprinkle(['\uD800', '\uDC00', 'x\uD83D', '\uFFFE', '\uFEFF']),
  controls: sprinkle(['\u0000', '\u0007', '\u0085', '\u2028', '\u00A0', '\u3000', '\u00AD', '\t']),
  'empty-body': inArabicTitle((random) => arabicTitle(random)),
  'no-body': (random) => ({ title: arabicTitle(random), paragraphs: [] }),
  'title-repeated': (random) => {
    const title = arabicTitle(random);
    return { title, paragraphs: [title, `${title}.`, ...body(random, arabicSentence)] };
  },
  'sentence-repeated': (random) => {
    const sentence = arabicSentence(random);
    return { title: arabicTitle(random), paragraphs: [sentence, ...body(random, arabicSentence), sentence, sentence] };
  },
  'latin-starts': arabicWith(
    (_, random) =>
      `SY24: ${arabicClause(random)}، ${arabicTail(random)}. BBC News (${random.whole(2011, 2024)}) نشرت تقريرا.`,
  ),
  'arabic-in-english': (random) => ({
    title: englishTitle(random),
    language: 'en',
    paragraphs: body(
      random,
      (one) => `${arabicQuote(one)} (${arabicClause(one)}) means “this” in Arabic. ${englishSentence(one)}`,
    ),
  }),
  'latin-punctuation': arabicWith((paragraph) => paragraph.replaceAll('،', ' ,').replaceAll('؟', '?')),
  'spaced-punctuation': arabicWith((paragraph) => paragraph.replaceAll('،', ' ، ').replaceAll('.', ' .')),
  'very-long-article': (random) => ({
    title: englishTitle(random),
    paragraphs: body(random, englishSentence, 250, 300),
  }),
  abbreviations: (random) => ({
    title: 'Dr. M. Saleh of the U.S. Dept. of Water visits St. Mary’s Rd.',
    paragraphs: random.many(
      5,
      () =>
        `Dr. M. Saleh, Ph.D., met Gen. J. R. Hale of the U.S. Army at 9.40 a.m. on Jan. 5 in St. Louis, Mo. ${englishSentence(random)} It cost $2.5 vs. $3.0 (see p. 4, fig. 2).`,
    ),
  }),
  'arabic-abbreviations': arabicWith(
    (paragraph) => `أ. د. سمير ود. هالة وم. علي اجتمعوا في ج. م. ع. أمس، وقال د. كمال: “لا. نعم.”. ${paragraph}`,
  ),
  'teaser-cut': (random) => {
    const paragraphs = body(random, arabicSentence);
    return { title: arabicTitle(random), paragraphs, teaser: `${(paragraphs[0] as string).slice(0, 60)}…` };
  },
  'teaser-whole': (random) => ({
    title: arabicTitle(random),
    paragraphs: body(random, arabicSentence),
    teaser: arabicSentence(random),
  }),
  'summary-given': (random) => ({
    title: arabicTitle(random),
    paragraphs: body(random, arabicSentence),
    summary: `${arabicClause(random)}، ${arabicTail(random)}.`,
  }),
};
