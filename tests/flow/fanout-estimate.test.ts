import { afterEach, describe, expect, it, vi } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { readAsked } from '../../src/desk/approvals.ts';
import { decideDeliveries } from '../../src/pipeline/approve.ts';
import { whatsapp } from '../../src/platforms/whatsapp.ts';
import type { ArticleDraft } from '../../src/sources/index.ts';
import { account, crowd, inHex, type ListStage, openListStage } from '../support/list-stage.ts';

vi.setConfig({ testTimeout: 60_000 });

let at: ListStage | undefined;
afterEach(() => at?.close());

const topics = { sports: { words: ['رياضة'], filters: { section: ['رياضة'] } }, economy: { words: ['اقتصاد'] } };

async function open(settings: Record<string, unknown> = {}): Promise<ListStage> {
  at = await openListStage(settings, (config: Config) => {
    const one = config.accounts[account];
    if (one) one.settings = whatsapp.account.parse({ ...one.settings, subscriptions: { topics } });
    const prices = { default: 0.2, '963': 0.1, '9639441': 0.05 };
    return {
      ...config,
      budgets: { ...config.budgets, [account]: { prices, day: {}, month: {}, whenSpent: 'hold', reserve: 0 } },
      channels: config.channels.map((channel) => ({
        ...channel,
        rhythm: { collect: false, late: 'next', breaking: 'always', approve: { over: 0, breaking: false } },
      })),
    };
  });
  return at;
}

/** What is asked of a person, and what came of a yes. */
async function ask(stage: ListStage, draft: Partial<ArticleDraft> = {}) {
  const { id } = await stage.accept(draft);
  await stage.until(id, ({ waitsFor }) => waitsFor === 'a person to say yes');
  const asked = (await readAsked(stage.runtime, 10)).find(({ deliveries }) => deliveries.includes(id));
  await decideDeliveries(stage.runtime, [id], 'yes');
  const { list } = await stage.done(id);
  return { asked, published: list?.states.published, money: list?.money };
}

describe('what a list would cost', () => {
  it('is known before a person says yes, for those who would get it', async () => {
    const stage = await open();
    const now = inHex(Date.now());
    await stage.runtime.people.tell(account, [
      { who: '963900999999', act: 'start', how: 'form', topics: ['sports', 'economy'] },
      { who: '963900999998', act: 'start', how: 'form', topics: ['economy'] },
      { who: '963900999997', act: 'start', how: 'form', topics: ['sports'] },
      { who: '963900999996', act: 'start', how: 'form', breakingOnly: true },
    ]);
    await stage.people({
      ...crowd(7),
      ...crowd(2, `s||ar|${now}|1`, 963_944_100_000),
      ...crowd(1, `s||ar|${now}|1`, 49_151_000_000),
      ...crowd(1, `x||ar|${now}|1`, 963_955_000_000),
      ...crowd(1, `s||ar|${now}|1||131026`, 963_955_100_000),
      ...crowd(3, `s||ar|${now}|1|${now}`, 963_955_200_000),
      ...crowd(1, `s||ar|${now}|1||||u`, 12_025_550_100),
      'SY.96394412086553': `s||ar|${now}|1`,
    });
    await stage.work();
    // Economy has no filters: each article belongs to it, but one of sports to both.
    const { asked, ...came } = await ask(stage, { section: 'سياسة' });
    expect(asked).toMatchObject({ people: came.published, channel: 'whatsapp-ar' });
    expect(came.published).toBe(16);
    expect(came.money).toBeCloseTo(9 * 0.1 + 2 * 0.05 + 2 * 0.2);
    expect(asked?.cost).toBeCloseTo(came.money ?? 0);
  });

  it('is known where the people stand in the configuration', async () => {
    const recipients = [
      '+963944100001',
      ...Object.keys(crowd(100)).map((who) => `+${who}`),
      '+4915100000001',
      '+12025550100',
    ];
    const stage = await open({ subscribers: undefined, recipients });
    await stage.work();
    const { asked, ...came } = await ask(stage);
    expect(came.published).toBe(102);
    expect(asked).toMatchObject({ people: 102 });
    expect(asked?.cost).toBeCloseTo(10.25);
    expect(came.money).toBeCloseTo(10.25);
  });

  it('is nothing for free text', async () => {
    const stage = await open({ subscribers: undefined, recipients: ['+963944100001', '+4915100000001'], mode: 'text' });
    const { article } = await stage.accept();
    await stage.work();
    await expect.poll(async () => (await readAsked(stage.runtime, 10))[0]?.people).toBe(2);
    expect((await readAsked(stage.runtime, 10))[0]).toMatchObject({ article, cost: 0 });
  });
});
