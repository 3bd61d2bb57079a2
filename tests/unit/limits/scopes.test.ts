import { describe, expect, it } from 'vitest';
import type { Account, Channel } from '../../../src/core/channel.ts';
import type { RateAct } from '../../../src/core/limits.ts';
import { scopesOf } from '../../../src/limits/scopes.ts';
import { platforms } from '../../../src/platforms/index.ts';

const settings = {
  ...{ enabled: true, circuits: false, platforms: {}, accounts: {} },
  catchUp: { afterMs: 900_000, rates: [] },
};

function of(
  id: string,
  change: { channel?: object; of?: object; sandbox?: boolean; settings?: object; act?: RateAct } = {},
  given: object = {},
) {
  const platform = platforms[id];
  if (!platform) throw new Error(`no platform ${id}`);
  const account: Account = {
    ...{ id: `${id}-main`, platform: id, sandbox: change.sandbox ?? false },
    settings: { ...platform.example.account, ...change.settings },
  };
  const channel: Channel = {
    ...{ id: `${id}-ar`, platform: id, account: account.id, filters: {}, unconfirmed: 'hold' },
    settings: { ...platform.example.channel, ...change.channel },
    ...change.of,
  };
  const recipient = id === 'whatsapp' ? { recipient: '+963900000001' } : {};
  return scopesOf(
    { ...settings, ...given },
    {
      ...{ platform, account, channel, article: 'a1', breaking: false, ...recipient },
      ...(change.act ? { act: change.act } : {}),
    },
  );
}
const rates = (scopes: ReturnType<typeof of>) =>
  Object.fromEntries(scopes.map(({ rule, rates }) => [rule, rates.map(({ count, perMs }) => `${count}/${perMs}`)]));

describe('what a delivery counts against', () => {
  it('are the documented limits unless others are set, the account before the platform', () => {
    expect(rates(of('telegram'))).toEqual({ account: ['30/1000'], chat: ['1/1000'], group: ['20/60000'] });
    const given = {
      platforms: { telegram: { chat: [{ count: 2, perMs: 5 }], group: [{ count: 3, perMs: 5 }] } },
      accounts: { 'telegram-main': { group: [] } },
    };
    expect(rates(of('telegram', {}, given))).toEqual({ account: ['30/1000'], chat: ['2/5'], group: [] });
    expect(rates(of('x'))).toEqual({ user: ['100/900000'], app: ['10000/86400000'] });
    expect(rates(of('whatsapp'))).toEqual({ number: ['80/1000'], recipient: ['1/6000'], recipients: ['250/86400000'] });
    expect(rates(of('facebook'))).toEqual({ page: [] });
  });

  it('is no group for a person, nothing where limits are off, and only what is set in the sandbox', () => {
    expect(rates(of('telegram', { channel: { chat: '7001' } }))).toEqual({ account: ['30/1000'], chat: ['1/1000'] });
    expect(of('telegram', {}, { enabled: false })).toEqual([]);
    expect(of('telegram', {}, { enabled: false, circuits: true })).toMatchObject([{ key: 'circuit:telegram-main' }]);
    expect(rates(of('telegram', { sandbox: true }))).toEqual({ account: [], chat: [], group: [] });
  });

  it('is a backlog of its channel, by its article, and the channel has the last word', () => {
    const catchUp = { afterMs: 5_000, rates: [{ count: 6, perMs: 600_000 }] };
    const late = { rule: 'catchUp', key: 'late:x-ar', rates: catchUp.rates, unique: 'a1', lateMs: 5_000 };
    expect(of('x', {}, { catchUp }).at(-1)).toEqual(late);
    expect(of('x', { sandbox: true }, { catchUp })).toHaveLength(2);
    const own = (rates: object[]) => ({ of: { catchUp: { afterMs: 1_000, rates } }, sandbox: true });
    expect(of('x', own([{ count: 1, perMs: 1_000 }]), { catchUp }).at(-1)).toMatchObject({
      key: 'late:x-ar',
      lateMs: 1_000,
    });
    expect(of('x', own([]), { catchUp })).toHaveLength(2);
    expect(of('x', {}, { catchUp, enabled: false })).toEqual([]);
  });

  it('is a backlog at the pace of its channel, where that has one that waits', () => {
    const catchUp = { afterMs: 5_000, rates: [{ count: 6, perMs: 600_000 }] };
    const rhythm = { late: 'next', breaking: 'windows', gapMs: 60_000 } as const;
    expect(of('x', { of: { rhythm } }, { catchUp }).slice(2)).toEqual([
      { rule: 'gap', key: 'gap:x-ar', rates: [{ count: 1, perMs: 60_000 }], unique: 'a1', turn: 'wait', lateMs: 5_000 },
    ]);
    const dropping = { late: 'next', breaking: 'windows', caps: { hour: 2, rest: 'drop' } } as const;
    expect(of('x', { of: { rhythm: dropping } }, { catchUp }).slice(2)).toMatchObject([
      { key: 'cap-hour:x-ar', turn: 'drop' },
      { key: 'late:x-ar' },
    ]);
  });

  it('are of an edit or a removal the limits that count those, without the rhythm of the channel', () => {
    const rhythm = { late: 'next', breaking: 'windows', caps: { hour: 2, rest: 'drop' } } as const;
    const given = { catchUp: { afterMs: 5_000, rates: [{ count: 6, perMs: 600_000 }] } };
    const seen = (id: string, act: RateAct) => rates(of(id, { of: { rhythm }, act }, given));
    expect(Object.keys(seen('telegram', 'send'))).toEqual(['account', 'chat', 'group', 'cap-hour', 'catchUp']);
    expect(seen('telegram', 'edit')).toEqual({ account: ['30/1000'], chat: ['1/1000'] });
    expect(seen('telegram', 'remove')).toEqual({ account: ['30/1000'] });
    expect(seen('x', 'remove')).toEqual({ deletions: ['50/900000'] });
    expect(seen('facebook', 'edit')).toEqual({ page: [] });
    expect(seen('facebook', 'remove')).toEqual({ page: [] });
    expect(seen('whatsapp', 'remove')).toEqual({});
    expect(Object.keys(rates(of('x', { act: 'remove' }, { circuits: true })))).toEqual(['deletions', 'circuit']);
    expect(of('x', { of: { rhythm }, act: 'remove' }, { enabled: false })).toEqual([]);
    const [deletions] = of('x', { act: 'remove' });
    expect(deletions?.key).not.toContain('access-token');
  });

  it('is shared by channels that post as the same bot, user or number, and names no secret', () => {
    const keys = (scopes: ReturnType<typeof of>) => scopes.map(({ key }) => key);
    expect(keys(of('telegram'))).toEqual(keys(of('telegram', { settings: { token: '1234567890:another' } })));
    expect(keys(of('x'))).not.toEqual(keys(of('x', { settings: { appKey: 'another app' } })));
    for (const id of Object.keys(platforms)) {
      const secrets = Object.values(platforms[id]?.example.account ?? {}).filter((value) => String(value).length > 15);
      for (const secret of secrets) expect(JSON.stringify(of(id))).not.toContain(`${secret}`);
    }
  });
});
