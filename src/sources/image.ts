import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Image } from '../core/article.ts';
import { type PictureRules, pictureType } from '../core/picture.ts';
import type { Media } from '../core/post.ts';
import { type Fitted, fitPicture } from './fit-picture.ts';
import { FetchError, type GuardedFetch } from './guarded-fetch.ts';

export interface ImageLoader {
  /** The picture, fetched and made to fit. Throws `FetchError` where it is no usable picture. */
  load(image: Image, rules: PictureRules): Promise<Media>;
  /** A channel's default picture: an http(s) address, or a file from the configuration's folder. Throws `FetchError`. */
  loadDefault(reference: string, rules: PictureRules): Promise<Media>;
}

/**
 * Loads pictures through the guards; keeps the latest in memory, as they came and as they were made to fit, up to
 * `cacheBytes`. `folder`: where names of files start from.
 */
export function createImageLoader(
  fetch: GuardedFetch,
  { maxBytes, cacheBytes, folder }: { maxBytes: number; cacheBytes: number; folder: string },
): ImageLoader {
  const cache = createCache(cacheBytes);

  const fitting = (key: string, read: () => Promise<Buffer>, rules: PictureRules, name: string): Promise<Fitted> =>
    cache(`${key}\n${JSON.stringify(rules)}`, async () => {
      const { bytes } = await cache(key, async () => ({ bytes: await read() }));
      return fitPicture(bytes, rules, name);
    });

  async function load({ url, alt }: Image, rules: PictureRules): Promise<Media> {
    const picture = await fitting(url, () => fetchPicture(fetch, url, maxBytes), rules, url);
    return { ...picture, ...(alt ? { alt } : {}) };
  }

  return {
    load,
    async loadDefault(reference, rules) {
      if (/^https?:/i.test(reference)) return load({ url: reference }, rules);
      const path = resolve(folder, reference);
      const { bytes, changed } = await readPicture(path, maxBytes);
      return fitting(`${path}\n${changed}`, async () => bytes, rules, path);
    },
  };
}

/** Keeps what it was asked for, the latest up to so many bytes. What fails is asked for again. */
function createCache(mostBytes: number) {
  const kept = new Map<string, Promise<{ bytes: Buffer }>>();
  const sizes = new Map<string, number>();
  let held = 0;

  const forget = (key: string) => {
    kept.delete(key);
    held -= sizes.get(key) ?? 0;
    sizes.delete(key);
  };

  return <T extends { bytes: Buffer }>(key: string, make: () => Promise<T>): Promise<T> => {
    const known = kept.get(key);
    if (known) return known as Promise<T>;
    const made = make();
    kept.set(key, made);
    made.then(
      ({ bytes }) => {
        sizes.set(key, bytes.length);
        held += bytes.length;
        for (const oldest of kept.keys()) {
          if (held <= mostBytes) break;
          // Still on its way: its bytes are not counted yet.
          if (sizes.has(oldest)) forget(oldest);
        }
      },
      () => kept.delete(key),
    );
    return made;
  };
}

async function fetchPicture(fetch: GuardedFetch, url: string, maxBytes: number): Promise<Buffer> {
  const { bytes } = await fetch.get(url, { accept: 'image/*', maxBytes });
  return checked(bytes, url);
}

async function readPicture(path: string, maxBytes: number): Promise<{ bytes: Buffer; changed: string }> {
  try {
    const file = await open(path);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new FetchError(`${path} is not a file.`, { refused: true });
      if (stat.size > maxBytes) throw new FetchError(`${path} is larger than ${maxBytes} bytes.`, { refused: true });
      return { bytes: checked(await file.readFile(), path), changed: `${stat.mtimeMs} ${stat.size}` };
    } finally {
      await file.close();
    }
  } catch (error) {
    if (error instanceof FetchError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new FetchError(`${path} cannot be read (${code}).`, { refused: true, cause: error });
  }
}

/** Before it is kept: a page in place of a picture is none. */
function checked(bytes: Buffer, name: string): Buffer {
  if (pictureType(bytes)) return bytes;
  throw new FetchError(`${name} is not a JPEG, PNG, WebP, GIF, AVIF or TIFF picture.`, { refused: true });
}
