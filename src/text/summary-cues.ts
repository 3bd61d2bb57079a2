import { fold, stem } from './summary-words.ts';

/** What a sentence asks of the sentences before it in the post. */
export interface Dependence {
  /**
   * `after`: any sentence, so that it is not the first; `loose`: the sentence before it in the source, or one with the same
   * subject; `close`: the one before it, straight before.
   */
  link: 'none' | 'after' | 'loose' | 'close';
  /** Stems of the subject behind a conjunction and verb; a sentence of the post that has them all satisfies a loose link. */
  subject: readonly string[];
  /** For each thing named as known ("the statement"), stems of which one must stand earlier in the post. */
  introduced: readonly (readonly string[])[];
  /** "It is worth recalling": used when nothing else is left. */
  background: boolean;
}

export const independent: Dependence = { link: 'none', subject: [], introduced: [], background: false };

/** Arabic verbs by which somebody says something, without conjunction, folded. */
const sayingVerbs =
  'أكد قال أشار شدد أعرب اتفق تطرق أضاف أعلن أوضح ذكر كشف نفى لفت أفاد صرح رأى اعتبر دعا طالب حذر بين تابع نقل أبلغ وصف اتهم أقر اعترف زعم ادعى توقع رجح تعهد وعد هدد ' +
  'رحب ندد استنكر أدان انتقد أبدى عبر أثنى أشاد نوه نبه ألمح طلب اقترح رفض جدد استبعد اعتقد حث ناشد كتب غرد علق ردد كرر استطرد أردف جزم برر شرح ناقش بحث تناول استعرض قرر وجه';
const verbStems = new Set(fold(sayingVerbs).split(' '));
/** Verbs that must name what they say by أن، إن، على … or a quotation: no bare object completes them. */
const particleVerbs = new Set(
  fold(
    'قال أشار شدد أعرب تطرق أضاف لفت أفاد صرح رأى تابع أثنى أشاد نوه نبه ألمح اعتقد غرد علق ادعى اعترف أقر اتفق دعا رحب ندد عبر',
  ).split(' '),
);
const verbEnding = /(?:تا|وا|ت|ا|ن)$/;
const verbStart = /^[يت](?=\p{L}{3})/u;

/** The saying verb that a folded word is, in any gender or number, without conjunction; undefined where it is none. */
export function sayingVerb(word: string): string | undefined {
  if (knownWords.has(word)) return knownWords.get(word);
  const verb = findVerb(word);
  if (knownWords.size >= mostWords) knownWords.clear();
  knownWords.set(word, verb);
  return verb;
}

const knownWords = new Map<string, string | undefined>();
const mostWords = 50_000;

function findVerb(word: string): string | undefined {
  for (const form of [word, word.replace(/^[وف](?=\p{L}{2})/u, '')]) {
    for (const bare of [form, form.replace(verbEnding, '')]) {
      if (verbStems.has(bare)) return bare;
      const present = presentVerbs.get(bare.replace(verbStart, ''));
      if (present !== undefined && verbStart.test(bare)) return present;
    }
  }
  return undefined;
}

/** Present forms (without ي or ت) that differ from the past. */
const presentVerbs = new Map(
  fold(
    'قول:قال ؤكد:أكد شير:أشار شدد:شدد عرب:أعرب ضيف:أضاف علن:أعلن وضح:أوضح ذكر:ذكر كشف:كشف نفي:نفى لفت:لفت فيد:أفاد رى:رأى عتبر:اعتبر دعو:دعا طالب:طالب حذر:حذر توقع:توقع تهم:اتهم زعم:زعم',
  )
    .split(' ')
    .map((pair) => pair.split(':') as [string, string]),
);

export function needsParticle(verb: string): boolean {
  return particleVerbs.has(verb);
}

/** Words with و as their first letter, folded, without endings. */
const rootWaw = new Set(
  fold(
    'وزير وزراء وزار وصل وصول وصف وصي وصفي وقع وقوع واقع واقعة وقوف وقف وافق وفاة وفا وفد وفود وضع وضعي وضعت واشنطن وكال وكيل وحد وحدة وحيد وجه وجهة وجود وجد وطن وطني واحد وسط وسائل وسيل وسام وسم وقت ' +
      'وثيق وثائق ولد ولاي ولادة وليد والد والدة والي وراء ورث ورق وري ورش ورش ورد وردة وفق وفقا وعد وعود واجه واجب واصل وودع ودع ودائع وديع وباء وبائي ويلز وظيف وظائف وزن وعي وقود وقائع ولي ولاء وادي وارسو واسط واسع ' +
      'وحش وحي وتير وتر وثب وهب وهم وهران وهاب وائل وسيم ويليام ويلسون ووتش والتر وولف واتساب واتس ويكيبيديا ويكيليكس وارن وندسور ودي ودا وداع ولع وشك وشيك وعر وعاء ورم وكر وكس وول وورلد ووهان وول واين وايت واو',
  ).split(' '),
);
const endings = /(?:هما|ها|هم|ه|نا|ات|ين|ون|ان|ية|يا|ا|ت|ة|ي|وا|تها|ته|تهم)$/;

/** True where a folded word opens with the conjunction و, not with a و of its root. `bare` is the word with its hamzas. */
export function opensWithWaw(bare: string): boolean {
  if (!/^و\p{L}/u.test(bare)) return false;
  if (/^و[أإآ]/.test(bare)) return true;
  const word = fold(bare);
  if (word.length < 3 || rootWaw.has(word) || rootWaw.has(word.replace(endings, ''))) return false;
  return !rootWaw.has(word.replace(endings, '').replace(endings, ''));
}

const opening = /^[\s"“”«»'‘’([{–—-]+/;
const firstWord = /^[\p{L}\p{M}\p{N}\u0640]+/u;

const start = (pattern: string) => new RegExp(`^(?:${fold(pattern)})(?![\\p{L}\\p{N}])`, 'u');
const closeArabic = start(
  '[وف]?(?:جاء|يأتي|تأتي|جاءت|أتى|أتت|كان|يعد|يمثل|حدث|تم|وقع) (?:ذلك|هذا|هذه|كل ذلك|تلك)|[وف]?(?:من|على|في|ب|إلى) ?(?:جانب|جهت|طرف|دور|المقابل|حين)(?:ه|ها|هم|هما)?|[وف]?بدور(?:ه|ها|هم|هما)|' +
    '[وف]?في (?:هذا |ذات |نفس )?(?:سياق|السياق|الإطار|إطار|الشأن|شأن|الصدد|المقابل|الأثناء|الوقت)(?: متصل| نفسه| ذاته| آخر)?|[وف]?(?:بالمقابل|لذلك|لذا|بالتالي|عليه|هكذا|عندها|عندئذ|حينها|آنذاك|بذلك|مع ذلك|رغم ذلك|بعد ذلك|إثر ذلك|على إثر ذلك|إلى ذلك|في غضون ذلك|خلال ذلك|في هذه الأثناء|في تلك الأثناء|من بين هؤلاء|من بينهم|مذاك|منذ ذلك الحين|غير ذلك|إضافة إلى ذلك|فضلا عن ذلك|علاوة على ذلك|نتيجة لذلك|في حين)|' +
    '[وف]?(?:هو|هي|هم|هما|هذا|هذه|ذلك|تلك|هؤلاء|أولئك|كلاهما|كلتاهما|بعضهم|جميعهم|معظمهم|منهم|بينهم|منها|ومنها|فيها|فيه|عنه|عنها)|[وف]?(?:أما|وأما|لكن|لكنه|لكنها|لكنهم|غير أن|إلا أن|بل|ثم|إذ|حيث|بينما|فيما|ليس هذا|كذلك|عليه)|ف(?:إن|قد|إنه|إنها|لم|لا|هو|هي|كان|قال|من|في|بعد|قبل|عند|عندما|على|مع|خلال|منذ|بين|حين|غادر|رد|أما)',
);
/** A share of something that was named before: `معظمه`. */
const shareArabic =
  /^[وف]?(?:\p{L}+ )?(?:معظم|بعض|اكثر|اغلب|جميع|كل|غالبيت|احد|احدى|نصف|ربع|ثلث)(?:ه|ها|هم|هما)(?![\p{L}])/u;

/** A circumstance or a source without its sentence: `مضيفا أن`, `بحسب ما أعلن`. */
const fragmentArabic = start(
  '[وف]?(?:مضيفا|مؤكدا|موضحا|مشيرا|معتبرا|مشددا|لافتا|محذرا|منوها|مبينا|مطالبا|داعيا|قائلا|نافيا|معربا|مضيفة|مؤكدة|موضحة|مشيرة|معتبرة|مشددة|لافتة|محذرة|قائلة|داعية|مطالبة)|في وقت|(?:بحسب|حسب|وفق|وفقا|نقلا|على) (?:ما|لما|عن|ل)',
);
/** ف before an article goes on from what was said; not the names that begin so (فالنسيا، فالكون). */
const thenThe = /^فال(?!نس|كا|كو|نت|ير|ود|دز|س |ح )\p{L}{2,}/u;
const looseArabic = start('كما|أيضا|أيضاً');
const backgroundArabic = start(
  '[وف]?(?:يشار|يذكر|تجدر|يجدر|جدير بالذكر|الجدير|من الجدير|يلفت|للتذكير|معلوم|من المعلوم|سبق أن)(?: إلى| أن| الإشارة| بالذكر| بالإشارة| ب)?',
);
const openingEnglish =
  /^(?:he|she|they|it|we|his|her|their|its|this|that|these|those|but|however|and|so|or|nor|yet|still|also|instead|then|thus|therefore|moreover|furthermore|otherwise|both|such|another|neither|either|others?|some|many|most|all of (?:them|these)|one of (?:them|these)|there|here|for example|for instance|in addition|in contrast|in response|in other words|as a result|by contrast|on the other hand|at the (?:same )?time|because of (?:this|that)|even so|nevertheless|nonetheless|that's|it's|he's|she's|they're|him|them|what's more|not (?:only|that)|the (?:latter|former|two|pair|three|couple)|until then|after that|first,|second,|third,|finally,|lastly,|if (?:passed|approved|convicted|so|not)|in isolation|by then|since then|from then on|suddenly,|once again|despite (?:this|that))(?![\p{L}\p{N}])/iu;
/** Something known, and nothing behind it that says which. */
const definiteEnglish = /^the (?:\p{Ll}+ ){1,2}(?!of |in |at |on |for |that |who |which )\p{Ll}/iu;
const backgroundEnglish =
  /^(?:it is worth|it should be noted|worth (?:noting|recalling|mentioning)|recall that|as a reminder|by way of background)/i;
const introducedEnglish =
  /^(?:the|this|that) (statement|report|meeting|decision|study|document|letter|spokesman|spokeswoman|spokesperson|announcement|agreement|suspects?|victims?|incident|ruling|survey|attackers?|source|video|move|deal|proposal|attack|case|findings?|group|company|team)(?![\p{L}-])/iu;

/** Nouns that name a thing known already, and the stems that introduce it. */
const knownThings: [RegExp, string][] = [
  [/^(?:البيان|بيانهم|بيانه|بيانها)$/, 'بيان'],
  [/^المجتمع(?:ون|ين)$/, 'اجتماع مجتمع'],
  [/^الاجتماع$/, 'اجتماع'],
  [/^المشارك(?:ون|ين)$/, 'مشارك شارك مشاركة مؤتمر اجتماع'],
  [/^التقرير$/, 'تقرير'],
  [/^القرار$/, 'قرار'],
  [/^الدراس[هة]$/, 'دراس دراسة باحث'],
  [/^الحادثه?ة?$/, 'حادث حادثة انفجار هجوم'],
  [/^(?:المصدر|المصادر)$/, 'مصدر مصادر'],
  [/^الوثيقة$/, 'وثيق وثيقة وثائق'],
  [/^الرسالة$/, 'رسال رسالة خطاب'],
  [/^الموقع(?:ون|ين)$/, 'وقع توقيع موقع'],
];
const knownReach = 4;
const known = /^[وف]?(?:ال|بيان)/;

const space = /[\s,،:؛;."“”«»()]+/u;

/** How a sentence leans on others shows within its first words. */
const openingLength = 160;

function arabicDependence(sentence: string): Dependence {
  const start = sentence.slice(0, openingLength).replace(opening, '');
  const plain = fold(start);
  const words = plain.split(space, 8).filter((word) => word !== '');
  const bare = firstWord.exec(start.replace(/[\u064B-\u065F\u0670\u0640]/g, ''))?.[0] ?? '';
  const lone = bare === 'و';
  const waw = lone || opensWithWaw(bare);
  const background = backgroundArabic.test(plain);
  const introduced = words.slice(0, knownReach).flatMap((word) => {
    if (!known.test(word)) return [];
    const stems = knownThings.find(([noun]) => noun.test(word.replace(/^[وف]/, '')))?.[1];
    return stems === undefined ? [] : [stems.split(' ').map(stem)];
  });
  if (closeArabic.test(plain) || thenThe.test(plain) || fragmentArabic.test(plain) || shareArabic.test(plain))
    return { link: 'close', subject: [], introduced, background };
  if (!waw && !looseArabic.test(plain)) return { link: 'none', subject: [], introduced, background };
  return { link: 'loose', subject: subjectOf(words), introduced, background };
}

const definite = /^(?:ال|لل)/;
const particles = new Set(
  fold('قد لقد كان كانت كانوا كما لا لم لن لا ما إن أن أنه أنها تم يتم جرى سوف أيضا').split(' '),
);
const prepositions =
  /^(?:في|من|مع|على|الى|عن|بعد|قبل|منذ|خلال|عند|عندما|حين|لدى|بين|حول|حسب|بحسب|وفق|وفقا|رغم|اثر|ان|انه|انها|ب|حتى|اذا|لو|بينما|فيما)$/;

/**
 * What names the subject behind conjunction and verb: البيان in `وأشار البيان إلى`, both words of `وزير الخارجية`. Empty
 * where the sentence opens otherwise.
 */
function subjectOf(words: readonly string[]): string[] {
  const rest = words
    .map((word, i) => (i === 0 ? word.replace(/^و/, '') : word))
    .filter((word) => word !== '' && !particles.has(word));
  const head = rest[0] ?? '';
  if (prepositions.test(head)) return [];
  const [name = '', next = ''] = rest.slice(definite.test(head) ? 0 : 1);
  if (name.length < 3 || prepositions.test(name)) return [];
  const construct = !definite.test(name) && definite.test(next);
  return (construct ? [name, next] : [name]).map(stem);
}

function englishDependence(sentence: string): Dependence {
  const plain = sentence.replace(opening, '');
  const known = introducedEnglish.exec(plain)?.[1];
  return {
    link: openingEnglish.test(plain) ? 'close' : definiteEnglish.test(plain) ? 'after' : 'none',
    subject: [],
    introduced: known === undefined ? [] : [[stem(fold(known))]],
    background: backgroundEnglish.test(plain),
  };
}

/** What the sentence needs before it, by how it opens. */
export function dependenceOf(sentence: string, arabic: boolean): Dependence {
  return arabic ? arabicDependence(sentence) : englishDependence(sentence);
}

/** The words of which a first sentence loses its leading كما or و. */
export function withoutConnector(sentence: string): string {
  const found = /^(?:كما\s+|و)(?=\p{L})/u.exec(sentence);
  if (!found) return sentence;
  const rest = sentence.slice(found[0].length);
  const bare = firstWord.exec(rest.replace(/[\u064B-\u065F\u0670\u0640]/gu, ''))?.[0] ?? '';
  const folded = fold(bare);
  if (opensWithWaw(bare) || sayingVerb(folded) === undefined || /^و/.test(folded)) return sentence;
  return found[0] === 'و' && !opensWithWaw(`و${bare}`) ? sentence : rest;
}
