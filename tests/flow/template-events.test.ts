import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { follow } from '../../src/cli/follow.ts';
import type { Account, Channel } from '../../src/core/channel.ts';
import type { AccountEvent, TemplateEvent } from '../../src/core/platform-events.ts';
import { type Api, startApi } from '../../src/desk/server.ts';
import { ingest } from '../../src/pipeline/ingest.ts';
import { takeTemplateEvents } from '../../src/pipeline/template-events.ts';
import { platforms } from '../../src/platforms/index.ts';
import { startRoles } from '../../src/runtime/roles.ts';
import { draftArticle, type Installation, openInstallation } from '../support/installation.ts';

let at: Installation;
let api: Api;
const keys = { appSecret: 'the-app-secret', verifyToken: 'a-word-of-our-own' };
beforeAll(async () => {
  at = await openInstallation((config) => {
    const account = config.accounts['whatsapp-main'];
    if (account) account.settings = { ...account.settings, ...keys };
    return config;
  });
  await startRoles(at.runtime, ['articles', 'whatsapp']);
  api = await startApi(at.runtime);
  at.runtime.onClose(api.close);
});
afterAll(() => at.close());
afterEach(async () => {
  const { redis, pauses } = at.runtime;
  for (const { kind, id } of await pauses.list()) await pauses.resume(kind, id);
  const kept = [...(await redis.keys('munadi:verdicts:*')), ...(await redis.keys('munadi:alarm:*'))];
  if (kept.length > 0) await redis.del(kept);
  await redis.del('munadi:alarms:recent');
  at.sandbox.reset();
});

const business = '500';
const accounts: Record<string, Account> = {
  main: { id: 'main', platform: 'whatsapp', sandbox: false, settings: { businessAccountId: business } },
  other: { id: 'other', platform: 'whatsapp', sandbox: false, settings: { businessAccountId: '900' } },
};
const templateOf = (name: string, language: string) => ({ name, language, text: '{{1}}\n\n{{2}}', header: 'none' });
const channel = (id: string, used: string[], account = 'main'): Channel => {
  const [first, ...more] = used.map((one) => templateOf(...(one.split('/') as [string, string])));
  const settings = { recipients: ['+963900000000'], template: first, templates: more, mode: 'template' };
  return { id, platform: 'whatsapp', account, filters: {}, unconfirmed: 'hold', settings };
};
const channels = [
  channel('both', ['news/ar', 'news/en']),
  channel('arabic', ['news/ar']),
  channel('pictures', ['news_image/ar']),
  channel('elsewhere', ['news/ar'], 'other'),
  { ...channel('free', ['news/ar']), settings: { ...channel('free', ['news/ar']).settings, mode: 'text' } },
];
const whatsapp = platforms.whatsapp as (typeof platforms)[string];
const take = (...events: (TemplateEvent | AccountEvent)[]) =>
  takeTemplateEvents(
    { platform: whatsapp, pauses: at.runtime.pauses, accounts: () => accounts, channels: () => channels },
    events,
  );
const told = (change: Partial<TemplateEvent>, second = 1): TemplateEvent => ({
  kind: 'template',
  ...{ business, name: 'news', language: 'ar', atMs: second * 1_000 },
  ...change,
});
const resting = async () => (await at.runtime.pauses.list()).map(({ kind, id }) => `${kind}:${id}`).sort();
const alarms = async () =>
  (await at.runtime.alarms.recent(50))
    .map(({ kind, subject, overMs }) => `${kind} ${subject}${overMs ? ' over' : ''}`)
    .sort();

describe('a template that cannot be used', () => {
  it.each(['PAUSED', 'DISABLED', 'REJECTED', 'PENDING_DELETION'])(
    '%s: the channels that use it rest, until it is approved',
    async (status) => {
      await take(told({ status, reason: 'LOW_QUALITY' }));
      expect(await resting()).toEqual(['channel:arabic', 'channel:both']);
      const [one] = await at.runtime.pauses.list();
      expect(one?.reason).toContain('news/ar');
      expect(one?.reason).toContain('LOW_QUALITY');
      expect(await alarms()).toEqual(['template main news/ar']);
      const [alarm] = await at.runtime.alarms.recent(1);
      expect(alarm?.detail).toMatchObject({ account: 'main', template: 'news/ar', channels: 'both, arabic' });
      await take(told({ status: 'APPROVED' }, 2));
      expect(await resting()).toEqual([]);
      expect(await alarms()).toEqual(['template main news/ar over']);
    },
  );

  it('is known by its name in all languages where none is told', async () => {
    const { language: _, ...all } = told({ status: 'PAUSED' });
    await take(all);
    await take(told({ status: 'APPROVED', language: 'ar' }, 2));
    expect(await resting()).toEqual(['channel:both']);
    await take(told({ status: 'APPROVED', language: 'en' }, 2));
    expect(await resting()).toEqual([]);
  });

  it('may be one whose quality is low, which a later approval ends too', async () => {
    await take(told({ quality: 'RED' }, 5));
    expect(await resting()).toEqual(['channel:arabic', 'channel:both']);
    await take(told({ status: 'APPROVED' }, 4));
    expect(await resting()).toEqual(['channel:arabic', 'channel:both']);
    await take(told({ status: 'APPROVED' }, 6));
    expect(await resting()).toEqual([]);
    await take(told({ quality: 'RED' }, 7), told({ quality: 'GREEN' }, 8));
    expect(await resting()).toEqual([]);
    expect(await alarms()).toEqual(['template main news/ar over']);
  });

  it('is at risk before: an alarm, and nothing rests', async () => {
    await take(told({ quality: 'YELLOW' }));
    await take(told({ status: 'FLAGGED' }), told({ status: 'FLAGGED' }));
    expect(await resting()).toEqual([]);
    expect(await alarms()).toEqual(['template-quality main news/ar']);
    expect((await at.runtime.alarms.recent(1))[0]?.untold).toBe(2);
  });

  it('that no channel uses, of another account or of free text, is nothing', async () => {
    await take(told({ status: 'PAUSED', name: 'other' }), told({ status: 'PAUSED', business: '1' }));
    await take(told({ status: 'PAUSED', language: 'fr' }));
    expect([await resting(), await alarms()]).toEqual([[], []]);
  });
});

describe('what a person has paused', () => {
  it('goes on by no approval, and by one what the platform had stopped', async () => {
    await at.runtime.pauses.pauseChannel('arabic', 'holiday');
    await take(told({ status: 'PAUSED' }));
    await take(told({ status: 'APPROVED' }, 2));
    expect(await at.runtime.pauses.list()).toEqual([{ kind: 'channel', id: 'arabic', reason: 'holiday' }]);
    await take(told({ status: 'PAUSED' }, 3));
    await at.runtime.pauses.pauseChannel('both', 'holiday too');
    await take(told({ status: 'APPROVED' }, 4));
    expect(await resting()).toEqual(['channel:arabic', 'channel:both']);
  });

  it('and resumed stays so, also when the old news come again', async () => {
    await take(told({ status: 'PAUSED' }));
    await at.runtime.pauses.resume('channel', 'arabic');
    await take(told({ status: 'PAUSED' }));
    expect(await resting()).toEqual(['channel:both']);
    await take(told({ status: 'PAUSED' }, 2));
    expect(await resting()).toEqual(['channel:arabic', 'channel:both']);
  });
});

describe('news in any order, some of them twice', () => {
  it('come to the same as in their own', async () => {
    const event = fc.record({
      language: fc.constantFrom('ar', 'en'),
      said: fc.constantFrom<Partial<TemplateEvent>>(
        ...['PAUSED', 'APPROVED', 'DISABLED', 'REINSTATED'].map((status) => ({ status })),
        ...['RED', 'GREEN', 'YELLOW'].map((quality) => ({ quality })),
      ),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 1, maxLength: 8 }),
        fc.infiniteStream(fc.nat(100)),
        async (drawn, order) => {
          run += 1;
          const events = drawn.map(({ language, said }, index) =>
            told({ language, ...said, name: 'news' }, run * 100 + index),
          );
          const mixed = [...events, ...events.filter((_, index) => index % 2 === 0)]
            .map((one) => ({ one, place: order.next().value as number }))
            .sort((a, b) => a.place - b.place)
            .map(({ one }) => one);
          const outcome = async (list: TemplateEvent[]) => {
            await at.runtime.redis.del('munadi:verdicts:main', 'munadi:paused', 'munadi:paused-by-platform');
            for (const one of list) await take(one);
            return resting();
          };
          expect(await outcome(mixed)).toEqual(await outcome(events));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('an account', () => {
  const account = (change: Partial<AccountEvent>, second = 1): AccountEvent => ({
    kind: 'account',
    ...{ business, event: 'DISABLED_UPDATE', detail: 'Meta has disabled the account', atMs: second * 1_000 },
    ...change,
  });

  it('that is banned rests, and goes on when it is reinstated', async () => {
    await take(account({ effect: 'stop' }, 2), account({ effect: 'go' }, 1));
    expect(await at.runtime.pauses.list()).toEqual([
      { kind: 'account', id: 'main', reason: 'Meta has disabled the account' },
    ]);
    expect(await alarms()).toEqual(['account-paused main']);
    await take(account({ effect: 'go' }, 3));
    expect([await resting(), await alarms()]).toEqual([[], ['account-paused main over']]);
  });

  it('whose credentials are refused does not go on by it', async () => {
    await take(account({ effect: 'stop' }));
    await at.runtime.pauses.pauseAccount('main', 'bad token', 'print');
    await take(account({ effect: 'go' }, 2));
    expect(await resting()).toEqual(['account:main']);
  });

  it('has other limits: an alarm in words, once', async () => {
    const limit = account({ event: 'UPGRADE', number: '963900000001', detail: '2,000 people' });
    await take(limit, limit);
    expect(await resting()).toEqual([]);
    const [one] = await at.runtime.alarms.recent(5);
    expect(one).toMatchObject({
      kind: 'account-notice',
      untold: 1,
      detail: { account: 'main', reason: '2,000 people (number 963900000001)' },
    });
  });

  it('without a business account is meant where there is no other one', async () => {
    const only = { main: { ...(accounts.main as Account), settings: {} } };
    const deps = { platform: whatsapp, pauses: at.runtime.pauses, channels: () => channels };
    await takeTemplateEvents({ ...deps, accounts: () => only }, [told({ status: 'PAUSED' })]);
    expect(await resting()).toEqual(['channel:arabic', 'channel:both']);
  });
});

const ask = (method: string, door: string, json: object) =>
  fetch(`${at.sandbox.roots.whatsapp}/_sandbox/${door}`, { method, body: JSON.stringify(json) });
const put = (json: object) => ask('PUT', 'templates', json);

describe('what Meta tells by its webhook', () => {
  const until = async (expected: string[]) => {
    while (JSON.stringify(await resting()) !== JSON.stringify(expected));
  };

  it('lets channels and accounts rest, and go on', async () => {
    const webhook = { url: `${api.address}/webhooks/whatsapp`, appSecret: keys.appSecret };
    at.sandbox.setSettings('whatsapp', { webhook, business: '200000000000001' });
    const template = { name: 'news', language: 'ar' };
    await put({ ...template, status: 'PAUSED', reason: 'LOW_QUALITY' });
    await until(['channel:whatsapp-ar']);
    // Meta counts in whole seconds, and of two in one second a stop wins.
    const later = new Date(Date.now() + 2_000).toISOString();
    const value = { event: 'APPROVED', message_template_name: 'news', message_template_language: 'ar', reason: 'NONE' };
    await ask('POST', 'events', { field: 'message_template_status_update', value, at: later, twice: true });
    await until([]);
    const ban = (state: string) => ({ event: 'DISABLED_UPDATE', ban_info: { waba_ban_state: state } });
    await ask('POST', 'events', { field: 'account_update', value: ban('DISABLE') });
    await until(['account:whatsapp-main']);
    await ask('POST', 'events', { field: 'account_update', value: ban('REINSTATE'), at: later });
    await until([]);
  });
});

describe('a template that the platform refuses when it is sent', () => {
  const publish = async () => {
    const { deliveries } = await ingest(at.runtime.ingest, draftArticle(), { channels: ['whatsapp-ar'] });
    return deliveries[0]?.id ?? '';
  };
  const news = { platform: whatsapp, accounts: () => at.config.accounts, channels: () => at.config.channels };

  it('as it is paused: the channel rests, the delivery waits, and an approval lets it go on', async () => {
    await put({ name: 'news', language: 'ar', status: 'PAUSED' });
    const id = await publish();
    for (let state = ''; state !== 'retryable'; ) state = (await at.runtime.deliveries.get([id]))[0]?.state ?? '';
    const [delivery] = await at.runtime.deliveries.get([id]);
    expect(delivery).toMatchObject({ attempts: 0, failure: { code: '132015' } });
    expect(await resting()).toEqual(['channel:whatsapp-ar']);
    expect(await alarms()).toEqual(['template whatsapp-main news/ar']);
    const approved = told({ status: 'APPROVED', business: '200000000000001' }, Date.now() / 1_000 + 5);
    await takeTemplateEvents({ ...news, pauses: at.runtime.pauses }, [approved]);
    expect(await resting()).toEqual([]);
  });

  it('as it is not there: the channel rests, and the delivery is rejected', async () => {
    await put({ name: 'news', language: 'ar', status: 'REJECTED' });
    const id = await publish();
    const [delivery] = await follow(at.runtime, [id], { timeoutMs: 20_000 });
    expect(delivery).toMatchObject({ state: 'rejected', failure: { code: '132001' } });
    expect(await resting()).toEqual(['channel:whatsapp-ar']);
  });
});
