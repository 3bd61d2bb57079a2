import { Readability } from '@mozilla/readability';
import { InputError } from '../core/errors.ts';
import { detectLanguage, directionOf } from '../text/language.ts';
import { normaliseText } from '../text/normalise.ts';
import { agencyInDateline, type Byline, splitByline } from './byline.ts';
import type { RawArticle } from './draft.ts';
import { refuseHeavyHtml } from './heavy-html.ts';
import { linkedom } from './linkedom.ts';
import { htmlToParagraphs } from './markup.ts';
import { pageImage } from './page-images.ts';
import { pickTitle } from './page-title.ts';
import { readStory } from './story.ts';

/**
 * A page as an article: headline, byline, paragraphs, picture, address, time, tags. Throws `InputError` (`no-article`)
 * where the page holds no running text.
 */
export function readHtml(html: string, url: string | undefined, name = 'the page'): RawArticle {
  refuseHeavyHtml(html, name);
  const { document } = linkedom().parseHTML(
    /<html\b/i.test(html) ? html : `<!doctype html><html><body>${html}</body></html>`,
  );
  const meta = (...names: string[]) => {
    for (const name of names) {
      const content = document.querySelector(`meta[property="${name}"], meta[name="${name}"]`)?.getAttribute('content');
      if (content?.trim()) return content.trim();
    }
    return undefined;
  };
  const canonical = document.querySelector('link[rel="canonical"]')?.getAttribute('href') ?? meta('og:url');
  const address = webAddress(canonical, url) ?? webAddress(url, undefined);
  const title = pickTitle({
    og: meta('og:title', 'twitter:title'),
    headings: [...document.querySelectorAll('h1')].map(({ textContent }) => textContent ?? ''),
    page: document.querySelector('title')?.textContent ?? undefined,
    site: meta('og:site_name', 'application-name'),
  });
  const tags = [...document.querySelectorAll('meta[property="article:tag"]')].map(
    (tag) => tag.getAttribute('content') ?? '',
  );
  const picture = pageImage(
    document as unknown as Parameters<typeof pageImage>[0],
    webAddress(url, undefined) ?? address,
  );
  const published = meta('article:published_time', 'datePublished');
  const language = document.documentElement?.getAttribute('lang')?.trim() || undefined;
  const section = meta('article:section');
  const byline = meta('author', 'article:author');
  const teaser = meta('og:description', 'description', 'twitter:description');

  const readable = extract(document, name);
  const publishedAt = isoTime(published) ?? isoTime(readable?.publishedTime ?? undefined);
  const paragraphs = readable?.content ? htmlToParagraphs(readable.content) : [];
  if (paragraphs.length === 0 && !title) {
    throw new InputError(`${name} holds no article: neither a headline nor running text was found.`, {
      code: 'no-article',
      status: 422,
    });
  }
  const named = normaliseText(readable?.byline || (byline && !/^https?:/.test(byline) ? byline : ''));
  const story = readStory(
    paragraphs.map(normaliseText).filter((paragraph) => paragraph !== ''),
    title ?? '',
  );
  const by = {
    ...definedAgency(story.agency ?? agencyInDateline(story.paragraphs[0])),
    ...bylineOf(story),
    ...splitByline(named),
  };
  const said = detectLanguage([title ?? '', ...story.paragraphs].join('\n'));
  return {
    ...(title === undefined ? {} : { title: title || (readable?.title ?? '') }),
    paragraphs: story.paragraphs,
    ...by,
    ...(address ? { url: address } : {}),
    ...(picture ? { images: [picture] } : {}),
    ...(publishedAt ? { publishedAt } : {}),
    ...(language && isPlausible(language, said.language) ? { language } : {}),
    ...(section ? { section } : {}),
    ...(teaser ? { teaser } : {}),
    tags: tags.filter((tag) => tag !== '').length > 0 ? tags.filter((tag) => tag !== '') : story.tags,
  };
}

function extract(document: unknown, name: string) {
  try {
    return new Readability(document as unknown as ConstructorParameters<typeof Readability>[0], {
      maxElemsToParse: 10_000,
    }).parse();
  } catch (error) {
    throw new InputError(`${name} is HTML that cannot be read (${(error as Error).message}). Give its text instead.`, {
      code: 'bad-html',
      status: 422,
      cause: error,
    });
  }
}

function definedAgency(agency: string | undefined): Byline {
  return agency === undefined ? {} : { agency };
}

function bylineOf({ byline }: Byline): Byline {
  return byline === undefined ? {} : { byline };
}

/** A page's template often names another language than its text is in: then the text decides. */
function isPlausible(language: string, detected: string): boolean {
  if (!/^[a-z]{2,3}(-[a-z0-9]+)*$/i.test(language)) return false;
  return detected === 'und' || directionOf(language) === directionOf(detected);
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
