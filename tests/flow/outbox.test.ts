import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { createSweep, startRelay } from '../../src/pipeline/relay.ts';
import { claimOf, draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;

beforeEach(async () => {
  at = await openInstallation();
});
afterEach(() => at.close());

/** Accepted, with nobody to turn the outbox into jobs; due `lateMs` ago. */
async function accept(count: number, { channel = 'x-ar', lateMs = 60_000 } = {}): Promise<string[]> {
  const { redis, ingest: deps } = at.runtime;
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { deliveries } = await ingest(deps, draftArticle(), { channels: [channel] });
    for (const { id } of deliveries) {
      await redis.zadd('munadi:state:scheduled', Date.now() - lateMs + n, id);
      ids.push(id);
    }
  }
  return ids;
}

const startAgain = () =>
  startRelay({
    subscriber: at.runtime.connect(),
    prefix: 'munadi',
    articles: at.runtime.articles,
    deliveries: at.runtime.deliveries,
    fanouts: at.runtime.fanouts,
    queues: at.runtime.queues,
    now: at.runtime.clock.now,
    onFault: (error) => {
      throw error;
    },
  });

/** Resolves once the outbox is empty. */
async function drained(): Promise<void> {
  while ((await at.runtime.articles.outbox(1)).length > 0) await new Promise((resolve) => setImmediate(resolve));
}

const waiting = async () => (await at.runtime.queues.counts('x')).prioritized;

describe('the outbox', () => {
  it('is turned into one job per delivery by the next relay, whenever the last one died', async () => {
    const ids = await accept(5);
    const stop = await startAgain();
    await drained();
    await stop();
    expect(await at.runtime.queues.missing('x', ids)).toEqual(new Set());
    expect(await waiting()).toBe(5);
  });

  it('adds no second job where the first relay died between enqueuing and crossing off', async () => {
    await accept(3);
    const entries = await at.runtime.articles.outbox(10);
    await at.runtime.queues.enqueue(entries.map((entry) => JSON.parse(entry)));
    const stop = await startAgain();
    await drained();
    await stop();
    expect(await waiting()).toBe(3);
  });

  it('leads to one post, however often it is turned into jobs', async () => {
    const [id = ''] = await accept(1);
    const entries = await at.runtime.articles.outbox(10);
    await at.runtime.queues.enqueue(entries.map((entry) => JSON.parse(entry)));
    const [delivery] = await follow(at.runtime, [id], { timeoutMs: 20_000 });
    expect(delivery?.state).toBe('published');
    await at.runtime.queues.enqueue(entries.map((entry) => JSON.parse(entry)));
    await expect.poll(() => at.runtime.queues.missing('x', [id])).toEqual(new Set([id]));
    expect(at.sandbox.posts('x')).toHaveLength(1);
  });
});

describe('the sweep', () => {
  /** As after a crash that took the jobs, or an outbox entry crossed off too early. */
  const loseJobs = async () => at.runtime.articles.outboxDone(await at.runtime.articles.outbox(10_000));

  it('gives a delivery that lost its job another one, once', async () => {
    const ids = await accept(2);
    await loseJobs();
    const sweep = createSweep({ ...at.runtime, now: at.runtime.clock.now });
    expect(await sweep()).toBe(2);
    expect(await at.runtime.queues.missing('x', ids)).toEqual(new Set());
    expect(await sweep()).toBe(0);
  });

  it('clears away the torso of a job that Redis has forgotten, which would keep another from its place', async () => {
    const [id = ''] = await accept(1);
    await loseJobs();
    await at.runtime.redis.hset(`munadi:queue:x:${id}`, 'attemptsMade', 1);
    expect(await createSweep({ ...at.runtime, now: at.runtime.clock.now })()).toBe(1);
    const [delivery] = await follow(at.runtime, [id], { timeoutMs: 20_000 });
    expect(delivery?.state).toBe('published');
  });

  it('leaves alone what is not due, and what is being sent under a lease', async () => {
    await accept(1, { lateMs: -60_000 });
    const [sending = ''] = await accept(1);
    await loseJobs();
    await at.runtime.deliveries.claim(claimOf(sending, 't'));
    expect(await createSweep({ ...at.runtime, now: at.runtime.clock.now })()).toBe(0);
  });

  it('finds what lies behind a long backlog that has its jobs', async () => {
    const backlog = await accept(510);
    const entries = await at.runtime.articles.outbox(10_000);
    await at.runtime.queues.enqueue(entries.map((entry) => JSON.parse(entry)));
    await loseJobs();
    const [lost = ''] = await accept(1, { lateMs: 30_000 });
    await loseJobs();
    const sweep = createSweep({ ...at.runtime, now: at.runtime.clock.now });
    expect([await sweep(), await sweep()]).toEqual([0, 1]);
    expect(await at.runtime.queues.missing('x', [lost, ...backlog])).toEqual(new Set());
  });
});
