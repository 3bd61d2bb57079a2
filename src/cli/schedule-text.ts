import type { ChannelHours, ScheduleTicks } from '../desk/schedule.ts';
import { wrap } from './preview-columns.ts';
import { clean } from './preview-text.ts';
import { table } from './print.ts';

/** A line of a timetable; lines of one article on one channel within a minute are shown as one. */
export interface ScheduleLine {
  /** Epoch ms. */
  atMs: number;
  article: string;
  title: string;
  channel: string;
  /** Such as a state. */
  what: string;
  /** In words; empty: none. */
  reason: string;
}

export interface ScheduleTextOptions {
  /** IANA name. */
  timezone: string;
  /** So many rows at most; the rest is counted. */
  most: number;
}

const width = 76;
const titleWidth = 44;
const minuteMs = 60_000;
/** Of what comes again and again, so many times are shown. */
const timesShown = 4;

/** Lines in order of time, under a heading for each day; each with its reason below it. */
export function renderLines(lines: readonly ScheduleLine[], { timezone, most }: ScheduleTextOptions): string {
  const { dayOf, timeOf } = clockOf(timezone);
  const rows = fold(lines);
  const shown = rows.slice(0, most);
  const cells = table(
    shown.map(({ line, count }) => [
      `  ${timeOf(line.atMs)}`,
      count > 1 ? `${line.channel} (${count})` : line.channel,
      line.what,
      headline(line.title),
    ]),
  ).split('\n');
  const text: string[] = [];
  let day = '';
  for (const [index, { line }] of shown.entries()) {
    if (dayOf(line.atMs) !== day) {
      day = dayOf(line.atMs);
      text.push(day);
    }
    text.push(cells[index]?.trimEnd() ?? '');
    if (line.reason !== '') text.push(...wrap(clean(line.reason), width - 12).map((row) => `            ${row}`));
  }
  if (rows.length > shown.length) text.push(`  and ${rows.length - shown.length} more; --json shows them all`);
  return text.join('\n');
}

/** When schedules do what they do, a line each. */
export function renderTicks(schedules: readonly ScheduleTicks[], timezone: string): string {
  const { shortOf } = clockOf(timezone);
  return table(
    schedules.map(({ schedule, action, ticks, more }) => [
      `  ${schedule}`,
      action,
      ticks.length === 0
        ? 'not in this time'
        : firstFew(
            ticks.map((at) => shortOf(Date.parse(at))),
            more,
          ),
    ]),
  );
}

function firstFew(words: readonly string[], areMore = false): string {
  const rest = words.length - timesShown;
  const last = areMore ? ['very many more'] : rest > 0 ? [`${rest} more`] : [];
  return [...words.slice(0, timesShown), ...last].join(', ');
}

/** When channels open and close, a line each; the first few times of many. */
export function renderHours(hours: readonly ChannelHours[], timezone: string): string {
  const { shortOf } = clockOf(timezone);
  return table(
    hours.map(({ channel, isOpen, because, changes }) => [
      `  ${channel}`,
      [
        isOpen ? 'open' : `closed (${because})`,
        firstFew(
          changes.map(
            ({ at, opens, because: why }) =>
              `${opens ? 'opens' : 'closes'} ${shortOf(Date.parse(at))}${why === null ? '' : ` (${why})`}`,
          ),
        ),
      ]
        .filter((words) => words !== '')
        .join(', '),
    ]),
  );
}

/** The day and the time of day of an instant (epoch ms), as people of that zone say them. */
export function clockOf(timezone: string): Record<'dayOf' | 'timeOf' | 'shortOf', (atMs: number) => string> {
  const day = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: timezone, weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' },
  });
  const time = new Intl.DateTimeFormat('en-GB', { timeZone: timezone, timeStyle: 'medium' });
  const short = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: timezone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  });
  return {
    dayOf: (atMs) => day.format(atMs),
    timeOf: (atMs) => time.format(atMs),
    shortOf: (atMs) => short.format(atMs).replace(', ', ' '),
  };
}

/** A length of time in its two largest units. */
export function durationInWords(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const units: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  const first = units.findIndex(([size]) => seconds >= size);
  if (first < 0) return '0 s';
  const [[size, name] = [1, 's'], next] = units.slice(first, first + 2);
  const whole = Math.floor(seconds / size);
  const rest = next ? Math.floor((seconds - whole * size) / next[0]) : 0;
  return next && rest > 0 ? `${whole} ${name} ${rest} ${next[1]}` : `${whole} ${name}`;
}

/** Of what is shown as one line, the last is told. */
function fold(lines: readonly ScheduleLine[]): { line: ScheduleLine; count: number }[] {
  const groups = Map.groupBy(lines, ({ atMs, article, channel, what }) =>
    JSON.stringify([Math.floor(atMs / minuteMs), article, channel, what]),
  );
  return [...groups.values()].map((group) => ({ line: group.at(-1) as ScheduleLine, count: group.length }));
}

function headline(title: string): string {
  const [first = '', ...more] = wrap(clean(title), titleWidth);
  return more.length > 0 ? `${first} …` : first;
}
