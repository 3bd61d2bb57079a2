import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { RateLimitedError, UnavailableError } from '../../../src/core/errors.ts';
import { createUploads } from '../../../src/platforms/shared/uploads.ts';

/** Uploads that count themselves. */
function counted() {
  let made = 0;
  return {
    make: async () => {
      made += 1;
      return `id-${made}`;
    },
    made: () => made,
  };
}

describe('uploads', () => {
  it('are made once, also while the first is under way, until they went into a post', async () => {
    const uploads = createUploads(60_000);
    const { make, made } = counted();
    expect(await Promise.all([uploads.once('a', make), uploads.once('a', make)])).toEqual(['id-1', 'id-1']);
    expect(await uploads.once('b', make)).toBe('id-2');
    uploads.spend(['id-1']);
    expect(await uploads.once('b', make)).toBe('id-2');
    expect(await uploads.once('a', make)).toBe('id-3');
    expect(made()).toBe(3);
  });

  it('are made anew once the platform has forgotten them, and where the first did not work', async () => {
    const uploads = createUploads(30);
    const { make } = counted();
    await uploads.once('a', make);
    await delay(40);
    expect(await uploads.once('a', make)).toBe('id-2');
    const broken = uploads.once('b', () => Promise.reject(new UnavailableError('down')));
    await expect(broken).rejects.toThrow('down');
    expect(await uploads.once('b', make)).toBe('id-3');
  });

  it('wait for the platform without asking it again, and only they', async () => {
    const uploads = createUploads(60_000);
    const { make, made } = counted();
    const tooFast = new RateLimitedError('Too Many Requests', { code: 429, retryAfterMs: 80, scope: 'account' });
    const first = uploads.once('a', () => Promise.reject(tooFast));
    await expect(first).rejects.toMatchObject({ scope: 'media', retryAfterMs: 80, code: '429' });
    const second = (await uploads.once('b', make).catch((error: unknown) => error)) as RateLimitedError;
    expect(second).toMatchObject({ scope: 'media' });
    expect(second.retryAfterMs).toBeGreaterThan(0);
    expect(second.retryAfterMs).toBeLessThanOrEqual(80);
    expect(made()).toBe(0);
    await delay(90);
    expect(await uploads.once('b', make)).toBe('id-1');
  });

  it('are so many at most', async () => {
    const uploads = createUploads(60_000);
    const { make, made } = counted();
    for (let n = 0; n <= 1_000; n += 1) await uploads.once(`${n}`, make);
    await uploads.once('1000', make);
    expect(made()).toBe(1_001);
    await uploads.once('0', make);
    expect(made()).toBe(1_002);
  });
});
