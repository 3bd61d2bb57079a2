import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Budget, RateScope } from '../../src/core/limits.ts';
import { chargeOf } from '../../src/limits/budgets.ts';
import { createPeriods } from '../../src/limits/periods.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import { openBudgets } from '../../src/store/budgets.ts';
import { encodeScopes } from '../../src/store/rates.ts';
import {
  claimOf,
  draftArticle,
  failureOf,
  type Installation,
  liveOf,
  openInstallation,
} from '../support/installation.ts';

const budgetOf = (change: Partial<Budget> = {}): Budget => ({
  ...{ day: {}, month: {}, reserve: 0, whenSpent: 'hold', prices: {} },
  ...change,
});
let at: Installation;

beforeAll(async () => {
  at = await openInstallation((config) => ({
    ...config,
    budgets: {
      'x-main': budgetOf({ day: { money: 0.24 }, whenSpent: 'dropLink' }),
      'facebook-main': budgetOf({ day: { requests: 1 }, whenSpent: 'stop' }),
      'whatsapp-main': budgetOf({ month: { money: 100 }, prices: { '963': 0.05, '96': 9, default: 1 } }),
    },
  }));
  await startRoles(at.runtime, ['telegram', 'x', 'whatsapp', 'facebook', 'articles']);
});
afterAll(() => at.close());

const today = () => createPeriods('UTC')(at.runtime.clock.now());
const spent = (account: string) => openBudgets(at.runtime.redis, 'munadi').spent(account, today().day);

async function accept(priority: 'breaking' | 'normal' = 'normal'): Promise<string> {
  // Nobody works for this channel's platform under another name: the test claims itself.
  const { deliveries } = await ingest(at.runtime.ingest, draftArticle({ priority }), {
    channels: ['telegram-ar'],
  });
  return deliveries[0]?.id ?? '';
}

async function publish(channel: string, change: object = {}) {
  const { deliveries } = await ingest(at.runtime.ingest, draftArticle(change), { channels: [channel] });
  const [delivery] = await follow(at.runtime, [deliveries[0]?.id ?? ''], { timeoutMs: 5_000 });
  if (!delivery) throw new Error('there is no such delivery');
  return delivery;
}

describe('a budget', () => {
  it('of money on X: with the link while it lasts, without it then, and at last waits', async () => {
    const url = (n: number) => ({ url: `https://news.example.org/story/${n}` });
    expect((await publish('x-ar', url(1))).state).toBe('published');
    expect((await spent('x-main')).money).toBeCloseTo(0.2);
    expect((await publish('x-ar', url(2))).state).toBe('published');
    expect((await publish('x-ar', url(3))).state).toBe('published');
    expect((await spent('x-main')).money).toBeCloseTo(0.23);
    const [first, second, third] = at.sandbox.posts('x');
    expect([first?.text, second?.text, third?.text].map((text) => text?.includes('news.example.org'))).toEqual([
      true,
      false,
      false,
    ]);
    const waiting = await publish('x-ar', url(4));
    expect([waiting.state, waiting.attempts]).toEqual(['scheduled', 0]);
    expect((await spent('x-main')).money).toBeCloseTo(0.23);
    const alarms = await at.runtime.redis.xrange('munadi:alarms', '-', '+');
    const told = alarms.filter(([, fields]) => fields.includes('budget') && fields.includes('x-main'));
    expect(told).toHaveLength(1);
  });

  it('that ends a post says so', async () => {
    expect((await publish('facebook-ar')).state).toBe('published');
    expect(await publish('facebook-ar')).toMatchObject({
      state: 'discarded',
      failure: { code: 'budget', reason: expect.stringContaining('day') },
    });
  });

  it('counts what a message to a person costs by the country, and gives it back where it failed', async () => {
    const { id, state } = await publish('whatsapp-ar');
    expect(state).toBe('published');
    expect(await spent('whatsapp-main')).toEqual({ requests: 1, recipients: 1, money: 0.05 });
    const [delivery] = await at.runtime.deliveries.get([id]);
    const failure = { code: '131026', reason: 'Message undeliverable' };
    const told = { delivery: id, remoteId: delivery?.remoteId ?? '', at: '2026-01-01T00:00:00.000Z', failure };
    await at.runtime.deliveries.report([{ ...told, status: 'failed' }]);
    expect((await spent('whatsapp-main')).money).toBe(0);
  });
});

describe('the ledger', () => {
  const account = 'alone';
  const charge = (change: Partial<Budget> = {}) =>
    JSON.stringify(
      chargeOf(
        { account, budget: budgetOf(change), periods: today(), now: at.runtime.clock.now() },
        { requests: 1, recipients: 0, money: [0.2, 0.015] },
      ),
    );
  const claim = (id: string, token: string, change: Partial<Budget> = {}) =>
    at.runtime.deliveries.claim(claimOf(id, token, { charge: charge(change), total: 2 }));

  it('spends with the claim, and gives back what was not sent', async () => {
    await at.runtime.pauses.pauseChannel('telegram-ar', 'the test claims itself');
    const id = await accept();
    expect((await claim(id, 'a')).verdict).toBe('claimed');
    expect(await spent(account)).toEqual({ requests: 1, recipients: 0, money: 0.2 });
    await at.runtime.deliveries.settle(failureOf(id, 'a', 'retryable', { waitMs: 0 }));
    expect(await spent(account)).toEqual({ requests: 0, recipients: 0, money: 0 });
    await claim(id, 'b');
    await at.runtime.deliveries.settle(liveOf(id, 'b', { total: 2 }));
    // The second part has its own price.
    await claim(id, 'b');
    await at.runtime.deliveries.settle(liveOf(id, 'b', { part: 1, total: 2 }));
    expect(await spent(account)).toEqual({ requests: 2, recipients: 0, money: 0.215 });
    await at.runtime.deliveries.settle(failureOf(id, 'b', 'retryable'));
    expect((await spent(account)).requests).toBe(2);
  });

  it('spends once for a claim that is asked for again, because the connection broke before its answer', async () => {
    const before = (await spent(account)).requests;
    const id = await accept();
    await claim(id, 'a');
    expect(await claim(id, 'a')).toMatchObject({ verdict: 'claimed', attempts: 1, parts: [], postHash: 'h' });
    expect((await spent(account)).requests).toBe(before + 1);
    await at.runtime.deliveries.settle(liveOf(id, 'a', { total: 2 }));
    for (let asked = 0; asked < 2; asked += 1) expect((await claim(id, 'a')).verdict).toBe('claimed');
    expect((await spent(account)).requests).toBe(before + 2);
    await at.runtime.deliveries.settle(failureOf(id, 'a', 'retryable'));
    expect((await spent(account)).requests).toBe(before + 1);
  });

  it('spends nothing for a claim that is asked for again where its slot is over', async () => {
    const before = (await spent(account)).requests;
    const id = await accept();
    const scope: RateScope = { rule: 'chat', key: 'budgets:1', scope: 'chat', rates: [{ count: 1, perMs: 60_000 }] };
    const scopes = encodeScopes([scope], 0);
    const again = () => at.runtime.deliveries.claim(claimOf(id, 'a', { charge: charge(), scopes }));
    expect((await again()).verdict).toBe('claimed');
    expect((await again()).verdict).toBe('limited');
    expect((await spent(account)).requests).toBe(before);
  });

  it('never gives back what a part has cost that is live', async () => {
    const before = (await spent(account)).requests;
    const id = await accept();
    await claim(id, 'a');
    await at.runtime.deliveries.settle(liveOf(id, 'a', { total: 2 }));
    // What cannot be prepared spends nothing.
    await at.runtime.deliveries.claim(claimOf(id, 'a', { total: 2 }));
    await at.runtime.deliveries.settle(failureOf(id, 'a', 'retryable'));
    expect((await spent(account)).requests).toBe(before + 1);
  });

  it('keeps what may be live as spent until it is known', async () => {
    const before = (await spent(account)).requests;
    const id = await accept();
    await claim(id, 'a');
    await at.runtime.deliveries.settle(failureOf(id, 'a', 'unconfirmed', { held: true }));
    expect((await spent(account)).requests).toBe(before + 1);
    await at.runtime.deliveries.resolve(id, { published: false });
    expect((await spent(account)).requests).toBe(before);
  });

  it('keeps a share for breaking news', async () => {
    const { requests } = await spent(account);
    const nearlySpent = { day: { requests: requests + 1 }, reserve: 0.5 };
    expect((await claim(await accept(), 'a', nearlySpent)).verdict).toBe('spent');
    expect((await claim(await accept('breaking'), 'a', nearlySpent)).verdict).toBe('claimed');
    expect((await claim(await accept('breaking'), 'a', nearlySpent)).verdict).toBe('spent');
  });
});
