import { createHash } from 'node:crypto';
import type { Metadata, Sharp } from 'sharp';
import { type PictureRules, type PictureType, pictureType } from '../core/picture.ts';
import type { Media } from '../core/post.ts';
import { FetchError } from './guarded-fetch.ts';
import { endsWithPicture, tellsPlace } from './picture-metadata.ts';
import { sharp } from './sharp.ts';

/** Beyond this a small file can unpack to gigabytes of pixels. */
export const maxPixels = 40e6;
/** A smaller picture (pixels a side) counts readers or decorates a page. */
const leastSide = 32;
/** For all work on one picture. */
const maxMs = 10_000;
/** Pictures that are worked on at once in this process: each may take some 200 MB. */
const atOnce = 2;
/** JPEG, best first. */
const qualities = [85, 75, 65, 50];
/** An opaque picture stays lossless up to this; a larger one is a photograph. */
const opaquePngBytes = 1024 * 1024;
const mostShrinks = 10;

const formats: Record<PictureType, string> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
  'image/avif': 'heif',
  'image/tiff': 'tiff',
};

/** A picture as it is sent. */
export type Fitted = Omit<Media, 'alt' | 'bytes'> & { bytes: Buffer };

/**
 * A picture as a platform takes it. One that fits goes as it is, byte for byte, unless it tells where it was taken, lies on
 * its side or holds something behind its end; all else is decoded and written anew, without metadata, in sRGB of 8 bits.
 * Of moving pictures the first frame is taken, where the platform does not take them as GIF. The same bytes and rules give
 * the same bytes. `name`: what messages call it. Throws `FetchError` where it cannot be used, within 10 s of work.
 */
export function fitPicture(bytes: Buffer, rules: PictureRules, name: string): Promise<Fitted> {
  return inTurn(async () => {
    const type = pictureType(bytes);
    if (!type) throw unusable(`${name} is not a JPEG, PNG, WebP, GIF, AVIF or TIFF picture.`);
    const until = performance.now() + maxMs;
    try {
      return await prepare({ bytes, type, until }, rules, name);
    } catch (error) {
      throw error instanceof FetchError ? error : unusable(`${name} ${reasonOf(error as Error)}.`, error);
    }
  });
}

interface Source {
  bytes: Buffer;
  type: PictureType;
  /** When time is up, by `performance.now`. */
  until: number;
}

/** Pixels: 8 bits, sRGB, with or without alpha. */
interface Pixels {
  data: Buffer;
  raw: { width: number; height: number; channels: 3 | 4 };
  isTransparent: boolean;
  /** Drawn rather than photographed, by the kind of its file. */
  isGraphic: boolean;
}

async function prepare(source: Source, rules: PictureRules, name: string): Promise<Fitted> {
  const { bytes, type } = source;
  const metadata = await open(source).metadata();
  if (metadata.format !== formats[type]) throw unusable(`${name} is not what its first bytes say (${type}).`);
  // Of all frames, where they are in one: only the first is meant.
  const { width, height } = metadata.autoOrient;
  if (width * height > maxPixels) throw unusable(`${name} has ${width} x ${height} pixels, more than ${maxPixels}.`);
  if (Math.min(width, height) < leastSide) {
    throw unusable(`${name} has ${width} x ${height} pixels: a picture has ${leastSide} a side at least.`);
  }
  const { maxRatio = Number.POSITIVE_INFINITY } = rules;
  if (Math.max(width, height) > maxRatio * Math.min(width, height)) {
    throw unusable(`${name} has ${width} x ${height} pixels: one side may be ${maxRatio} times the other at most.`);
  }
  if (fitsAsItIs(source, metadata, rules)) {
    // Decoded once, as platforms refuse a damaged picture together with its text.
    await open(source).resize(16, 16).raw().toBuffer();
    return finished(bytes, type as Media['mimeType'], { width, height });
  }
  return encode(await decode(source, { width, height }, rules), rules, { name, until: source.until });
}

function fitsAsItIs({ bytes, type }: Source, metadata: Metadata, rules: PictureRules): boolean {
  const { width, height, orientation = 1, space, depth, pages = 1, isPalette = false } = metadata;
  const colours: string[] = rules.rgbOnly ? ['srgb'] : ['srgb', 'b-w'];
  return (
    (rules.types as readonly string[]).includes(type) &&
    bytes.length <= rules.maxBytes &&
    scaleOf({ width, height }, rules) === 1 &&
    orientation <= 1 &&
    colours.includes(space ?? '') &&
    depth === 'uchar' &&
    !(rules.rgbOnly && isPalette) &&
    (pages === 1 || type === 'image/gif') &&
    !tellsPlace(metadata) &&
    endsWithPicture(bytes, type)
  );
}

function scaleOf({ width, height }: { width: number; height: number }, { maxSide, maxSum }: PictureRules): number {
  const bySide = maxSide === undefined ? 1 : maxSide / Math.max(width, height);
  const bySum = maxSum === undefined ? 1 : maxSum / (width + height);
  return Math.min(1, bySide, bySum);
}

async function decode(source: Source, size: { width: number; height: number }, rules: PictureRules): Promise<Pixels> {
  const scale = scaleOf(size, rules);
  const { data, info } = await open(source)
    .autoOrient()
    .resize({ ...scaled(size, scale), fit: 'fill' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const channels = info.channels === 4 ? 4 : 3;
  return {
    data,
    raw: { width, height, channels },
    isTransparent: channels === 4 && hasClearPixel(data),
    isGraphic: source.type === 'image/png' || source.type === 'image/gif',
  };
}

function scaled({ width, height }: { width: number; height: number }, scale: number) {
  return { width: Math.max(1, Math.floor(width * scale)), height: Math.max(1, Math.floor(height * scale)) };
}

function hasClearPixel(data: Buffer): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return true;
  return false;
}

/** Best first, until one is small enough: lossless, then JPEG of less and less quality, then of fewer and fewer pixels. */
async function encode(
  pixels: Pixels,
  { types, maxBytes }: PictureRules,
  { name, until }: { name: string; until: number },
): Promise<Fitted> {
  const { data, raw, isTransparent, isGraphic } = pixels;
  const takesPng = types.includes('image/png');
  const takesJpeg = types.includes('image/jpeg');
  for (let shrinks = 0; shrinks < mostShrinks; shrinks += 1) {
    const size = scaled(raw, 0.75 ** shrinks);
    const start = () => {
      const whole = timed(sharp()(data, { raw, limitInputPixels: maxPixels }), until);
      return shrinks === 0 ? whole : whole.resize({ ...size, fit: 'fill' });
    };
    if (takesPng && (isTransparent || isGraphic || !takesJpeg) && (shrinks === 0 || !takesJpeg)) {
      const bytes = await (isTransparent ? start() : start().removeAlpha()).png().toBuffer();
      const most = isTransparent || !takesJpeg ? maxBytes : Math.min(maxBytes, opaquePngBytes);
      if (bytes.length <= most) return finished(bytes, 'image/png', size);
    }
    for (const quality of takesJpeg ? qualities.slice(shrinks === 0 ? 0 : 2) : []) {
      const chromaSubsampling = isGraphic ? '4:4:4' : '4:2:0';
      const bytes = await start().flatten({ background: '#ffffff' }).jpeg({ quality, chromaSubsampling }).toBuffer();
      if (bytes.length <= maxBytes) return finished(bytes, 'image/jpeg', size);
    }
  }
  throw unusable(`${name} cannot be made smaller than ${maxBytes} bytes.`);
}

function finished(bytes: Buffer, mimeType: Media['mimeType'], { width, height }: { width: number; height: number }) {
  return { bytes, mimeType, width, height, hash: createHash('sha256').update(bytes).digest('hex') };
}

function open({ bytes, until }: Source): Sharp {
  return timed(sharp()(bytes, { limitInputPixels: maxPixels, failOn: 'error', sequentialRead: true }), until);
}

/** sharp counts whole seconds. */
function timed(work: Sharp, until: number): Sharp {
  const leftMs = until - performance.now();
  if (leftMs <= 0) throw new Error('timeout');
  return work.timeout({ seconds: Math.ceil(leftMs / 1000) });
}

function reasonOf({ message }: Error): string {
  if (/exceeds pixel limit/i.test(message)) return `has more than ${maxPixels} pixels`;
  if (/^timeout/i.test(message)) return `took more than ${maxMs / 1000} s to prepare`;
  return `cannot be decoded (${message.split('\n')[0]?.slice(0, 200)})`;
}

function unusable(message: string, cause?: unknown): FetchError {
  return new FetchError(message, { refused: true, ...(cause === undefined ? {} : { cause }) });
}

let running = 0;
const waiting: (() => void)[] = [];

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running < atOnce) running += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
