import { createHash } from 'node:crypto';
import type { Image } from '../core/article.ts';
import type { Media } from '../core/post.ts';
import { FetchError, type GuardedFetch } from './guarded-fetch.ts';

/** Beyond this a small file can unpack to gigabytes of pixels. */
const maxPixels = 40e6;

export interface ImageLoader {
  /** The picture, fetched and checked. Throws `FetchError` where it is no usable picture. */
  load(image: Image): Promise<Media>;
}

/** Loads pictures through the guards; keeps the latest in memory, up to `cacheBytes`. */
export function createImageLoader(
  fetch: GuardedFetch,
  { maxBytes, cacheBytes }: { maxBytes: number; cacheBytes: number },
): ImageLoader {
  const cache = new Map<string, Promise<Omit<Media, 'alt'>>>();
  const sizes = new Map<string, number>();
  let held = 0;

  const forget = (url: string) => {
    cache.delete(url);
    held -= sizes.get(url) ?? 0;
    sizes.delete(url);
  };

  return {
    async load({ url, alt }) {
      let picture = cache.get(url);
      if (!picture) {
        picture = fetchPicture(fetch, url, maxBytes);
        cache.set(url, picture);
        picture.then(
          ({ bytes }) => {
            sizes.set(url, bytes.length);
            held += bytes.length;
            for (const oldest of cache.keys()) {
              if (held <= cacheBytes) break;
              // Still on its way: its bytes are not counted yet.
              if (!sizes.has(oldest)) continue;
              forget(oldest);
            }
          },
          () => cache.delete(url),
        );
      }
      return { ...(await picture), ...(alt ? { alt } : {}) };
    },
  };
}

async function fetchPicture(fetch: GuardedFetch, url: string, maxBytes: number): Promise<Omit<Media, 'alt'>> {
  const { bytes } = await fetch.get(url, { accept: 'image/*', maxBytes });
  const found = readImageHeader(bytes);
  if (!found) throw new FetchError(`${url} is not a JPEG, PNG, WebP or GIF picture.`, { refused: true });
  if (found.width * found.height > maxPixels) {
    throw new FetchError(`${url} has ${found.width} x ${found.height} pixels, more than ${maxPixels}.`, {
      refused: true,
    });
  }
  return { bytes, ...found, hash: createHash('sha256').update(bytes).digest('hex') };
}

/** Type and size by a picture's first bytes; undefined where it is none of the four kinds. */
export function readImageHeader(bytes: Uint8Array): Pick<Media, 'mimeType' | 'width' | 'height'> | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 30) return undefined;
  if (view.toString('latin1', 0, 8) === '\x89PNG\r\n\x1a\n' && view.toString('latin1', 12, 16) === 'IHDR')
    return sized('image/png', view.readUInt32BE(16), view.readUInt32BE(20));
  if (/^GIF8[79]a$/.test(view.toString('latin1', 0, 6)))
    return sized('image/gif', view.readUInt16LE(6), view.readUInt16LE(8));
  if (view.toString('latin1', 0, 4) === 'RIFF' && view.toString('latin1', 8, 12) === 'WEBP') return webp(view);
  return view.readUInt16BE(0) === 0xffd8 ? jpeg(view) : undefined;
}

function sized(mimeType: Media['mimeType'], width: number, height: number) {
  return width > 0 && height > 0 ? { mimeType, width, height } : undefined;
}

function webp(view: Buffer) {
  switch (view.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return sized('image/webp', view.readUInt16LE(26) & 0x3fff, view.readUInt16LE(28) & 0x3fff);
    case 'VP8L': {
      const bits = view.readUInt32LE(21);
      return sized('image/webp', (bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1);
    }
    case 'VP8X':
      return sized('image/webp', view.readUIntLE(24, 3) + 1, view.readUIntLE(27, 3) + 1);
    default:
      return undefined;
  }
}

/** Walks the segments to the frame header (SOF), which holds the size. */
function jpeg(view: Buffer) {
  let at = 2;
  while (at + 9 < view.length) {
    if (view[at] !== 0xff) return undefined;
    const marker = view[at + 1] as number;
    if (marker === 0xff) at += 1;
    else if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return sized('image/jpeg', view.readUInt16BE(at + 7), view.readUInt16BE(at + 5));
    } else at += 2 + view.readUInt16BE(at + 2);
  }
  return undefined;
}
