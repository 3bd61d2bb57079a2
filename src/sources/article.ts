import { InputError } from '../core/errors.ts';
import { normaliseText } from '../text/normalise.ts';
import { type ArticleDraft, toDraft } from './draft.ts';
import { readHtml } from './html.ts';
import { readJson } from './json.ts';
import type { SourceDocument } from './source.ts';
import { readText } from './text.ts';

/** A document that holds one article. */
export interface ArticleInput {
  bytes: Uint8Array;
  /** Absent: by the name's ending, then by what the text begins with. */
  kind?: 'json' | 'text' | 'html';
  /** For messages: a file's name or the like. */
  name?: string;
  /** Where it came from, if from the web. */
  url?: string;
}

export const maxArticleBytes = 1024 * 1024;

/** Reads an article from JSON, HTML or text as scraped. Throws `InputError` naming what is wrong, where, and the remedy. */
export function readArticle({ bytes, kind, name = 'the article', url }: ArticleInput): ArticleDraft {
  const text = readUtf8(bytes, name, maxArticleBytes);
  switch (kind ?? guess(text, name)) {
    case 'json':
      return toDraft(readJson(text, name), name);
    case 'html':
      return toDraft(readHtml(text, url, name), name);
    case 'text':
      return toDraft({ ...readText(text), ...(url === undefined ? {} : { url }) }, name);
  }
}

/** First bytes of files that are mistaken for articles. */
const formats: [string, string][] = [
  ['%PDF-', 'a PDF'],
  ['\x89PNG', 'a PNG picture'],
  ['\xff\xd8\xff', 'a JPEG picture'],
  ['GIF8', 'a GIF picture'],
  ['PK\x03\x04', 'a ZIP or Word file'],
  ['\x1f\x8b', 'a gzip file'],
  ['\xd0\xcf\x11\xe0', 'a Word file'],
  ['{\\rtf', 'a rich-text (RTF) file'],
];

/** By its byte order mark, or by every space or line break having its zero on the same side. */
function isUtf16(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  const zeros = [0, 0];
  const count = Math.min(bytes.length, 4_000);
  for (let at = 0; at < count; at += 1) if (bytes[at] === 0) zeros[at % 2] = (zeros[at % 2] as number) + 1;
  const [even = 0, odd = 0] = zeros;
  if (bytes.length === 0 || bytes.length % 2 === 1 || Math.min(even, odd) > 0 || even + odd < count / 20) return false;
  const text = new TextDecoder(even > 0 ? 'utf-16be' : 'utf-16le').decode(bytes.subarray(0, count));
  return !/[^\P{Cc}\t\r\n]|\p{Cn}|\p{Co}|\uFFFD/u.test(text);
}

/** The text of a document that has to be UTF-8. Throws `InputError`: too large, another kind of file, another encoding, empty. */
export function readUtf8(bytes: Uint8Array, name: string, maxBytes: number): string {
  if (bytes.length > maxBytes) {
    const most = `${maxBytes / (1024 * 1024)} MB (${maxBytes})`;
    throw new InputError(`${name} has ${bytes.length} bytes; an article may have ${most}.`, {
      code: 'too-large',
      status: 413,
    });
  }
  const format = formats.find(([magic]) => Buffer.from(bytes.subarray(0, 8)).toString('latin1').startsWith(magic))?.[1];
  if (format) {
    throw new InputError(`${name} is ${format}, not text. Give plain text, HTML or JSON in UTF-8.`, {
      code: 'binary',
      status: 415,
    });
  }
  if (isUtf16(bytes)) {
    throw new InputError(`${name} is UTF-16. Save it as UTF-8.`, { code: 'not-utf8', status: 415 });
  }
  if (bytes.includes(0)) {
    throw new InputError(`${name} is a binary file, not text. Give plain text, HTML or JSON in UTF-8.`, {
      code: 'binary',
      status: 415,
    });
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${name} is not valid UTF-8 (perhaps Windows-1256). Save it as UTF-8.`, {
      code: 'not-utf8',
      status: 415,
    });
  }
  if (normaliseText(text) === '') {
    throw new InputError(`${name} is empty. Give at least a headline.`, { code: 'empty', status: 400 });
  }
  return text;
}

function guess(text: string, name: string): 'json' | 'text' | 'html' {
  if (/\.json$/i.test(name)) return 'json';
  if (/\.html?$/i.test(name)) return 'html';
  if (/\.(txt|text|md)$/i.test(name)) return 'text';
  const start = text.trimStart().slice(0, 200);
  if (start.startsWith('{')) return 'json';
  return /^<(!doctype|html|head|body|article|meta|div|p|h1)\b/i.test(start) ? 'html' : 'text';
}

/** The document, unless its article has more text than one may have. Throws `InputError` (`too-large`). */
export function withinLimit(document: SourceDocument, name: string): SourceDocument {
  if (document.event !== 'publish') return document;
  const { title, paragraphs } = document.draft;
  const size = [title, ...paragraphs].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (size <= maxArticleBytes) return document;
  throw new InputError(`${name} has ${size} bytes of text; an article may have 1 MB (${maxArticleBytes}).`, {
    code: 'too-large',
    status: 413,
  });
}
