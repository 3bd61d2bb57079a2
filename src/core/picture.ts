import type { Media } from './post.ts';

/** Kinds of pictures that are read; some are turned into another before a platform takes them. */
export type PictureType = Media['mimeType'] | 'image/avif' | 'image/tiff';

/** What a platform takes as a picture. Lengths in pixels. */
export interface PictureRules {
  types: readonly Media['mimeType'][];
  maxBytes: number;
  /** Longest side; what is longer is scaled down. */
  maxSide?: number;
  /** Width and height together; what is more is scaled down. */
  maxSum?: number;
  /** Longer side by the shorter; a picture beyond it is not taken at all. */
  maxRatio?: number;
  /** True where grey pictures and palettes are not taken. */
  rgbOnly?: boolean;
}

/**
 * The kind of a picture by its first bytes; undefined where it is none of those that are read. SVG and PDF are never: they
 * are programs for a renderer.
 */
export function pictureType(bytes: Uint8Array): PictureType | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 64)).toString('latin1');
  if (start.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (start.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (/^GIF8[79]a/.test(start)) return 'image/gif';
  if (/^RIFF.{4}WEBP/s.test(start)) return 'image/webp';
  if (/^.{4}ftyp(?:avi[fs]|m(?:if|sf)1.{4}(?:.{4})*?avi[fs])/s.test(start)) return 'image/avif';
  return /^(?:II\*\0|MM\0\*)/.test(start) ? 'image/tiff' : undefined;
}
