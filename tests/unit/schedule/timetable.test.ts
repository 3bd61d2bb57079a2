import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Hours, Timetable } from '../../../src/core/timetable.ts';
import { openingAt, opensAt } from '../../../src/schedule/timetable.ts';

const daily = [0, 1, 2, 3, 4, 5, 6];
const hours = (from: string, to: string, days: readonly number[] = daily): Hours => {
  const [fromMinute, toMinute] = [minuteOf(from), minuteOf(to)];
  return { days, fromMinute, toMinute: toMinute > fromMinute ? toMinute : toMinute + 1440 };
};
const minuteOf = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const timetable = (given: Partial<Timetable>): Timetable => ({
  zone: 'Asia/Damascus',
  windows: [],
  quiet: [],
  weekend: [5, 6],
  holidays: [],
  onHoliday: 'usual',
  ...given,
});
const at = (iso: string) => Date.parse(iso);
const iso = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms).toISOString());

describe('a timetable', () => {
  it('without hours is always open', () => {
    expect(openingAt(timetable({}), at('2026-11-28T00:00:00Z'))).toEqual({ isOpen: true });
  });

  it('opens and closes by the wall clock of its zone', () => {
    const table = timetable({ windows: [hours('07:00', '23:00')] });
    expect(openingAt(table, at('2026-11-28T03:59:59.999Z'))).toEqual({
      isOpen: false,
      changesAt: at('2026-11-28T04:00:00Z'),
      because: 'outside its windows',
    });
    expect(openingAt(table, at('2026-11-28T04:00:00Z'))).toEqual({
      isOpen: true,
      changesAt: at('2026-11-28T20:00:00Z'),
    });
    expect(opensAt(table, at('2026-11-28T20:00:00Z'))).toBe(at('2026-11-29T04:00:00Z'));
  });

  it('counts a window that runs over midnight to the day on which it begins', () => {
    // 2026-11-27 is a Friday.
    const table = timetable({ zone: 'UTC', windows: [hours('22:00', '02:00', [5])] });
    expect(iso(opensAt(table, at('2026-11-26T23:00:00Z')))).toBe('2026-11-27T22:00:00.000Z');
    expect(openingAt(table, at('2026-11-28T01:59:00Z'))).toEqual({
      isOpen: true,
      changesAt: at('2026-11-28T02:00:00Z'),
    });
    expect(iso(opensAt(table, at('2026-11-28T02:00:00Z')))).toBe('2026-12-04T22:00:00.000Z');
  });

  it('lets quiet hours go before windows', () => {
    const table = timetable({ zone: 'UTC', windows: [hours('06:00', '24:00')], quiet: [hours('23:00', '07:00')] });
    expect(openingAt(table, at('2026-11-28T06:30:00Z'))).toMatchObject({ isOpen: false, because: 'quiet hours' });
    expect(iso(opensAt(table, at('2026-11-28T23:30:00Z')))).toBe('2026-11-29T07:00:00.000Z');
  });

  it('closes on holidays, or takes them for days of the weekend', () => {
    const given = {
      zone: 'UTC',
      windows: [hours('08:00', '20:00', [0, 1, 2, 3, 4]), hours('12:00', '14:00', [5, 6])],
      holidays: ['2026-12-01', '05-01'],
    };
    const tuesday = at('2026-12-01T00:00:00Z');
    expect(iso(opensAt(timetable(given), tuesday))).toBe('2026-12-01T08:00:00.000Z');
    expect(iso(opensAt(timetable({ ...given, onHoliday: 'weekend' }), tuesday))).toBe('2026-12-01T12:00:00.000Z');
    expect(iso(opensAt(timetable({ ...given, onHoliday: 'closed' }), tuesday))).toBe('2026-12-02T08:00:00.000Z');
    expect(openingAt(timetable({ ...given, onHoliday: 'closed' }), at('2031-05-01T10:00:00Z')).because).toBe(
      'a holiday',
    );
  });

  it('closes again where clocks are put back to an hour that was closed', () => {
    const table = timetable({ zone: 'America/New_York', windows: [hours('01:30', '19:00')] });
    // 01:59 is followed by 01:00.
    expect(openingAt(table, at('2026-11-01T05:30:00Z'))).toEqual({
      isOpen: true,
      changesAt: at('2026-11-01T06:00:00Z'),
    });
    expect(iso(opensAt(table, at('2026-11-01T06:00:00Z')))).toBe('2026-11-01T06:30:00.000Z');
  });

  it('opens at the first instant after a gap, and is open in both hours that are equal', () => {
    const london = timetable({ zone: 'Europe/London', windows: [hours('01:30', '01:45')] });
    // 01:30 does not exist on this day, nor does 01:45.
    expect(iso(opensAt(london, at('2026-03-29T00:00:00Z')))).toBe('2026-03-30T00:30:00.000Z');
    const early = timetable({ zone: 'Europe/London', windows: [hours('01:30', '03:00')] });
    expect(iso(opensAt(early, at('2026-03-29T00:00:00Z')))).toBe('2026-03-29T01:00:00.000Z');
    expect(iso(opensAt(london, at('2026-10-25T00:00:00Z')))).toBe('2026-10-25T00:30:00.000Z');
    expect(iso(opensAt(london, at('2026-10-25T00:45:00Z')))).toBe('2026-10-25T01:30:00.000Z');
  });

  it('closes when clocks are put back out of a window', () => {
    // At midnight it is 23:00 once more.
    const cairo = timetable({ zone: 'Africa/Cairo', windows: [hours('23:15', '24:00')] });
    expect(openingAt(cairo, at('2026-10-29T20:30:00Z'))).toEqual({
      isOpen: true,
      changesAt: at('2026-10-29T21:00:00Z'),
    });
    expect(iso(opensAt(cairo, at('2026-10-29T21:00:00Z')))).toBe('2026-10-29T21:15:00.000Z');
  });

  it('says so where it never opens', () => {
    const table = timetable({ quiet: [hours('00:00', '24:00')] });
    expect(openingAt(table, at('2026-11-28T00:00:00Z'))).toEqual({ isOpen: false, because: 'quiet hours' });
  });

  /** Reads the clock by Intl, and asks each minute. */
  const zones = ['Africa/Cairo', 'Asia/Beirut', 'Europe/London', 'America/New_York', 'Asia/Damascus'];
  const clocks = new Map(
    zones.map((zone) => [
      zone,
      new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit' }),
    ]),
  );
  const names = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
  function shows(ms: number, zone: string): { weekday: number; minute: number } {
    const said = (clocks.get(zone) as Intl.DateTimeFormat).format(ms);
    const [, weekday = '', hour, minute] = /^(\w+)\W+(\d\d):(\d\d)$/.exec(said) ?? [];
    return { weekday: names.indexOf(weekday), minute: Number(hour) * 60 + Number(minute) };
  }
  function isWithin(spans: readonly Hours[], { weekday, minute }: { weekday: number; minute: number }): boolean {
    return spans.some(({ days, fromMinute, toMinute }) =>
      [0, 1].some((back) => {
        const since = minute + back * 1440;
        return days.includes((weekday + 7 - back) % 7) && since >= fromMinute && since < toMinute;
      }),
    );
  }
  const someHours = fc
    .record({
      days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
      from: fc.integer({ min: 0, max: 95 }),
      length: fc.integer({ min: 1, max: 96 }),
    })
    .map(({ days, from, length }): Hours => ({ days, fromMinute: from * 15, toMinute: (from + length) * 15 }));
  const changes = [
    '2026-03-08T07:00:00Z',
    '2026-03-28T22:00:00Z',
    '2026-03-29T01:00:00Z',
    '2026-04-23T22:00:00Z',
    '2026-10-24T21:00:00Z',
    '2026-10-25T01:00:00Z',
    '2026-10-29T21:00:00Z',
    '2026-11-01T06:00:00Z',
  ];

  it('is open in just the minutes that a clock on the wall says, around clock changes too', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.array(someHours, { maxLength: 3 }),
        fc.array(someHours, { maxLength: 2 }),
        fc.constantFrom(...changes),
        fc.integer({ min: -2000, max: 2000 }),
        (zone, windows, quiet, change, offset) => {
          const table = timetable({ zone, windows, quiet });
          const start = at(change) + offset * 60_000;
          const isOpen = (ms: number) => {
            const wall = shows(ms, zone);
            return (windows.length === 0 || isWithin(windows, wall)) && !isWithin(quiet, wall);
          };
          const opening = openingAt(table, start);
          expect(opening.isOpen).toBe(isOpen(start));
          const until = Math.min(opening.changesAt ?? Number.POSITIVE_INFINITY, start + 1440 * 60_000);
          const wrong: string[] = [];
          for (let ms = start; ms < until; ms += 5 * 60_000)
            if (isOpen(ms) !== opening.isOpen) wrong.push(new Date(ms).toISOString());
          expect(wrong).toEqual([]);
          if (opening.changesAt !== undefined) {
            expect(isOpen(opening.changesAt - 1)).toBe(opening.isOpen);
            expect(isOpen(opening.changesAt)).toBe(!opening.isOpen);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
