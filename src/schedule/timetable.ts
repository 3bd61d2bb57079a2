import type { Hours, Timetable } from '../core/timetable.ts';
import { instantOf, instantsOf, nextClockChange, type WallTime, wallTimeAt } from './zone.ts';

/** Whether a timetable is open, and until when (epoch ms; absent: for ever, as far as one can see). */
export interface Opening {
  isOpen: boolean;
  changesAt?: number;
  /** Why it is closed, such as `quiet hours`. */
  because?: string;
}

const minutesPerDay = 1440;
/** Further than a year ahead nothing is looked for: what never opens by then never does. */
const horizonDays = 400;

/**
 * Whether one may post at an instant, by what a clock in the timetable's zone shows then: within a window, which belongs
 * to the day on which it begins, and not in quiet hours. Pure.
 */
export function openingAt(timetable: Timetable, atMs: number): Opening {
  const because = closedBecause(timetable, atMs);
  const isOpen = because === undefined;
  const change = changeAfter(timetable, atMs, isOpen);
  return {
    isOpen,
    ...(change === undefined ? {} : { changesAt: change }),
    ...(because === undefined ? {} : { because }),
  };
}

/** The first instant from `atMs` on at which it is open (epoch ms); undefined: never, as far as one can see. */
export function opensAt(timetable: Timetable, atMs: number): number | undefined {
  const { isOpen, changesAt } = openingAt(timetable, atMs);
  return isOpen ? atMs : changesAt;
}

/** A day and what counts for it: its number in the week, or that it is a holiday. */
interface Day {
  weekday: number;
  isClosed: boolean;
  isWeekend: boolean;
}

function closedBecause(timetable: Timetable, atMs: number): string | undefined {
  const wall = wallTimeAt(atMs, timetable.zone);
  const today = dayOf(timetable, wall);
  if (today.isClosed) return 'a holiday';
  const yesterday = dayOf(timetable, wallTimeAt(Date.UTC(wall.year, wall.month - 1, wall.day - 1), 'UTC'));
  const minute = wall.hour * 60 + wall.minute;
  const isWithin = (hours: readonly Hours[]) =>
    hours.some(
      (span) =>
        (holdsOn(span, today, timetable) && span.fromMinute <= minute && minute < span.toMinute) ||
        (holdsOn(span, yesterday, timetable) && minute + minutesPerDay < span.toMinute),
    );
  if (isWithin(timetable.quiet)) return 'quiet hours';
  if (timetable.windows.length > 0 && !isWithin(timetable.windows)) return 'outside its windows';
  return undefined;
}

function holdsOn({ days }: Hours, { weekday, isClosed, isWeekend }: Day, { weekend }: Timetable): boolean {
  if (isClosed) return false;
  return isWeekend ? days.some((day) => weekend.includes(day)) : days.includes(weekday);
}

function dayOf({ holidays, onHoliday }: Timetable, { year, month, day, weekday }: WallTime): Day {
  const pad = (number: number, length = 2) => String(number).padStart(length, '0');
  const date = `${pad(month)}-${pad(day)}`;
  const isHoliday = onHoliday !== 'usual' && holidays.some((one) => one === date || one === `${pad(year, 4)}-${date}`);
  return { weekday, isClosed: isHoliday && onHoliday === 'closed', isWeekend: isHoliday && onHoliday === 'weekend' };
}

/** The first instant after `atMs` at which it is not as it is. */
function changeAfter(timetable: Timetable, atMs: number, isOpen: boolean): number | undefined {
  const isSteady = timetable.windows.length === 0 && timetable.quiet.length === 0;
  if (isSteady && (timetable.onHoliday !== 'closed' || timetable.holidays.length === 0)) return undefined;
  const { year, month, day } = wallTimeAt(atMs, timetable.zone);
  const minutes = boundaries(timetable);
  // At these the hour jumps, perhaps out of a window or into one.
  let jump = nextClockChange(atMs, timetable.zone);
  for (let ahead = 0; ahead <= horizonDays; ahead += 1) {
    const moments = minutes.flatMap((minute) =>
      instantsOf({ year, month, day: day + ahead, hour: 0, minute }, timetable.zone),
    );
    const nextDay = instantOf({ year, month, day: day + ahead + 1, hour: 0, minute: 0 }, timetable.zone);
    for (; jump !== undefined && jump <= nextDay; jump = nextClockChange(jump, timetable.zone)) moments.push(jump);
    const change = moments
      .filter((moment) => moment > atMs)
      .sort((one, other) => one - other)
      .find((moment) => (closedBecause(timetable, moment) === undefined) !== isOpen);
    if (change !== undefined) return change;
  }
  return undefined;
}

/** Minutes of a day at which something may change. */
function boundaries({ windows, quiet }: Timetable): number[] {
  const minutes = [...windows, ...quiet].flatMap(({ fromMinute, toMinute }) => [fromMinute, toMinute % minutesPerDay]);
  return [...new Set([0, ...minutes])];
}
