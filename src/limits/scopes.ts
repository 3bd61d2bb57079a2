import type { Account, Channel } from '../core/channel.ts';
import type { CatchUp, Rate, RateAct, RateScope } from '../core/limits.ts';
import type { Platform } from '../core/platform.ts';

/** The limits that are set, by platform and by account; without `enabled`, none holds. */
export interface RateSettings {
  enabled: boolean;
  /** Whether accounts rest that fail. */
  circuits: boolean;
  /** For channels without one of their own. */
  catchUp: CatchUp;
  platforms: Readonly<Record<string, Readonly<Record<string, readonly Rate[]>>>>;
  accounts: Readonly<Record<string, Readonly<Record<string, readonly Rate[]>>>>;
}

/**
 * What a delivery of this channel counts against. The account's own rates go before its platform's, those before the
 * documented ones; the built-in sandbox has only what is set for it. A scope without rates is there for what the
 * platform's answers tell of it.
 */
export function scopesOf(
  settings: RateSettings,
  {
    platform,
    account,
    channel,
    article,
    recipient,
    breaking,
    act = 'send',
    list = false,
  }: {
    platform: Platform;
    account: Account;
    channel: Channel;
    article: string;
    recipient?: string;
    /** It is breaking news. */
    breaking: boolean;
    /** What a request does; the rhythm of the channel is for what is sent. */
    act?: RateAct;
    /** It begins a fan-out, whose messages count each. */
    list?: boolean;
  },
): RateScope[] {
  const rhythm = act === 'send' ? rhythmOf(channel, article, breaking) : [];
  if (!settings.enabled) return [...rhythm, ...circuitsOf(settings, account)];
  const own = list ? [] : ownOf(settings, { platform, account, channel, recipient, act });
  const late = act === 'send' ? lateOf(settings, { account, channel, article }) : [];
  return [...own, ...together(rhythm, late), ...circuitsOf(settings, account)];
}

/**
 * What the messages of a fan-out count against: `shared` all of them, `person` each person's own (its key ends with the
 * person), `people` as one more of different people.
 */
export function fanoutScopesOf(
  settings: RateSettings,
  { platform, account, channel }: { platform: Platform; account: Account; channel: Channel },
): { shared: RateScope[]; person?: RateScope; people?: RateScope } {
  if (!settings.enabled) return { shared: circuitsOf(settings, account) };
  const all = ownOf(settings, { platform, account, channel, recipient: '', act: 'send' });
  const person = all.find(({ scope }) => scope === 'recipient');
  const people = all.find(({ unique }) => unique !== undefined);
  return {
    shared: [...all.filter((one) => one !== person && one !== people), ...circuitsOf(settings, account)],
    ...(person && person.rates.length > 0 ? { person } : {}),
    ...(people ? { people } : {}),
  };
}

/** The platform's own: the account's settings go before the platform's, those before what is documented. */
function ownOf(
  settings: RateSettings,
  {
    platform,
    account,
    channel,
    recipient,
    act,
  }: { platform: Platform; account: Account; channel: Channel; recipient: string | undefined; act: RateAct },
): RateScope[] {
  return platform.rates.flatMap(({ id, scope, rates: documented, unique, acts = ['send'] }): RateScope[] => {
    if (!acts.includes(act)) return [];
    const key = platform.rateKey(id, { account, channel, recipient });
    if (key === undefined || (unique && recipient === undefined)) return [];
    const set = settings.accounts[account.id]?.[id] ?? settings.platforms[platform.id]?.[id];
    const rates = set ?? (account.sandbox ? [] : documented);
    if (unique && rates.length === 0) return [];
    return [
      {
        rule: id,
        key: `${platform.id}:${id}:${key}`,
        scope,
        rates,
        ...(unique && recipient !== undefined ? { unique: recipient } : {}),
      },
    ];
  });
}

/** A channel that has a pace of its own works off a backlog at that, also newest first: two lines would hold up each other. */
function together(rhythm: RateScope[], late: RateScope[]): RateScope[] {
  const [{ lateMs } = {}] = late;
  if (lateMs === undefined || rhythm.every(({ turn }) => turn !== 'wait')) return [...rhythm, ...late];
  return rhythm.map((scope) => (scope.turn === 'wait' ? { ...scope, lateMs } : scope));
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** The channel's own: the time between two articles, and how many in an hour and a day. */
function rhythmOf({ id, rhythm }: Channel, article: string, breaking: boolean): RateScope[] {
  const { gapMs, caps, breaking: policy } = rhythm ?? {};
  const scope = (rule: string, count: number, perMs: number, turn: NonNullable<RateScope['turn']>): RateScope => ({
    ...{ rule, key: `${rule}:${id}`, rates: [{ count, perMs }], unique: article, turn },
  });
  const capped = caps && !(breaking && policy === 'always');
  return [
    ...(gapMs === undefined ? [] : [scope('gap', 1, gapMs, 'wait')]),
    ...(capped && caps.hour !== undefined ? [scope('cap-hour', caps.hour, hourMs, caps.rest)] : []),
    ...(capped && caps.day !== undefined ? [scope('cap-day', caps.day, dayMs, caps.rest)] : []),
  ];
}

/** Of a backlog. The built-in sandbox has one only where its channel says so. */
function lateOf(
  settings: RateSettings,
  { account, channel, article }: { account: Account; channel: Channel; article: string },
): RateScope[] {
  const { afterMs, rates } = channel.catchUp ?? settings.catchUp;
  if (rates.length === 0 || (account.sandbox && !channel.catchUp)) return [];
  return [{ rule: 'catchUp', key: `late:${channel.id}`, rates: [...rates], unique: article, lateMs: afterMs }];
}

/** Not a limit of the platform: an account that fails rests (see settle.lua). */
function circuitsOf({ circuits }: RateSettings, { id }: Account): RateScope[] {
  return circuits ? [{ rule: 'circuit', key: `circuit:${id}`, rates: [] }] : [];
}
