import type { PictureType } from '../core/picture.ts';

/** The pointer to the GPS directory (Exif 2.32, 4.6.3). */
const gpsTag = 0x8825;

/** Whether the metadata of a picture tells where it was taken: an Exif GPS directory, or GPS properties in XMP. */
export function tellsPlace({ exif, xmp }: { exif?: Buffer | undefined; xmp?: Buffer | undefined }): boolean {
  return (
    (exif !== undefined && hasGps(exif)) ||
    (xmp !== undefined && /GPS(?:Latitude|Longitude|Dest)/.test(xmp.toString('latin1')))
  );
}

/** Looks through the first directory of Exif data. What cannot be read is taken for a place. */
function hasGps(exif: Buffer): boolean {
  const tiff = exif.toString('latin1', 0, 6) === 'Exif\0\0' ? exif.subarray(6) : exif;
  if (tiff.length < 8) return false;
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const u16 = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return true;
  const count = u16(directory);
  for (let index = 0; index < count; index += 1) {
    const entry = directory + 2 + index * 12;
    if (entry + 12 > tiff.length) return true;
    if (u16(entry) === gpsTag) return true;
  }
  return false;
}

/**
 * Whether a file holds nothing behind its picture. Phones put films there, with their sound and place; others put programs.
 * True for kinds whose end is not marked.
 */
export function endsWithPicture(bytes: Buffer, type: PictureType): boolean {
  switch (type) {
    case 'image/jpeg':
      return jpegEnd(bytes) === bytes.length;
    case 'image/png':
      return bytes.toString('latin1', bytes.length - 8, bytes.length - 4) === 'IEND' && pngEnd(bytes) === bytes.length;
    case 'image/webp':
      return bytes.length >= 12 && bytes.readUInt32LE(4) + 8 === bytes.length;
    default:
      return true;
  }
}

function pngEnd(bytes: Buffer): number | undefined {
  for (let at = 8; at + 12 <= bytes.length; ) {
    const next = at + 12 + bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IEND') return next;
    at = next;
  }
  return undefined;
}

/** Where the end marker stands (ITU-T T.81, B.1.1): from segment to segment, and over the scans between them. */
function jpegEnd(bytes: Buffer): number | undefined {
  for (let at = 2; at + 1 < bytes.length; ) {
    if (bytes[at] !== 0xff) {
      at = bytes.indexOf(0xff, at);
      if (at < 0) return undefined;
      continue;
    }
    const marker = bytes[at + 1] as number;
    if (marker === 0xd9) return at + 2;
    // Fill bytes, and within a scan: a stuffed FF, a restart.
    if (marker === 0xff) at += 1;
    else if (marker === 0 || marker === 1 || (marker >= 0xd0 && marker <= 0xd7)) at += 2;
    else if (at + 4 > bytes.length) return undefined;
    else at += 2 + bytes.readUInt16BE(at + 2);
  }
  return undefined;
}
