import { InputError } from '../core/errors.ts';
import { readArticle, withinLimit } from './article.ts';
import { readMarkdown } from './markdown.ts';
import { isNewsml, readNewsml } from './newsml.ts';
import { isNinjs, readNinjs } from './ninjs.ts';
import { maxDocumentBytes, type SourceDocument } from './source.ts';

/**
 * Reads a document in any of the formats: plain text, Markdown with front matter, JSON, HTML, ninjs, NewsML-G2; by the
 * ending of its name, then by what it begins with. Throws `InputError` naming what is wrong, where, and the remedy.
 */
export function readDocument(bytes: Uint8Array, name: string): SourceDocument {
  try {
    return withinLimit(readByFormat(bytes, name), name);
  } catch (error) {
    if (error instanceof InputError) throw error;
    // Readers call themselves for what lies inside, and so run out of stack.
    const reason = error instanceof RangeError ? 'it is nested too deeply' : (error as Error).message.slice(0, 100);
    throw new InputError(`${name} cannot be read (${reason}). Give it as plain text, or as simpler JSON.`, {
      code: 'unreadable',
      status: 422,
      cause: error,
    });
  }
}

function readByFormat(bytes: Uint8Array, name: string): SourceDocument {
  if (bytes.length > maxDocumentBytes) {
    throw new InputError(`${name} has ${bytes.length} bytes; a document may have 4 MB (${maxDocumentBytes}).`, {
      code: 'too-large',
      status: 413,
    });
  }
  const start = Buffer.from(bytes.subarray(0, 4_000))
    .toString('latin1')
    .replace(/^(?:\xef\xbb\xbf)?\s*/, '');
  if (/\.(xml|newsml|g2)$/i.test(name) || start.startsWith('<?xml')) {
    if (isNewsml(start)) return readNewsml(bytes, name);
    throw new InputError(
      `${name} is XML, but no NewsML-G2. Give NewsML-G2, ninjs, JSON, HTML, Markdown or plain text.`,
      {
        code: 'unsupported',
        status: 415,
      },
    );
  }
  if (isNewsml(start)) return readNewsml(bytes, name);
  if (start.startsWith('{')) {
    const ninjs = isNinjs(bytes);
    if (ninjs) return readNinjs(ninjs, name);
  }
  if (/\.(md|markdown)$/i.test(name) || /^---\r?\n/.test(start)) return readMarkdown(bytes, name);
  const draft = readArticle({ bytes, name });
  const key = draft.id ?? draft.url;
  return { event: 'publish', draft, ...(key === undefined ? {} : { key }) };
}
