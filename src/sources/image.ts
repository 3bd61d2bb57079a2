import { readFile, stat } from 'node:fs/promises';
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
      const changed = await changeOf(path, maxBytes);
      return fitting(`${path}\n${changed}`, () => readPicture(path), rules, path);
    },
  };
}

/** What cannot be used is not looked at again for each of thousands of readers. */
const refusedMs = 60_000;
const mostRefused = 1_000;

/** Keeps what it was asked for, the latest up to so many bytes. What fails is asked for again, after a while where it was refused. */
function createCache(mostBytes: number) {
  const kept = new Map<string, Promise<{ bytes: Buffer }>>();
  const sizes = new Map<string, number>();
  const refused = new Map<string, { error: FetchError; untilMs: number }>();
  let held = 0;

  const noteRefusal = (key: string, error: unknown) => {
    if (!(error instanceof FetchError && error.refused)) return;
    refused.delete(key);
    refused.set(key, { error, untilMs: performance.now() + refusedMs });
    const [oldest] = refused.keys();
    if (refused.size > mostRefused && oldest !== undefined) refused.delete(oldest);
  };
  const forget = (key: string) => {
    kept.delete(key);
    held -= sizes.get(key) ?? 0;
    sizes.delete(key);
  };

  return <T extends { bytes: Buffer }>(key: string, make: () => Promise<T>): Promise<T> => {
    const known = kept.get(key);
    if (known) return known as Promise<T>;
    const refusal = refused.get(key);
    if (refusal && refusal.untilMs > performance.now()) return Promise.reject(refusal.error);
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
      (error: unknown) => {
        kept.delete(key);
        noteRefusal(key, error);
      },
    );
    return made;
  };
}

async function fetchPicture(fetch: GuardedFetch, url: string, maxBytes: number): Promise<Buffer> {
  const { bytes } = await fetch.get(url, { accept: 'image/*', maxBytes });
  return checked(bytes, url);
}

/** Another text after each change of the file. */
async function changeOf(path: string, maxBytes: number): Promise<string> {
  const file = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (!file.isFile()) throw new FetchError(`${path} is not a file.`, { refused: true });
  if (file.size > maxBytes) throw new FetchError(`${path} is larger than ${maxBytes} bytes.`, { refused: true });
  return `${file.mtimeMs} ${file.size}`;
}

async function readPicture(path: string): Promise<Buffer> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return checked(bytes, path);
}

function unreadable(path: string, error: unknown): FetchError {
  return new FetchError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`, { cause: error });
}

/** Before it is kept: a page in place of a picture is none. */
function checked(bytes: Buffer, name: string): Buffer {
  if (pictureType(bytes)) return bytes;
  throw new FetchError(`${name} is not a JPEG, PNG, WebP, GIF, AVIF or TIFF picture.`, { refused: true });
}
