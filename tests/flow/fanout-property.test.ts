import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deliveryStates } from '../../src/core/delivery.ts';
import type { BatchRules, Claimed } from '../../src/store/fanout/index.ts';
import { account, crowd, inHex, keyOf, type ListStage, openListStage } from '../support/list-stage.ts';

let at: ListStage;

beforeAll(async () => {
  at = await openListStage();
});
afterAll(() => at.close());

const size = 8;
const who = fc.nat({ max: size - 1 });
const step = fc.oneof(
  fc.record({ do: fc.constant('claim' as const), most: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ do: fc.constant('stop' as const), who }),
  fc.record({ do: fc.constant('start' as const), who }),
  fc.record({
    do: fc.constant('settle' as const),
    pick: fc.nat({ max: 20 }),
    as: fc.constantFrom('published' as const, 'retryable' as const, 'rejected' as const, 'unconfirmed' as const),
  }),
  fc.record({ do: fc.constant('tell' as const), who, status: fc.constantFrom('sent' as const, 'failed' as const) }),
  fc.record({ do: fc.constant('cancel' as const) }),
  fc.record({ do: fc.constant('retract' as const) }),
);

const bill = { account, day: 'd', month: 'm', prices: {} };
const unlimited = [-1, -1, -1];
const charge = {
  ...{ account, day: 'd', month: 'm', requests: 1, recipients: 1, money: [], reserve: 0 },
  ...{ most: { day: unlimited, month: unlimited }, endsInMs: { day: 1_000, month: 1_000 } },
};

/** A list of so many people, ready to be claimed. */
async function openList(count: number): Promise<{ id: string; article: string; by: BatchRules }> {
  await at.runtime.redis.flushall();
  await at.people(crowd(count));
  const { id, article } = await at.accept();
  await at.runtime.fanouts.open({
    ...{ id, article, version: 1, channel: 'whatsapp-ar', account },
    variants: JSON.stringify({ posts: ['h'], plain: { default: 0, languages: {} } }),
    source: { of: 'people', account, breaking: false },
    job: { delivery: id, article, version: 1, channel: 'whatsapp-ar', platform: 'whatsapp', priority: 10 },
  });
  while ((await at.runtime.fanouts.cut(id)).verdict === 'more');
  const by: BatchRules = {
    ...{ account, channel: 'whatsapp-ar', article, version: 1, priority: 10, hours: '', scopes: '' },
    ...{ bill, charge, whenSpent: 'hold', mode: 'template' },
  };
  return { id, article, by };
}

describe('an attempt that has lost its claim', () => {
  it('changes nothing by its failure, and is believed that the message is live', async () => {
    const { id, by } = await openList(2);
    const claim = (fence: number, leaseMs: number) =>
      at.runtime.fanouts.claim({
        ...{ delivery: id, batch: 0, fence, most: 2, leaseMs, quarantineMs: 0, maxAttempts: 5, way: 'resend', by },
      });
    expect(await claim(1, 20)).toMatchObject({ verdict: 'go', claimed: [{ place: 0 }, { place: 1 }] });
    let again = await claim(2, 60_000);
    while (again.verdict !== 'go') again = await claim(2, 60_000);
    const of = (place: number, fence: number) => ({ delivery: id, batch: 0, place, fence, circuit: '' });
    const failure = { class: 'rejected' as const, code: '1', reason: 'no', at: '' };
    const { settle } = at.runtime.fanouts;
    expect(await settle({ ...of(0, 1), state: 'rejected', failure })).toBe('lost');
    expect(await settle({ ...of(1, 2), state: 'unconfirmed', failure, waitMs: 60_000 })).toBe('unconfirmed');
    expect(await settle({ ...of(1, 1), state: 'published', remoteId: 'wamid.late', status: 'accepted' })).toBe(
      'published',
    );
    expect((await at.rows(id)).map(({ state }) => state)).toEqual(['sending', 'published']);
  });
});

describe('a claim on people of a list', () => {
  it('comes once for each who waits, and never after a stop, a cancellation or a retraction', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
        const people = Object.keys(crowd(size));
        const { id, article, by } = await openList(size);
        const stopped = new Set<string>();
        const open = new Map<string, Claimed & { fence: number }>();
        const got = new Set<string>();
        let isOver = false;
        let fence = 0;
        for (const one of steps) {
          if (one.do === 'claim') {
            fence += 1;
            const reply = await at.runtime.fanouts.claim({
              ...{ delivery: id, batch: 0, fence, most: one.most, leaseMs: 60_000, quarantineMs: 60_000 },
              ...{ maxAttempts: 100, way: 'status', by },
            });
            for (const claimed of reply.verdict === 'go' ? reply.claimed : []) {
              expect(isOver).toBe(false);
              expect(stopped.has(claimed.who)).toBe(false);
              expect(open.has(claimed.who)).toBe(false);
              expect(got.has(claimed.who)).toBe(false);
              open.set(claimed.who, { ...claimed, fence });
            }
          } else if (one.do === 'stop' || one.do === 'start') {
            const name = people[one.who] ?? '';
            await at.runtime.redis.hset(
              keyOf(name),
              name,
              `${one.do === 'stop' ? 'x' : 's'}||ar|${inHex(Date.now())}|1`,
            );
            if (one.do === 'stop') stopped.add(name);
            else stopped.delete(name);
          } else if (one.do === 'settle') {
            const [name, claimed] = [...open][one.pick % Math.max(1, open.size)] ?? [];
            if (name === undefined || !claimed) continue;
            const about = { delivery: id, batch: 0, place: claimed.place, fence: claimed.fence, circuit: '' };
            const failure = { class: 'rejected' as const, code: '1', reason: 'no', at: '' };
            await at.runtime.fanouts.settle(
              one.as === 'published'
                ? { ...about, state: one.as, remoteId: `wamid.${name}`, status: 'accepted' }
                : { ...about, state: one.as, failure, waitMs: 0 },
            );
            open.delete(name);
            if (one.as !== 'retryable') got.add(name);
          } else if (one.do === 'tell') {
            const row = (await at.rows(id)).find((candidate) => candidate.who === people[one.who]);
            if (!row || row.state === 'scheduled' || row.state === 'retryable') continue;
            await at.tell({ id: row.id, remoteId: `wamid.${row.who}`, status: one.status, code: 131026 });
            open.delete(row.who);
            got.add(row.who);
          } else {
            if (one.do === 'cancel') await at.runtime.fanouts.cancel(id);
            else await at.runtime.redis.hset(`munadi:article:${article}`, 'retracted', '1');
            isOver = true;
          }
          const rows = await at.rows(id);
          const [counts] = await at.runtime.fanouts.counts([id]);
          for (const state of deliveryStates) {
            expect(counts?.states[state]).toBe(rows.filter((row) => row.state === state).length);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
