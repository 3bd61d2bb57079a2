import fc from 'fast-check';
import { createTask } from 'node-cron';
import { describe, expect, it } from 'vitest';
import { createCron } from '../../../src/schedule/cron.ts';
import { cronProblems } from '../../../src/schedule/cron-fields.ts';
import { instantOf, wallTimeAt } from '../../../src/schedule/zone.ts';

const at = (iso: string) => Date.parse(iso);
const iso = (ms: number | undefined) => ms && new Date(ms).toISOString().replace('.000', '');
const ticks = (cron: string, zone: string, from: string, to: string) =>
  createCron(cron, zone).ticksBetween(at(from), at(to)).map(iso);

interface Change {
  zone: string;
  /** Wall times that are left out in spring, or come twice in autumn: from this one on. */
  wall: string;
  instant: string;
}

const gaps: Change[] = [
  { zone: 'Africa/Cairo', wall: '00:00', instant: '2026-04-23T22:00:00Z' },
  { zone: 'Asia/Beirut', wall: '00:00', instant: '2026-03-28T22:00:00Z' },
  { zone: 'Europe/London', wall: '01:00', instant: '2026-03-29T01:00:00Z' },
  { zone: 'America/New_York', wall: '02:00', instant: '2026-03-08T07:00:00Z' },
];
const folds: Change[] = [
  { zone: 'Africa/Cairo', wall: '23:00', instant: '2026-10-29T21:00:00Z' },
  { zone: 'Asia/Beirut', wall: '23:00', instant: '2026-10-24T21:00:00Z' },
  { zone: 'Europe/London', wall: '01:00', instant: '2026-10-25T01:00:00Z' },
  { zone: 'America/New_York', wall: '01:00', instant: '2026-11-01T06:00:00Z' },
];
const hourMs = 3_600_000;
const around = (instant: string, hours = 3) => [at(instant) - hours * hourMs, at(instant) + hours * hourMs] as const;

describe('where clocks are put forward', () => {
  it.each(gaps)('in $zone, what is left out ticks once, right after it', ({ zone, wall, instant }) => {
    const hour = Number(wall.slice(0, 2));
    const within = (cron: string) =>
      createCron(cron, zone)
        .ticksBetween(...around(instant))
        .map(iso);
    expect(within(`30 ${hour} * * *`)).toEqual([instant]);
    expect(within(`0 ${hour} * * *`)).toEqual([instant]);
    // Those of the hour after it come as well, and the one that is there already is the same.
    expect(within(`*/20 ${hour},${hour + 1} * * *`)).toEqual([
      instant,
      iso(at(instant) + hourMs / 3),
      iso(at(instant) + (2 * hourMs) / 3),
    ]);
    const fine = within(`*/30 59 ${(hour + 23) % 24},${hour} * * *`);
    expect(fine).toEqual([iso(at(instant) - 60_000), iso(at(instant) - 30_000), instant]);
  });

  it.each(gaps)('in $zone, what goes by the hour keeps its beat', ({ zone, instant }) => {
    const [from, to] = around(instant, 1);
    expect(
      createCron('*/5 * * * *', zone)
        .ticksBetween(from - 1, to)
        .map(iso),
    ).toEqual(Array.from({ length: 25 }, (_, n) => iso(from + n * 300_000)));
  });
});

describe('where clocks are put back', () => {
  it.each(folds)('in $zone, what comes twice ticks the first time', ({ zone, wall, instant }) => {
    const hour = Number(wall.slice(0, 2));
    const within = (cron: string) =>
      createCron(cron, zone)
        .ticksBetween(...around(instant))
        .map(iso);
    expect(within(`30 ${hour} * * *`)).toEqual([iso(at(instant) - hourMs / 2)]);
    expect(within(`0 ${hour} * * *`)).toEqual([iso(at(instant) - hourMs)]);
    expect(within(`30 ${(hour + 1) % 24} * * *`)).toEqual([iso(at(instant) + 1.5 * hourMs)]);
  });

  it.each(folds)('in $zone, what goes by the hour keeps its beat', ({ zone, instant }) => {
    const [from, to] = around(instant, 2);
    for (const cron of ['*/5 * * * *', '*/5 */1 * * *', '*/5 0-23 * * *']) {
      const found = createCron(cron, zone).ticksBetween(from - 1, to);
      expect(found).toEqual(Array.from({ length: 49 }, (_, n) => from + n * 300_000));
    }
  });
});

describe('ticks', () => {
  it('go by the zone', () => {
    expect(ticks('17 4 * * *', 'Asia/Damascus', '2026-11-28T00:00:00Z', '2026-11-30T00:00:00Z')).toEqual([
      '2026-11-28T01:17:00Z',
      '2026-11-29T01:17:00Z',
    ]);
  });

  it('come after the instant that is asked about, and up to the other', () => {
    const cron = createCron('0 12 * * *', 'UTC');
    expect(iso(cron.nextTick(at('2026-11-28T12:00:00Z')))).toBe('2026-11-29T12:00:00Z');
    expect(iso(cron.nextTick(at('2026-11-28T11:59:59.999Z')))).toBe('2026-11-28T12:00:00Z');
    expect(cron.ticksBetween(at('2026-11-28T12:00:00Z'), at('2026-11-30T12:00:00Z')).map(iso)).toEqual([
      '2026-11-29T12:00:00Z',
      '2026-11-30T12:00:00Z',
    ]);
    expect(cron.lastTicks(at('2020-01-01T00:00:00Z'), at('2026-11-30T12:00:00Z'), 2).map(iso)).toEqual([
      '2026-11-29T12:00:00Z',
      '2026-11-30T12:00:00Z',
    ]);
    expect(cron.lastTicks(at('2026-11-29T12:00:00Z'), at('2026-11-30T12:00:00Z'), 5).map(iso)).toEqual([
      '2026-11-30T12:00:00Z',
    ]);
  });

  it.each([
    ['0 0 29 2 *', '2028-02-29', '2032-02-29'],
    ['0 0 29 2 1', '2044-02-29', '2072-02-29'],
    ['0 0 L * *', '2026-11-30', '2026-12-31'],
    ['0 0 L-3 2 *', '2027-02-25', '2028-02-26'],
    ['0 0 LW * *', '2026-11-30', '2026-12-31'],
    ['0 0 1W * *', '2026-12-01', '2027-01-01'],
    ['0 0 15W 8 *', '2027-08-16', '2028-08-15'],
    ['0 0 31W 1 *', '2027-01-29', '2028-01-31'],
    ['0 0 * * fri#1', '2026-12-04', '2027-01-01'],
    ['0 0 * * friL', '2026-12-25', '2027-01-29'],
    ['0 0 * * 5#5', '2027-01-29', '2027-04-30'],
    ['0 0 13 * 5', '2027-08-13', '2028-10-13'],
    ['0 0 1 nov-jan *', '2026-12-01', '2027-01-01'],
    ['@weekly', '2026-11-29', '2026-12-06'],
  ])('of %s are %s, then %s', (cron, first, second) => {
    const days = createCron(cron, 'UTC');
    const one = days.nextTick(at('2026-11-28T12:00:00Z')) ?? 0;
    expect([iso(one), iso(days.nextTick(one))].map((day) => String(day).slice(0, 10))).toEqual([first, second]);
  });

  it('that no year has are none', () => {
    expect(createCron('0 0 1 * 1#5', 'Europe/London').nextTick(at('2026-11-28T12:00:00Z'))).toBeUndefined();
    expect(cronProblems('0 0 1 * 1#5')).toHaveLength(1);
  });
});

describe('a bad field', () => {
  it.each([
    ['61 * * * *', 'minute 0-59', '61'],
    ['70 * * * * *', 'second 0-59', '70'],
    ['0 24 * * *', 'hour 0-23', '24'],
    ['0 0 32 * *', 'day of month 1-31', '32'],
    ['0 0 * 13 *', 'month 1-12', '13'],
    ['0 0 * * mon-foo', 'day of week 0-7', 'mon-foo'],
    ['0 0 31 feb *', 'day of month that the month has', '31'],
    ['* * *', 'five fields', '* * *'],
    ['0 0 1 * 1#5', 'a day that some year has', '0 0 1 * 1#5'],
  ])('of %s is named, and what it takes: %s', (cron, expected, got) => {
    expect(cronProblems(cron)).toMatchObject([{ expected: expect.stringContaining(expected), got }]);
  });

  it('is named beside others', () => {
    expect(cronProblems('0 24 * * 8').map(({ remedy }) => remedy)).toEqual([
      'Correct the hour.',
      'Correct the day of week.',
    ]);
  });
});

describe('for any expression', () => {
  const list = (least: number, most: number) =>
    fc.uniqueArray(fc.integer({ min: least, max: most }), { minLength: 1, maxLength: 4 });
  const dates = fc.oneof(
    fc.constantFrom('L', 'LW', 'L-1', 'L-5', 'L-28', '1W', '15W', '28W', '31W'),
    list(1, 31).map((days) => days.join(',')),
    fc.constant('*'),
  );
  const weekdays = fc.oneof(
    fc.constantFrom('*', 'fri', 'sat-sun', '0L', '5L', '7#1', '1#5', '3#2'),
    list(0, 7).map((days) => days.join(',')),
  );

  it('the days are those of node-cron', () => {
    fc.assert(
      fc.property(dates, weekdays, fc.integer({ min: 2020, max: 2060 }), (date, weekday, year) => {
        const expression = `0 0 ${date} * ${weekday}`;
        const task = createTask(expression, () => {}, { timezone: 'UTC' });
        const start = Date.UTC(year, 0, 1);
        const days = Array.from({ length: 366 }, (_, day) => start + day * 86_400_000);
        const found = createCron(expression, 'UTC').ticksBetween(start - 1, start + 365 * 86_400_000);
        expect(found).toEqual(days.filter((day) => task.match(new Date(day))));
      }),
      { numRuns: 60 },
    );
  });

  /** Every second around a change, with what a clock on the wall shows (as seconds of UTC). */
  const windows = [...gaps, ...folds].map(({ zone, instant }) => {
    const [from, to] = around(instant, 2);
    const seconds: { at: number; wall: number }[] = [];
    const wallAt = (t: number) => {
      const { year, month, day, hour, minute, second } = wallTimeAt(t, zone);
      return Date.UTC(year, month - 1, day, hour, minute, second);
    };
    // Within a minute whose first and last second are as far apart as on any clock, nothing was changed.
    for (let t = from; t <= to; t += 60_000) {
      const [first, last] = [wallAt(t), wallAt(t + 59_000)];
      for (let ms = 0; ms < 60_000 && t + ms <= to; ms += 1000)
        seconds.push({ at: t + ms, wall: last - first === 59_000 ? first + ms : wallAt(t + ms) });
    }
    return { zone, seconds };
  });

  it('ticks are what a look at the wall in every second would find', () => {
    const hours = fc.oneof(list(0, 3), list(0, 23), list(21, 23), fc.constant(undefined));
    fc.assert(
      fc.property(fc.constantFrom(...windows), list(0, 59), list(0, 59), hours, (window, sec, min, hrs) => {
        const { zone, seconds } = window;
        const means = (wall: number) => {
          const second = wall / 1000;
          if (!sec.includes(second % 60) || !min.includes(Math.floor(second / 60) % 60)) return false;
          return hrs === undefined || hrs.includes(Math.floor(second / 3600) % 24);
        };
        const seen = new Set<number>();
        const expected: number[] = [];
        for (const [index, { at: now, wall }] of seconds.entries()) {
          const before = seconds[index - 1]?.wall ?? wall - 1000;
          const left = hrs === undefined || wall <= before + 1000 ? [] : span(before + 1000, wall);
          if (left.some(means) || (means(wall) && (hrs === undefined || !seen.has(wall)))) expected.push(now);
          seen.add(wall);
        }
        const cron = createCron(`${sec} ${min} ${hrs ?? '*'} * * *`, zone);
        const first = seconds[0]?.at ?? 0;
        expect(cron.ticksBetween(first - 1, seconds.at(-1)?.at ?? 0)).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  it('over years, ticks are the instants at which the wall shows what is meant', () => {
    const zones = fc.constantFrom('Africa/Cairo', 'Asia/Beirut', 'Europe/London', 'America/New_York', 'Asia/Damascus');
    fc.assert(
      fc.property(zones, list(1, 12), list(1, 31), list(0, 23), list(0, 59), (zone, months, days, hours, minutes) => {
        const [first, years] = [2025, 4];
        const expected = new Set<number>();
        for (let day = Date.UTC(first, 0, 1); day < Date.UTC(first + years, 0, 1); day += 86_400_000) {
          const date = new Date(day);
          const [year, month, dayOfMonth] = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()];
          if (!months.includes(month) || !days.includes(dayOfMonth)) continue;
          for (const hour of hours) {
            for (const minute of minutes) expected.add(instantOf({ year, month, day: dayOfMonth, hour, minute }, zone));
          }
        }
        const expression = `${minutes} ${hours} ${days} ${months} *`;
        fc.pre(cronProblems(expression).length === 0);
        const from = instantOf({ year: first, month: 1, day: 1, hour: 0, minute: 0 }, zone);
        const to = instantOf({ year: first + years, month: 1, day: 1, hour: 0, minute: 0 }, zone);
        const found = createCron(expression, zone).ticksBetween(from - 1, to - 1);
        expect(found).toEqual([...expected].sort((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });

  it('the last ticks are the end of all ticks', () => {
    fc.assert(
      fc.property(list(0, 59), list(0, 23), fc.integer({ min: 1, max: 40 }), (minute, hour, most) => {
        const cron = createCron(`${minute} ${hour} * * *`, 'Africa/Cairo');
        const [from, to] = [at('2026-10-20T05:00:00Z'), at('2026-11-05T11:22:33Z')];
        expect(cron.lastTicks(from, to, most)).toEqual(cron.ticksBetween(from, to).slice(-most));
      }),
      { numRuns: 50 },
    );
  });
});

/** Every second from one to before the other. */
function span(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, (to - from) / 1000) }, (_, n) => from + n * 1000);
}
