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

/** A time of a day; hours of 24 and more, minutes of 60 and more, and days beyond the month's end run over. */
export type WallMoment = Omit<WallTime, 'weekday' | 'second'> & { second?: number };

/**
 * The first instant (epoch ms) at which a clock in this zone shows a time. A time that does not exist, as clocks are put
 * forward over it, gives the first instant after the gap; of one that occurs twice, the first is taken.
 */
export function instantOf(moment: WallMoment, zone: string): number {
  return instantsOf(moment, zone)[0];
}

/** Every instant (epoch ms) at which a clock in this zone shows a time: two where clocks are put back over it. */
export function instantsOf(
  { year, month, day, hour, minute, second = 0 }: WallMoment,
  zone: string,
): [number, ...number[]] {
  const wall = Temporal.PlainDateTime.from({ year, month, day: 1 }).add({
    days: day - 1,
    hours: hour,
    minutes: minute,
    seconds: second,
  });
  const first = wall.toZonedDateTime(zone, { disambiguation: 'earlier' });
  if (!first.toPlainDateTime().equals(wall)) {
    // In a gap, `earlier` is as much before it as the clock is put forward.
    return [first.getTimeZoneTransition('next')?.epochMilliseconds ?? first.epochMilliseconds];
  }
  const last = wall.toZonedDateTime(zone, { disambiguation: 'later' });
  if (last.equals(first)) return [first.epochMilliseconds];
  return [first.epochMilliseconds, last.epochMilliseconds];
}

/** The next instant (epoch ms) after this one at which clocks in this zone are put forward or back; none: never. */
export function nextClockChange(atMs: number, zone: string): number | undefined {
  return zoned(atMs, zone).getTimeZoneTransition('next')?.epochMilliseconds;
}

function zoned(atMs: number, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(zone);
}

/** A stretch of time in which clocks in a zone keep one distance from UTC. Instants are epoch ms. */
export interface Stretch {
  /** Its first instant; -Infinity: it has always been so. */
  fromMs: number;
  /** The first instant after it; Infinity: it stays so. */
  untilMs: number;
  /** What clocks are ahead of UTC; before the stretch, `earlierMs`. */
  offsetMs: number;
  earlierMs: number;
}

/** The stretch that an instant lies in. */
export function stretchAt(atMs: number, zone: string): Stretch {
  const at = zoned(atMs, zone);
  const next = at.getTimeZoneTransition('next')?.epochMilliseconds ?? Number.POSITIVE_INFINITY;
  // `previous` looks before an instant, and the instant itself may be the first.
  const last = zoned(atMs + 1, zone).getTimeZoneTransition('previous')?.epochMilliseconds;
  const offsetMs = offsetOf(at);
  if (last === undefined) return { fromMs: Number.NEGATIVE_INFINITY, untilMs: next, offsetMs, earlierMs: offsetMs };
  return { fromMs: last, untilMs: next, offsetMs, earlierMs: offsetOf(zoned(last - 1, zone)) };
}

const offsetOf = (at: Temporal.ZonedDateTime) => Math.round(at.offsetNanoseconds / 1e6);
