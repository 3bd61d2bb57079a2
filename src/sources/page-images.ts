import type { Image } from '../core/article.ts';
import { bestImage, type ImageCandidate } from './best-image.ts';
import { imageInTag } from './image-tag.ts';

/** Of a page's elements, what is looked at. */
interface Element {
  getAttribute(name: string): string | null;
  closest(selector: string): Element | null;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
  textContent: string | null;
}

const mostTags = 300;
const longestData = 500_000;

/**
 * The picture that a page shows its story with: what it says of itself (Open Graph, Twitter's tags, JSON-LD), else the
 * first large one in its text. `address`: where the page is.
 */
export function pageImage(
  page: Pick<Element, 'querySelector' | 'querySelectorAll'>,
  address?: string,
): Image | undefined {
  const base = page.querySelector('base[href]')?.getAttribute('href');
  const parsed = base ? URL.parse(base, address) : null;
  return bestImage([...inHead(page), ...inData(page), ...inText(page)], parsed?.href ?? address);
}

/** `og:image:width` and its like say more of the picture before them (ogp.me, structured properties). */
function inHead(page: Pick<Element, 'querySelectorAll'>): ImageCandidate[] {
  const found: ImageCandidate[] = [];
  let last: ImageCandidate | undefined;
  for (const tag of first(page.querySelectorAll('meta'))) {
    const name = (
      tag.getAttribute('property') ??
      tag.getAttribute('name') ??
      tag.getAttribute('itemprop') ??
      ''
    ).toLowerCase();
    const content = tag.getAttribute('content')?.trim();
    if (!content) continue;
    if (/^(?:og:image(?::url)?|twitter:image(?::src)?|image|thumbnailurl)$/.test(name)) {
      last = { url: content, from: 'page' };
      found.push(last);
    } else if (name === 'og:image:secure_url') {
      if (last) last.url = content;
      else found.push({ url: content, from: 'page' });
    } else if (last && /^(?:og|twitter):image:alt$/.test(name)) last.alt = content;
    else if (last && name === 'og:image:width') last.width = numberIn(content);
    else if (last && name === 'og:image:height') last.height = numberIn(content);
  }
  for (const link of first(page.querySelectorAll('link[rel="image_src"]'))) {
    const href = link.getAttribute('href');
    if (href) found.push({ url: href, from: 'page' });
  }
  return found;
}

type Data = Record<string, unknown>;

/** Pictures of the articles in a page's JSON-LD (schema.org, `image`): addresses, objects, or names of objects. */
function inData(page: Pick<Element, 'querySelectorAll'>): ImageCandidate[] {
  const nodes = [...first(page.querySelectorAll('script[type="application/ld+json"]'), 20)].flatMap(({ textContent }) =>
    nodesIn(textContent ?? ''),
  );
  const byName = new Map(nodes.map((node) => [node['@id'], node]));
  return nodes.filter(isStory).flatMap(({ image }) =>
    listOf(image)
      .slice(0, 20)
      .flatMap((one) => inObject(one, byName)),
  );
}

function inObject(given: unknown, byName: ReadonlyMap<unknown, Data>): ImageCandidate[] {
  if (typeof given === 'string') return [{ url: given, from: 'page' }];
  if (!isData(given)) return [];
  const image = given.url === undefined && given.contentUrl === undefined ? byName.get(given['@id']) : given;
  const url = listOf(image?.contentUrl ?? image?.url)[0];
  if (!image || typeof url !== 'string') return [];
  const { caption } = image;
  return [
    {
      ...{ url, from: 'page', width: numberIn(image.width), height: numberIn(image.height) },
      ...(typeof caption === 'string' ? { caption } : {}),
    },
  ];
}

function nodesIn(json: string): Data[] {
  if (json.length > longestData) return [];
  try {
    return listOf(JSON.parse(json)).flatMap((one) =>
      isData(one) ? [one, ...listOf(one['@graph']).filter(isData)] : [],
    );
  } catch {
    return [];
  }
}

function isStory({ '@type': type }: Data): boolean {
  return listOf(type).some((one) => typeof one === 'string' && /Article|BlogPosting|Report$/.test(one));
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value];
}

function numberIn(value: unknown): number | undefined {
  const number = Number.parseInt(String(isData(value) ? value.value : value), 10);
  return number > 0 ? number : undefined;
}

const picture = /\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)/i;

const beside =
  'nav, footer, aside, form, [role="navigation"], .author, .author-box, .author-bio, .byline, .related, .related-posts, .sidebar, .widget, .advert, .ads, .share, .social-share';

/** Outside the story's own element a picture must be told to be so wide (pixels). */
const largeAround = 400;

/** Pictures in the story, then the large ones around it; not those of menus, nor those that lead to other stories. */
function inText(page: Pick<Element, 'querySelectorAll'>): ImageCandidate[] {
  const inside: ImageCandidate[] = [];
  const around: ImageCandidate[] = [];
  for (const tag of first(page.querySelectorAll('img'))) {
    if (tag.closest(beside) || /avatar|emoji|smiley|\bicon\b|\blogo\b/i.test(tag.getAttribute('class') ?? '')) continue;
    const story = tag.closest('article, main, figure, [itemprop="articleBody"]');
    if (!story && tag.closest('header')) continue;
    const link = tag.closest('a[href]')?.getAttribute('href');
    if (link && !picture.test(link)) continue;
    const sets = [...(tag.closest('picture')?.querySelectorAll('source[srcset], source[data-srcset]') ?? [])];
    const found = imageInTag(
      (name) => tag.getAttribute(name),
      sets.map((source) => source.getAttribute('data-srcset') ?? source.getAttribute('srcset')),
    );
    if (!found) continue;
    const caption = tag.closest('figure')?.querySelector('figcaption')?.textContent ?? undefined;
    if (!story && !((found.width ?? 0) >= largeAround)) continue;
    (story ? inside : around).push({ ...found, from: 'text', caption });
  }
  return [...inside, ...around];
}

function* first<T>(all: Iterable<T>, most = mostTags): Generator<T> {
  let count = 0;
  for (const one of all) {
    if (count >= most) return;
    count += 1;
    yield one;
  }
}
