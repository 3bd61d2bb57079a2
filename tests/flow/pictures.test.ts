import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import { previewArticle } from '../../src/cli/preview-posts.ts';
import type { Channel } from '../../src/core/channel.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import { ingest, toArticle } from '../../src/pipeline/ingest.ts';
import { platforms } from '../../src/platforms/index.ts';
import type { SandboxPost } from '../../src/sandbox/post.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

/** Real pictures on their way through all four platforms; templates of WhatsApp have a picture on top here. */

let at: Installation;
let web: Server;
let root: string;
let channels: Record<string, Channel>;

beforeAll(async () => {
  // Of 12 MB.
  const large = await sharp(randomBytes(1500 * 1000 * 3), { raw: { width: 1500, height: 1000, channels: 3 } })
    .resize(6000, 4000)
    .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '36/1 12/1 0/1' } })
    .jpeg({ quality: 92 })
    .toBuffer();
  const small = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#48a' } })
    .png()
    .toBuffer();
  const answers: Record<string, Buffer> = {
    '/large.jpg': large,
    '/cut.jpg': large.subarray(0, large.length / 2),
    '/small.png': small,
  };
  web = createServer((request, answer) => void answer.end(answers[request.url ?? ''] ?? '<html>'.padEnd(90)));
  await new Promise<void>((done) => web.listen(0, '127.0.0.1', done));
  root = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
  at = await openInstallation((config) => {
    const [whatsapp] = config.channels.filter(({ platform }) => platform === 'whatsapp') as [Channel];
    const template = { ...(whatsapp.settings.template as object), name: 'news_image', header: 'image' };
    whatsapp.settings = { ...whatsapp.settings, template };
    const file = join(config.dataDir, 'munadi.yaml');
    writeFileSync(join(config.dataDir, 'default.png'), small);
    const fetch = { ...config.fetch, maxBytes: 20_000_000, timeoutMs: 10_000 };
    return { ...config, file, fetch, reliability: { ...config.reliability, requestTimeoutMs: 10_000 } };
  });
  channels = Object.fromEntries(at.config.channels.map((channel) => [channel.platform, channel]));
});
afterAll(async () => {
  await at.close();
  web.close();
});
beforeEach(() => {
  for (const channel of at.config.channels) delete channel.defaultImage;
});

async function publish(draft: ArticleDraft, only?: string[]): Promise<Delivery[]> {
  const options = only ? { channels: only.map((platform) => `${platform}-ar`) } : {};
  const { deliveries } = await ingest(at.runtime.ingest, draft, options);
  const ids = deliveries.map(({ id }) => id);
  return follow(at.runtime, ids, { timeoutMs: 20_000 });
}

function pictureOf({ platform, remoteId }: Delivery): SandboxPost['media'][number] | undefined {
  return at.sandbox.posts(platform).find(({ id }) => id === remoteId)?.media[0];
}

const withPicture = (path: string) => draftArticle({ images: [{ url: `${root}${path}`, alt: 'سد على النهر' }] });

describe('a large photograph with its place', () => {
  it('arrives on every platform as that takes it, with its description, and without the place', async () => {
    const deliveries = await publish(withPicture('/large.jpg'));
    expect(deliveries.map(({ state }) => state)).toEqual(Object.keys(platforms).map(() => 'published'));
    const sides = { telegram: 2560, x: 4096, whatsapp: 2560, facebook: 2048 };
    for (const delivery of deliveries) {
      const side = sides[delivery.platform as keyof typeof sides];
      const picture = pictureOf(delivery);
      expect(picture, delivery.platform).toMatchObject({ mimeType: 'image/jpeg', width: side });
      const kept = await fetch(`${at.sandbox.roots[delivery.platform]}/_sandbox/media/${picture?.sha256}`);
      expect((await sharp(Buffer.from(await kept.arrayBuffer())).metadata()).exif).toBeUndefined();
      expect(picture?.bytes).toBeLessThanOrEqual(platforms[delivery.platform]?.media.maxBytes ?? 0);
      if (['x', 'facebook'].includes(delivery.platform)) expect(picture?.alt).toBe('سد على النهر');
    }
  });
});

describe('a picture that cannot be used', () => {
  it('leaves the text, but where a template needs one', async () => {
    const deliveries = await publish(withPicture('/cut.jpg'));
    for (const delivery of deliveries) {
      expect(delivery.state).toBe(delivery.platform === 'whatsapp' ? 'rejected' : 'published');
      expect(pictureOf(delivery)).toBeUndefined();
    }
  });

  it('gives way to the next of the article', async () => {
    const images = ['/page', '/small.png'].map((path) => ({ url: `${root}${path}` }));
    const deliveries = await publish(draftArticle({ images }));
    for (const delivery of deliveries) expect(pictureOf(delivery)).toMatchObject({ mimeType: 'image/png', width: 40 });
  });

  it('gives way to the default, which may be a file', async () => {
    for (const channel of at.config.channels) channel.defaultImage = 'default.png';
    const deliveries = await publish(withPicture('/page'));
    for (const delivery of deliveries) expect(pictureOf(delivery)).toMatchObject({ mimeType: 'image/png', width: 40 });
  });

  it('leaves the text where the default cannot be used either', async () => {
    (channels.telegram as Channel).defaultImage = 'gone.png';
    const [delivery] = await publish(withPicture('/page'), ['telegram']);
    expect(delivery?.state).toBe('published');
    expect(pictureOf(delivery as Delivery)).toBeUndefined();
  });
});

describe('an article without a picture', () => {
  it('goes with the default of the channel', async () => {
    (channels.whatsapp as Channel).defaultImage = `${root}/large.jpg`;
    const deliveries = await publish(draftArticle(), ['whatsapp', 'telegram']);
    expect(deliveries.map((one) => [one.platform, pictureOf(one)?.width])).toEqual(
      expect.arrayContaining([
        ['whatsapp', 2560],
        ['telegram', undefined],
      ]),
    );
  });

  it('is not planned for a template that needs one', async () => {
    const { article, deliveries } = await ingest(at.runtime.ingest, draftArticle());
    expect(deliveries.map(({ platform }) => platform)).not.toContain('whatsapp');
    expect((await at.runtime.articles.left(article.id))['whatsapp-ar']).toBe(
      'its template has a picture on top, the article has none, and the channel has no defaultImage',
    );
  });

  it('goes to the other channels that a source names', async () => {
    const rules = { channels: ['whatsapp-ar', 'facebook-ar'], updates: 'follow', onDelete: 'ask' } as const;
    const taken = await at.runtime.intake.take({ source: 'site', key: 'bare', draft: draftArticle() }, rules);
    expect(taken).toMatchObject({ verdict: 'new' });
    const { article } = taken as { article: string };
    const deliveries = await at.runtime.deliveries.get(await at.runtime.articles.deliveryIds(article));
    expect(deliveries.map(({ channel }) => channel)).toEqual(['facebook-ar']);
  });

  it('is told by a preview not to be posted there', () => {
    const previewed = (channels: Channel[]) =>
      previewArticle(toArticle(draftArticle()), { ...at.config, channels }, { atMs: 0 }).posts[0]?.warnings;
    const whatsapp = channels.whatsapp as Channel;
    expect(previewed([whatsapp])).toEqual([expect.stringMatching(/^This is not posted: its template has a picture/)]);
    expect(previewed([{ ...whatsapp, defaultImage: 'default.png' }])).toEqual([]);
  });

  it('is refused where such a channel is asked for by name', async () => {
    await expect(publish(draftArticle(), ['whatsapp'])).rejects.toMatchObject({
      name: 'InputError',
      code: 'no-picture',
      status: 422,
      message: expect.stringContaining('whatsapp-ar: its template has a picture on top'),
    });
  });
});
