import { Readability } from '@mozilla/readability';
import { parseHTML } from 'linkedom';
import { InputError } from '../core/errors.ts';
import { splitByline } from './byline.ts';
import type { RawArticle } from './draft.ts';

const markup =
  /<\/?(p|br|div|b|i|em|strong|a|span|h[1-6]|ul|ol|li|blockquote|img|figure)\b[^>]*>|&(#\d+|#x[\da-f]+|[a-z]+);/i;
const blocks = 'p, h2, h3, h4, h5, h6, li, blockquote, pre';

export function looksLikeHtml(text: string): boolean {
  return markup.test(text);
}

/** The text of a piece of HTML on one line. */
export function htmlToLine(html: string): string {
  return (document(html).body?.textContent ?? '').replace(/\s+/g, ' ').trim();
}

/** The texts of the blocks in a piece of HTML; `<br>` twice also parts them. */
export function htmlToParagraphs(html: string): string[] {
  const { body } = document(html.replace(/(<br\s*\/?>\s*){2,}/gi, '</p><p>'));
  if (!body) return [];
  for (const junk of body.querySelectorAll('script, style, noscript, template')) junk.remove();
  const found = [...body.querySelectorAll(blocks)]
    .filter((block) => !block.querySelector(blocks))
    .map((block) => (block.textContent ?? '').trim());
  return found.length > 0 ? found : (body.textContent ?? '').split(/\n\s*\n/);
}

function document(html: string) {
  return parseHTML(`<!doctype html><html><body>${html}</body></html>`).document;
}

/**
 * A page as an article: headline, byline, paragraphs, picture, address, time, tags. Throws `InputError` (`no-article`)
 * where the page holds no running text.
 */
export function readHtml(html: string, url: string | undefined): RawArticle {
  const { document } = parseHTML(/<html\b/i.test(html) ? html : `<!doctype html><html><body>${html}</body></html>`);
  const meta = (...names: string[]) => {
    for (const name of names) {
      const content = document.querySelector(`meta[property="${name}"], meta[name="${name}"]`)?.getAttribute('content');
      if (content?.trim()) return content.trim();
    }
    return undefined;
  };
  const canonical = document.querySelector('link[rel="canonical"]')?.getAttribute('href') ?? meta('og:url');
  const address = webAddress(canonical, url) ?? webAddress(url, undefined);
  const heading = document.querySelector('h1')?.textContent?.trim();
  const title = meta('og:title') ?? heading ?? document.querySelector('title')?.textContent?.trim();
  const tags = [...document.querySelectorAll('meta[property="article:tag"]')].map(
    (tag) => tag.getAttribute('content') ?? '',
  );
  const picture = webAddress(meta('og:image', 'twitter:image'), address);
  const publishedAt = isoTime(meta('article:published_time', 'datePublished'));
  const language = document.documentElement?.getAttribute('lang')?.trim() || undefined;
  const section = meta('article:section');
  const byline = meta('author', 'article:author');

  const readable = new Readability(document as unknown as ConstructorParameters<typeof Readability>[0]).parse();
  const paragraphs = readable?.content ? htmlToParagraphs(readable.content) : [];
  if (paragraphs.length === 0 && !title) {
    throw new InputError('The page holds no article: neither a headline nor running text was found.', {
      code: 'no-article',
      status: 422,
    });
  }
  const by = splitByline(readable?.byline?.trim() || (byline && !/^https?:/.test(byline) ? byline : ''));
  return {
    ...(title === undefined ? {} : { title: title || (readable?.title ?? '') }),
    paragraphs: paragraphs.filter((paragraph) => paragraph.trim() !== title),
    ...by,
    ...(address ? { url: address } : {}),
    ...(picture
      ? { images: [{ url: picture, ...(meta('og:image:alt') ? { alt: meta('og:image:alt') as string } : {}) }] }
      : {}),
    ...(publishedAt ? { publishedAt } : {}),
    ...(language && /^[a-z]{2,3}(-[a-z0-9]+)*$/i.test(language) ? { language } : {}),
    ...(section ? { section } : {}),
    tags: tags.filter((tag) => tag !== ''),
  };
}

function webAddress(address: string | undefined | null, base: string | undefined): string | undefined {
  const parsed = address ? URL.parse(address, base) : null;
  return parsed && /^https?:$/.test(parsed.protocol) ? parsed.href : undefined;
}

function isoTime(text: string | undefined): string | undefined {
  return text && /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:?\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
    ? text
    : undefined;
}
