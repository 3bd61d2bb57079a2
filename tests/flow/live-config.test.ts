import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Config } from '../../src/config/config.ts';
import type { Delivery } from '../../src/core/delivery.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;

beforeAll(async () => {
  at = await openInstallation();
  await startRoles(at.runtime, ['telegram', 'x', 'articles']);
});
afterAll(() => at.close());

const change = (settings: Partial<Config>) => at.runtime.adopt({ ...at.runtime.config, ...settings });
const accept = async (channel: string) => {
  const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: [channel] });
  return deliveries[0] as Delivery;
};
const followed = async ({ id }: Delivery) => (await follow(at.runtime, [id], { timeoutMs: 20_000 }))[0] as Delivery;
const faults = (platform: string, rules: unknown[]) =>
  fetch(`${at.sandbox.roots[platform]}/_sandbox/faults`, { method: 'PUT', body: JSON.stringify({ rules }) });
const textOf = async (platform: string, { remoteId }: Delivery) => {
  const posts = (await (await fetch(`${at.sandbox.roots[platform]}/_sandbox/posts`)).json()) as {
    id: string;
    text: string;
  }[];
  return posts.find(({ id }) => id === remoteId)?.text;
};

/** Resolves once the delivery is being sent. */
async function isSending({ id }: Delivery): Promise<void> {
  for (;;) {
    const [delivery] = await at.runtime.deliveries.get([id]);
    if (delivery?.state === 'sending') return;
    expect(delivery?.state).toBe('scheduled');
  }
}

describe('another configuration', () => {
  it('holds for the next post', async () => {
    const first = await followed(await accept('telegram-ar'));
    const channels = at.runtime.config.channels.map((channel) => ({
      ...channel,
      style: { digits: 'arabic' as const },
    }));
    change({ channels });
    const second = await followed(await accept('telegram-ar'));
    expect([first.state, second.state]).toEqual(['published', 'published']);
    expect(await textOf('telegram', first)).toMatch(/رقم \d/);
    expect(await textOf('telegram', second)).toMatch(/رقم [٠-٩]/);
  });

  it('brings a channel that takes what is planned from then on', async () => {
    const [first] = at.runtime.config.channels;
    change({ channels: [...at.runtime.config.channels, { ...first, id: 'telegram-two' } as typeof first & object] });
    expect(await followed(await accept('telegram-two'))).toMatchObject({ state: 'published', channel: 'telegram-two' });
  });

  it('with other credentials leaves a post alone that is under way, and the account to those before', async () => {
    await faults('telegram', [{ on: 'publish', times: 1, fault: { kind: 'delay', ms: 700 } }]);
    const before = at.runtime.publisher('telegram-main');
    const slow = await accept('telegram-ar');
    await isSending(slow);
    const account = at.runtime.config.accounts['telegram-main'];
    const settings = { ...account?.settings, token: '7654321:another-token-another-token-another' };
    change({
      accounts: { ...at.runtime.config.accounts, 'telegram-main': { ...account, settings } as typeof account & object },
    });
    expect(at.runtime.publisher('telegram-main')).not.toBe(before);
    expect(at.runtime.publisher('x-main')).toBe(at.runtime.publisher('x-main'));
    expect(await followed(slow)).toMatchObject({ state: 'published', attempts: 1 });
    await faults('telegram', []);
    expect(await followed(await accept('telegram-ar'))).toMatchObject({ state: 'published', attempts: 1 });
  });

  it('with credentials in place of refused ones ends the rest of their account', async () => {
    await faults('telegram', [{ on: 'publish', times: 1, fault: { kind: 'expired-token' } }]);
    const refused = await accept('telegram-ar');
    await followed(refused);
    expect(await at.runtime.pauses.list()).toMatchObject([{ kind: 'account', id: 'telegram-main' }]);
    const account = at.runtime.config.accounts['telegram-main'];
    const settings = { ...account?.settings, token: '1111111:a-renewed-token-a-renewed-token-renewed' };
    change({
      accounts: { ...at.runtime.config.accounts, 'telegram-main': { ...account, settings } as typeof account & object },
    });
    while ((await at.runtime.pauses.list()).length > 0);
  });
});

describe('what waits because of the configuration', () => {
  const put = async (delivery: Delivery, fields: Record<string, string | number>) => {
    const { redis } = at.runtime;
    await redis.hset(`munadi:delivery:${delivery.id}`, fields);
    if (fields.due !== undefined) await redis.zadd('munadi:state:scheduled', fields.due, delivery.id);
  };
  const later = async (channel: string) => {
    const inAnHour = Math.floor(at.runtime.clock.now()) + 3_600_000;
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: [channel], at: inAnHour });
    return { delivery: deliveries[0] as Delivery, inAnHour };
  };
  const fieldsOf = ({ id }: Delivery) => at.runtime.redis.hgetall(`munadi:delivery:${id}`);

  it('is judged anew at once', async () => {
    const { delivery } = await later('x-ar');
    await put(delivery, { wish: '', waits: 'timetable:quiet hours' });
    expect(await at.runtime.reconsider()).toBe(1);
    expect(await followed(delivery)).toMatchObject({ state: 'published', attempts: 1 });
    expect(await at.runtime.reconsider()).toBe(0);
  });

  const inTwoHours = (Math.floor(Date.now() / 60_000) + 120) % 1440;
  const shut = { fromMinute: inTwoHours, toMinute: inTwoHours + 60 };
  const timetable = { zone: 'UTC', windows: [{ days: [0, 1, 2, 3, 4, 5, 6], ...shut }], quiet: [] };
  const usual = { collect: false, late: 'next' as const, breaking: 'windows' as const };

  it.each([
    ['hours', { timetable: { ...timetable, weekend: [], holidays: [], onHoliday: 'usual' as const } }, 'timetable'],
    ['a digest', { collect: true }, 'digest'],
    ["a person's yes", { approve: { over: 0, breaking: true } }, 'approval'],
  ])('goes at once where its channel has no %s any more', async (_what, rhythm, waits) => {
    const { channels } = at.runtime.config;
    change({
      channels: channels.map((one) => (one.id === 'x-ar' ? { ...one, rhythm: { ...usual, ...rhythm } } : one)),
    });
    const delivery = await accept('x-ar');
    while (!(await fieldsOf(delivery)).waits?.startsWith(waits));
    change({ channels });
    expect(await at.runtime.reconsider()).toBe(1);
    expect(await followed(delivery)).toMatchObject({ state: 'published', attempts: 1 });
    expect(await at.runtime.approvals.list(10)).toEqual([]);
  });

  it('does not go before the time that was asked for', async () => {
    const { delivery, inAnHour } = await later('x-ar');
    await put(delivery, { waits: 'timetable:quiet hours' });
    expect(await at.runtime.reconsider()).toBe(1);
    for (;;) {
      const { waits, state, due } = await fieldsOf(delivery);
      expect(state).toBe('scheduled');
      if (waits === 'time') return expect(Number(due)).toBe(inAnHour);
    }
  });

  it('is due now, and nothing else is touched', async () => {
    // Nobody works on this channel.
    const made = await Promise.all(Array.from({ length: 6 }, () => later('facebook-ar')));
    const meant = [
      'timetable:quiet',
      'budget:day:money',
      'gap:facebook-ar',
      'cap-day:facebook-ar',
      'digest',
      'approval',
    ];
    const others = ['telegram:chat:1', 'circuit:x-main', 'late:facebook-ar', 'embargo', 'time', ''];
    const seed = 20_261_128;
    const one = fc.record({
      waits: fc.constantFrom(...meant, ...others),
      dueIn: fc.integer({ min: 60_000, max: 9_000_000 }),
      state: fc.constantFrom('scheduled', 'sending', 'unconfirmed'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 6, maxLength: 6 }), async (cases) => {
        const now = Math.floor(at.runtime.clock.now());
        for (const [index, { waits, dueIn, state }] of cases.entries()) {
          await put(made[index]?.delivery as Delivery, { planned: now + dueIn, due: now + dueIn, waits, state });
        }
        const count = await at.runtime.reconsider();
        let expected = 0;
        for (const [index, { waits, dueIn, state }] of cases.entries()) {
          const delivery = made[index]?.delivery as Delivery;
          const isMeant = meant.includes(waits) && state === 'scheduled';
          const after = await fieldsOf(delivery);
          expected += isMeant ? 1 : 0;
          if (isMeant) expect(Number(after.due)).toBeLessThan(now + 60_000);
          else expect(after).toMatchObject({ due: `${now + dueIn}`, planned: `${now + dueIn}` });
          expect([after.waits, after.state]).toEqual([waits, state]);
          await put(delivery, { state: 'scheduled' });
        }
        expect(count).toBe(expected);
      }),
      { seed, numRuns: 20 },
    );
  });
});
