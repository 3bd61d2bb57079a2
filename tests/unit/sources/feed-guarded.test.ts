import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFeed } from '../../../src/sources/feed.ts';
import { readFeedGuarded } from '../../../src/sources/feed-guarded.ts';

const file = join(import.meta.dirname, '../../fixtures/feeds/rss-2.0-wordpress.xml');
const bytes = readFileSync(file);
const about = { name: 'the feed', url: 'https://mina.example/feed/' };

describe('a feed read in a thread', () => {
  it('is what it is without, and its bytes stay', async () => {
    const before = Uint8Array.from(bytes);
    expect(await readFeedGuarded(bytes, about)).toEqual(readFeed(bytes, about));
    expect(bytes.equals(before)).toBe(true);
  });

  it('is refused with the same reason', async () => {
    const refusal = { name: 'InputError', code: 'not-a-feed', status: 422, message: /^the feed is plain text/ };
    await expect(readFeedGuarded(Buffer.from('Not found'), about)).rejects.toMatchObject({
      ...refusal,
      message: expect.stringMatching(refusal.message),
    });
  });

  it('that takes too long or too much is given up, and the others in line are read', async () => {
    const all = await Promise.allSettled([
      readFeedGuarded(bytes, about, { timeoutMs: 1 }),
      readFeedGuarded(bytes, about),
      readFeedGuarded(bytes, about, { memoryMb: 4 }),
      readFeedGuarded(bytes, about),
    ]);
    expect(all[0]).toMatchObject({ status: 'rejected', reason: { code: 'too-slow', exitCode: 2 } });
    expect(all[2]).toMatchObject({ status: 'rejected', reason: { code: 'too-large', exitCode: 2 } });
    for (const one of [all[1], all[3]])
      expect(one).toMatchObject({ status: 'fulfilled', value: { format: 'rss 2.0' } });
  });
});
