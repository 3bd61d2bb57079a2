import { randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { type PictureRules, pictureType } from '../../../src/core/picture.ts';
import { platforms } from '../../../src/platforms/index.ts';
import { fitPicture } from '../../../src/sources/fit-picture.ts';
import { endsWithPicture, tellsPlace } from '../../../src/sources/picture-metadata.ts';

const rules: PictureRules = { types: ['image/jpeg', 'image/png'], maxBytes: 1e6 };
const gps = { IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '36/1 12/1 0/1' } };

/** A picture of one colour. */
function plain(width = 90, height = 60, background = '#c33'): Sharp {
  return sharp({ create: { width, height, channels: 3, background } });
}

function noise(width: number, height: number, channels: 3 | 4 = 3): Sharp {
  return sharp(randomBytes(width * height * channels), { raw: { width, height, channels } });
}

const jpeg = await plain().jpeg().toBuffer();
const png = await plain().png().toBuffer();

/** The start of a PNG of such a size, as a bomb has it. */
function hugePng(width: number, height: number): Buffer {
  const chunk = (name: string, data: Buffer) => {
    const named = Buffer.concat([Buffer.from(name), data]);
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    check.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, check]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const data = chunk('IDAT', deflateSync(Buffer.alloc(100_000)));
  return Buffer.concat([png.subarray(0, 8), chunk('IHDR', header), data, chunk('IEND', Buffer.alloc(0))]);
}

describe('a picture that fits', () => {
  it.each([
    ['JPEG', () => jpeg, rules],
    ['PNG', () => png, rules],
    ['grey JPEG', () => plain().toColourspace('b-w').jpeg().toBuffer(), rules],
    [
      'JPEG with a camera in its Exif',
      () =>
        plain()
          .withExif({ IFD0: { Make: 'Camera' } })
          .jpeg()
          .toBuffer(),
      rules,
    ],
    ['WebP', () => plain().webp().toBuffer(), { ...rules, types: ['image/webp'] }],
    ['GIF', () => plain().gif().toBuffer(), { ...rules, types: ['image/gif'] }],
  ] as [string, () => Buffer | Promise<Buffer>, PictureRules][])('goes as it is: %s', async (_, make, wanted) => {
    const bytes = await make();
    const fitted = await fitPicture(bytes, wanted, 'it');
    expect(fitted.bytes).toBe(bytes);
    expect(fitted).toMatchObject({ mimeType: pictureType(bytes), width: 90, height: 60 });
  });

  it('loses the place where it was taken', async () => {
    const bytes = await plain().withExif(gps).jpeg().toBuffer();
    const fitted = await fitPicture(bytes, rules, 'it');
    expect((await sharp(fitted.bytes).metadata()).exif).toBeUndefined();
    expect(fitted).toMatchObject({ mimeType: 'image/jpeg', width: 90, height: 60 });
  });

  it('is stood upright', async () => {
    const blue = await plain(45, 60, '#00f').png().toBuffer();
    const upright = plain(90, 60, '#f00').composite([{ input: blue, left: 45, top: 0 }]);
    // To be turned by a quarter to the right: what is red then is on top.
    const fitted = await fitPicture(await upright.withMetadata({ orientation: 6 }).jpeg().toBuffer(), rules, 'it');
    expect(fitted).toMatchObject({ width: 60, height: 90 });
    expect((await sharp(fitted.bytes).metadata()).orientation).toBeUndefined();
    const pixels = await sharp(fitted.bytes).raw().toBuffer();
    const [topRight, bottomLeft] = [59 * 3, 89 * 60 * 3];
    expect(pixels[topRight]).toBeGreaterThan(200);
    expect(pixels[bottomLeft + 2]).toBeGreaterThan(200);
  });

  it.each([
    ['JPEG', () => jpeg],
    ['PNG', () => png],
  ])('loses what is hidden behind its end: %s', async (_, make) => {
    const bytes = make();
    const fitted = await fitPicture(Buffer.concat([bytes, Buffer.from('<script>alert(1)</script>')]), rules, 'it');
    expect(fitted.bytes.includes('script')).toBe(false);
    expect(endsWithPicture(fitted.bytes, fitted.mimeType)).toBe(true);
  });
});

describe('a picture that does not fit', () => {
  it.each([
    ['WebP', () => plain().webp().toBuffer(), 'image/jpeg'],
    ['AVIF', () => plain(32, 32).avif({ effort: 0 }).toBuffer(), 'image/jpeg'],
    ['TIFF', () => plain().tiff().toBuffer(), 'image/jpeg'],
    ['GIF', () => plain().gif().toBuffer(), 'image/png'],
    ['CMYK JPEG', () => plain().toColourspace('cmyk').jpeg().toBuffer(), 'image/jpeg'],
    ['PNG of 16 bits', () => plain().toColourspace('rgb16').png().toBuffer(), 'image/png'],
    [
      'moving WebP',
      async () =>
        sharp([await plain().png().toBuffer(), await plain(90, 60, '#3c3').png().toBuffer()], {
          join: { animated: true },
        })
          .webp()
          .toBuffer(),
      'image/jpeg',
    ],
  ])('is turned into one that does: %s', async (_, make, mimeType) => {
    const fitted = await fitPicture(await make(), rules, 'it');
    expect(fitted).toMatchObject({ mimeType });
    const found = await sharp(fitted.bytes).metadata();
    expect(found).toMatchObject({ space: 'srgb', depth: 'uchar', width: fitted.width, height: fitted.height });
    expect(found.height).toBeLessThanOrEqual(60);
    const { data } = await sharp(fitted.bytes).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    for (const [channel, value] of [0xcc, 0x33, 0x33].entries()) {
      expect(Math.abs((data[channel] as number) - value)).toBeLessThan(24);
    }
  });

  it('becomes RGB where grey and palettes are not taken', async () => {
    const wanted = { ...rules, rgbOnly: true };
    for (const bytes of [
      await plain().toColourspace('b-w').jpeg().toBuffer(),
      await plain().png({ palette: true }).toBuffer(),
    ]) {
      const fitted = await fitPicture(bytes, wanted, 'it');
      expect(await sharp(fitted.bytes).metadata()).toMatchObject({ space: 'srgb', channels: 3, isPalette: false });
    }
  });

  it('keeps what is clear in PNG, and stands on white in JPEG', async () => {
    const clear = await sharp({
      create: { width: 40, height: 40, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
    })
      .webp({ lossless: true })
      .toBuffer();
    const kept = await fitPicture(clear, rules, 'it');
    expect(kept.mimeType).toBe('image/png');
    expect((await sharp(kept.bytes).stats()).isOpaque).toBe(false);
    const flat = await fitPicture(clear, { ...rules, types: ['image/jpeg'] }, 'it');
    expect((await sharp(flat.bytes).raw().toBuffer())[0]).toBeGreaterThan(250);
  });

  it('fits every platform, whatever it is, and the same way each time', async () => {
    const kinds = ['jpeg', 'png', 'webp', 'gif', 'tiff'] as const;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...kinds),
        fc.integer({ min: 40, max: 400 }),
        fc.integer({ min: 40, max: 400 }),
        fc.constantFrom<3 | 4>(3, 4),
        fc.record({
          maxBytes: fc.integer({ min: 4_000, max: 60_000 }),
          maxSide: fc.integer({ min: 40, max: 500 }),
          maxSum: fc.integer({ min: 60, max: 900 }),
          rgbOnly: fc.boolean(),
          maxRatio: fc.constant(20),
        }),
        async (kind, width, height, channels, limits) => {
          const bytes = await noise(width, height, channels).toFormat(kind, { effort: 1 }).toBuffer();
          const wanted: PictureRules = { types: ['image/jpeg', 'image/png'], ...limits };
          const fitted = await fitPicture(bytes, wanted, 'it');
          const found = await sharp(fitted.bytes).metadata();
          expect(wanted.types).toContain(`image/${found.format}`);
          expect(fitted.bytes.length).toBeLessThanOrEqual(limits.maxBytes);
          expect(Math.max(found.width, found.height)).toBeLessThanOrEqual(limits.maxSide);
          expect(found.width + found.height).toBeLessThanOrEqual(limits.maxSum);
          // The same shape, but for two pixels.
          const bent = Math.abs(found.width * height - found.height * width) / Math.max(width, height);
          expect(bent).toBeLessThan(2);
          expect((await fitPicture(bytes, wanted, 'it')).hash).toBe(fitted.hash);
        },
      ),
      { numRuns: 8 },
    );
  });

  it('is refused where it only counts readers', async () => {
    const pixel = await plain(1, 1).gif().toBuffer();
    await expect(fitPicture(pixel, rules, 'it')).rejects.toThrow(
      'it has 1 x 1 pixels: a picture has 32 a side at least.',
    );
    expect(await fitPicture(await plain(32, 32).png().toBuffer(), rules, 'it')).toMatchObject({ width: 32 });
  });

  it('is refused where it is a strip', async () => {
    const strip = await plain(900, 40).png().toBuffer();
    await expect(fitPicture(strip, platforms.telegram?.media as PictureRules, 'it')).rejects.toThrow(
      'it has 900 x 40 pixels: one side may be 20 times the other at most.',
    );
  });
});

describe('what is no usable picture', () => {
  it.each([
    ['a bomb', () => hugePng(16_000, 16_000), /more than 40000000 pixels/],
    ['a truncated JPEG', () => jpeg.subarray(0, jpeg.length - 60), /cannot be decoded/],
    ['a truncated PNG', () => png.subarray(0, png.length - 40), /cannot be decoded/],
    ['a head without a picture', () => Buffer.concat([png.subarray(0, 33), Buffer.alloc(80)]), /cannot be decoded/],
    ['an SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), /is not a JPEG/],
    ['a page', () => Buffer.from('<!doctype html><title>Not here</title>'), /is not a JPEG/],
    ['a PDF', () => Buffer.from('%PDF-1.7\n1 0 obj'), /is not a JPEG/],
    ['nothing', () => Buffer.alloc(0), /is not a JPEG/],
    [
      'an SVG with the head of a GIF',
      () => Buffer.from('GIF89a<svg xmlns="http://www.w3.org/2000/svg"/>'),
      /cannot be decoded/,
    ],
  ])('is refused with a reason: %s', async (_, make, reason) => {
    const bytes = make();
    const began = performance.now();
    await expect(fitPicture(bytes, rules, 'it')).rejects.toMatchObject({
      name: 'FetchError',
      refused: true,
      message: expect.stringMatching(reason),
    });
    expect(performance.now() - began).toBeLessThan(5_000);
  });

  it('is refused where no step makes it small enough', async () => {
    const bytes = await noise(60, 60).png().toBuffer();
    await expect(fitPicture(bytes, { ...rules, maxBytes: 50 }, 'it')).rejects.toThrow('cannot be made smaller than 50');
  });

  it('is told apart and looked through without fault, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.constantFrom(jpeg, png), fc.nat(300), fc.uint8Array({ maxLength: 200 }), (start, keep, rest) => {
        const bytes = Buffer.concat([start.subarray(0, keep), rest]);
        const type = pictureType(bytes);
        if (type) endsWithPicture(bytes, type);
        tellsPlace({ exif: Buffer.concat([Buffer.from('Exif\0\0II*\0'), rest]), xmp: bytes });
      }),
    );
  });
});
