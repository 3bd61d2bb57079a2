import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import { type IngestOptions, ingest } from '../../src/pipeline/ingest.ts';
import { findFailed, retryDeliveries } from '../../src/pipeline/retry.ts';
import type { Fault } from '../../src/sandbox/faults.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { pagesOf } from '../../src/store/pages.ts';
import {
  claimOf,
  draftArticle,
  failureOf,
  type Installation,
  liveOf,
  openInstallation,
} from '../support/installation.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let at: Installation;

beforeAll(async () => {
  at = await openInstallation((config) => {
    const [telegram] = config.channels.filter(({ id }) => id === 'telegram-ar');
    if (!telegram) throw new Error('no channel');
    const long = { ...telegram, id: 'telegram-long', settings: { ...telegram.settings, messages: 4 } };
    const waiting = { ...telegram, id: 'x-rest', platform: 'x', account: 'x-main', settings: {} };
    return { ...config, channels: [...config.channels, long, waiting] };
  });
  // Its deliveries are moved by hand here, and no worker may be quicker.
  await at.runtime.pauses.pauseChannel('x-rest', 'for the tests');
});
afterAll(() => at.close());
afterEach(() => {
  for (const id of ['telegram', 'x']) at.sandbox.setFaults(id, {});
});

const now = async (id: string) => (await at.runtime.deliveries.get([id]))[0];
const field = (id: string, name: string) => at.runtime.redis.hget(`munadi:delivery:${id}`, name);
const set = (id: string, values: Record<string, string | number>) =>
  at.runtime.redis.hset(`munadi:delivery:${id}`, values);
const finish = async (id: string) => (await follow(at.runtime, [id], { timeoutMs: 20_000 }))[0];
const retry = (...ids: string[]) => retryDeliveries(at.runtime, ids);
const eventsOf = async (id: string) => (await at.runtime.deliveries.history(id)).map(({ event }) => event);
const postsOf = (platform: string, { title }: ArticleDraft) =>
  at.sandbox.posts(platform).filter(({ text }) => text.includes(title));
const outboxOf = async (id: string) =>
  (await at.runtime.redis.zrange('munadi:outbox', 0, '-1')).filter((entry) => entry.includes(id));

const told = (delivery: string, status: 'failed' | 'delivered', remoteId: string | null = '') => ({
  ...{ delivery, remoteId: remoteId ?? '', status, at: new Date().toISOString() },
  ...(status === 'failed' ? { failure: { code: '131049', reason: 'not delivered' } } : {}),
});

async function publish(channel: string, draft = draftArticle(), options: IngestOptions = {}) {
  const { article, deliveries } = await ingest(at.runtime.ingest, draft, { channels: [channel], ...options });
  const id = deliveries[0]?.id ?? '';
  return { id, article, draft };
}

/** One that the platform refuses for good. */
async function refuse(
  channel: string,
  fault: Fault = { kind: 'refuse', status: 403 },
  skip = 0,
  draft = draftArticle(),
) {
  const platform = channel.split('-')[0] ?? '';
  at.sandbox.setFaults(platform, { rules: [{ on: 'publish', skip, fault }] });
  const published = await publish(channel, draft);
  expect(await finish(published.id)).toMatchObject({ state: 'rejected' });
  return published;
}

/** One of a channel that no worker posts to, in a state that its record is brought into. */
async function bring(
  state: 'scheduled' | 'sending' | 'retryable' | 'rejected' | 'discarded' | 'unconfirmed' | 'published',
) {
  const draft = draftArticle();
  const { id } = await publish('x-rest', draft, { at: Date.now() + 600_000 });
  if (state === 'scheduled') return id;
  await set(id, { wish: 0, due: Date.now() - 1_000, planned: Date.now() - 1_000 });
  expect((await at.runtime.deliveries.claim(claimOf(id, `t${id}`, { way: 'find' }))).verdict).toBe('claimed');
  if (state === 'published') await at.runtime.deliveries.settle(liveOf(id, `t${id}`));
  else if (state !== 'sending') {
    const wait = state === 'unconfirmed' || state === 'retryable' ? { waitMs: 600_000 } : {};
    await at.runtime.deliveries.settle(failureOf(id, `t${id}`, state, { code: '77', ...wait }));
  }
  expect((await now(id))?.state).toBe(state);
  return id;
}

// First, while no worker runs here yet: one would empty the outbox.
describe('the ledger', () => {
  it('sends one back once, however many ask for it at the same time', async () => {
    const id = await bring('rejected');
    await at.runtime.redis.del('munadi:outbox');
    const all = (await Promise.all(Array.from({ length: 8 }, () => retry(id)))).flat();
    expect(all.filter(({ verdict }) => verdict === 'retried')).toHaveLength(1);
    expect(await eventsOf(id)).toEqual(['sending', 'rejected', 'retried']);
    expect((await outboxOf(id)).map((entry) => JSON.parse(entry))).toEqual([
      expect.objectContaining({ delivery: id, platform: 'x', channel: 'x-rest', version: 1, priority: 10 }),
    ]);
    expect(await at.runtime.redis.zscore('munadi:state:rejected', id)).toBeNull();
  });

  it.each(['scheduled', 'sending', 'retryable', 'unconfirmed', 'published'] as const)(
    'refuses one that is %s, and leaves it as it is',
    async (state) => {
      const id = await bring(state);
      const before = await at.runtime.redis.hgetall(`munadi:delivery:${id}`);
      await at.runtime.redis.del('munadi:outbox');
      expect(await retry(id)).toMatchObject([{ verdict: 'refused', delivery: { state } }]);
      expect(await at.runtime.redis.hgetall(`munadi:delivery:${id}`)).toEqual(before);
      expect(await outboxOf(id)).toEqual([]);
    },
  );
});

describe('a failed delivery that is sent again', () => {
  it('is posted once, with all its attempts, and keeps its history', async () => {
    const { id, draft } = await refuse('x-ar');
    expect(postsOf('x', draft)).toHaveLength(0);
    at.sandbox.setFaults('x', {});
    const [retried] = await retry(id);
    expect(retried).toMatchObject({ verdict: 'retried', delivery: { id, attempts: 0, failure: null } });
    expect(await finish(id)).toMatchObject({ state: 'published', attempts: 1, failure: null });
    expect(postsOf('x', draft)).toHaveLength(1);
    expect(await eventsOf(id)).toEqual(['sending', 'rejected', 'retried', 'sending', 'published']);
    const refusal = (await at.runtime.deliveries.history(id))[1];
    expect(refusal).toMatchObject({ code: '403', reason: expect.stringContaining('not permitted') });
  });

  it('goes on at its first part that is not live, as it began', async () => {
    const draft = draftArticle();
    const [number = '0'] = /\d+/.exec(draft.title) ?? [];
    draft.paragraphs = Array.from(
      { length: 110 },
      (_, n) => `وذكرت البلدية في الفقرة ${n} عن الحديقة ${number} أن العمال غرسوا صفا جديدا من الأشجار قرب الجدار.`,
    );
    const { id } = await refuse('telegram-long', { kind: 'refuse', status: 400 }, 1, draft);
    at.sandbox.setFaults('telegram', {});
    await retry(id);
    expect(await finish(id)).toMatchObject({ state: 'published' });
    const texts = at.sandbox.posts('telegram').filter(({ text }) => text.includes(` ${number} `));
    expect(texts.length).toBeGreaterThan(2);
    expect(new Set(texts.map(({ text }) => text)).size).toBe(texts.length);
    expect((await now(id))?.parts.map(({ remoteId }) => remoteId)).toEqual(texts.map((post) => post.id));
    const step = (await at.runtime.deliveries.history(id)).find(({ event }) => event === 'retried');
    expect(step).toMatchObject({ part: 1 });
  });

  it('is sent again where the platform reported later that it did not arrive', async () => {
    const { id, draft } = await publish('whatsapp-ar');
    const first = await finish(id);
    await at.runtime.deliveries.report([told(id, 'failed', first?.remoteId)]);
    expect(await now(id)).toMatchObject({ state: 'rejected', failure: { code: '131049' }, remoteId: first?.remoteId });
    await retry(id);
    const second = await finish(id);
    expect(second).toMatchObject({ state: 'published', parts: [{}] });
    expect(second?.remoteId).not.toBe(first?.remoteId);
    expect(postsOf('whatsapp', draft)).toHaveLength(2);
    const step = (await at.runtime.deliveries.history(id)).find(({ event }) => event === 'retried');
    expect(step).toMatchObject({ part: 0, remoteId: first?.remoteId });
  });

  it.each(['published', 'unconfirmed'] as const)(
    'is not failed again by what is repeated of the message before, which was %s',
    async (state) => {
      const id = await bring(state);
      const old = `${id}/0`;
      await at.runtime.deliveries.report([told(id, 'failed', old)]);
      expect(await now(id)).toMatchObject({ state: 'rejected' });
      expect((await at.runtime.deliveries.history(id)).at(-1)).toMatchObject({
        code: '131049',
        reason: 'not delivered',
      });
      await retry(id);
      await at.runtime.deliveries.report([told(id, 'failed', old), told(id, 'delivered', old)]);
      expect(await now(id)).toMatchObject({ state: 'retryable', parts: [], failure: null });
      await at.runtime.deliveries.claim(claimOf(id, 'second'));
      await at.runtime.deliveries.report([told(id, 'failed', old)]);
      await at.runtime.deliveries.settle(failureOf(id, 'second', 'unconfirmed', { waitMs: 600_000 }));
      expect(await now(id)).toMatchObject({ state: 'unconfirmed' });
      await at.runtime.deliveries.report([told(id, 'delivered', `${id}/new`)]);
      expect(await now(id)).toMatchObject({ state: 'published', remoteId: `${id}/new` });
    },
  );

  it('is no old news because it failed long ago', async () => {
    const id = await bring('discarded');
    await set(id, { planned: Date.now() - 86_400_000, due: Date.now() - 86_400_000 });
    await retry(id);
    const reply = await at.runtime.deliveries.claim(claimOf(id, 'late', { staleAfterMs: 3_600_000, way: 'find' }));
    expect(reply).toMatchObject({ verdict: 'claimed', attempts: 1 });
  });

  it('waits for the end of its embargo', async () => {
    const ends = Date.now() + 600_000;
    const { id, draft } = await publish('x-ar', draftArticle({ embargoUntil: new Date(ends).toISOString() }));
    await at.runtime.redis.zrem('munadi:state:scheduled', id);
    await at.runtime.redis.zadd('munadi:state:discarded', Date.now(), id);
    await set(id, { state: 'discarded' });
    expect((await retry(id))[0]).toMatchObject({
      verdict: 'retried',
      delivery: { state: 'retryable', dueAt: new Date(ends).toISOString() },
    });
    expect(await at.runtime.redis.zscore('munadi:state:retryable', id)).toBe(String(ends));
    expect(await at.runtime.deliveries.claim(claimOf(id, 'early'))).toMatchObject({ verdict: 'early' });
    expect(postsOf('x', draft)).toHaveLength(0);
  });

  it('is asked about first where Redis has restarted since and may have forgotten that it was sent already', async () => {
    const id = await bring('rejected');
    const ended = Number(await at.runtime.redis.zscore('munadi:state:rejected', id));
    await at.runtime.redis.hset('munadi:epoch', 'since', ended + 1);
    try {
      await retry(id);
      const claim = () => at.runtime.deliveries.claim(claimOf(id, 'again', { way: 'find' }));
      expect(await claim()).toMatchObject({ verdict: 'early' });
      expect(await now(id)).toMatchObject({ state: 'unconfirmed', failure: { code: 'redis-restart' } });
      expect(Number(await field(id, 'since'))).toBe(ended);
    } finally {
      await at.runtime.redis.hset('munadi:epoch', 'since', 0);
    }
  });
});

describe('what has not failed', () => {
  it('or is unknown, or was written by a newer version, keeps nothing else back', async () => {
    const [newer, plain, broken] = [await bring('rejected'), await bring('rejected'), await bring('rejected')];
    await set(newer, { schema: 99 });
    expect(await retry('d0', newer, plain, plain)).toMatchObject([
      { verdict: 'refused', delivery: { id: newer, state: 'rejected' } },
      { verdict: 'retried', delivery: { id: plain } },
    ]);
    const other = await bring('rejected');
    await set(broken, { parts: '[{' });
    await expect(retry(broken, other)).rejects.toThrow('retry.lua: fault');
    expect(await now(other)).toMatchObject({ state: 'retryable' });
    await at.runtime.redis.del(`munadi:delivery:${broken}`);
  });

  it('but was cancelled can be sent back, by its own name', async () => {
    const id = await bring('scheduled');
    await at.runtime.redis.zrem('munadi:state:scheduled', id);
    await at.runtime.redis.zadd('munadi:state:cancelled', Date.now(), id);
    await set(id, { state: 'cancelled' });
    expect(await retry(id)).toMatchObject([{ verdict: 'retried', delivery: { state: 'retryable' } }]);
  });
});

describe('a filter', () => {
  const find = async (filter: Partial<Parameters<typeof findFailed>[1]>) =>
    (await findFailed(at.runtime.deliveries, { limit: 1_000, ...filter })).map(({ id }: Delivery) => id);

  it('means what fits all of it, oldest first, up to its limit', async () => {
    const { id: refused } = await refuse('x-ar');
    const [first, second, third] = [await bring('rejected'), await bring('discarded'), await bring('discarded')];
    const all = await find({});
    expect(all).toEqual(expect.arrayContaining([refused, first, second, third]));
    const ofRest = {
      channel: 'x-rest',
      sinceMs: Number(await at.runtime.redis.zscore('munadi:state:rejected', first)),
    };
    expect(await find(ofRest)).toEqual([first, second, third]);
    expect(await find({ ...ofRest, state: 'discarded' })).toEqual([second, third]);
    expect(await find({ ...ofRest, limit: 2 })).toEqual([first, second]);
    expect(await find({ code: '403' })).toEqual([refused]);
    expect(await find({ ...ofRest, platform: 'telegram' })).toEqual([]);
    expect(await find({ sinceMs: Date.now() + 60_000 })).toEqual([]);
  });

  it('reads a long list page by page, none twice, also where many ended at once and some leave it meanwhile', async () => {
    const { redis } = at.runtime;
    const members = Array.from({ length: 95 }, (_, n) => `m${String(n).padStart(2, '0')}`);
    await redis.zadd('test:list', ...members.flatMap((name, n) => [n < 60 ? 1 : n, name]));
    const pages: string[][] = [];
    for await (const page of pagesOf(redis, 'test:list', 1, 20)) {
      pages.push(page);
      if (page.includes('m65')) await redis.zrem('test:list', 'm61', 'm62');
    }
    expect(pages.map(({ length }) => length)).toEqual([20, 20, 20, 20, 15]);
    expect(pages.flat()).toEqual(members);
  });
});
