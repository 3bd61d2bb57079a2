import { createRandom, type Random } from '../random.ts';
import { clockChanges } from './wall.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

export const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Hours as the configuration has them. */
export interface GivenHours {
  days: string[];
  from: string;
  to: string;
}

/** A channel as the configuration has it. */
export interface GivenChannel {
  id: string;
  account: string;
  chat?: string;
  recipients?: string[];
  windows?: GivenHours[];
  quiet?: GivenHours[];
  onHoliday?: 'usual' | 'weekend' | 'closed';
  late?: 'next' | 'digest' | 'drop';
  breaking?: 'windows' | 'always';
  /** Minutes, with an `m`. */
  gap?: string;
  caps?: { hour?: number; day?: number; rest: 'wait' | 'digest' | 'drop' };
  collect?: boolean;
  /** Hours, with an `h`. */
  staleAfter?: string;
  catchUp: { rate: string };
}

/** A configuration, as far as it differs from one run to the next. */
export interface GivenConfig {
  timezone: string;
  weekend: string[];
  holidays: string[];
  channels: GivenChannel[];
  /** Requests of the X account in a day. */
  budget?: { requests: number; whenSpent: 'hold' | 'stop' };
  /** Messages to one chat on Telegram, in an hour. */
  chatPerHour?: number;
  limited: boolean;
  /** When channels that gather get their digests. */
  digestCron?: string;
}

/** Whether a channel gathers what it does not post by itself. */
export function gathers({ collect, late, caps }: GivenChannel): boolean {
  return collect === true || late === 'digest' || caps?.rest === 'digest';
}

export interface GivenArticle {
  id: string;
  atMs: number;
  priority: 'breaking' | 'normal' | 'low';
  embargoMs?: number;
  /** Its embargo is moved, or (without `untilMs`) lifted. */
  moves: { atMs: number; untilMs?: number }[];
}

/** A year in a newsroom. */
export interface Year {
  seed: number;
  fromMs: number;
  toMs: number;
  config: GivenConfig;
  articles: GivenArticle[];
  /** Share of requests that a platform refuses for the moment. */
  failing: number;
}

const zones = [
  ...['Africa/Cairo', 'Asia/Beirut', 'Europe/London', 'America/New_York', 'Asia/Damascus'],
  ...['Australia/Lord_Howe', 'Pacific/Chatham', 'UTC'],
];

/** The same seed gives the same year. */
export function planYear(seed: number, articleCount: number): Year {
  const random = createRandom(seed);
  const fromMs = Date.UTC(random.whole(2024, 2027), random.whole(0, 11), 1);
  const toMs = fromMs + 365 * dayMs;
  const config = planConfig(random, fromMs);
  const changes = clockChanges(fromMs, toMs, config.timezone);
  const articles = planTimes(random, { fromMs, toMs, changes }, articleCount).map((atMs, index) =>
    planArticle(random, `a${seed}-${index}`, atMs),
  );
  return { seed, fromMs, toMs, config, articles, failing: random.chance(0.4) ? 0.15 : 0 };
}

function planConfig(random: Random, fromMs: number): GivenConfig {
  const weekend = random.pick([['fri', 'sat'], ['sat', 'sun'], ['fri']]);
  const places: Pick<GivenChannel, 'id' | 'account' | 'chat' | 'recipients'>[] = [
    { id: 'telegram-one', account: 'telegram-main', chat: '@one_channel' },
    { id: 'telegram-two', account: 'telegram-main', chat: '@two_channel' },
    { id: 'x-one', account: 'x-main' },
    { id: 'facebook-one', account: 'facebook-main' },
    { id: 'whatsapp-one', account: 'whatsapp-main', recipients: ['+963900000001', '+963900000002'] },
  ];
  const chosen = places.filter(() => random.chance(0.6));
  return {
    timezone: random.pick(zones),
    weekend,
    holidays: random.many(random.whole(0, 6), () => {
      const date = new Date(fromMs + random.whole(0, 364) * dayMs).toISOString().slice(0, 10);
      return random.chance(0.5) ? date : date.slice(5);
    }),
    channels: (chosen.length > 0 ? chosen : places.slice(0, 2)).map((place) => ({ ...place, ...planChannel(random) })),
    limited: random.chance(0.5),
    digestCron: `${random.whole(0, 59)} ${random.whole(0, 23)} * * *`,
    ...(random.chance(0.3) ? { chatPerHour: random.whole(1, 5) } : {}),
    ...(random.chance(0.3)
      ? { budget: { requests: random.whole(2, 6), whenSpent: random.pick(['hold', 'stop'] as const) } }
      : {}),
  };
}

function planChannel(random: Random): Omit<GivenChannel, 'id' | 'account'> {
  const maybe = <Value>(share: number, key: string, make: () => Value) =>
    random.chance(share) ? { [key]: make() } : {};
  return {
    catchUp: { rate: random.chance(0.7) ? 'none' : '6/10m' },
    ...maybe(0.6, 'windows', () => random.many(random.whole(1, 3), () => planHours(random, 2, 20))),
    ...maybe(0.4, 'quiet', () => random.many(random.whole(1, 2), () => planHours(random, 1, 9))),
    ...maybe(0.6, 'onHoliday', () => random.pick(['usual', 'weekend', 'closed'])),
    ...maybe(0.4, 'late', () => random.pick(['next', 'digest', 'drop'])),
    ...maybe(0.6, 'breaking', () => random.pick(['windows', 'always'])),
    ...maybe(0.4, 'gap', () => `${random.pick([1, 10, 45, 180])}m`),
    ...maybe(0.3, 'caps', () => ({
      ...(random.chance(0.7) ? { hour: random.whole(1, 3) } : { day: random.whole(2, 8) }),
      rest: random.pick(['wait', 'digest', 'drop']),
    })),
    ...maybe(0.1, 'collect', () => true),
    ...maybe(0.2, 'staleAfter', () => `${random.pick([1, 6, 48])}h`),
  };
}

function planHours(random: Random, least: number, most: number): GivenHours {
  const from = random.whole(0, 95);
  const to = (from + random.whole(least * 4, most * 4)) % 96;
  const days = random.chance(0.4)
    ? [random.pick(['daily', 'weekdays', 'weekend'])]
    : [...new Set(random.many(random.whole(2, 6), () => random.pick(dayNames)))];
  const clock = (quarter: number) =>
    `${String(Math.floor(quarter / 4)).padStart(2, '0')}:${String((quarter % 4) * 15).padStart(2, '0')}`;
  return { days, from: clock(from), to: clock(to) };
}

/** Some come at any minute, some together, and some when clocks are changed. */
function planTimes(
  random: Random,
  { fromMs, toMs, changes }: { fromMs: number; toMs: number; changes: readonly number[] },
  count: number,
): number[] {
  const times: number[] = [];
  while (times.length < count) {
    const any = fromMs + random.whole(0, Math.floor((toMs - fromMs) / minuteMs) - 1) * minuteMs;
    if (changes.length > 0 && random.chance(0.15)) {
      times.push(random.pick(changes) + random.whole(-180, 180) * minuteMs);
    } else if (random.chance(0.1)) {
      times.push(...random.many(random.whole(2, 10), () => any + random.whole(0, 20) * minuteMs));
    } else times.push(any + (random.chance(0.2) ? random.whole(0, 59_999) : 0));
  }
  return times
    .slice(0, count)
    .map((atMs) => Math.min(Math.max(atMs, fromMs), toMs))
    .sort((one, other) => one - other);
}

function planArticle(random: Random, id: string, atMs: number): GivenArticle {
  const priority = random.pick(['breaking', 'normal', 'normal', 'normal', 'low'] as const);
  if (!random.chance(0.3)) return { id, atMs, priority, moves: [] };
  const embargoMs = atMs + random.whole(-60, 3 * 1440) * minuteMs;
  const moves = random.chance(0.5)
    ? random.many(random.whole(1, 2), () => ({
        atMs: atMs + random.whole(1, 2 * 1440) * minuteMs,
        ...(random.chance(0.8) ? { untilMs: atMs + random.whole(0, 5 * 1440) * minuteMs } : {}),
      }))
    : [];
  return { id, atMs, priority, embargoMs, moves: moves.sort((one, other) => one.atMs - other.atMs) };
}
