const combining = /\p{M}+/gu;
const plainWord = /[\p{L}\p{N}]+/gu;

const [keep, drop, alef, unusual] = [0, 1, 2, 3];
/** What becomes of each UTF-16 unit. Neither ASCII nor Arabic nor common punctuation: the whole text takes the slow way. */
const fates = new Uint8Array(0x10000).fill(unusual);
fates.fill(keep, 0x20, 0x7f);
fates.fill(keep, 0x600, 0x700);
for (const sign of '‘’“”«»–—…') fates[sign.charCodeAt(0)] = keep;
// Diacritics of Arabic, and tatweel.
fates.fill(drop, 0x64b, 0x660);
fates[0x670] = drop;
fates[0x640] = drop;
for (const letter of 'أإآٱ') fates[letter.charCodeAt(0)] = alef;

/** The text as words are compared: no diacritics or tatweel, one alef, lower case. */
export function fold(text: string): string {
  let bare = '';
  let from = 0;
  let slow = false;
  for (let at = 0; at < text.length; at += 1) {
    const fate = fates[text.charCodeAt(at)];
    if (fate === keep) continue;
    if (fate === unusual) slow = true;
    else {
      bare += text.slice(from, at);
      if (fate === alef) bare += 'ا';
      from = at + 1;
    }
  }
  bare = (from === 0 ? text : bare + text.slice(from)).toLowerCase();
  return slow ? bare.normalize('NFKC').replace(combining, '') : bare;
}

/** The folded words of a text, in order. */
export function wordsOf(text: string): string[] {
  return fold(text).match(plainWord) ?? [];
}

/** The folded words of each of many texts without line breaks; faster than one by one. */
export function wordsOfAll(texts: readonly string[]): string[][] {
  const folded = fold(texts.join('\n')).split('\n');
  return folded.length === texts.length ? folded.map((text) => text.match(plainWord) ?? []) : texts.map(wordsOf);
}

const stopWords = new Set(
  fold(
    'في من على إلى عن أن إن أنه إنه أنها إنها التي الذي الذين ما لا لم لن قد هذا هذه ذلك تلك هو هي هم مع بعد قبل بين كان كانت كل أو ثم حتى عند أي حيث ' +
      'كما فيما بينما خلال منذ أمس اليوم إذا لكن ولكن غير دون ضد حول نحو فقط عدم وفي ومن وعلى وإلى وأن وإن وقد وهو وهي وكان وكانت أيضا به بها له لها ' +
      'فيه فيها منه منها عليه عليها لدى تم يتم وذلك ليس يكون تكون كذلك جدا مثل عبر ضمن أكثر أقل قال قالت وقال وقالت ' +
      'the a an of and to in that is was for with on as by from are has have had said be been were will would could should it its he she they his her ' +
      'their them him this these those there which who whom what when where while but or not no at than then so if into about after before over also more ' +
      'most some any all can may just only out up down one we our you your us do does did being because says say',
  ).split(' '),
);

export function isStopWord(word: string): boolean {
  return stopWords.has(word);
}

const arabicStart = /^[\u0621-\u064A]/;
const arabicPrefix = /^(?:[وف]?(?:[بك]?ال|لل)|و(?=\p{L}{4}))(?=\p{L}{2})/u;
const arabicSuffix = /(?<=\p{L}{3})(?:هما|ات|ون|ين|ان|ها|هم|نا|ية|ه|ة|ي|ا)$/u;
const englishSuffix = /(?<=[a-z]{3})(?:ings?|ed|es|s|ly)$/;

const stems = new Map<string, string>();
const mostStems = 50_000;

/**
 * A word without the article, conjunctions and the commonest endings: rough, and good enough to see the same thing named
 * twice. The news uses the same words again and again: what is known is kept.
 */
export function stem(word: string): string {
  let found = stems.get(word);
  if (found === undefined) {
    found = arabicStart.test(word)
      ? word.replace(arabicPrefix, '').replace(arabicSuffix, '')
      : word.replace(englishSuffix, '');
    if (stems.size >= mostStems) stems.clear();
    stems.set(word, found);
  }
  return found;
}
