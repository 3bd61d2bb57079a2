const list = (words: string): Set<string> => new Set(words.split(' '));

/** Titles: a name follows. */
const titles = list(
  'mr mrs ms mx dr drs prof profs gen gens col lt sgt capt cmdr maj adm sen sens rep reps gov rev hon pres messrs mme mlle supt insp det amb atty fr br msgr pvt cpl brig cllr',
);
/** Parts of names of places and saints, which may also end one: "St. Paul", "on Main St. The". */
const places = list('st mt ft');
const examples = list('vs cf viz approx e.g i.e');
/** Shortenings before a number: "No. 5", "Sept. 11". */
const numbered = list(
  'no nos n° nr p pp vol vols fig figs ch sec art para jan feb mar apr jun jul aug sep sept oct nov dec est ca c',
);
/** Shortenings that may end a sentence too. */
const doubtful = list(
  'inc ltd co corp bros jr sr llc esq al etc ave blvd rd dept univ assn jan feb mar apr aug sept oct nov dec calif fla conn mass mich minn okla ore tenn wash wis ariz ark colo ill ind kan neb nev ph.d',
);
const smallToo = list('co al etc esq dept ph.d');
/** English words that begin sentences and are hardly ever a name. */
const starters = list(
  'the an it he she they we you this that these those there here in on at but and or if when while after before as for from by with to how what who why where which is are was were did does do has have had would could should can her his their its my our your not yes now then still yet also however meanwhile since because although though despite during under over some many most all both each every another other mr mrs ms dr let just even last several according',
);
/** English words that begin sentences, but may be a name or an initial after one. */
const weakStarters = list('a i will may so no one two more');

const latinInitials = /^\p{L}(?:\.\p{L})+$/u;
const arabicInitials = /^[وف]?\p{Script=Arabic}ـ?(?:\.\p{Script=Arabic}ـ?)*$/u;
const initial = /^\p{Lu}\p{M}*$/u;
const clock =
  /^\s*(?:at|by|on|around|about|until|till|before|after|from|since|between)\s+(?:\S+\s+){0,2}\d[\d:.]*\s*[ap]\.m$/i;
const itemLabel = /^\s*[•⁃▪◦*·-]?\s*(?:\d{1,3}|\p{L})$/u;
const labelInside = /[:؛]\s*\d{1,2}$/;
const digitBefore = /\p{Nd}\s*$/u;
const wordBefore = /(\S+)\s+$/;
const upper = /^\p{Lu}/u;
const openers = /^[\p{Bidi_Control}"“”„'‘«‹([{]+|\p{Bidi_Control}+/gu;
const wordStart = /^\p{L}+/u;
/** No shortening is longer (UTF-16 units). */
const longest = 24;
/** How far back the label of the item before is looked for (UTF-16 units). */
const farthestLabel = 300;

/** A full stop that may belong to a shortening, and what stands around it. */
export interface Stop {
  text: string;
  /** Where the sentence begins, and where the full stop stands. */
  start: number;
  at: number;
  /** BCP 47 tag. */
  language: string;
  /** What follows the white space, without opening quotes and brackets. */
  following: string;
  /** True where there were such. */
  opens: boolean;
}

/** True where a full stop marks a title, an initial, a list's label or another shortening, and ends no sentence. */
export function isShortening(stop: Stop): boolean {
  const before = stop.text.slice(Math.max(stop.start, stop.at - longest * 2), stop.at).trimEnd();
  const from = Math.max(before.lastIndexOf(' '), before.lastIndexOf('\u00a0')) + 1;
  if (before.length - from > longest || isPlainArabic(before, from)) return false;
  const whole = stop.at - stop.start <= longest * 2;
  if ((whole && itemLabel.test(before)) || labelInside.test(before)) return true;
  const token = before.slice(from).replace(openers, '');
  if (isLaterLabel(token, stop)) return true;
  if (stop.language.startsWith('de') && /^\d{1,2}$/.test(token)) return true;
  if (arabicInitials.test(token)) return !digitBefore.test(before.slice(0, from));
  return isLatinShortening(token, before.slice(0, from), stop, whole && clock.test(before));
}

/** True for an Arabic word of more than three letters at the end of a text: the usual case, decided without patterns. */
function isPlainArabic(text: string, from: number): boolean {
  if (text.length - from <= 3) return false;
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x0620 || code > 0x064a || code === 0x0640) return false;
  }
  return true;
}

/** True for the "2" of "first: 1. this 2. that". */
function isLaterLabel(token: string, { text, start, at }: Stop): boolean {
  if (!/^\d{1,2}$/.test(token)) return false;
  return text.slice(Math.max(start, at - farthestLabel), at).includes(` ${Number(token) - 1}. `);
}

function isLatinShortening(token: string, earlier: string, stop: Stop, startsWithClock: boolean): boolean {
  const word = token.toLowerCase();
  const isCapital = upper.test(token);
  if (examples.has(word) || (titles.has(word) && isCapital)) return true;
  if (numbered.has(word) && /^\p{Nd}/u.test(stop.following)) return true;
  if (places.has(word)) return !startsSentence(stop, starters);
  if (initial.test(token)) return isInitial(token, earlier, stop);
  if (latinInitials.test(token))
    return startsWithClock || !(stop.opens || startsSentence(stop, starters, weakStarters));
  if (doubtful.has(word) && (isCapital || smallToo.has(word)))
    return !(stop.opens || startsSentence(stop, starters, weakStarters));
  return false;
}

/** "Albert I. Jones" goes on; "you and I. Did you" and "vitamin C. The" do not. */
function isInitial(token: string, earlier: string, stop: Stop): boolean {
  const previous = wordBefore.exec(earlier)?.[1] ?? '';
  const isName = previous === '' || upper.test(previous);
  if (isName && token !== 'I') return !startsSentence(stop, starters);
  return !startsSentence(stop, starters, ...(isName ? [] : [weakStarters]));
}

function startsSentence(stop: Stop, ...words: Set<string>[]): boolean {
  const found = wordStart.exec(stop.following)?.[0].toLowerCase();
  return found !== undefined && words.some((set) => set.has(found));
}
