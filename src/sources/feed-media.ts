import type { FeedPicture } from './feed-entry.ts';

/** An element of the Media RSS module (rssboard.org/media-rss). */
interface MediaContent {
  url?: string;
  type?: string;
  medium?: string;
  isDefault?: boolean;
  width?: number;
  title?: { value?: string; type?: string };
  description?: { value?: string; type?: string };
  thumbnails?: MediaThumbnail[];
}

interface MediaThumbnail {
  url?: string;
  width?: number;
}

export interface Media extends MediaContent {
  contents?: MediaContent[];
  groups?: (MediaContent & { contents?: MediaContent[] })[];
}

interface Enclosure {
  url?: string;
  type?: string;
}

const pictureEnding = /\.(?:jpe?g|png|webp|gif|avif)(?:[?#]|$)/i;
const soundOrFilm = /^(?:audio|video)\/|\.(?:mp3|m4a|ogg|opus|wav|mp4|m4v|mov|webm)(?:[?#]|$)/i;

function isPicture({ url, type = '', medium, width }: MediaContent): boolean {
  if (url === undefined) return false;
  if (medium !== undefined) return /^image$/i.test(medium);
  if (type.includes('/')) return /^image\//i.test(type);
  return /^image$/i.test(type) || pictureEnding.test(url) || (width !== undefined && !soundOrFilm.test(url));
}

/** The one picture that a Media RSS element shows: the widest of its renditions, with its caption. */
export function mediaPicture(media: Media | undefined): FeedPicture[] {
  const grouped = (media?.groups ?? []).flatMap((group) =>
    (group.contents ?? []).map((content) => ({ caption: captionOf(group), content })),
  );
  const all = [...(media?.contents ?? []).map((content) => ({ caption: undefined, content })), ...grouped]
    .filter(({ content }) => isPicture(content))
    .toSorted(
      (one, other) =>
        (other.content.width ?? 0) - (one.content.width ?? 0) ||
        Number(other.content.isDefault ?? false) - Number(one.content.isDefault ?? false),
    );
  const best = all[0];
  if (!best) return [];
  const alt = captionOf(best.content) ?? best.caption ?? captionOf(media);
  return [{ url: best.content.url as string, alt, width: best.content.width }];
}

/** The widest still of a film, or a small picture where there is no other. */
export function mediaThumbnail(media: Media | undefined): FeedPicture[] {
  const groups = media?.groups ?? [];
  const contents = [...(media?.contents ?? []), ...groups.flatMap((group) => group.contents ?? [])];
  const all = [media, ...groups, ...contents].flatMap((one) => one?.thumbnails ?? []);
  const best = all.toSorted((one, other) => (other.width ?? 0) - (one.width ?? 0))[0];
  return best?.url ? [{ url: best.url, alt: captionOf(media), width: best.width }] : [];
}

function captionOf(media: MediaContent | undefined): string | undefined {
  const plainOf = (words: { value?: string; type?: string } | undefined) =>
    words?.value !== undefined && !/html/i.test(words.type ?? '') && words.value.length <= 500
      ? words.value
      : undefined;
  return plainOf(media?.description) ?? plainOf(media?.title);
}

export function mediaTitle(media: Media | undefined): string | undefined {
  return media?.title?.value ?? media?.groups?.find(({ title }) => title?.value)?.title?.value;
}

export function mediaDescription(media: Media | undefined): string | undefined {
  return media?.description?.value ?? media?.groups?.find(({ description }) => description?.value)?.description?.value;
}

/** The pictures among a feed's enclosures. */
export function enclosedPictures(enclosures: readonly Enclosure[] | undefined): FeedPicture[] {
  return (enclosures ?? []).filter(isPicture).map(({ url }) => ({ url: url as string }));
}

/** The first sound or film among them. */
export function enclosedMedia(enclosures: readonly Enclosure[] | undefined): string | undefined {
  return enclosures?.find(({ url, type }) => url !== undefined && soundOrFilm.test(type?.includes('/') ? type : url))
    ?.url;
}
