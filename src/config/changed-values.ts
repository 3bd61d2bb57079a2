import type { Channel } from '../core/channel.ts';
import type { Hours } from '../core/timetable.ts';
import type { Path } from './problem.ts';

type Values = Record<string, unknown>;

const longestShown = 100;
/** People's numbers are no matter of a log. */
const personal = new Set(['recipients']);

/** What holds where a channel says nothing of its rhythm. */
const usual = { collect: false, late: 'next', breaking: 'windows' };

/** A channel with its keys side by side, as the file has them. */
export function asWritten({ settings, style, rhythm, ...common }: Channel): Values {
  const { timetable, ...own } = { ...usual, ...rhythm };
  const { windows = [], quiet = [], holidays = [], onHoliday = 'usual', weekend } = timetable ?? {};
  return {
    ...{ ...common, ...settings, ...style, ...own, windows, quiet, holidays, onHoliday },
    ...(weekend === undefined ? {} : { weekend }),
  };
}

/** A value before and after, as a log may show it; long ones only by their size. */
export function shownPair(path: Path, before: unknown, after: unknown): string {
  if (path.join('.') === 'redis.url') return 'another address';
  const [one, other] = [shown(path, before), shown(path, after)];
  return one === other ? 'changed' : `${one} -> ${other}`;
}

function shown(path: Path, value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value) && personal.has(String(path.at(-1)))) return countOf(value);
  if (typeof value === 'number' && String(path.at(-1)).endsWith('Ms')) return durationText(value);
  const text = isHours(value) ? value.map(hoursText).join(', ') : JSON.stringify(value);
  if (text.length <= longestShown) return text;
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  return Array.isArray(value) ? countOf(value) : 'many settings';
}

function countOf({ length }: unknown[]): string {
  return length === 1 ? '1 entry' : `${length} entries`;
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

function durationText(ms: number): string {
  const unit = units.find(([, unitMs]) => ms !== 0 && ms % unitMs === 0);
  return unit ? `${ms / unit[1]}${unit[0]}` : `${ms}ms`;
}

function isHours(value: unknown): value is Hours[] {
  return Array.isArray(value) && value.length > 0 && value.every((one) => typeof one?.fromMinute === 'number');
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

function hoursText({ days, fromMinute, toMinute }: Hours): string {
  const which = days.length === dayNames.length ? 'daily' : days.map((day) => dayNames[day]).join(' ');
  return `${which} ${clockText(fromMinute)}-${toMinute === 1440 ? '24:00' : clockText(toMinute % 1440)}`;
}

function clockText(minute: number): string {
  const [hours, minutes] = [Math.floor(minute / 60), minute % 60];
  return [hours, minutes].map((number) => `${number}`.padStart(2, '0')).join(':');
}
