import { InputError } from '../core/errors.ts';
import { normaliseText } from '../text/normalise.ts';
import { isDecoration, usableAlt } from './best-image.ts';
import { type FeedPicture, type FeedWords, webAddress } from './feed-entry.ts';
import { endsSentence } from './fold.ts';
import { imageInTag } from './image-tag.ts';
import { type Attribute, htmlToLine, htmlToParagraphs, looksLikeHtml } from './markup.ts';
import { toLines } from './paragraphs.ts';

/** The text of a feed's entry, read. */
export interface FeedBody {
  paragraphs: string[];
  pictures: FeedPicture[];
  /** It ends before the story does. */
  isCut: boolean;
}

/** Larger texts are left out (characters): no article has them, and reading one holds up all others. */
const maxBody = 1024 * 1024;

/** No line is longer (characters). */
const longestLine = 20_000;

/** Pictures within a text, as data: often more than the text itself. */
const inlined = /data:[a-z]+\/[\w.+-]{1,60}(?:;[\w=-]{1,60}){0,4},[^\s"'<>)]*/gi;
const escapedTag = /&lt;\/?(?:p|br|div|span|a|img|strong|b|em|i|ul|li|h[1-6]|figure)\b/i;
/** Whatever ends was meant as markup. */
const endTag = /<\/[a-z][\w:-]*\s?>/i;
const realTag = /<\/?[a-z][^<>]*>/i;

/** A line of a feed, such as a title, without the markup and doubly escaped entities that feeds put there. */
export function readFeedLine(words: FeedWords | undefined): string {
  let text = (words?.text ?? '').slice(0, longestLine);
  if (looksLikeHtml(text) || (words?.form === 'html' && /[<&]/.test(text))) text = htmlToLine(text);
  for (let rounds = 0; rounds < 2; rounds += 1) {
    // What looks like a tag now was written as text, unless there is an end to it.
    if (endTag.test(text)) text = htmlToLine(text);
    else if (/&(?:#\d+|#x[\da-f]+|[a-z]{2,8});/i.test(text)) text = htmlToLine(text.replaceAll('<', '&lt;'));
    else break;
  }
  return normaliseText(text);
}

/** The paragraphs and pictures of an entry's text. Throws `InputError` where it is too much to be read (`bad-html`, `too-large`). */
export function readFeedBody({ text, form, base }: FeedWords, entryBase: string | undefined): FeedBody {
  const isHtml = form === 'html' || (form === 'either' && (looksLikeHtml(text) || endTag.test(text)));
  const light = text.replace(inlined, '');
  if (!isHtml && light.length > maxBody) throw tooLarge();
  const from = base === undefined ? entryBase : (webAddress(base, entryBase) ?? entryBase);
  const pictures: FeedPicture[] = [];
  const onPicture = (attribute: Attribute) => {
    const picture = pictures.length < 30 ? pictureOf(attribute, from) : undefined;
    if (picture) pictures.push(picture);
  };
  const markup = isHtml && !realTag.test(light) && escapedTag.test(light) ? unescaped(light) : light;
  const raw = isHtml ? htmlToParagraphs(markup, onPicture) : form === 'either' ? toParagraphs(light) : toLines(light);
  const paragraphs = raw.map(normaliseText).filter((paragraph) => paragraph !== '');
  if (paragraphs.reduce((sum, one) => sum + one.length, 0) > maxBody) throw tooLarge();
  return { pictures, ...withoutEnd(paragraphs) };
}

function tooLarge(): InputError {
  return new InputError('The text is larger than an article may be.', { code: 'too-large', status: 413 });
}

/** Plain text within XML, which is wrapped and indented as its writer likes: a paragraph ends at a blank line, or a sentence at a line's end. */
function toParagraphs(text: string): string[] {
  const paragraphs: string[] = [];
  let isOpen = false;
  for (const line of text.split(/\r\n|[\n\r\u2028\u2029]/).map(normaliseText)) {
    if (isOpen && line !== '') paragraphs[paragraphs.length - 1] += ` ${line}`;
    else if (line !== '') paragraphs.push(line);
    isOpen = line !== '' && !endsSentence(line);
  }
  return paragraphs;
}

/** Markup that was escaped once too often. */
function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}

/** Links to the rest of a story. The second kind ends sentences too: there only a cut before it, or a paragraph of its own, tells. */
const readOn = linkAtEnd(
  'read more|continue reading|keep reading|(?:read|view|see) (?:the )?(?:full (?:story|article)|rest)|اقرأ المزيد|إقرأ المزيد|لقراءة المزيد|قراءة المزيد|تابع القراءة|متابعة القراءة|أكمل القراءة|لمتابعة القراءة|لقراءة الخبر كاملا|اقرأ التفاصيل',
);
const perhapsOn = linkAtEnd('full story|more details|more|details|المزيد|للمزيد|التفاصيل');

function linkAtEnd(phrases: string): RegExp {
  return new RegExp(
    `(?:^|(?<=[\\s.…»”"\\]]))[[(]?\\s?(?:${phrases})(?: (?:at|on|about|of) .{1,80})?\\s?[\\])]?[\\s.…»>→›←:]*$`,
    'iu',
  );
}

const cutMark = /(?:\[\s?(?:…|\.{3}|&hellip;)\s?\]|\(\s?(?:…|\.{3})\s?\)|…|\.{3,}|\[…)[\s»>→›]*$/u;
/** What blog software writes below every entry. */
const footer =
  /^(?:The post .{1,400} (?:appeared first on|first appeared on) .{1,100}|(?:ظهرت?|نُشرت?) (?:المقالة|المقال|الخبر|التدوينة|هذه المقالة|هذا المقال|هذا الخبر)? ?.{1,400}(?:أولا|أولاً|لأول مرة) (?:على|في) .{1,100}|.{1,300} was (?:originally )?published (?:in|on) .{1,100}(?:on Medium, where people are continuing the conversation.*)?)$/u;

/** Without the links to the rest that feeds put at the end, which tell that there is a rest. */
function withoutEnd(given: string[]): { paragraphs: string[]; isCut: boolean } {
  const paragraphs = given.filter((paragraph, index) => index < given.length - 3 || !footer.test(paragraph));
  let isCut = false;
  for (let last = paragraphs.at(-1); last !== undefined; last = paragraphs.at(-1)) {
    const tail = last.slice(-160);
    const found = tail.match(readOn) ?? tail.match(perhapsOn);
    const isAlone = found?.[0].length === last.length;
    const isLink = found && (isAlone || readOn.test(tail) || cutMark.test(tail.slice(0, found.index).trimEnd()));
    if (!isLink) break;
    isCut = true;
    paragraphs.pop();
    const rest = last.slice(0, last.length - found[0].length).trimEnd();
    if (rest !== '') paragraphs.push(rest);
  }
  if (cutMark.test(paragraphs.at(-1) ?? '')) isCut = true;
  return { paragraphs, isCut };
}

/** Without its last sentence, where that one is cut. */
export function withoutCut(sentences: readonly string[]): string[] {
  const last = sentences.at(-1);
  return last !== undefined && cutMark.test(last) ? sentences.slice(0, -1) : [...sentences];
}

const smallest = 120;

/** A picture of the story, not one that decorates or counts. */
function pictureOf(attribute: Attribute, base: string | undefined): FeedPicture | undefined {
  const { url: address, alt, width = smallest, height = smallest } = imageInTag(attribute) ?? {};
  const url = webAddress(address, base);
  if (url === undefined || width < smallest || height < smallest || isDecoration(url)) return undefined;
  const words = usableAlt(alt, url);
  return { url, ...(words === undefined ? {} : { alt: words }), ...(width > smallest ? { width } : {}) };
}
