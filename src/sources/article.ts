import { InputError } from '../core/errors.ts';
import { type ArticleDraft, toDraft } from './draft.ts';
import { readHtml } from './html.ts';
import { readJson } from './json.ts';
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
  const text = decode(bytes, name);
  switch (kind ?? guess(text, name)) {
    case 'json':
      return toDraft(readJson(text, name));
    case 'html':
      return toDraft(readHtml(text, url));
    case 'text':
      return toDraft({ ...readText(text), ...(url === undefined ? {} : { url }) });
  }
}

function decode(bytes: Uint8Array, name: string): string {
  if (bytes.length > maxArticleBytes) {
    throw new InputError(`${name} has ${bytes.length} bytes; an article may have 1 MB (${maxArticleBytes}).`, {
      code: 'too-large',
      status: 413,
    });
  }
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) {
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
    throw new InputError(`${name} is not valid UTF-8. Save it as UTF-8.`, { code: 'not-utf8', status: 415 });
  }
  if (text.trim() === '') {
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
