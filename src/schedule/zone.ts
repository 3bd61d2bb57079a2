import { Temporal } from 'temporal-polyfill';

/** A moment as a clock on the wall shows it. */
export interface WallTime {
  year: number;
  /** 1 to 12. */
  month: number;
  day: number;
  /** 0 is Sunday. */
  weekday: number;
  hour: number;
  minute: number;
  second: number;
}

/** What a clock in this zone (IANA name) shows at an instant (epoch ms). */
export function wallTimeAt(atMs: number, zone: string): WallTime {
  const { year, month, day, dayOfWeek, hour, minute, second } = zoned(atMs, zone);
  return { year, month, day, weekday: dayOfWeek % 7, hour, minute, second };
}

/**
 * The first instant (epoch ms) at which a clock in this zone shows a time. A time that does not exist, as clocks are put
 * forward over it, gives the first instant after the gap; of one that occurs twice, the first is taken. Hours of 24 and
 * more, and days beyond the month's end, run over into the next.
 */
export function instantOf(
  { year, month, day, hour, minute, second = 0 }: Omit<WallTime, 'weekday' | 'second'> & { second?: number },
  zone: string,
): number {
  const wall = Temporal.PlainDateTime.from({ year, month, day: 1 }).add({
    days: day - 1,
    hours: hour,
    minutes: minute,
    seconds: second,
  });
  const found = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (found.toPlainDateTime().equals(wall)) return found.epochMilliseconds;
  // In a gap, `earlier` is as much before it as the clock is put forward.
  return found.getTimeZoneTransition('next')?.epochMilliseconds ?? found.epochMilliseconds;
}

/** The next instant (epoch ms) after this one at which clocks in this zone are put forward or back; none: never. */
export function nextClockChange(atMs: number, zone: string): number | undefined {
  return zoned(atMs, zone).getTimeZoneTransition('next')?.epochMilliseconds;
}

function zoned(atMs: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(zone);
}
