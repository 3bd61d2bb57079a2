import { closedDepths } from './quotes.ts';
import { isShortening } from './shortenings.ts';

/** A quotation of several sentences is cut inside only where it is longer than this (characters). */
const longestUnit = 600;
/** How far back a mark is looked for that a quotation began with (characters). */
const farthestMark = 300;

/** Marks that end a sentence, with the closing quotes and brackets glued to them; white space or the end follows. */
const ending =
  /(?:\.(?:[ \u00a0]\.)+|[\p{Sentence_Terminal}…]+)[\p{Bidi_Control}"”“’'‘»›)\]}﴾]*(?=\s|$)|[。！？｡]+[」』”’）]*/uy;
/** For each UTF-16 unit, whether an ending may begin with it. */
const terminal = buildTerminal();
const endingMarks = /^[\p{Sentence_Terminal}… \u00a0]+/u;
const ellipsis = /^(?:[….][….\s]+|…)$/;
const closer = /["”“’'‘»›)\]}﴾]/;
const bracket = /[)\]}]/;
const blank = /\s/;
/** After these the sentence goes on (Unicode's SContinue). */
const goesOn = /^[,:;،؛、：，\-–—]/;
/** What may stand before the first letter of a sentence. */
const lead = /^[\p{Bidi_Control}"“”„'‘«‹([{¿¡•\-–—\s]+/u;
const small = /^\p{Ll}(?!\p{Lu})/u;
const capital = /^\p{Lu}/u;
/** Verbs that name the speaker of the quotation just closed. */
const attribution =
  /^(?:قال|قالت|قالوا|يقول|تقول|سأل|سألت|يسأل|تسأل|تساءل|تساءلت|أجاب|أجابت|هتف|هتفت|صرخ|صرخت|كتب|كتبت|غرد|غردت)(?=\s|$)/u;
const said =
  /^(?:\p{Lu}[\p{L}.'’-]*\s+){1,4}(?:said|says|asked|asks|told|added|wrote|tweeted|replied|explained|shouted|cried|yelled|warned|insisted)\b/u;

/**
 * The sentences of one paragraph, in order, trimmed. None ends inside a quotation or bracket that the paragraph closes
 * later (unless that alone makes more than 600 characters), nor after a title, an initial or another shortening of Arabic
 * or English; a line break outside quotations ends one always. `language` is a BCP 47 tag. Joined by spaces they give the
 * paragraph's words back. Takes time linear in the length.
 */
export function splitSentences(paragraph: string, language: string): string[] {
  if (!paragraph.includes('\n')) return splitLine(paragraph, language);
  const depths = closedDepths(paragraph);
  const sentences: string[] = [];
  let start = 0;
  for (let at = paragraph.indexOf('\n'); at >= 0; at = paragraph.indexOf('\n', at + 1)) {
    if (depths[at] !== 0) continue;
    for (const sentence of splitLine(paragraph.slice(start, at), language)) sentences.push(sentence);
    start = at;
  }
  for (const sentence of splitLine(paragraph.slice(start), language)) sentences.push(sentence);
  return sentences;
}

function splitLine(paragraph: string, language: string): string[] {
  const found = endings(paragraph);
  const last = paragraph.trimEnd().length;
  if (found.every(({ after }) => after >= last) && !firstItem.test(paragraph))
    return last === 0 ? [] : [paragraph.trim()];
  const depths = closedDepths(paragraph);
  const cuts: { at: number; inside: boolean }[] = listItems(paragraph, depths).map((at) => ({ at, inside: false }));
  let nextItem = 0;
  const items = cuts.length;
  let start = 0;
  for (const { at, after } of found) {
    while (nextItem < items && (cuts[nextItem] as { at: number }).at <= at)
      start = (cuts[nextItem++] as { at: number }).at;
    const end = closeMarks(paragraph, after, depths);
    if (end < start || !endsSentence({ text: paragraph, depths, start, at, end, language })) continue;
    cuts.push({ at: end, inside: depths[end] !== 0 });
    if (depths[end] === 0) start = end;
  }
  return assemble(paragraph, items === 0 ? cuts : cuts.sort((a, b) => a.at - b.at));
}

function buildTerminal(): Uint8Array {
  const table = new Uint8Array(0x10000);
  const all = String.fromCharCode(...Array.from({ length: 0x4000 }, (_, code) => code), 0xfe52, 0xfe56, 0xfe57);
  for (const [char] of `${all}！．？｡。`.matchAll(/[\p{Sentence_Terminal}…]/gu)) table[char.charCodeAt(0)] = 1;
  return table;
}

/** Where sentences may end: the place of the ending mark, and the place after it and the closing marks glued to it. */
function endings(text: string): { at: number; after: number }[] {
  const found: { at: number; after: number }[] = [];
  for (let at = 0; at < text.length; at++) {
    if (terminal[text.charCodeAt(at)] === 0) continue;
    ending.lastIndex = at;
    if (ending.test(text)) {
      found.push({ at, after: ending.lastIndex });
      at = ending.lastIndex - 1;
    } else while (terminal[text.charCodeAt(at + 1)] === 1) at++;
  }
  return found;
}

/** Cuts the text outside quotations, and inside one where the piece would otherwise be too long. */
function assemble(text: string, cuts: readonly { at: number; inside: boolean }[]): string[] {
  const sentences: string[] = [];
  let start = 0;
  let inner: number[] = [];
  for (const { at, inside } of [...cuts, { at: text.length, inside: false }]) {
    if (inside) {
      inner.push(at);
      continue;
    }
    if (at - start > longestUnit && inner.length > 0) start = cutLong(text, start, at, inner, sentences);
    push(sentences, text.slice(start, at));
    start = at;
    inner = [];
  }
  return sentences;
}

/** Pushes all but the last piece of a long quotation, each as long as the limit allows; returns where the last begins. */
function cutLong(text: string, from: number, to: number, inner: readonly number[], sentences: string[]): number {
  let start = from;
  for (const [index, at] of inner.entries()) {
    const following = inner[index + 1] ?? to;
    if (at <= start || following - start <= longestUnit) continue;
    push(sentences, text.slice(start, at));
    start = at;
  }
  return start;
}

function push(sentences: string[], piece: string): void {
  const sentence = piece.trim();
  if (sentence !== '') sentences.push(sentence);
}

/** Moves an end past closing marks that stand after a space: "… done. ”". */
function closeMarks(text: string, end: number, depths: Uint8Array): number {
  let result = end;
  let at = end;
  while (depths[result] !== 0 && at < text.length) {
    const char = text[at] as string;
    if (closer.test(char) && (depths[at + 1] as number) < (depths[at] as number)) result = at + 1;
    else if (!blank.test(char)) break;
    at++;
  }
  return result === text.length || blank.test(text[result] as string) ? result : end;
}

interface Place {
  text: string;
  depths: Uint8Array;
  /** Where the sentence begins. */
  start: number;
  /** Where its ending mark stands. */
  at: number;
  /** After that mark and all closing marks. */
  end: number;
  language: string;
}

function endsSentence(place: Place): boolean {
  const { text, at, end, depths } = place;
  let next = end;
  while (next < text.length && blank.test(text[next] as string)) next++;
  if (next >= text.length) return true;
  const rest = text.slice(next, next + 100);
  const following = rest.replace(lead, '');
  if (goesOn.test(rest) || small.test(following)) return false;
  const marks = (endingMarks.exec(text.slice(at, end)) as RegExpExecArray)[0].trim();
  const closes = (depths[end] as number) < (depths[at] as number);
  if (closes && goesOnAfterQuote(place, marks, following)) return false;
  if (!closes && ellipsis.test(marks)) return capital.test(following) && !/^I\b/.test(following);
  return marks !== '.' || !isShortening({ ...place, following, opens: following.length < rest.length });
}

/** True where what was just closed is a part of the sentence: "(!)", a title with its own mark, or speech before its speaker. */
function goesOnAfterQuote({ text, depths, start, at, end }: Place, marks: string, following: string): boolean {
  if (at > 0 && (depths[at - 1] as number) < (depths[at] as number)) return true;
  const opening = openingOf(depths, at, end);
  if (attribution.test(following)) return true;
  const first = opening !== undefined && text.slice(start, opening).trim() === '';
  if (bracket.test(text[end - 1] as string)) return !first && !capital.test(following);
  if (marks === '.') return false;
  if (said.test(following)) return true;
  const isTitle = opening !== undefined && text.slice(opening + 1, at).split(/\s+/).length <= 4;
  return isTitle && !first && !capital.test(following) && !following.startsWith('و');
}

/** Where the outermost mark stands that is closed between two places; undefined where that is far back. */
function openingOf(depths: Uint8Array, at: number, end: number): number | undefined {
  for (let place = at - 1; place >= 0 && place > at - farthestMark; place--)
    if ((depths[place] as number) <= (depths[end] as number)) return place;
  return undefined;
}

const firstItem = /^\s*([•⁃▪◦*·-]\s*)?(\d{1,2}|a)(\.\)|[.)])\s+\S/u;

/** Where the items of a list within the paragraph begin ("1. … 2. …", "a) … b) …"); none where it is no list. */
function listItems(text: string, depths: Uint8Array): number[] {
  const first = firstItem.exec(text);
  if (!first) return [];
  const [, bullet = '', label = '', delimiter = ''] = first;
  if (bullet === '' && label !== '1' && label !== 'a') return [];
  const items: number[] = [];
  for (let count = 1, from = first[0].length; count < 99; count++) {
    const name = label === 'a' ? String.fromCharCode(0x61 + count) : String(Number(label) + count);
    const needle = `${bullet}${name}${delimiter}`;
    let at = text.indexOf(needle, from);
    while (at >= 0 && !isItem(text, at, needle.length, depths)) at = text.indexOf(needle, at + 1);
    if (at < 0 || name === '{') break;
    items.push(at);
    from = at + needle.length;
  }
  return items;
}

function isItem(text: string, at: number, length: number, depths: Uint8Array): boolean {
  const isOutside = depths[at] === 0 || text[at - 1] === undefined;
  return isOutside && blank.test(text[at - 1] ?? '') && blank.test(text[at + length] ?? '');
}
