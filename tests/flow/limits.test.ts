import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Rate, RateScope } from '../../src/core/limits.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { openDeliveries } from '../../src/store/deliveries.ts';
import { encodeScopes, openRates } from '../../src/store/rates.ts';
import { createRandom } from '../proofs/random.ts';
import { claimOf, draftArticle, type Installation, liveOf, openInstallation } from '../support/installation.ts';

let at: Installation;

beforeAll(async () => {
  at = await openInstallation();
});
afterAll(() => at.close());

const rate = (count: number, perMs: number): Rate => ({ count, perMs });
let serial = 0;
/** A scope that no other test uses. */
function scopeOf(...rates: Rate[]): RateScope {
  serial += 1;
  return { rule: 'chat', key: `test:${serial}`, scope: 'chat', rates };
}

async function accept(count: number, priority: 'breaking' | 'normal' | 'low' = 'normal'): Promise<string[]> {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle({ priority }), { channels: ['x-ar'] });
    ids.push(deliveries[0]?.id ?? '');
  }
  return ids;
}

interface Gone {
  id: string;
  atMs: number;
  /** The last slot that it was promised: when it should have gone, had this process come in time. */
  slotMs: number;
  claims: number;
}

/**
 * Claims until granted, as a worker does: comes again a little before its slot. The platform has the request `upMs` after
 * its slot, and its answer takes `downMs` more. Times are those of Redis.
 */
async function go(id: string, scopes: string, { channel = 'x-ar', upMs = 0, downMs = 0 } = {}): Promise<Gone> {
  let promised: number | undefined;
  for (let claims = 1; ; claims += 1) {
    const reply = await at.runtime.deliveries.claim(claimOf(id, `t${id}`, { scopes, channel }));
    if (reply.verdict === 'claimed') {
      const { slotAt } = reply;
      if (upMs + downMs > 0) await delay(reply.inMs + upMs + downMs);
      const sent = { scopes, slotAt, arrivedAt: slotAt + upMs + downMs };
      await at.runtime.deliveries.settle({ ...liveOf(id, `t${id}`), sent });
      return { id, atMs: slotAt + upMs, slotMs: promised ?? slotAt, claims };
    }
    if (reply.verdict !== 'limited' && reply.verdict !== 'early') throw new Error(reply.verdict);
    promised = Date.now() + reply.waitMs;
    await delay(Math.max(0, reply.waitMs - 100));
  }
}

/** The most in any window of this length. */
function mostWithin(times: readonly number[], perMs: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  let most = 0;
  for (let from = 0, to = 0; to < sorted.length; to += 1) {
    while ((sorted[to] ?? 0) - (sorted[from] ?? 0) >= perMs) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}
const spanOf = (gone: readonly Gone[]) =>
  Math.max(...gone.map(({ atMs }) => atMs)) - Math.min(...gone.map(({ atMs }) => atMs));

describe.concurrent('limits', () => {
  it('are used up and never broken, and each delivery comes for its slot a few times at most', async () => {
    const scopes = encodeScopes([scopeOf(rate(10, 300)), scopeOf(rate(30, 2_000))], 0);
    const ids = await accept(90);
    const gone = await Promise.all(ids.map((id) => go(id, scopes)));
    const times = gone.map(({ atMs }) => atMs);
    expect(mostWithin(times, 300)).toBeLessThanOrEqual(10);
    expect(mostWithin(times, 2_000)).toBeLessThanOrEqual(30);
    const claims = gone.reduce((sum, one) => sum + one.claims, 0);
    expect(claims).toBeLessThan(90 * 5);
  });

  it.each([
    { count: 3, perMs: 400 },
    { count: 20, perMs: 500 },
  ])(
    'hold where the platform has requests, however long those travel: $count in $perMs ms',
    async ({ count, perMs }) => {
      const seed = Date.now() % 1_000_000;
      const random = createRandom(seed);
      const scopes = encodeScopes([scopeOf(rate(count, perMs))], 0);
      const travel = () => random.whole(0, random.chance(0.2) ? 700 : 40);
      const ids = await accept(count * 6);
      const gone = await Promise.all(ids.map((id) => go(id, scopes, { upMs: travel(), downMs: travel() })));
      const times = gone.map(({ atMs }) => atMs);
      expect(mostWithin(times, perMs), `seed ${seed}`).toBeLessThanOrEqual(count);
      expect(spanOf(gone), `seed ${seed}`).toBeLessThan(perMs * 6 * 5);
    },
  );

  it('wait for the answer to what is under way, and for one that never comes only so long', async () => {
    const scope = scopeOf(rate(1, 200));
    const scopes = encodeScopes([scope], 0);
    const [one = '', other = ''] = await accept(2);
    const claim = (id: string) => at.runtime.deliveries.claim(claimOf(id, `t${id}`, { scopes }));
    const first = await claim(one);
    if (first.verdict !== 'claimed') throw new Error(first.verdict);
    await delay(400);
    expect(await claim(other)).toMatchObject({ verdict: 'limited' });
    const log = `munadi:limit:${scope.key}:log`;
    expect(await at.runtime.redis.llen(log)).toBe(1);
    await at.runtime.redis.lset(log, 0, `${first.slotAt - 11_000}*${one}`);
    await delay(200);
    expect(await claim(other)).toMatchObject({ verdict: 'claimed' });
  });

  it('let what is urgent go first, and what is not last', async () => {
    const scopes = encodeScopes([scopeOf(rate(1, 200))], 0);
    const normal = await accept(10);
    const running = normal.map((id) => go(id, scopes));
    await Promise.race(running);
    const low = (await accept(2, 'low')).map((id) => go(id, scopes));
    await delay(50);
    const urgent = (await accept(2, 'breaking')).map((id) => go(id, scopes));
    const all = [...(await Promise.all(running)), ...(await Promise.all(low)), ...(await Promise.all(urgent))];
    const order = all.toSorted((a, b) => a.atMs - b.atMs).map(({ id }) => id);
    const urgentIds = await Promise.all(urgent).then((gone) => gone.map(({ id }) => id));
    const lowIds = await Promise.all(low).then((gone) => gone.map(({ id }) => id));
    for (const id of urgentIds) expect(order.indexOf(id)).toBeLessThanOrEqual(4);
    // By the slots that were given: a process that is late for its own may find the low ones gone.
    const given = all.toSorted((a, b) => a.slotMs - b.slotMs).map(({ id }) => id);
    for (const id of lowIds) expect(given.indexOf(id)).toBeGreaterThanOrEqual(12);
    const times = all.map(({ atMs }) => atMs);
    expect(mostWithin(times, 200)).toBe(1);
  });

  it('are fair to the channels of one account', async () => {
    const scopes = encodeScopes([scopeOf(rate(5, 250))], 0);
    const first = (await accept(60)).map((id) => go(id, scopes, { channel: 'one' }));
    await Promise.race(first);
    const second = await Promise.all((await accept(10)).map((id) => go(id, scopes, { channel: 'two' })));
    const before = await Promise.all(first);
    const end = Math.max(...second.map(({ atMs }) => atMs));
    const overtaken = before.filter(({ atMs }) => atMs > end).length;
    expect(overtaken).toBeGreaterThan(20);
  });

  it('wait as long as the platform says, all of the scope, and then more slowly', async () => {
    const scope = scopeOf(rate(20, 500));
    const scopes = encodeScopes([scope], 0);
    const ids = await accept(20);
    const since = at.runtime.clock.now();
    await openRates(at.runtime.redis, 'munadi').refused(scope, 600, 'Too Many Requests');
    const gone = await Promise.all(ids.map((id) => go(id, scopes)));
    const first = Math.min(...gone.map(({ atMs }) => atMs)) - since;
    expect(first).toBeGreaterThanOrEqual(595);
    expect(spanOf(gone)).toBeGreaterThan(500);
  });
});

describe.concurrent('a backlog', () => {
  const hourMs = 3_600_000;
  const lateScope = (article: string, count: number, perMs: number, name: string) =>
    encodeScopes(
      [{ rule: 'catchUp', key: `late:${name}`, rates: [rate(count, perMs)], unique: article, lateMs: 1_000 }],
      0,
    );

  /** Deliveries that should have gone some hours ago, oldest first, and more of the last ones by the hour. */
  async function acceptLate(count: number, priority: 'breaking' | 'normal' = 'normal'): Promise<string[]> {
    const ids = await accept(count, priority);
    const now = at.runtime.clock.now();
    for (const [n, id] of ids.entries()) {
      await at.runtime.redis.hset(`munadi:delivery:${id}`, 'planned', now - (count - n) * hourMs);
    }
    return ids;
  }

  it('goes newest first, so many in a window, whatever comes first', async () => {
    const ids = await acceptLate(5);
    const gone = await Promise.all(ids.map((id) => go(id, lateScope(id, 2, 2_000, 'some'))));
    const order = gone.toSorted((a, b) => a.atMs - b.atMs).map(({ id }) => ids.indexOf(id));
    expect(order).toEqual([4, 3, 2, 1, 0]);
    expect(
      mostWithin(
        gone.map(({ atMs }) => atMs),
        2_000,
      ),
    ).toBeLessThanOrEqual(2);
  }, 40_000);

  it('holds up neither what is new nor breaking news, and an article once for all its recipients', async () => {
    const [old = '', same = ''] = await acceptLate(2);
    const [breaking = ''] = await acceptLate(1, 'breaking');
    const [fresh = ''] = await accept(1);
    const began = at.runtime.clock.now();
    const scopes = (id: string) => lateScope(id, 1, 60_000, 'other');
    const soon = await Promise.all([go(breaking, scopes('b')), go(fresh, scopes('f'))]);
    for (const { atMs } of soon) expect(atMs - began).toBeLessThan(500);
    // Two deliveries of one article count once.
    const both = await Promise.all([go(old, scopes('one')), go(same, scopes('one'))]);
    for (const { atMs } of both) expect(atMs - began).toBeLessThan(20_000);
  }, 40_000);

  it('does not wait for one that never comes', async () => {
    const [old = '', newer = ''] = await acceptLate(2);
    const scopes = (id: string) => lateScope(id, 1, 100, 'gone');
    const claim = (id: string) => at.runtime.deliveries.claim(claimOf(id, `t${id}`, { scopes: scopes(id) }));
    expect(await claim(newer)).toMatchObject({ verdict: 'limited' });
    expect(await claim(old)).toMatchObject({ verdict: 'limited' });
    const due = 'munadi:limit:late:gone:line:due';
    await at.runtime.redis.zadd(due, at.runtime.clock.now() - 61_000, newer, at.runtime.clock.now(), old);
    await at.runtime.redis.hset(`munadi:delivery:${old}`, 'due', 0, 'slot', 0);
    expect(await claim(old)).toMatchObject({ verdict: 'claimed' });
  });
});

describe('an account that fails', () => {
  const scope: RateScope = { rule: 'circuit', key: 'circuit:broken', rates: [] };
  const scopes = encodeScopes([scope], 0);
  const claim = (id: string, token: string) => ledger().claim(claimOf(id, token, { scopes }));
  const ledger = () =>
    openDeliveries(at.runtime.redis, 'munadi', {
      ...{ leaseMs: 60_000, quarantineMs: 50, maxAttempts: 9, failuresToRest: 3, restMs: 400 },
    });
  const fail = async (id: string, token: string) => {
    expect((await claim(id, token)).verdict).toBe('claimed');
    const failure = { class: 'unavailable' as const, code: '503', reason: 'down', at: '2026-01-01T00:00:00.000Z' };
    await ledger().settle({ id, token, state: 'retryable', failure, waitMs: 0, circuit: 'broken' });
  };

  it('rests after some failures in a row, then lets one go, and goes on once that works', async () => {
    const [first = '', second = '', third = ''] = await accept(3);
    for (const token of ['a', 'b', 'c']) await fail(first, token);
    const resting = await claim(second, 'd');
    expect(resting).toMatchObject({ verdict: 'limited', scope: 'circuit:broken' });
    expect('waitMs' in resting ? resting.waitMs : 0).toBeGreaterThan(300);
    const alarms = await at.runtime.redis.xrange('munadi:alarms', '-', '+');
    expect(alarms.filter(([, fields]) => fields.includes('circuit'))).toHaveLength(1);
    await delay(400);
    expect((await claim(third, 'e')).verdict).toBe('claimed');
    expect((await claim(second, 'f')).verdict).toBe('limited');
    await ledger().settle({ ...liveOf(third, 'e'), circuit: 'broken' });
    expect((await claim(second, 'g')).verdict).toBe('claimed');
    await ledger().settle({ ...liveOf(second, 'g'), circuit: 'broken' });
  });

  it('is tried with breaking news, one at a time, while it rests', async () => {
    const own: RateScope = { rule: 'circuit', key: 'circuit:tried', rates: [] };
    const [first = ''] = await accept(1);
    const claimIt = (id: string, token: string) =>
      ledger().claim(claimOf(id, token, { scopes: encodeScopes([own], 0) }));
    for (const token of ['a', 'b', 'c']) {
      expect((await claimIt(first, token)).verdict).toBe('claimed');
      const failure = { class: 'unavailable' as const, code: '503', reason: 'down', at: '2026-01-01T00:00:00.000Z' };
      await ledger().settle({ id: first, token, state: 'retryable', failure, waitMs: 0, circuit: 'tried' });
    }
    const [urgent = '', another = ''] = await accept(2, 'breaking');
    expect((await claimIt(urgent, 'd')).verdict).toBe('claimed');
    expect(await claimIt(another, 'e')).toMatchObject({ verdict: 'limited', scope: 'circuit:tried' });
    await ledger().settle({ ...liveOf(urgent, 'd'), circuit: 'tried' });
    expect((await claimIt(another, 'f')).verdict).toBe('claimed');
  });

  it('rests longer each time that its one try fails, and forgets failures with each success', async () => {
    const [one = '', other = ''] = await accept(2);
    for (const token of ['a', 'b', 'c']) await fail(one, token);
    await delay(410);
    await fail(one, 'd');
    const reply = await claim(other, 'e');
    expect('waitMs' in reply ? reply.waitMs : 0).toBeGreaterThan(700);
    await at.runtime.redis.del('munadi:limit:circuit:broken');
    for (const token of ['f', 'g']) await fail(one, token);
    await claim(other, 'h');
    await ledger().settle({ ...liveOf(other, 'h'), circuit: 'broken' });
    for (const token of ['i', 'j']) await fail(one, token);
    expect((await claim(one, 'k')).verdict).toBe('claimed');
  });
});

it('what a delivery waits for is told in words', async () => {
  const scopes = encodeScopes([{ ...scopeOf(rate(1, 60_000)), key: `telegram:group:${Date.now()}` }], 0);
  const [first = '', second = ''] = await accept(2);
  await go(first, scopes);
  await at.runtime.deliveries.claim(claimOf(second, 't', { scopes }));
  const [waiting] = await at.runtime.deliveries.get([second]);
  expect(waiting).toMatchObject({ state: 'scheduled', waitsFor: 'the limit "group" of telegram' });
  expect(Date.parse(waiting?.dueAt ?? '') - at.runtime.clock.now()).toBeGreaterThan(59_000);
});
