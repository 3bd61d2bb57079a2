import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Channel } from '../../src/core/channel.ts';
import type { Rhythm, Timetable } from '../../src/core/timetable.ts';
import { readAsked } from '../../src/desk/approvals.ts';
import { decideDeliveries } from '../../src/pipeline/approve.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { retryDeliveries } from '../../src/pipeline/retry.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { encodeHours } from '../../src/store/claims.ts';
import { claimOf, draftArticle, type Installation, liveOf, openInstallation } from '../support/installation.ts';

let at: Installation;

const daily = [0, 1, 2, 3, 4, 5, 6];
const minutesNow = () => Math.floor((Date.now() / 60_000) % 1440);
/** Open for an hour, which begins so many minutes from now. */
function timetable(inMinutes: number): Timetable {
  const fromMinute = (minutesNow() + inMinutes + 1440) % 1440;
  const windows = [{ days: daily, fromMinute, toMinute: fromMinute + 60 }];
  return { zone: 'UTC', windows, quiet: [], weekend: [5, 6], holidays: [], onHoliday: 'usual' };
}
const [open, shut] = [timetable(-30), timetable(120)];
const rhythms: Record<string, Partial<Rhythm>> = {
  open: { timetable: open },
  shut: { timetable: shut },
  drops: { timetable: shut, late: 'drop' },
  awake: { timetable: shut, breaking: 'always' },
  asks: { approve: { over: 0, breaking: false } },
  few: { approve: { over: 10, breaking: true } },
  gap: { gapMs: 700 },
  capped: { caps: { hour: 2, rest: 'drop' } },
  waits: { caps: { hour: 2, rest: 'wait' } },
};

beforeAll(async () => {
  at = await openInstallation((config) => {
    const x = config.channels.find(({ id }) => id === 'x-ar') as Channel;
    const own = Object.entries(rhythms).map(
      ([id, rhythm]): Channel => ({
        ...x,
        id,
        rhythm: { collect: false, late: 'next', breaking: 'windows', ...rhythm },
      }),
    );
    const stale = { ...x, id: 'stale', staleAfterMs: 2_000, rhythm: own.find(({ id }) => id === 'asks')?.rhythm };
    return { ...config, channels: [...config.channels, ...own, stale as Channel] };
  });
  await startRoles(at.runtime, ['x', 'articles']);
});
afterAll(() => at.close());

async function give(channel: string, change: Partial<ArticleDraft> = {}, options: object = {}): Promise<string> {
  const { deliveries } = await ingest(at.runtime.ingest, draftArticle(change), { channels: [channel], ...options });
  return deliveries[0]?.id ?? '';
}
const get = async (id: string) => (await at.runtime.deliveries.get([id]))[0];
const settled = async (id: string) => (await follow(at.runtime, [id], { timeoutMs: 10_000 }))[0];
/** Until it waits for this, or has waited too long. */
async function untilWaits(id: string, waitsFor: string): Promise<void> {
  await expect.poll(async () => (await get(id))?.waitsFor, { timeout: 10_000 }).toBe(waitsFor);
}
const iso = (ms: number) => new Date(ms).toISOString();

describe('the hours of a channel', () => {
  it('let through what comes while it is open', async () => {
    expect(await settled(await give('open'))).toMatchObject({ state: 'published' });
  });

  it('hold what comes while it is closed until it opens, and say so', async () => {
    const delivery = await get(await give('shut'));
    expect(delivery).toMatchObject({ state: 'scheduled', waitsFor: 'its channel to open (outside its windows)' });
    const minutes = (Date.parse(delivery?.dueAt ?? '') - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(110);
    expect(minutes).toBeLessThanOrEqual(120);
  });

  it('let breaking news through where the channel says so, and nowhere else', async () => {
    expect(await settled(await give('awake', { priority: 'breaking' }))).toMatchObject({ state: 'published' });
    expect(await get(await give('awake'))).toMatchObject({ state: 'scheduled' });
    expect(await get(await give('shut', { priority: 'breaking' }))).toMatchObject({ state: 'scheduled' });
  });

  it('drop what is late where the channel says so; what a person sends again then waits', async () => {
    const id = await give('drops');
    expect(await settled(id)).toMatchObject({ state: 'discarded', failure: { code: 'closed' } });
    await retryDeliveries(at.runtime, [id]);
    await untilWaits(id, 'its channel to open (outside its windows)');
  });

  it('are asked at the moment of sending: a claim after the end is refused', async () => {
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['telegram-ar'] });
    const id = deliveries[0]?.id ?? '';
    const now = at.runtime.clock.now();
    const until = (ms: number) => encodeHours({ late: 'next', until: now + ms, opensAt: now + 50_000 });
    expect(await at.runtime.deliveries.claim(claimOf(id, 'a', { hours: until(-1) }))).toMatchObject({
      verdict: 'early',
    });
    expect((await get(id))?.dueAt).toBe(iso(now + 50_000));
  });

  it('do not stop a post that is live in part', async () => {
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['telegram-ar'] });
    const id = deliveries[0]?.id ?? '';
    await at.runtime.deliveries.claim(claimOf(id, 'a', { total: 2 }));
    await at.runtime.deliveries.settle(liveOf(id, 'a', { total: 2 }));
    const hours = encodeHours({ late: 'drop', closed: 'quiet hours' });
    expect(await at.runtime.deliveries.claim(claimOf(id, 'a', { total: 2, hours }))).toMatchObject({
      verdict: 'claimed',
    });
  });
});

describe('an embargo', () => {
  const later = (ms: number) => iso(at.runtime.clock.now() + ms);

  it('holds on every path: acceptance, breaking, a person who sends again, one who says yes', async () => {
    const until = later(3_600_000);
    for (const priority of ['normal', 'breaking'] as const) {
      const id = await give('x-ar', { embargoUntil: until, priority });
      expect(await get(id)).toMatchObject({ dueAt: until, waitsFor: 'the end of its embargo' });
      await decideDeliveries(at.runtime, [id], 'no');
      await retryDeliveries(at.runtime, [id]);
      await untilWaits(id, 'the end of its embargo');
      expect(await get(id)).toMatchObject({ state: 'retryable', dueAt: until });
    }
    const asked = await give('asks', { embargoUntil: until });
    await decideDeliveries(at.runtime, [asked], 'yes');
    const reply = await at.runtime.deliveries.claim(claimOf(asked, 'a'));
    expect([reply.verdict, (await get(asked))?.state]).toEqual(['early', 'scheduled']);
  });

  it('that is moved later is obeyed by what was due already', async () => {
    const { article, deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['telegram-ar'] });
    const id = deliveries[0]?.id ?? '';
    const until = at.runtime.clock.now() + 60_000;
    await at.runtime.articles.embargo(article.id, until);
    expect(await at.runtime.deliveries.claim(claimOf(id, 'a'))).toMatchObject({ verdict: 'early' });
    expect(await get(id)).toMatchObject({ dueAt: iso(until), waitsFor: 'the end of its embargo' });
    expect((await at.runtime.articles.get(article.id))?.embargoUntil).toBe(iso(until));
  });

  it('that is lifted lets it go at once', async () => {
    const id = await give('x-ar', { embargoUntil: later(3_600_000) });
    await at.runtime.articles.embargo((await get(id))?.article ?? '', undefined);
    expect(await settled(id)).toMatchObject({ state: 'published' });
  });

  it('that is moved earlier lets it go then', async () => {
    const id = await give('x-ar', { embargoUntil: later(3_600_000) });
    const until = at.runtime.clock.now() + 1_200;
    await at.runtime.articles.embargo((await get(id))?.article ?? '', until);
    const [delivery] = await follow(at.runtime, [id], { timeoutMs: 8_000 });
    expect(delivery).toMatchObject({ state: 'published' });
    expect(Date.parse(delivery?.receipt?.at ?? '')).toBeGreaterThanOrEqual(until - 50);
  });

  it('is moved by the same article that comes again, and by no other with its text', async () => {
    const draft = draftArticle({ id: 'embargoed-1', embargoUntil: later(3_600_000) });
    const { deliveries } = await ingest(at.runtime.ingest, draft, { channels: ['x-ar'] });
    const { id: _id, ...stranger } = draft;
    await ingest(at.runtime.ingest, { ...stranger, embargoUntil: later(1_000) });
    expect(await get(deliveries[0]?.id ?? '')).toMatchObject({ dueAt: draft.embargoUntil });
    const moved = later(7_200_000);
    await ingest(at.runtime.ingest, { ...draft, embargoUntil: moved });
    expect(await get(deliveries[0]?.id ?? '')).toMatchObject({ dueAt: moved });
  });

  it('leaves a wish for later as it is', async () => {
    const wish = at.runtime.clock.now() + 3_600_000;
    const id = await give('x-ar', { embargoUntil: later(60_000) }, { at: wish });
    expect(await get(id)).toMatchObject({ dueAt: iso(wish), waitsFor: 'the time that was asked for' });
    await at.runtime.articles.embargo((await get(id))?.article ?? '', undefined);
    await delay(300);
    expect(await get(id)).toMatchObject({ state: 'scheduled', dueAt: iso(wish) });
  });
});

describe("a person's yes", () => {
  it('is waited for, with the text and what it costs, and lets it go', async () => {
    const id = await give('asks');
    await untilWaits(id, 'a person to say yes');
    const asked = (await readAsked(at.runtime, 100)).find(({ deliveries }) => deliveries.includes(id));
    expect(asked).toMatchObject({ channel: 'asks', expiresAt: null });
    expect(asked?.texts[0]).toContain('بلدية المدينة');
    expect(asked?.cost).toBeGreaterThan(0);
    const [decided] = await decideDeliveries(at.runtime, [id], 'yes');
    expect(decided).toMatchObject({ verdict: 'approved' });
    expect(await settled(id)).toMatchObject({ state: 'published' });
    expect((await at.runtime.deliveries.history(id)).map(({ event }) => event)).toContain('approved');
    expect(await decideDeliveries(at.runtime, [id], 'yes')).toMatchObject([{ verdict: 'refused' }]);
  });

  it('can be a no, after which a person may send it again and is asked again', async () => {
    const id = await give('asks');
    await untilWaits(id, 'a person to say yes');
    await decideDeliveries(at.runtime, [id], 'no');
    expect(await settled(id)).toMatchObject({ state: 'cancelled' });
    await retryDeliveries(at.runtime, [id]);
    await untilWaits(id, 'a person to say yes');
  });

  it('is asked for again where a no came after the yes', async () => {
    const id = await give('asks', { embargoUntil: iso(at.runtime.clock.now() + 3_600_000) });
    await decideDeliveries(at.runtime, [id], 'yes');
    await decideDeliveries(at.runtime, [id], 'no');
    await retryDeliveries(at.runtime, [id]);
    await at.runtime.articles.embargo((await get(id))?.article ?? '', undefined);
    await untilWaits(id, 'a person to say yes');
  });

  it('is not needed for breaking news where the channel says so, nor for few people', async () => {
    expect(await settled(await give('asks', { priority: 'breaking' }))).toMatchObject({ state: 'published' });
    expect(await settled(await give('few'))).toMatchObject({ state: 'published' });
  });

  it('that does not come in time ends it', async () => {
    const id = await give('stale');
    expect(await settled(id)).toMatchObject({ state: 'discarded', failure: { code: 'approval' } });
    expect((await at.runtime.approvals.list(100)).map((one) => one.id)).not.toContain(id);
  });
});

describe('the rhythm of a channel', () => {
  it('keeps the time between two articles, breaking news first and the rest in their order', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.push(await give('gap'));
    await settled(ids[0] ?? '');
    const urgent = await give('gap', { priority: 'breaking' });
    const done = await follow(at.runtime, [...ids, urgent], { timeoutMs: 15_000 });
    expect(done.map(({ state }) => state)).toEqual(Array(4).fill('published'));
    const went = done.map(({ id, receipt }) => ({ id, ms: Date.parse(receipt?.at ?? '') }));
    const order = went.sort((one, other) => one.ms - other.ms).map(({ id }) => id);
    expect(order).toEqual([ids[0], urgent, ids[1], ids[2]]);
    const taken = await at.runtime.redis.zrange('munadi:limit:gap:gap:log', '0', '-1', 'WITHSCORES');
    const slots = taken.filter((_, index) => index % 2 === 1).map(Number);
    for (const [index, slot] of slots.slice(1).entries())
      expect(slot - (slots[index] ?? 0)).toBeGreaterThanOrEqual(700);
  });

  it('caps what an hour takes: the rest is dropped, or waits', async () => {
    const [dropped, waiting]: string[][] = [[], []];
    for (let n = 0; n < 3; n += 1) {
      dropped?.push(await give('capped'));
      waiting?.push(await give('waits'));
    }
    const states = (await follow(at.runtime, dropped ?? [], { timeoutMs: 10_000 })).map(({ state }) => state).sort();
    expect(states).toEqual(['discarded', 'published', 'published']);
    await expect
      .poll(async () => (await at.runtime.deliveries.get(waiting ?? [])).map(({ state }) => state).sort())
      .toEqual(['published', 'published', 'scheduled']);
    const last = (await at.runtime.deliveries.get(waiting ?? [])).find(({ state }) => state === 'scheduled');
    expect(last).toMatchObject({ waitsFor: 'an hour in which its channel has posted less' });
    expect(Date.parse(last?.dueAt ?? '') - Date.now()).toBeGreaterThan(3_500_000);
  });
});
