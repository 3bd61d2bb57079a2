import type { Image } from '../core/article.ts';
import { normaliseText } from '../text/normalise.ts';
import { webAddress } from './feed-entry.ts';

/** A picture that a source names, not yet judged. */
export interface ImageCandidate {
  /** As it stands there, perhaps relative. */
  url: string;
  /**
   * Who says that it belongs to the story: its editor, the page about itself (Open Graph, JSON-LD), the feed beside the
   * entry, or only its place in the text.
   */
  from: 'editor' | 'page' | 'feed' | 'text';
  alt?: string | undefined;
  /** What stands below it. */
  caption?: string | undefined;
  /** Pixels, as the source claims. */
  width?: number | undefined;
  height?: number | undefined;
}

/** Pixels. A picture with a shorter side is an icon; one below the other is taken where there is nothing better. */
const smallest = { icon: 50, thumbnail: 120 };
/** A picture in the text from this width on is as good as a wider one: the first counts (pixels). */
const largeInText = 300;
/** Wider ones only cost time (pixels). */
const wideEnough = 2_000;
/** Of a picture whose source does not say (pixels). */
const usualWidth = 1_000;
/** Longer side by the shorter: beyond it are rulers and advertisements. */
const mostRatio = 5;
const longestAlt = 500;

/**
 * The picture that shows the story: an editor's own first, as it is; then what the page says of itself, the feed's, and
 * the first large one in the text. Icons, logos, avatars, placeholders, adverts and pixels that count readers are passed
 * over. Its alternative text is taken from wherever the same picture has one, else from what stands below it.
 * `base`: what relative addresses are relative to. Undefined where no candidate is one.
 */
export function bestImage(candidates: readonly ImageCandidate[], base?: string): Image | undefined {
  const known = candidates.flatMap((candidate) => {
    const url = webAddress(candidate.url, base);
    return url === undefined ? [] : [{ ...candidate, url }];
  });
  const best = known.filter((one) => tierOf(one) !== undefined).toSorted(byWorth)[0];
  if (!best) return undefined;
  const same = [best, ...known.filter(({ url }) => url === best.url || pictureIn(url) === pictureIn(best.url))];
  const alt = same.map(({ alt, url }) => usableAlt(alt, url)).find(Boolean) ?? same.map(usableCaption).find(Boolean);
  return { url: best.url, ...(alt === undefined ? {} : { alt }) };
}

const tiers = ['editor', 'page', 'feed', 'text'] as const;

/** Lower is better; undefined: it does not show the story. */
function tierOf({ url, from, width = usualWidth, height = usualWidth }: ImageCandidate): number | undefined {
  const tier = tiers.indexOf(from);
  if (from === 'editor') return tier;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  if (short < smallest.icon || isDecoration(url)) return undefined;
  const bothKnown = width !== usualWidth && height !== usualWidth;
  if (bothKnown && long > mostRatio * short) return undefined;
  if (short >= smallest.thumbnail) return tier;
  return from === 'text' ? undefined : tiers.length + tier;
}

function byWorth(one: ImageCandidate, other: ImageCandidate): number {
  return (tierOf(one) ?? 0) - (tierOf(other) ?? 0) || worthOf(other) - worthOf(one);
}

function worthOf({ from, width = usualWidth }: ImageCandidate): number {
  if (from === 'editor') return 0;
  if (from === 'text') return Math.min(width, largeInText);
  return width <= wideEnough ? width : usualWidth + 1 - width / 100_000;
}

const countingHosts =
  /(?:^|\.)(?:gravatar\.com|doubleclick\.net|googlesyndication\.com|google-analytics\.com|feedburner\.com|feedsportal\.com|scorecardresearch\.com|quantserve\.com|s\.w\.org|stats\.wordpress\.com|stats\.wp\.com|pixel\.wp\.com|feeds\.wordpress\.com|ads\.[^/]+)$/i;
const decoratingFolder =
  /\/(?:emoji|smil(?:ies|eys)|avatars?|icons?|favicons?|logos?|sprites?|badges|spacers?|pixels?|placeholders?|wp-includes)\//i;
const otherFormat = /\.(?:svgz?|ico|cur|bmp|pdf|mp4|webm|mov|m4v)$/i;
/** A feed reader's door (FeedBurner's and its copies), and pages that count readers. */
const counter = /\/~(?:r|ff|a)\/|^\/tr\/?$|\/(?:beacon|track(?:er|ing)?|pixel|count(?:er)?)(?:[/.]|$)/i;
const decoration =
  /^(?:logos?|icons?|favicon|avatars?|gravatar|placeholder|spacer|blank|pixel|transparent|spinner|loader|loading|preloader|sprites?|emoji|smiley|button|btn|noimage|nophoto|nopic|lazy|lazyload|شعار|لوغو|لوجو)$/i;
const generic =
  /^(?:default|no|image|img|photo|picture|pic|og|social|share|sharing|thumb|thumbnail|news|site|facebook|twitter|card|post|article|صورة|افتراضية)$/i;
const saysNothing = /^(?:default|no|social|share|sharing|افتراضية)$/i;

/** A picture that decorates a page or counts its readers, by its address. A name of many words is that of a photograph. */
export function isDecoration(url: string): boolean {
  const { hostname, pathname } = new URL(url);
  if (countingHosts.test(hostname) || counter.test(pathname) || otherFormat.test(pathname)) return true;
  if (decoratingFolder.test(pathname)) return true;
  const words = wordsIn(nameIn(pathname));
  if (words.length === 0) return /(?:^|\/)1x1\b/.test(pathname);
  if (words.length <= 3 && words.some((word) => decoration.test(word))) return true;
  return words.every((word) => generic.test(word)) && words.some((word) => saysNothing.test(word));
}

/** The name of a file, without folder and ending. */
function nameIn(pathname: string): string {
  const name = pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(name).replace(/\.\w{1,5}$/, '');
  } catch {
    return name.replace(/\.\w{1,5}$/, '');
  }
}

function wordsIn(name: string): string[] {
  const spaced = name.replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2');
  return spaced.match(/\p{L}[\p{L}\p{M}]*/gu)?.filter((word) => !/^x$/i.test(word)) ?? [];
}

/** Equal for the sizes of one picture, as WordPress and others name them, wherever they are kept. */
function pictureIn(url: string): string {
  const { pathname } = new URL(url);
  return pathname.replace(/[-_]\d{2,4}x\d{2,4}(?=\.\w+$)|[-_]scaled(?=\.\w+$)/, '').replace(/\.\w{3,5}$/, '');
}

const fileName = /^\S+\.(?:jpe?g|png|webp|gif|avif|tiff?|bmp)$/i;
const cameraName =
  /^(?:img|dsc[nf]?|pxl|image|photo|picture|pic|untitled|screen ?shot|whatsapp image|صورة|الصورة)?[\s_-]*[\d\s_.:x()-]*(?:(?:at|wa)[\d\s.:-]*(?:[ap]m)?)?$/i;

/** What describes the picture at an address, on one line; undefined where it is only the name of a file. */
export function usableAlt(alt: string | undefined, url: string): string | undefined {
  const text = normaliseText(alt ?? '');
  if (text === '' || fileName.test(text) || cameraName.test(text)) return undefined;
  const isName = !/\s/.test(text) && /[-_\d]/.test(text) && text === nameIn(new URL(url).pathname);
  return isName ? undefined : text.slice(0, longestAlt).toWellFormed();
}

function usableCaption({ caption }: ImageCandidate): string | undefined {
  const text = normaliseText(caption ?? '');
  return text === '' || text.length > longestAlt ? undefined : text;
}
