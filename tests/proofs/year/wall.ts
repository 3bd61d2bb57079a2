/** Wall clocks as `Intl` tells them, and by nothing of ours. */

export interface Wall {
  /** `2026-03-29`. */
  date: string;
  /** 0 is Sunday. */
  weekday: number;
  /** Since midnight, with fractions. */
  minute: number;
}

const quarterMs = 900_000;
const dayMs = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, number>();

/** What a clock shows in a zone at an instant. Clocks are changed at quarters of an hour, if at all. */
export function wallOf(atMs: number, zone: string): Wall {
  const local = atMs + offsetAt(atMs, zone);
  return {
    date: new Date(local).toISOString().slice(0, 10),
    weekday: new Date(local).getUTCDay(),
    minute: (((local % dayMs) + dayMs) % dayMs) / 60_000,
  };
}

/** How far a clock is ahead of UTC (ms). */
export function offsetAt(atMs: number, zone: string): number {
  const quarter = Math.floor(atMs / quarterMs) * quarterMs;
  const key = `${zone} ${quarter}`;
  const known = offsets.get(key);
  if (known !== undefined) return known;
  const format = formats.get(zone) ?? new Intl.DateTimeFormat('en-US', { ...shape, timeZone: zone });
  formats.set(zone, format);
  const parts = Object.fromEntries(format.formatToParts(quarter).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  const offset = Date.UTC(year, month - 1, day, hour, minute, second) - quarter;
  offsets.set(key, offset);
  return offset;
}

const shape: Intl.DateTimeFormatOptions = {
  calendar: 'gregory',
  numberingSystem: 'latn',
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
};

/** The date before (`days` -1) or after another. */
export function dateBeside(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayMs).toISOString().slice(0, 10);
}

/** Instants between two at which clocks in a zone are changed (epoch ms). */
export function clockChanges(fromMs: number, toMs: number, zone: string): number[] {
  const changes: number[] = [];
  for (let day = fromMs; day < toMs; day += dayMs) {
    if (offsetAt(day, zone) === offsetAt(day + dayMs, zone)) continue;
    for (let at = Math.floor(day / quarterMs) * quarterMs; at <= day + dayMs; at += quarterMs) {
      if (offsetAt(at - quarterMs, zone) !== offsetAt(at, zone)) changes.push(at);
    }
  }
  return [...new Set(changes)];
}
