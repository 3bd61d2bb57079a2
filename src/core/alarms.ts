/** Whether an alarm wakes somebody, waits for the day, or is told to nobody. */
export type Severity = 'wake' | 'day' | 'off';
export const severities = ['wake', 'day', 'off'] as const satisfies readonly Severity[];

/** What is known of an alarm beside its kind: ids and texts by name, such as `channel`, `delivery`, `reason`. */
export type AlarmDetail = Readonly<Record<string, string>>;

/** What people should know of. The same kind and subject is the same alarm. */
export interface Alarm {
  kind: AlarmKind;
  /** What it is about: a channel, an account, an article on a channel. */
  subject: string;
  detail: AlarmDetail;
}

/** How alarms of one kind are told. */
export interface AlarmWords {
  /** Unless `alarms.severity` says otherwise. */
  severity: Exclude<Severity, 'off'>;
  /** It goes on until something ends it, and that is told too: what is said then. Absent where it only happens. */
  over?(detail: AlarmDetail): string;
  /** What happened and where, without a full stop. `count`: how often since it was last told. */
  what(detail: AlarmDetail, count: number): string;
  /** What to do, in words; absent where the command says it all. */
  remedy?(detail: AlarmDetail): string;
  /** The command to run, without `munadi`. */
  command?(detail: AlarmDetail, count: number): string;
}

const about = (text: string | undefined, before = ': ') => (text ? `${before}${text}` : '');
const named = (detail: AlarmDetail, name: string) => detail[name] ?? 'unknown';

/** Every kind of alarm. A new one is an entry here and a row in docs/operations.md. */
export const alarmKinds = {
  'breaking-late': {
    severity: 'wake',
    what: (detail) => `breaking news is not live on ${named(detail, 'channel')}${about(detail.reason)}`,
    over: (detail) => `breaking news is live on ${named(detail, 'channel')} now`,
    command: (detail) => `why ${named(detail, 'article')}`,
  },
  'account-paused': {
    severity: 'wake',
    what: (detail) => `the account ${named(detail, 'account')} rests, as it was refused${about(detail.reason)}`,
    over: (detail) => `the account ${named(detail, 'account')} goes on`,
    remedy: () => 'Renew its credentials, and it goes on by itself where they stand in .env; else by a restart, or by:',
    command: () => 'resume CHANNEL',
  },
  'channel-paused': {
    severity: 'wake',
    what: (detail) => `the channel ${named(detail, 'channel')} rests, as it is closed to us${about(detail.reason)}`,
    over: (detail) => `the channel ${named(detail, 'channel')} goes on`,
    remedy: () => 'Give the bot its rights again, then:',
    command: (detail) => `resume ${named(detail, 'channel')}`,
  },
  template: {
    severity: 'wake',
    what: (detail) =>
      `the template ${named(detail, 'template')} of ${named(detail, 'account')} cannot be used, and the channels that use it rest${about(detail.channels, ' (')}${detail.channels ? ')' : ''}${about(detail.reason)}`,
    over: (detail) => `the template ${named(detail, 'template')} of ${named(detail, 'account')} can be used again`,
    remedy: () =>
      'See in the WhatsApp Manager why. The channels go on by themselves once it is approved, or by `resume CHANNEL` with another template. What the account has:',
    command: () => 'templates',
  },
  'template-quality': {
    severity: 'day',
    what: (detail) =>
      `the template ${named(detail, 'template')} of ${named(detail, 'account')} is at risk${about(detail.reason)}`,
    remedy: () => 'Readers block or report what it brings. Send less, or what they asked for:',
    command: () => 'templates',
  },
  'account-notice': {
    severity: 'day',
    what: (detail) => `the platform says of the account ${named(detail, 'account')}${about(detail.reason)}`,
    command: () => 'status',
  },
  held: {
    severity: 'day',
    what: (detail, count) =>
      `${count > 1 ? `${count} posts` : 'a post'} may be live on ${named(detail, 'channel')}, and nobody but a person can tell${about(detail.reason)}`,
    remedy: (detail) => `Look at the channel, then say what you saw (delivery ${named(detail, 'delivery')}):`,
    command: (detail, count) =>
      count > 1 ? 'status' : `resolve ${named(detail, 'delivery')} --published URL | --not-published`,
  },
  failed: {
    severity: 'day',
    what: (detail, count) =>
      `${count > 1 ? `${count} posts` : 'a post'} on ${named(detail, 'channel')} will not go out (${named(detail, 'state')})${about(detail.reason)}`,
    remedy: () => 'Put right what was wrong, then:',
    command: (detail, count) =>
      count > 1
        ? `retry --failed --channel ${named(detail, 'channel')}${about(detail.code, ' --code ')} --dry-run`
        : `retry ${named(detail, 'delivery')}`,
  },
  circuit: {
    severity: 'day',
    what: (detail) => `the account ${named(detail, 'account')} failed several times in a row, and rests`,
    over: (detail) => `the account ${named(detail, 'account')} works again`,
    remedy: () => "It is tried again by itself; look at the platform's own status.",
    command: () => 'status',
  },
  budget: {
    severity: 'day',
    what: (detail) =>
      `the budget of ${named(detail, 'account')} does not cover a post (${named(detail, 'of')}, ${named(detail, 'period')})`,
    remedy: () => 'Raise it in `budgets`, or wait for the next period.',
    command: () => 'status',
  },
  'budget-soon': {
    severity: 'day',
    what: (detail) =>
      `the budget of ${named(detail, 'account')} ends soon at this rate (${named(detail, 'of')} of this ${named(detail, 'period')})${about(detail.reason)}`,
    remedy: () => 'Raise it in `budgets`, or publish less.',
    command: () => 'status',
  },
  'schedule-missed': {
    severity: 'day',
    what: (detail) => `the schedule ${named(detail, 'schedule')} missed a run${about(detail.reason)}`,
    command: () => 'status',
  },
  'schedule-failed': {
    severity: 'day',
    what: (detail) => `the schedule ${named(detail, 'schedule')} failed${about(detail.reason)}`,
    remedy: () => 'It comes again at its next tick.',
    command: () => 'status',
  },
  deleted: {
    severity: 'wake',
    what: (detail) => `an article is gone at ${named(detail, 'source')}, and is live here${about(detail.reason)}`,
    remedy: () => 'Take it away with the first command, or leave it with the second:',
    command: (detail) => `retract ${named(detail, 'article')} | retract ${named(detail, 'article')} --keep`,
  },
  feed: {
    severity: 'day',
    what: (detail) => `the feed ${named(detail, 'feed')} cannot be read${about(detail.reason)}`,
    over: (detail) => `the feed ${named(detail, 'feed')} is read again`,
    remedy: () => 'It is tried again by itself; see what it yields:',
    command: (detail) => `feed ${detail.url ?? 'URL'}`,
  },
  source: {
    severity: 'day',
    what: (detail) => `the source ${named(detail, 'source')} cannot be used${about(detail.reason)}`,
    over: (detail) => `the source ${named(detail, 'source')} works again`,
    command: () => 'check',
  },
  'config-refused': {
    severity: 'day',
    what: (detail) => `a changed configuration is refused, and the one before goes on${about(detail.reason)}`,
    over: () => 'the configuration is accepted again',
    command: () => 'check',
  },
} satisfies Record<string, AlarmWords>;

export type AlarmKind = keyof typeof alarmKinds;
export const alarmKindNames = Object.keys(alarmKinds) as AlarmKind[];

/** How alarms of this kind are told; of a kind that a newer process raised, in general words. */
export function wordsOf(kind: string): AlarmWords {
  return Object.hasOwn(alarmKinds, kind)
    ? alarmKinds[kind as AlarmKind]
    : { severity: 'day', what: (detail) => `${kind}${about(detail.reason)}`, command: () => 'alarms' };
}

/** The alarms of one moment, as they stand in a target's queue. Times are epoch ms. */
export interface Telling {
  /** Of this telling: receivers can tell by it what they have had already. */
  id: string;
  kind: string;
  subject: string;
  detail: AlarmDetail;
  severity: Exclude<Severity, 'off'>;
  /** How often it happened since it was last told. */
  count: number;
  /** When it first happened since then; of what lasts, when it began. */
  sinceMs: number;
  /** It was told before, and still goes on. */
  again: boolean;
  /** When it ended, where it has. */
  overMs?: number;
}
