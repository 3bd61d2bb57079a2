import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { createSweep } from '../../src/pipeline/relay.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;
const hourMs = 3_600_000;

beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());
afterEach(() => vi.restoreAllMocks());

/** As on a machine whose clock somebody has set. */
function shift(ms: number): void {
  const { now } = Date;
  vi.spyOn(Date, 'now').mockImplementation(() => now() + ms);
}

describe.each([hourMs, -hourMs])('a clock that is %i ms wrong', (ms) => {
  it('moves no due time: that is counted by Redis', async () => {
    shift(ms);
    await at.runtime.clock.sync();
    const [seconds] = (await at.runtime.redis.time()) as unknown as [string, string];
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['x-ar'] });
    const [due] = deliveries.map(({ dueAt }) => Date.parse(dueAt));
    expect(Math.abs((due ?? 0) - Number(seconds) * 1_000)).toBeLessThan(5_000);
  });

  it('delays no post', async () => {
    shift(ms);
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['facebook-ar'] });
    const [delivery] = await follow(at.runtime, [deliveries[0]?.id ?? ''], { timeoutMs: hourMs + 20_000 });
    expect(delivery?.state).toBe('published');
  });
});

describe('a job that a wrong clock has put far off', () => {
  it('is brought forward by the sweep', async () => {
    const { redis, queues, articles, clock } = at.runtime;
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['x-ar'] });
    const id = deliveries[0]?.id ?? '';
    const entries = await articles.outbox(100);
    const job = entries.map((entry) => JSON.parse(entry)).find(({ delivery }) => delivery === id);
    // No worker is to see it before it sleeps.
    await at.runtime.pauses.pauseChannel('x-ar', 'test');
    await queues.enqueue([{ ...job, due: clock.now() + hourMs }]);
    await articles.outboxDone(entries);
    await at.runtime.pauses.resume('channel', 'x-ar');
    await redis.zadd('munadi:state:scheduled', clock.now() - 60_000, id);
    await createSweep({ ...at.runtime, now: clock.now })();
    const [delivery] = await follow(at.runtime, [id], { timeoutMs: 20_000 });
    expect(delivery?.state).toBe('published');
  });
});

describe('a job that a machine with a wrong clock has put back', () => {
  it('is brought forward too, though it is to sleep for a moment only by that clock', async () => {
    const { clock, queues, articles, redis } = at.runtime;
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['telegram-ar'] });
    const id = deliveries[0]?.id ?? '';
    const entries = await articles.outbox(100);
    await articles.outboxDone(entries);
    await queues.enqueue([{ ...JSON.parse(entries[0] ?? '{}'), due: clock.now() + 5_000 }]);
    // As BullMQ writes it there: the job itself keeps the wait, the list keeps the time.
    await redis.zadd('munadi:queue:telegram:delayed', String((Date.now() + hourMs) * 0x1000), id);
    await redis.zadd('munadi:state:scheduled', clock.now() - 60_000, id);
    await createSweep({ ...at.runtime, now: clock.now })();
    const [delivery] = await follow(at.runtime, [id], { timeoutMs: 20_000 });
    expect(delivery?.state).toBe('published');
  });
});
