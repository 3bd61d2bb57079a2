import { nextClockChange, wallTimeAt } from './zone.ts';

/** Hours of each day, in minutes since midnight by the clock on the wall; `from` after `to` goes over midnight. */
export interface DayHours {
  fromMinute: number;
  /** The first minute that is outside again. */
  toMinute: number;
}

const minuteMs = 60_000;
const minutesOfDay = 24 * 60;

/** This instant (epoch ms) where a clock in this zone shows one of the hours, else the next at which it does. */
export function nextWithin(hours: DayHours, nowMs: number, zone: string): number {
  const { fromMinute, toMinute } = hours;
  const { hour, minute } = wallTimeAt(nowMs, zone);
  const at = hour * 60 + minute;
  const isWithin = fromMinute < toMinute ? at >= fromMinute && at < toMinute : at >= fromMinute || at < toMinute;
  if (isWithin) return nowMs;
  const minutes = (fromMinute - at + minutesOfDay) % minutesOfDay;
  const begins = Math.floor(nowMs / minuteMs + minutes) * minuteMs;
  const change = nextClockChange(nowMs, zone);
  // So long as clocks go evenly; from a change on, it is looked at anew.
  return change !== undefined && change <= begins ? nextWithin(hours, change, zone) : begins;
}
