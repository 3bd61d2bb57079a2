/** A day and a month of a time zone, when they began and when they end. */
export interface Periods {
  /** `2026-11-25`. */
  day: string;
  /** `2026-11`. */
  month: string;
  /** Epoch ms. */
  dayBeginsMs: number;
  dayEndsMs: number;
  monthBeginsMs: number;
  monthEndsMs: number;
}

const minuteMs = 60_000;
const longestDayMs = 26 * 60 * minuteMs;
const longestMonthMs = 32 * 24 * 60 * minuteMs;

/** Tells the periods of an instant; those of the last day asked for are remembered. */
export function createPeriods(timezone: string): (atMs: number) => Periods {
  const format = new Intl.DateTimeFormat('en-CA', {
    ...{ timeZone: timezone, year: 'numeric', month: '2-digit', day: '2-digit', calendar: 'gregory' },
  });
  const dayOf = (ms: number) => format.format(ms);
  const monthOf = (ms: number) => dayOf(ms).slice(0, 7);
  let last: Periods | undefined;

  return (atMs) => {
    if (last && atMs >= last.dayBeginsMs && atMs < last.dayEndsMs) return last;
    last = {
      day: dayOf(atMs),
      month: monthOf(atMs),
      dayBeginsMs: edgeOf(dayOf, atMs, -longestDayMs),
      dayEndsMs: edgeOf(dayOf, atMs, longestDayMs),
      monthBeginsMs: edgeOf(monthOf, atMs, -longestMonthMs),
      monthEndsMs: edgeOf(monthOf, atMs, longestMonthMs),
    };
    return last;
  };
}

/** The whole minute at which a period begins (`reachMs` back) or ends (`reachMs` on), which comes within that reach. */
function edgeOf(nameOf: (ms: number) => string, atMs: number, reachMs: number): number {
  const name = nameOf(atMs);
  let within = Math.floor(atMs / minuteMs);
  let beyond = Math.floor((atMs + reachMs) / minuteMs);
  while (Math.abs(beyond - within) > 1) {
    const middle = Math.floor((within + beyond) / 2);
    if (nameOf(middle * minuteMs) === name) within = middle;
    else beyond = middle;
  }
  return Math.max(within, beyond) * minuteMs;
}
