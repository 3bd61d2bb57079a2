import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGuardedFetch, type GuardedFetch } from '../../../src/sources/guarded-fetch.ts';
import { createImageLoader, readImageHeader } from '../../../src/sources/image.ts';

function png(width: number, height: number, size = 64): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.write('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1');
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
}
function gif(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.write('GIF89a', 'latin1');
  bytes.writeUInt16LE(width, 6);
  bytes.writeUInt16LE(height, 8);
  return bytes;
}
function jpeg(width: number, height: number): Buffer {
  const exif = Buffer.concat([Buffer.from([0xff, 0xe1, 0x00, 0x22]), Buffer.alloc(32)]);
  const frame = Buffer.from([
    0xff,
    0xff,
    0xc2,
    0,
    17,
    8,
    height >> 8,
    height & 255,
    width >> 8,
    width & 255,
    3,
    1,
    1,
    1,
  ]);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), exif, frame, Buffer.alloc(20)]);
}
function webp(kind: 'VP8 ' | 'VP8L' | 'VP8X', width: number, height: number): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.write(`RIFF\x20\0\0\0WEBP${kind}`, 'latin1');
  if (kind === 'VP8 ') {
    bytes.writeUInt16LE(width, 26);
    bytes.writeUInt16LE(height, 28);
  } else if (kind === 'VP8L') {
    bytes[20] = 0x2f;
    bytes.writeUInt32LE(((width - 1) | ((height - 1) << 14)) >>> 0, 21);
  } else {
    bytes.writeUIntLE(width - 1, 24, 3);
    bytes.writeUIntLE(height - 1, 27, 3);
  }
  return bytes;
}

describe('the head of a picture', () => {
  it.each([
    ['image/png', png(640, 480)],
    ['image/gif', gif(640, 480)],
    ['image/jpeg', jpeg(640, 480)],
    ['image/webp', webp('VP8 ', 640, 480)],
    ['image/webp', webp('VP8L', 640, 480)],
    ['image/webp', webp('VP8X', 640, 480)],
  ])('tells type and size: %s', (mimeType, bytes) => {
    expect(readImageHeader(bytes)).toEqual({ mimeType, width: 640, height: 480 });
  });

  it.each([
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
    '<?xml version="1.0"?><svg width="9"></svg>',
    '<!doctype html><p>Not found, sorry about that.',
    '',
  ])('is refused where it is none: %s', (text) => {
    expect(readImageHeader(Buffer.from(text))).toBeUndefined();
  });

  it('is refused where it is cut, empty in size, or another chunk', () => {
    for (const whole of [png(9, 9), gif(9, 9), jpeg(9, 9), webp('VP8X', 9, 9)]) {
      expect(readImageHeader(whole.subarray(0, 12))).toBeUndefined();
    }
    expect(readImageHeader(png(0, 9))).toBeUndefined();
    expect(readImageHeader(Buffer.from(png(9, 9)).fill('tEXt', 12, 16))).toBeUndefined();
  });

  it('never throws, whatever the bytes', () => {
    const starts = [png(9, 9), gif(9, 9), jpeg(9, 9), webp('VP8 ', 9, 9), webp('VP8L', 9, 9), Buffer.alloc(0)];
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.nat(60), fc.uint8Array({ maxLength: 300 }), (start, keep, noise) => {
        const found = readImageHeader(Buffer.concat([start.subarray(0, keep), noise]));
        if (found) expect(found.width > 0 && found.height > 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('loading a picture', () => {
  const answers: Record<string, Buffer | undefined> = {
    '/small.png': png(320, 200),
    '/huge.png': png(20_000, 20_000),
    '/page.png': Buffer.from('<!doctype html><title>Not here, try again later</title>'),
    '/drawing.svg': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    '/large.png': png(10, 10, 5_000),
  };
  const hits = new Map<string, number>();
  let release: (() => void) | undefined;
  const server = createServer((request, answer) => {
    const path = request.url ?? '';
    hits.set(path, (hits.get(path) ?? 0) + 1);
    const body = answers[path] ?? (path.startsWith('/n') ? png(10, 10, 1_000) : undefined);
    const reply = () => answer.writeHead(body ? 200 : 404, { 'content-type': 'image/png' }).end(body);
    if (path === '/n0-slow.png') release = reply;
    else reply();
  });
  let fetch: GuardedFetch;
  let root = '';
  beforeAll(async () => {
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    fetch = createGuardedFetch({ allow: ['127.0.0.1/32'], ports: [80], timeoutMs: 5_000, maxBytes: 100_000 });
  });
  afterAll(async () => {
    await fetch.close();
    server.close();
  });

  it('gives bytes, type, size and the alternative text', async () => {
    const images = createImageLoader(fetch, { maxBytes: 4_000, cacheBytes: 10_000 });
    expect(await images.load({ url: `${root}/small.png`, alt: 'جسر' })).toMatchObject({
      mimeType: 'image/png',
      width: 320,
      height: 200,
      alt: 'جسر',
      hash: expect.stringMatching(/^[\da-f]{64}$/),
    });
  });

  it.each([
    ['/huge.png', /400000000|pixels/],
    ['/page.png', /not a JPEG/],
    ['/drawing.svg', /not a JPEG/],
    ['/large.png', /larger than 4000 bytes/],
  ])('refuses %s for good', async (path, reason) => {
    const images = createImageLoader(fetch, { maxBytes: 4_000, cacheBytes: 10_000 });
    await expect(images.load({ url: `${root}${path}` })).rejects.toMatchObject({
      refused: true,
      message: expect.stringMatching(reason),
    });
  });

  it('asks again after a failure', async () => {
    const images = createImageLoader(fetch, { maxBytes: 4_000, cacheBytes: 10_000 });
    for (let time = 0; time < 2; time += 1)
      await expect(images.load({ url: `${root}/gone.png` })).rejects.toThrow(/404/);
    expect(hits.get('/gone.png')).toBe(2);
  });

  it('fetches a picture once for all who want it, and keeps the latest within its memory', async () => {
    const images = createImageLoader(fetch, { maxBytes: 4_000, cacheBytes: 3_500 });
    const ask = (...numbers: number[]) => Promise.all(numbers.map((n) => images.load({ url: `${root}/n${n}.png` })));
    const slow = images.load({ url: `${root}/n0-slow.png` });
    await ask(1, 1, 1);
    expect(hits.get('/n1.png')).toBe(1);
    await ask(2, 3, 4, 5, 6);
    while (!release) await images.load({ url: `${root}/n1.png` });
    release();
    await slow;
    // After so many have come and gone, there is still room for three.
    await ask(7);
    await ask(8);
    await ask(9);
    await ask(7, 8, 9);
    expect([7, 8, 9].map((n) => hits.get(`/n${n}.png`))).toEqual([1, 1, 1]);
  });
});
