import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PictureRules } from '../../../src/core/picture.ts';
import { createGuardedFetch, type GuardedFetch } from '../../../src/sources/guarded-fetch.ts';
import { createImageLoader } from '../../../src/sources/image.ts';

const rules: PictureRules = { types: ['image/png'], maxBytes: 100_000 };

/** A picture that takes about three bytes a pixel. */
async function noise(side: number): Promise<Buffer> {
  const pixels = randomBytes(side * side * 3);
  return sharp(pixels, { raw: { width: side, height: side, channels: 3 } })
    .png({ compressionLevel: 0 })
    .toBuffer();
}

describe('loading a picture', () => {
  const answers: Record<string, Buffer | undefined> = {
    '/page.png': Buffer.from('<!doctype html><title>Not here, try again later</title>'),
    '/drawing.svg': Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'),
    '/large.png': Buffer.alloc(5_000),
  };
  const folder = mkdtempSync(join(tmpdir(), 'munadi-image-'));
  let small: Buffer;
  const hits = new Map<string, number>();
  let release: (() => void) | undefined;
  const server = createServer((request, answer) => {
    const path = request.url ?? '';
    hits.set(path, (hits.get(path) ?? 0) + 1);
    const body = answers[path] ?? (path.startsWith('/n') ? small : undefined);
    const reply = () => answer.writeHead(body ? 200 : 404, { 'content-type': 'image/png' }).end(body);
    if (path === '/n0-slow.png') release = reply;
    else reply();
  });
  let fetch: GuardedFetch;
  let root = '';
  beforeAll(async () => {
    small = await noise(32);
    answers['/small.png'] = small;
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    root = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    fetch = createGuardedFetch({ allow: ['127.0.0.1/32'], ports: [80], timeoutMs: 5_000, maxBytes: 100_000 });
  });
  afterAll(async () => {
    await fetch.close();
    server.close();
    rmSync(folder, { recursive: true });
  });

  it('gives bytes, type, size and the alternative text', async () => {
    const images = createImageLoader(fetch, { maxBytes: 4_000, cacheBytes: 10_000, folder });
    expect(await images.load({ url: `${root}/small.png`, alt: 'جسر' }, rules)).toMatchObject({
      mimeType: 'image/png',
      width: 32,
      height: 32,
      alt: 'جسر',
      hash: expect.stringMatching(/^[\da-f]{64}$/),
    });
  });

  it.each([
    ['/page.png', /not a JPEG/],
    ['/drawing.svg', /not a JPEG/],
    ['/large.png', /larger than 4000 bytes/],
  ])('refuses %s for good', async (path, reason) => {
    const images = createImageLoader(fetch, { maxBytes: 4_000, cacheBytes: 10_000, folder });
    await expect(images.load({ url: `${root}${path}` }, rules)).rejects.toMatchObject({
      refused: true,
      message: expect.stringMatching(reason),
    });
  });

  it('reads a default from the folder, as it is now, and from the web', async () => {
    const images = createImageLoader(fetch, { maxBytes: 4_000, cacheBytes: 10_000, folder });
    writeFileSync(join(folder, 'logo.png'), small);
    expect(await images.loadDefault('logo.png', rules)).toMatchObject({ width: 32 });
    writeFileSync(join(folder, 'logo.png'), await noise(34));
    expect(await images.loadDefault('logo.png', rules)).toMatchObject({ width: 34 });
    expect(await images.loadDefault(`${root}/small.png`, rules)).toMatchObject({ width: 32 });
    await expect(images.loadDefault('gone.png', rules)).rejects.toThrow(/gone\.png cannot be read \(ENOENT\)/);
    await expect(images.loadDefault('.', rules)).rejects.toThrow(/is not a file/);
  });

  it('never reads a file that an article names', async () => {
    const images = createImageLoader(fetch, { maxBytes: 4_000, cacheBytes: 10_000, folder });
    for (const url of ['logo.png', join(folder, 'logo.png'), `file://${folder}/logo.png`])
      await expect(images.load({ url }, rules)).rejects.toThrow();
  });

  it('does not look again at once at what was refused', async () => {
    const images = createImageLoader(fetch, { maxBytes: 4_000, cacheBytes: 10_000, folder });
    const before = hits.get('/page.png') ?? 0;
    for (let time = 0; time < 3; time += 1)
      await expect(images.load({ url: `${root}/page.png` }, rules)).rejects.toThrow(/not a JPEG/);
    expect(hits.get('/page.png')).toBe(before + 1);
  });

  it('asks again after a failure', async () => {
    const images = createImageLoader(fetch, { maxBytes: 4_000, cacheBytes: 10_000, folder });
    for (let time = 0; time < 2; time += 1)
      await expect(images.load({ url: `${root}/gone.png` }, rules)).rejects.toThrow(/404/);
    expect(hits.get('/gone.png')).toBe(2);
  });

  it('fetches a picture once for all who want it, and keeps the latest within its memory', async () => {
    const images = createImageLoader(fetch, { maxBytes: 4_000, cacheBytes: 20_000, folder });
    const ask = (...numbers: number[]) =>
      Promise.all(numbers.map((n) => images.load({ url: `${root}/n${n}.png` }, rules)));
    const slow = images.load({ url: `${root}/n0-slow.png` }, rules);
    await ask(1, 1, 1);
    expect(hits.get('/n1.png')).toBe(1);
    await ask(2, 3, 4, 5, 6);
    while (!release) await images.load({ url: `${root}/n1.png` }, rules);
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
