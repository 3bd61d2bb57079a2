import { createHash } from 'node:crypto';

/** Query parameters that say where a reader came from, not what the page is. */
const tracking = /^(utm_\w+|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_cid|mc_eid|ref_src|_ga)$/i;

/** The same page under one name: lower-case host, no fragment, no tracking parameters, no closing slash. */
export function canonicalUrl(url: string): string {
  const parsed = new URL(url);
  parsed.hash = '';
  for (const name of [...parsed.searchParams.keys()]) if (tracking.test(name)) parsed.searchParams.delete(name);
  parsed.searchParams.sort();
  parsed.pathname = parsed.pathname.replace(/(.)\/+$/, '$1');
  return parsed.href;
}

export function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Equal for texts that differ in white space and diacritics only. */
export function contentHash(title: string, paragraphs: readonly string[]): string {
  const text = [title, ...paragraphs].join('\n').normalize('NFKC');
  return hash(
    text
      .replace(/[\u064B-\u065F\u0670\u0640]/g, '')
      .replace(/\s+/g, ' ')
      .trim(),
  );
}
