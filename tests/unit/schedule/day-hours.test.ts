import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DayHours, nextWithin } from '../../../src/schedule/day-hours.ts';

const zones = ['UTC', 'Asia/Damascus', 'Africa/Cairo', 'Asia/Beirut', 'Europe/London', 'America/New_York'];
const minuteMs = 60_000;

const clocks = new Map(
  zones.map((timeZone) => {
    const format = { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    return [timeZone, new Intl.DateTimeFormat('en-GB', format)];
  }),
);

/** Minutes since midnight by another clock than the one under test. */
function minuteOf(atMs: number, zone: string): number {
  const [hour = 0, minute = 0] = clocks.get(zone)?.format(atMs).split(':').map(Number) ?? [];
  return hour * 60 + minute;
}

function isWithin({ fromMinute, toMinute }: DayHours, minute: number): boolean {
  return fromMinute < toMinute ? fromMinute <= minute && minute < toMinute : minute >= fromMinute || minute < toMinute;
}

const minute = fc.integer({ min: 0, max: 24 * 60 - 1 });
const hours = fc
  .record({ fromMinute: minute, toMinute: minute })
  .filter(({ fromMinute, toMinute }) => fromMinute !== toMinute);
/** Whole minutes of the years 2024 to 2027. */
const instant = fc
  .integer({ min: Date.UTC(2024, 0) / minuteMs, max: Date.UTC(2028, 0) / minuteMs })
  .map((at) => at * minuteMs);

describe('the hours of the day', () => {
  it('are now where a clock on the wall shows one of them, and else begin at the next one it shows', () => {
    fc.assert(
      fc.property(hours, instant, fc.constantFrom(...zones), (day, now, zone) => {
        const next = nextWithin(day, now, zone);
        if (isWithin(day, minuteOf(now, zone))) {
          expect(next).toBe(now);
          return;
        }
        expect(next).toBeGreaterThan(now);
        expect(isWithin(day, minuteOf(next, zone))).toBe(true);
        const outside = Array.from({ length: (next - now) / minuteMs }, (_, index) => now + index * minuteMs);
        expect(outside.find((at) => isWithin(day, minuteOf(at, zone)))).toBeUndefined();
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['Asia/Damascus', '2026-11-28T01:00:00Z', '2026-11-28T05:00:00Z'],
    ['Asia/Damascus', '2026-11-28T19:00:00Z', '2026-11-29T05:00:00Z'],
    ['Asia/Damascus', '2026-11-28T18:59:00Z', '2026-11-28T18:59:00Z'],
    ['Europe/London', '2026-03-28T23:00:00Z', '2026-03-29T07:00:00Z'],
  ])('from 08:00 to 22:00 in %s, at %s, are told at %s', (zone, now, then) => {
    expect(nextWithin({ fromMinute: 480, toMinute: 1320 }, Date.parse(now), zone)).toBe(Date.parse(then));
  });

  it('go over midnight', () => {
    const night = { fromMinute: 22 * 60, toMinute: 6 * 60 };
    const at = (text: string) => nextWithin(night, Date.parse(text), 'UTC');
    expect(at('2026-11-28T23:00:00Z')).toBe(Date.parse('2026-11-28T23:00:00Z'));
    expect(at('2026-11-28T05:59:00Z')).toBe(Date.parse('2026-11-28T05:59:00Z'));
    expect(at('2026-11-28T06:00:00Z')).toBe(Date.parse('2026-11-28T22:00:00Z'));
  });
});
