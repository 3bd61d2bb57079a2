import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { forgetPerson } from '../../src/pipeline/forget-person.ts';
import { account, crowd, inHex, type ListStage, openListStage } from '../support/list-stage.ts';

vi.setConfig({ testTimeout: 60_000 });

let at: ListStage | undefined;
afterEach(() => at?.close());

async function open(change: (config: Config) => Config, settings: Record<string, unknown> = {}): Promise<ListStage> {
  at = await openListStage(settings, change);
  return at;
}

const codes = (list: { failures: { code: string | null; count: number }[] } | undefined) =>
  Object.fromEntries(list?.failures.map(({ code, count }) => [code, count]) ?? []);

describe('a list and its limits', () => {
  it('writes to no more different people a day than the tier allows', async () => {
    const rates = { number: [], recipient: [], recipients: [{ count: 40, perMs: 24 * 3_600_000 }] };
    const stage = await open((config) => ({
      ...config,
      limits: { ...config.limits, enabled: true, accounts: { [account]: rates } },
    }));
    await stage.people(crowd(60));
    await stage.work();
    const first = await stage.accept();
    await stage.until(first.id, ({ list }) => list?.states.published === 40);
    const now = await stage.delivery(first.id);
    expect([now.state, now.list?.states.scheduled]).toEqual(['sending', 20]);
    expect(stage.posts(first.title)).toHaveLength(40);
  });

  it('keeps the pace that is set over all batches', async () => {
    const rates = { number: [{ count: 40, perMs: 1_000 }], recipient: [], recipients: [] };
    const stage = await open((config) => ({
      ...config,
      limits: { ...config.limits, enabled: true, accounts: { [account]: rates } },
    }));
    await stage.people(crowd(240));
    await stage.work();
    const { id, title } = await stage.accept();
    await stage.done(id);
    const times = stage
      .posts(title)
      .map((post) => Date.parse(post.at))
      .sort((a, b) => a - b);
    expect(times).toHaveLength(240);
    const most = Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 1_000).length));
    expect(most).toBeLessThanOrEqual(40);
  });

  it('writes to nobody twice in the time that is set for one person, whichever list it is', async () => {
    const rates = { number: [], recipient: [{ count: 1, perMs: 2_000 }], recipients: [] };
    const stage = await open((config) => ({
      ...config,
      limits: { ...config.limits, enabled: true, accounts: { [account]: rates } },
    }));
    await stage.people(crowd(20));
    await stage.work();
    const [one, two] = [await stage.accept(), await stage.accept()];
    await Promise.all([stage.done(one.id), stage.done(two.id)]);
    const all = [...stage.posts(one.title), ...stage.posts(two.title)];
    for (const posts of Map.groupBy(all, ({ target }) => target).values()) {
      const [first, second] = posts.map((post) => Date.parse(post.at)).sort((a, b) => a - b);
      expect((second ?? 0) - (first ?? 0)).toBeGreaterThanOrEqual(2_000);
    }
  });
});

describe('a list and its money', () => {
  const budget = (whenSpent: 'hold' | 'stop') => (config: Config) => ({
    ...config,
    budgets: {
      [account]: { day: { money: 3 }, month: {}, reserve: 0, whenSpent, prices: { default: 0.5, '963': 0.1 } },
    },
  });

  it('stops where the budget is spent, counts each message by its country, and free text as free', async () => {
    const stage = await open(budget('stop'));
    await stage.people(crowd(40));
    await stage.people({ '963977777777': `s||ar|${inHex(Date.now())}|1|${inHex(Date.now())}` });
    await stage.work();
    const { id } = await stage.accept();
    const { list } = await stage.done(id);
    expect(list?.states.published).toBeGreaterThanOrEqual(30);
    expect(list?.states.published).toBeLessThanOrEqual(31);
    expect(codes(list)).toEqual({ budget: (list?.total ?? 0) - (list?.states.published ?? 0) });
    expect(list?.money).toBeCloseTo(3);
    expect(
      (await stage.runtime.budgets()).find(({ of, period }) => of === 'money' && period === 'day')?.spent,
    ).toBeCloseTo(3);
  });

  it('gives back what was refused, and what is reported as failed', async () => {
    const stage = await open(budget('hold'));
    await stage.people(crowd(10));
    await stage.work();
    stage.sandbox.setFaults('whatsapp', {
      rules: [{ on: 'publish', skip: 0, times: 2, fault: { kind: 'refuse', status: 400, code: 131009 } }],
    });
    const { id } = await stage.accept();
    await stage.done(id);
    const row = (await stage.rows(id)).find(({ state }) => state === 'published');
    await stage.tell({ id: row?.id ?? '', remoteId: row?.remoteId ?? '', status: 'failed', code: 131000 });
    const { list } = await stage.delivery(id);
    expect(list?.states).toMatchObject({ published: 7, rejected: 3 });
    expect(list?.money).toBeCloseTo(0.7);
    const spent = (await stage.runtime.budgets()).find(({ of, period }) => of === 'money' && period === 'day')?.spent;
    expect(spent).toBeCloseTo(0.7);
  });
});

describe('a list and time', () => {
  it('is given up for whom it is too late', async () => {
    const stage = await open((config) => ({
      ...config,
      channels: config.channels.map((channel) => ({ ...channel, staleAfterMs: 1_500 })),
      limits: {
        ...config.limits,
        enabled: true,
        accounts: { [account]: { number: [{ count: 10, perMs: 1_000 }], recipient: [], recipients: [] } },
      },
    }));
    await stage.people(crowd(60));
    await stage.work();
    const { id } = await stage.accept();
    const { list, state } = await stage.done(id);
    expect(state).toBe('published');
    expect(codes(list).stale).toBeGreaterThan(0);
    expect((list?.states.published ?? 0) + (codes(list).stale ?? 0)).toBe(60);
  });

  it('finds out about those whose worker died, and writes to the others', async () => {
    const stage = await open((config) => ({
      ...config,
      reliability: { ...config.reliability, leaseMs: 1_000, requestTimeoutMs: 400, quarantineMs: 500 },
    }));
    await stage.people(crowd(30));
    await stage.work();
    stage.sandbox.setFaults('whatsapp', {
      rules: [{ on: 'publish', skip: 0, times: 3, fault: { kind: 'hang', accept: true } }],
    });
    const { id, title } = await stage.accept();
    const { list } = await stage.until(id, ({ list: now }) => now?.held === 3);
    expect(list?.states.published).toBe(27);
    expect(stage.posts(title)).toHaveLength(30);
  });
});

describe('a person who is erased', () => {
  it('is on no list any more, and is not written to by one that is under way', async () => {
    const day = 24 * 3_600_000;
    const own = { recipient: [{ count: 9, perMs: day }], recipients: [{ count: 20, perMs: day }] };
    const rates = { number: [{ count: 5, perMs: 1_000 }], ...own };
    const stage = await open((config) => ({
      ...config,
      limits: { ...config.limits, enabled: true, accounts: { [account]: rates } },
    }));
    await stage.people(crowd(20));
    await stage.work();
    const { id, title } = await stage.accept();
    await stage.until(id, ({ list }) => (list?.states.published ?? 0) > 0);
    const waits = (await stage.rows(id)).findLast(({ state }) => state === 'scheduled')?.who ?? '';
    const got = (await stage.rows(id)).find(({ state }) => state === 'published')?.who ?? '';
    for (const who of [waits, got]) expect(await forgetPerson(stage.runtime, account, who)).toBe(true);
    const { list } = await stage.done(id);
    expect(codes(list)).toEqual({ erased: 1 });
    expect(stage.posts(title).some(({ target }) => target === waits)).toBe(false);
    const rows = await stage.rows(id);
    expect(rows.filter(({ who }) => who === '')).toHaveLength(2);
    expect(rows.some(({ who }) => who === waits || who === got)).toBe(false);
    const { redis } = stage.runtime;
    const keys = await redis.keys('*');
    expect(keys.some((key) => key.includes(waits) || key.includes(got))).toBe(false);
    const counted = await Promise.all(
      keys.filter((key) => /:recipients:.*:log$/.test(key)).map((key) => redis.zrange(key, '0', '-1')),
    );
    // Who got it still counts among the people of the day, without a name.
    expect(counted.flat()).toHaveLength(19);
    expect(counted.flat().filter((name) => name.startsWith('erased-'))).toHaveLength(1);
  });
});
