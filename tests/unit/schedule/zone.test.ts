import { describe, expect, it } from 'vitest';
import { instantOf, nextClockChange, wallTimeAt } from '../../../src/schedule/zone.ts';

const at = (iso: string) => Date.parse(iso);

describe('a wall clock', () => {
  it('shows the time of its zone', () => {
    expect(wallTimeAt(at('2026-11-28T03:04:05.678Z'), 'Asia/Damascus')).toEqual({
      year: 2026,
      month: 11,
      day: 28,
      weekday: 6,
      hour: 6,
      minute: 4,
      second: 5,
    });
  });

  it('jumps over an hour in spring: what does not exist is the first instant after the gap', () => {
    const gaps: [string, [number, number, number], number, string][] = [
      ['Europe/London', [2026, 3, 29], 1, '2026-03-29T01:00:00Z'],
      ['America/New_York', [2026, 3, 8], 2, '2026-03-08T07:00:00Z'],
      ['Africa/Cairo', [2026, 4, 24], 0, '2026-04-23T22:00:00Z'],
      ['Asia/Beirut', [2026, 3, 29], 0, '2026-03-28T22:00:00Z'],
    ];
    for (const [zone, [year, month, day], hour, expected] of gaps) {
      for (const minute of [0, 30, 59]) {
        expect([zone, instantOf({ year, month, day, hour, minute }, zone)]).toEqual([zone, at(expected)]);
      }
      expect(nextClockChange(at(expected) - 1, zone)).toBe(at(expected));
    }
  });

  it('takes the first of two equal times in autumn', () => {
    expect(instantOf({ year: 2026, month: 10, day: 25, hour: 1, minute: 30 }, 'Europe/London')).toBe(
      at('2026-10-25T00:30:00Z'),
    );
    expect(instantOf({ year: 2026, month: 11, day: 1, hour: 1, minute: 30 }, 'America/New_York')).toBe(
      at('2026-11-01T05:30:00Z'),
    );
    expect(instantOf({ year: 2026, month: 10, day: 29, hour: 23, minute: 30 }, 'Africa/Cairo')).toBe(
      at('2026-10-29T20:30:00Z'),
    );
  });

  it('runs over the end of the day and of the month', () => {
    expect(instantOf({ year: 2026, month: 2, day: 28, hour: 24, minute: 0 }, 'UTC')).toBe(at('2026-03-01T00:00:00Z'));
    expect(instantOf({ year: 2026, month: 12, day: 32, hour: 1, minute: 0 }, 'UTC')).toBe(at('2027-01-01T01:00:00Z'));
  });

  it('is not put forward or back everywhere', () => {
    expect(nextClockChange(at('2026-11-28T00:00:00Z'), 'Asia/Damascus')).toBeUndefined();
  });
});
