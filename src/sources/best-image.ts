import type { Image } from '../core/article.ts';
import { webAddress } from './feed-entry.ts';

/** What is used of an element. */
interface Element {
  textContent: string | null;
  getAttribute(name: string): string | null;
  closest(selector: string): Element | null;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
}

type Page = Pick<Element, 'querySelector' | 'querySelectorAll'>;

/** Sides in pixels under which a picture is no picture of the story. */
const leastSide = 200;
/** Of a picture outside the story's own element, whose size must be told. */
const leastSideOutside = 400;
const widest = 4;
const mostAlt = 1_000;
const mostData = 500_000;
/** A page has no more before its story is over; matching each with its ancestors takes time. */
const mostImages = 100;

/**
 * The picture that shows best what a page is about: the one that it gives to social networks, else the one in its JSON-LD,
 * else the first large one of its text. Logos, icons and tracking pixels are passed over. Without a description of its own
 * it has that of its caption. `base`: what addresses are relative to.
 */
export function bestImage(page: Page, base: string | undefined): Image | undefined {
  for (const candidates of [socialImages, dataImages, textImages]) {
    for (const { address, alt, width, height } of candidates(page)) {
      const url = webAddress(address, base);
      if (url === undefined || isFurniture(url) || isTooSmall({ width, height }, leastSide)) continue;
      const description = describing(alt) ?? describedInText(page, url, base);
      return { url, ...(description === undefined ? {} : { alt: description }) };
    }
  }
  return undefined;
}

interface Candidate {
  address: string;
  alt?: string | undefined;
  width?: number | undefined;
  height?: number | undefined;
}

/** Open Graph, where sizes and descriptions follow their picture; then Twitter cards. */
function* socialImages(page: Page): Generator<Candidate> {
  const found: Candidate[] = [];
  for (const element of page.querySelectorAll('meta[property^="og:image"], meta[name^="og:image"]')) {
    const name = element.getAttribute('property') ?? element.getAttribute('name') ?? '';
    const content = element.getAttribute('content')?.trim() ?? '';
    const last = found.at(-1);
    if (content === '') continue;
    if (name === 'og:image') found.push({ address: content });
    else if (name === 'og:image:url' || name === 'og:image:secure_url') {
      // Another address of the picture before it, where there is one.
      if (!last) found.push({ address: content });
    } else if (last && name === 'og:image:alt') last.alt = content;
    else if (last && name === 'og:image:width') last.width = sizeOf(content);
    else if (last && name === 'og:image:height') last.height = sizeOf(content);
  }
  yield* found;
  const meta = (name: string) =>
    page.querySelector(`meta[name="${name}"], meta[property="${name}"]`)?.getAttribute('content')?.trim() || undefined;
  const address = meta('twitter:image') ?? meta('twitter:image:src');
  if (address !== undefined) yield { address, alt: meta('twitter:image:alt') };
}

/** `image` of an article in JSON-LD (schema.org): an address, an ImageObject, a list of these, or a reference to one. */
function* dataImages(page: Page): Generator<Candidate> {
  for (const script of page.querySelectorAll('script[type="application/ld+json"]')) {
    const nodes = nodesOf(script.textContent ?? '');
    const byId = new Map(nodes.flatMap((node) => (typeof node['@id'] === 'string' ? [[node['@id'], node]] : [])));
    for (const node of nodes) {
      if (![node['@type']].flat().some((type) => /(?:Article|Posting|Report)$/.test(String(type)))) continue;
      for (const given of [node.image].flat()) {
        const image =
          isNode(given) && typeof given['@id'] === 'string' ? { ...byId.get(given['@id']), ...given } : given;
        if (typeof image === 'string') yield { address: image };
        if (!isNode(image)) continue;
        const address = [image.url, image.contentUrl].flat().find((one) => typeof one === 'string');
        if (address === undefined) continue;
        const alt = [image.caption, image.description].find((one) => typeof one === 'string');
        yield { address, alt, width: sizeOf(image.width), height: sizeOf(image.height) };
      }
    }
  }
}

type Node = Record<string, unknown>;

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The things that a block of JSON-LD tells of, at its top, in its lists and in its graph. */
function nodesOf(json: string): Node[] {
  if (json.length > mostData) return [];
  try {
    const tops = [JSON.parse(json) as unknown].flat(2).filter(isNode);
    return tops.flatMap((top) => [top, ...[top['@graph']].flat(2).filter(isNode)]);
  } catch {
    return [];
  }
}

const outside =
  'nav, aside, footer, [role="navigation"], [class*="related"], [class*="author"], [class*="share"], [class*="social"], [class*="logo"], [class*="sidebar"], [class*="advert"]';

function* textImages(page: Page): Generator<Candidate> {
  for (const element of imagesOf(page)) {
    if (element.closest(outside)) continue;
    if (/avatar|emoji|smiley|icon|logo/i.test(`${element.getAttribute('class')} ${element.getAttribute('id')}`))
      continue;
    const address = largestOf(element);
    if (address === undefined) continue;
    const size = { width: sizeOf(element.getAttribute('width')), height: sizeOf(element.getAttribute('height')) };
    const isOfStory = element.closest('article, main, figure, [itemprop="articleBody"]') !== null;
    const isTold = size.width !== undefined && size.height !== undefined;
    if (!isOfStory && (!isTold || isTooSmall(size, leastSideOutside))) continue;
    yield { address, alt: altOf(element), ...size };
  }
}

function imagesOf(page: Page): Element[] {
  return [...page.querySelectorAll('img')].slice(0, mostImages);
}

/** The largest picture that an `<img>` offers. Where it is loaded late, `src` holds something else until then. */
function largestOf(element: Element): string | undefined {
  const sources = [...(element.closest('picture')?.querySelectorAll('source') ?? []), element];
  const offered = sources.flatMap((source) =>
    ['srcset', 'data-srcset', 'data-lazy-srcset'].flatMap((name) => offersOf(source.getAttribute(name) ?? '')),
  );
  const [largest] = offered.sort((one, other) => other.size - one.size);
  if (largest) return largest.address;
  const names = ['data-src', 'data-original', 'data-lazy-src', 'data-url', 'src'];
  return names.map((name) => element.getAttribute(name)?.trim()).find((one) => one && !/^data:/i.test(one));
}

/** HTML, srcset: addresses with a width (`800w`) or a density (`2x`), separated by commas with a space behind. */
function offersOf(srcset: string): { address: string; size: number }[] {
  return srcset
    .slice(0, 20_000)
    .split(/,\s+/)
    .map((offer) => offer.trim().replace(/,$/, '').split(/\s+/))
    .filter(([address = '']) => address !== '' && !/^data:/i.test(address))
    .map(([address = '', size = '1x']) => ({ address, size: Number.parseFloat(size) || 1 }));
}

function altOf(element: Element): string | undefined {
  const caption = element.closest('figure')?.querySelector('figcaption')?.textContent ?? undefined;
  return describing(element.getAttribute('alt') ?? undefined) ?? describing(caption);
}

/** What the text says of a picture that is told of elsewhere, perhaps in another size (`-1024x683`). */
function describedInText(page: Page, url: string, base: string | undefined): string | undefined {
  const plain = (address: string | undefined) =>
    webAddress(address, base)
      ?.replace(/[?#].*$/, '')
      .replace(/-\d{2,4}x\d{2,4}(?=\.\w+$)/, '');
  const wanted = plain(url);
  for (const element of imagesOf(page)) {
    if (plain(largestOf(element)) === wanted || plain(element.getAttribute('src') ?? undefined) === wanted) {
      const alt = altOf(element);
      if (alt !== undefined) return alt;
    }
  }
  return undefined;
}

/** In one line; undefined where it is empty, or a file's name. */
function describing(text: string | undefined): string | undefined {
  const line = (text ?? '').replace(/\s+/g, ' ').trim();
  if (
    line === '' ||
    line.length > mostAlt ||
    /^\S*\.(?:jpe?g|png|gif|webp|avif)$|^(?:img|dsc|image)[\d_-]*$/i.test(line)
  ) {
    return undefined;
  }
  return line;
}

const furniture =
  /^(?:.*[-_.])?(?:logo|favicon|icon|apple-touch-icon|sprite|placeholder|blank|spacer|pixel|avatar|gravatar|default|no-?image|1x1)(?:[-_.]?\w{1,12})?$/i;

/** By its name: a logo, an icon, a pixel, or what stands where a picture is missing. */
function isFurniture(url: string): boolean {
  const { pathname, hostname } = new URL(url);
  const name = pathname.split('/').at(-1) ?? '';
  if (/\.(?:svg|ico)$/i.test(name) || /(?:^|\.)gravatar\.com$/.test(hostname)) return true;
  return furniture.test(name.replace(/\.\w{2,5}$/, ''));
}

function isTooSmall({ width, height }: Pick<Candidate, 'width' | 'height'>, least: number): boolean {
  if ((width !== undefined && width < least) || (height !== undefined && height < least / 2)) return true;
  return width !== undefined && height !== undefined && Math.max(width / height, height / width) > widest;
}

function sizeOf(value: unknown): number | undefined {
  const size = typeof value === 'number' ? value : Number.parseInt(String(value), 10);
  return Number.isFinite(size) && size > 0 ? size : undefined;
}
