import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import sharp from 'sharp';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import { type IngestOptions, ingest } from '../../src/pipeline/ingest.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;

beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());

async function publish(draft: ArticleDraft, options: IngestOptions = {}, timeoutMs = 20_000): Promise<Delivery[]> {
  const { deliveries } = await ingest(at.runtime.ingest, draft, options);
  const ids = deliveries.map(({ id }) => id);
  return follow(at.runtime, ids, { timeoutMs });
}

const platformIds = ['telegram', 'x', 'whatsapp', 'facebook'];

describe('one article to four platforms', () => {
  it('is published on each, as the platforms themselves record', async () => {
    const draft = draftArticle({ url: 'https://example.org/park' });
    const deliveries = await publish(draft);
    expect(deliveries.map(({ platform, state }) => [platform, state])).toEqual(
      platformIds.map((id) => [id, 'published']),
    );
    for (const { platform, remoteId, attempts } of deliveries) {
      const posts = at.sandbox.posts(platform).filter(({ text }) => text.includes(draft.title));
      expect(posts.map(({ id }) => id)).toEqual([remoteId]);
      expect(attempts).toBe(1);
    }
  });

  it('reaches readers with headline and whole sentences, within each limit', async () => {
    const draft = draftArticle();
    for (const { platform, remoteId } of await publish(draft)) {
      const post = at.sandbox.posts(platform).find(({ id }) => id === remoteId);
      expect(post?.text.startsWith(draft.title)).toBe(true);
      expect(post?.text).toContain(draft.paragraphs[0]);
      expect(post?.length).toBeLessThanOrEqual(post?.limit ?? 0);
    }
  });

  it('goes only where the filters let it', async () => {
    const [first] = at.config.channels;
    if (!first) throw new Error('no channel');
    first.filters = { section: ['sport'] };
    try {
      const deliveries = await publish(draftArticle({ section: 'culture' }));
      expect(deliveries.map(({ platform }) => platform)).toEqual(['x', 'whatsapp', 'facebook']);
    } finally {
      first.filters = {};
    }
  });
});

describe('faults of the platforms', () => {
  beforeEach(() => {
    for (const id of platformIds) at.sandbox.setFaults(id, {});
  });

  const postsOf = (platform: string, draft: ArticleDraft) =>
    at.sandbox.posts(platform).filter(({ text }) => text.includes(draft.title));

  it.each(platformIds)('%s: waits after "too fast", spends no attempt, and posts once', async (platform) => {
    // X names a whole second of the clock, Facebook whole minutes.
    const retryAfter = { x: 2, facebook: 0 }[platform] ?? 1;
    at.sandbox.setFaults(platform, {
      rules: [{ on: 'publish', skip: 0, times: 1, fault: { kind: 'refuse', status: 429, retryAfter } }],
    });
    const draft = draftArticle();
    const [delivery] = await publish(draft, { channels: [`${platform}-ar`] });
    expect(delivery).toMatchObject({ state: 'published', attempts: 1 });
    expect(postsOf(platform, draft)).toHaveLength(1);
  });

  it.each([
    ['reset after acceptance', { kind: 'reset-after' as const }, 1],
    ['reset before acceptance', { kind: 'reset-before' as const }, 0],
    ['a 502 after acceptance', { kind: 'error-after' as const, status: 502 }, 1],
    ['a page instead of an answer', { kind: 'garbage' as const, form: 'html' as const, accept: true }, 1],
    ['torn JSON', { kind: 'garbage' as const, form: 'torn' as const, accept: true }, 1],
    ['no answer at all', { kind: 'hang' as const, accept: true }, 1],
    ['a slow drip', { kind: 'slow-drip' as const, ms: 100, accept: true }, 1],
  ])(
    '%s: posted once where the platform can be asked, held where it cannot, never sent blindly',
    async (_, fault, accepted) => {
      for (const id of platformIds) at.sandbox.setFaults(id, { rules: [{ on: 'publish', skip: 0, times: 1, fault }] });
      const draft = draftArticle();
      for (const { platform, state, held, failure, remoteId } of await publish(draft)) {
        const posts = postsOf(platform, draft);
        if (platform === 'x' || platform === 'facebook') {
          expect([platform, state, failure]).toEqual([platform, 'published', null]);
          expect(posts.map(({ id }) => id)).toEqual([remoteId]);
        } else {
          expect([platform, state, held]).toEqual([platform, 'unconfirmed', true]);
          expect(failure).toMatchObject({ class: 'unconfirmed' });
          expect(posts).toHaveLength(accepted);
        }
      }
    },
  );

  it('ends at once when a platform refuses for good, and says why', async () => {
    at.sandbox.setFaults('x', { rules: [{ on: 'publish', skip: 0, fault: { kind: 'refuse', status: 403 } }] });
    const [delivery] = await publish(draftArticle(), { channels: ['x-ar'] });
    expect(delivery).toMatchObject({ state: 'rejected', attempts: 1, failure: { class: 'rejected', code: '403' } });
    expect(delivery?.failure?.reason).toContain('not permitted');
  });

  it('rests an account whose token is refused, and goes on when it is resumed or has others', async () => {
    at.sandbox.setFaults('facebook', { rules: [{ on: 'any', skip: 0, fault: { kind: 'expired-token' } }] });
    const [delivery] = await publish(draftArticle(), { channels: ['facebook-ar'] });
    expect(delivery).toMatchObject({ state: 'retryable', attempts: 0, failure: { class: 'unauthorized' } });
    expect(await at.runtime.pauses.list()).toMatchObject([{ kind: 'account', id: 'facebook-main' }]);
    at.sandbox.setFaults('facebook', {});
    const credentials = await at.runtime.redis.hget('munadi:refused-credentials', 'facebook-main');
    expect(credentials).toMatch(/^[0-9a-f]{16}$/);
    // The same credentials change nothing, other ones end its rest.
    expect(await at.runtime.pauses.renewed('facebook-main', credentials ?? '')).toBe(false);
    expect(await at.runtime.pauses.renewed('facebook-main', 'others')).toBe(true);
    expect(await at.runtime.pauses.list()).toEqual([]);
  });

  it('sends again what may be live only where the channel prefers a double', async () => {
    const channel = at.config.channels.find(({ id }) => id === 'telegram-ar');
    if (!channel) throw new Error('no channel');
    channel.unconfirmed = 'resend';
    try {
      at.sandbox.setFaults('telegram', {
        rules: [{ on: 'publish', skip: 0, times: 1, fault: { kind: 'reset-after' } }],
      });
      const draft = draftArticle();
      const [delivery] = await publish(draft, { channels: ['telegram-ar'] });
      expect(delivery).toMatchObject({ state: 'published', attempts: 2 });
      expect(postsOf('telegram', draft)).toHaveLength(2);
    } finally {
      channel.unconfirmed = 'hold';
    }
  });
});

describe('pictures', () => {
  let pictures: Server;
  let root: string;
  let png: Buffer;

  beforeAll(async () => {
    png = await sharp({ create: { width: 40, height: 40, channels: 3, background: '#48a' } })
      .png()
      .toBuffer();
    pictures = createServer((request, response) => {
      if (request.url === '/page.png') response.end('<html>not a picture</html>'.padEnd(200));
      else response.writeHead(200, { 'content-type': 'image/png' }).end(png);
    });
    await new Promise<void>((done) => pictures.listen(0, '127.0.0.1', done));
    root = `http://127.0.0.1:${(pictures.address() as AddressInfo).port}`;
  });
  afterAll(() => void pictures.close());

  it('go with the post, with their description where the platform takes one', async () => {
    const draft = draftArticle({ images: [{ url: `${root}/park.png`, alt: 'حديقة' }] });
    const deliveries = await publish(draft, { channels: ['telegram-ar', 'x-ar', 'facebook-ar'] });
    expect(deliveries.map(({ state }) => state)).toEqual(['published', 'published', 'published']);
    for (const { platform, remoteId } of deliveries) {
      const post = at.sandbox.posts(platform).find(({ id }) => id === remoteId);
      expect(post?.media).toMatchObject([
        { mimeType: 'image/png', width: 40, ...(platform === 'telegram' ? {} : { alt: 'حديقة' }) },
      ]);
    }
  });

  it.each(['/page.png', 'http://10.0.0.1/private.png'])(
    'that cannot be used (%s) never stop the text',
    async (picture) => {
      const url = picture.startsWith('/') ? `${root}${picture}` : picture;
      const deliveries = await publish(draftArticle({ images: [{ url }] }));
      expect(deliveries.map(({ state }) => state)).toEqual(platformIds.map(() => 'published'));
      for (const { platform, remoteId } of deliveries) {
        expect(at.sandbox.posts(platform).find(({ id }) => id === remoteId)?.media).toEqual([]);
      }
    },
  );
});
