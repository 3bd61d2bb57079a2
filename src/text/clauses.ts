import { needsParticle, opensWithWaw, sayingVerb } from './summary-cues.ts';
import { fold, wordsOf } from './summary-words.ts';

/** The beginning of a sentence that says something whole by itself. */
export interface Clause {
  /** Verbatim from the sentence, with the comma at which it was cut. */
  source: string;
  /** The same, the comma turned into a full stop. */
  text: string;
}

/** A post is told in shorter clauses than these; a sentence may go on for pages. */
const [mostCuts, longestClause] = [24, 1_200];

const openers = '“«([{';
const closers = '”»)]}';
const fewestWords = 5;
const fewestWordsEnglish = 8;

/**
 * The clauses that a sentence can be cut to: its balanced beginnings up to a comma or semicolon outside quotes and
 * brackets. A reporting verb keeps its complement, a claim its source ("according to …"), a list its items; an adverbial
 * opening is no clause. Shortest first.
 */
export function clausePrefixes(sentence: string, arabic: boolean): Clause[] {
  const all = cutsOf(sentence, arabic ? '،؛,;' : ',;');
  const cuts = all.slice(0, mostCuts).filter((cut) => cut < longestClause);
  if (cuts.length === 0) return [];
  const ends = [...cuts, ...all.slice(cuts.length, mostCuts), sentence.length];
  const segments = ends.map((cut, i) => sentence.slice(i === 0 ? 0 : (ends[i - 1] as number) + 1, cut).trim());
  const folded = arabic ? segments.map(segmentOf) : [];
  return cuts
    .filter((_, i) => (arabic ? arabicCut(folded, i + 1) : englishCut(segments, i + 1)))
    .map((cut) => ({ source: sentence.slice(0, cut + 1), text: `${sentence.slice(0, cut).trimEnd()}.` }));
}

/** Where the sentence has a comma outside quotes and brackets, not inside a number. */
function cutsOf(sentence: string, commas: string): number[] {
  const cuts: number[] = [];
  let depth = 0;
  let straight = false;
  for (let i = 0; i < sentence.length; i += 1) {
    const char = sentence[i] as string;
    if (char === '"') straight = !straight;
    else if (openers.includes(char)) depth += 1;
    else if (closers.includes(char)) {
      depth -= 1;
      // What closes a quotation that never opened tells that the text is not to be trusted.
      if (depth < 0) return [];
    } else if (depth === 0 && !straight && commas.includes(char) && !/\d/.test(sentence[i + 1] ?? '')) cuts.push(i);
  }
  return depth === 0 && !straight ? cuts : [];
}

const source =
  /^(?:وفق|وفقا|حسب|بحسب|وبحسب|وحسب|نقلا|على ما|على حد|كما (?:قال|اعلن|ذكر|افاد|اكد|اوضح|نقل|جاء)|استنادا|بناء على|عملا ب|قال(?:ت)? |ذكر(?:ت)? |افاد(?:ت)? )/;
/** What may follow a cut: a new predicate, a circumstance or a relative clause; never a bare noun or the verb's complement. */
const continuation =
  /^(?:فيما|بينما|في حين|حيث|اذ|وذلك|الامر الذي|وهو ما|ما (?!ل)|مما|الذي|التي|الذين|اللذين|اللواتي|لكن|ولكن|الا ان|غير ان|بل|كما|بعد|قبل|اثر|عقب|منذ|خلال|اثناء|بسبب|نتيجة|جراء|بهدف|بغية|من اجل|لا سيما|خاصة|خصوصا|رغم|على الرغم|برغم|وسط|مع|في|لكي|كي|ليس|دون|بدلا|فضلا|اضافة|بالاضافة|علما|معتبر|مؤكد|مشير|موضح|مضيف|داعي|محذر|مطالب|متهم|لافت|منوه|مشدد|معرب|مبين|نافي|قائل|ليصبح|لتصبح|ليكون|لتكون|ثم|حتى|عندما|لدى|الى جانب|بما في|بمن في|بحضور|بمشاركة|الخطوة التي|الحادثة التي|وهي|وهو|تضمن|تضمنت|شمل|شملت|بينهم|بينها|من بينهم|من بينها|وفي|ومن|وقد|وان|وانه|وانها)(?![\p{L}]{4})/u;
const openingWords =
  /^[وف]?(?:في|من|مع|بعد|قبل|خلال|عند|عندما|حين|حينما|على|رغم|اذا|لو|لما|منذ|اثناء|وسط|حسب|وفق|وفقا|بحسب|لدى|عبر|بين|الى|حول|بينما|فيما|كلما|اثر|عقب|بسبب|نتيجة|ضمن|حتى|امام|عن|ب\p{L}+|لل\p{L}+|نقلا|بما|مثل|كما هو)(?![\p{L}])/u;

/** What stands between two commas. */
interface Segment {
  raw: string;
  folded: string;
  /** Folded. */
  words: readonly string[];
}

function segmentOf(raw: string): Segment {
  const folded = fold(raw);
  return { raw, folded, words: folded.split(' ') };
}

function arabicCut(segments: readonly Segment[], count: number): boolean {
  const kept = segments.slice(0, count);
  const first = kept[0] as Segment;
  const last = kept.at(-1) as Segment;
  const words = kept.reduce((sum, segment) => sum + segment.words.length, 0);
  if (words < fewestWords || words > 60) return false;
  if (segments.slice(count - 1).some(({ folded }) => source.test(folded))) return false;
  if (count > 1 && relative.test(last.folded) && first.words.length < fewestWords) return false;
  if (openingWords.test(first.folded) && count < 2) return false;
  if (!goesOn(segments[count] as Segment, last)) return false;
  return kept.every((_, i) => complemented(kept.slice(i)));
}

const relative = /^(?:الذي|التي|الذين|اللذين)/;

/** Whether what follows the cut can be left out: it opens a clause of its own, and is no further item of a list. */
function goesOn({ raw: next, folded, words }: Segment, last: Segment): boolean {
  if (words.length < 3) return false;
  if (last.words.length < 3 && last.folded.startsWith('و')) return false;
  if (/^(?:ان|انه|انها|انهم|بان|الى|على|عن)(?![\p{L}])/u.test(folded)) return false;
  const bare = /^[\p{L}\p{M}]+/u.exec(next)?.[0] ?? '';
  // A conjunction that the source has written apart.
  if (bare === 'و') return true;
  if (continuation.test(folded) || opensWithWaw(bare)) return true;
  // A circumstance in the accusative (مؤكدا), a verb of the present with its object (ينفذها).
  if (/^[يت]\p{L}{3,}(?:ها|ه|هم)(?![\p{L}])/u.test(folded)) return true;
  return /^\p{L}{3,}ا(?![\p{L}])/u.test(folded) && /^(?:م|نا|دا|قا|لا)/.test(folded);
}

const complement =
  /(?:^|\s)(?:و?(?:ان|انه|انها|انهم|انهما|انني|اننا|بان|بانه|بانها|الا|عدم|لن|على|الى|عن|عنه|اليه|عليه)|بال\p{L}+|لل\p{L}+)(?![\p{L}])/u;
/** An object that names itself by a possessive ending: وقوفهم، رفضه. */
const possessed = /^\p{L}{2,}(?:هم|هما|ها|ه)(?![\p{L}])/u;
const quoted = /[“«"]/;

/** Whether a saying verb that opens the first segment has its complement before the cut. */
function complemented(kept: readonly Segment[]): boolean {
  const { words } = kept[0] as Segment;
  const at = words.slice(0, 3).findIndex((word) => sayingVerb(word) !== undefined);
  if (at < 0 || (at > 0 && !/^(?:كما|و|وقد|قد|فقد|وكان|كان|وكانت|كانت|حيث|فيما|بينما)$/.test(words[at - 1] as string)))
    return true;
  const verb = sayingVerb(words[at] as string) as string;
  const after = kept.flatMap((segment) => segment.words).slice(at + 1);
  // The subject takes a word at least.
  if (complement.test(after.slice(1).join(' '))) return true;
  if (needsParticle(verb)) return kept.some(({ raw }) => quoted.test(raw)) && after.length > 4;
  return (
    kept.slice(1).some(({ raw, folded }) => possessed.test(folded) && !opensWithWaw(raw.split(' ', 1)[0] as string)) ||
    objectNamed(after)
  );
}

/** A noun without article that the verb can only have as its object. */
const objects =
  /^(?:مقتل|اصابة|وفاة|مصرع|اطلاق|تشكيل|استعداد|التزام|رفض|ضرورة|اهمية|دعم|تضامن|وقوف|حرص|استقالة|ترشح|فوز|بدء|انتهاء|اعتقال|توقيف|تعليق|الغاء|تاجيل|فتح|اغلاق|وقف|حالة|تعيين|انسحاب|انضمام|مسؤولية|تاييد|قلق)(?:ه|ها|هم)?$/;
const objectNamed = (after: readonly string[]) => after.slice(1).some((word, i) => objects.test(word) && i > 0);

const englishNext =
  /^(?:while|but|although|though|whereas|which|who|whose|where|after|before|because|since|as|even|with|despite|amid|leaving|making|including|citing|prompting|and (?:he|she|it|they|the|a|an|that|there|we|more|many|some)|\p{L}{3,}ing)\s/u;
const englishOpening =
  /^(?:when|as|after|if|while|although|though|in|on|at|despite|because|since|before|by|with|for|from|during|until|once|unlike|like|under|over|amid|according|to|asked|\p{L}+ing|\p{L}+ed)\s/iu;
const englishSource =
  /(?:^|\s)(?:said|says|told|according to|reported|reports|added|adds|wrote|writes|announced|explained|tells|argued|tweeted|testified)(?![\p{L}])/u;
const englishSaying = /(?:^|\s)(?:said|says|told|announced|reported|warned|added)(?:\s+(?:on\s+)?\p{Lu}\p{L}+)?$/u;

function englishCut(segments: readonly string[], count: number): boolean {
  const kept = segments.slice(0, count).join(', ');
  const rest = segments.slice(count);
  if (wordsOf(kept).length < fewestWordsEnglish || englishSaying.test(kept)) return false;
  if (englishOpening.test(kept) && count < 2) return false;
  if (rest.some((segment) => englishSource.test(segment) && wordsOf(segment).length < 10)) return false;
  // "A, who is B, did C": the verb of A comes after the second comma.
  if (count > 1 && /^(?:which|who|whose|where|a|an|the)\s/u.test(segments[count - 1] as string)) return false;
  return (
    englishNext.test(segments[count] as string) &&
    !interrupted(segments, count) &&
    wordsOf(rest[0] as string).length > 2
  );
}

const finiteVerb =
  /\s(?:is|are|was|were|has|have|had|will|would|could|can|may|must|should|did|does|\p{Ll}{2,}(?:ed|es)|said|says|told|took|made|became|began|found|won|lost|died|killed|went|came|saw|got|gave|left|held|met|fell|rose|set|put|led|hit|struck|plans|wants|needs|shows|remains|seems)(?![\p{L}])/u;

/** A relative clause or aside follows a subject that still waits for its verb. */
function interrupted(segments: readonly string[], count: number): boolean {
  return !finiteVerb.test(` ${segments.slice(0, count).join(' ')}`);
}
