import { createHash } from 'node:crypto';
import type { SandboxMedia } from './post.ts';
import type { SandboxRecord } from './record.ts';

interface PictureFacts {
  mimeType: string;
  /** Pixels. */
  width: number;
  height: number;
}

/** Kind and size of a picture by its own bytes, whatever its sender called it; undefined where it is none. */
export function inspectPicture(bytes: Buffer): PictureFacts | undefined {
  if (bytes.length < 26) return undefined;
  const found = png(bytes) ?? gif(bytes) ?? webp(bytes) ?? jpeg(bytes);
  return found && found.width > 0 && found.height > 0 ? found : undefined;
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function png(bytes: Buffer): PictureFacts | undefined {
  if (!bytes.subarray(0, 8).equals(pngSignature) || bytes.toString('latin1', 12, 16) !== 'IHDR') return undefined;
  return { mimeType: 'image/png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

function gif(bytes: Buffer): PictureFacts | undefined {
  if (!/^GIF8[79]a/.test(bytes.toString('latin1', 0, 6))) return undefined;
  return { mimeType: 'image/gif', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
}

/** WebP, by its container specification: three forms of the first chunk, each with the size in its own place. */
function webp(bytes: Buffer): PictureFacts | undefined {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP' || bytes.length < 30) {
    return undefined;
  }
  const mimeType = 'image/webp';
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { mimeType, width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { mimeType, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { mimeType, width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return undefined;
  }
}

/** JPEG: the size stands in the first start-of-frame segment (markers C0 to CF but C4, C8 and CC). */
function jpeg(bytes: Buffer): PictureFacts | undefined {
  if (bytes[0] !== 0xff || bytes[1] !== 0xd8) return undefined;
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff; ) {
    const marker = bytes[at + 1] ?? 0;
    // A segment may be led by any number of FF bytes.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc) {
      return { mimeType: 'image/jpeg', width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}

/** Keeps a picture in the record and describes it; undefined where the bytes are no picture. */
export function keepPicture(record: SandboxRecord, bytes: Buffer, alt?: string): SandboxMedia | undefined {
  const found = inspectPicture(bytes);
  if (!found) return undefined;
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  record.putMedia(sha256, bytes, found.mimeType);
  return { kind: 'photo', bytes: bytes.length, sha256, ...found, ...(alt ? { alt } : {}) };
}

/** A picture that was given by its address; the platforms fetch it, the sandbox does not. */
export function pictureAt(url: string, alt?: string): SandboxMedia {
  return {
    kind: 'photo',
    mimeType: 'image/*',
    bytes: 0,
    sha256: '',
    width: 0,
    height: 0,
    url,
    ...(alt ? { alt } : {}),
  };
}
