import { InputError } from '../core/errors.ts';
import { shownAddress } from '../text/shown-address.ts';
import { maxArticleBytes, readArticle } from './article.ts';
import type { ArticleDraft } from './draft.ts';
import { FetchError, type Fetched, type GuardedFetch } from './guarded-fetch.ts';

const kinds: Record<string, 'html' | 'json' | 'text'> = {
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  'application/json': 'json',
  'text/plain': 'text',
};

/** The article at an address: a page, or JSON or text. Throws `InputError` where it can't be fetched or holds none. */
export async function readUrl(url: string, fetch: GuardedFetch): Promise<ArticleDraft> {
  let page: Fetched;
  try {
    page = await fetch.get(url, {
      accept: 'text/html, application/json;q=0.9, text/plain;q=0.8',
      maxBytes: 4 * maxArticleBytes,
    });
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    throw new InputError(error.message, { code: 'not-fetched', status: 422, cause: error });
  }
  const kind = kinds[page.contentType];
  if (!kind) {
    throw new InputError(
      `${shownAddress(page.url)} is ${page.contentType || 'of no stated type'}; expected a page, JSON or plain text.`,
      {
        code: 'unsupported',
        status: 415,
      },
    );
  }
  // Pages carry scripts and styles beside the text: those do not count against an article's size.
  const text = decode(page).replace(
    /<(script|style|svg)\b(?![^>]{0,300}application\/ld\+json)[\s\S]*?(?:<\/\1\s*>|$)/gi,
    '',
  );
  return readArticle({ bytes: Buffer.from(text), kind, name: page.url, url: page.url });
}

/** By the header's charset, else the page's own, else UTF-8. */
function decode({ bytes, charset }: Fetched): string {
  const declared =
    charset ?? bytes.toString('latin1', 0, 2048).match(/<meta[^>]+charset\s*=\s*["']?([\w-]+)/i)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(declared).decode(bytes);
  } catch {
    return bytes.toString('utf8');
  }
}
