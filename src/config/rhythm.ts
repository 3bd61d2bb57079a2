import { z } from 'zod';
import type { Approval, Hours, Rhythm } from '../core/timetable.ts';
import { count, duration } from './fields.ts';

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;
const groupNames = ['weekdays', 'weekend', 'daily'] as const;
const beginText = 'a time of day such as "07:30", from 00:00 to 23:59';
const endText = 'a time of day such as "23:00", from 00:00 to 24:00';
const timePattern = /^([01]?\d|2[0-3]):[0-5]\d$/;
const dateText = 'a date such as "2026-03-20", or "05-01" for each year';

const day = z.enum(dayNames);

/** The setting `weekend`: days of the week. */
export const weekend = z
  .array(day, 'a list of days such as [fri, sat]')
  .min(1, 'at least one day')
  .max(6, 'at most six days')
  .default(['fri', 'sat'])
  .describe('Days of the weekend: sun, mon, tue, wed, thu, fri, sat.');

/** The setting `holidays`: dates. */
export const holidays = z
  .array(z.string(dateText).refine(isDate, dateText), 'a list of dates')
  .default([])
  .describe('Holidays: "2026-03-20", or "05-01" for each year. What they change, each channel says by `onHoliday`.');

function isDate(text: string): boolean {
  // A leap day is a day of some years.
  const [, year = '2024', month, date] = /^(?:(\d{4})-)?(\d\d)-(\d\d)$/.exec(text) ?? [];
  const ms = Date.parse(`${year}-${month}-${date}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(`${year}-${month}-${date}`);
}

const hours = z
  .strictObject({
    days: z
      .array(z.enum([...dayNames, ...groupNames]), 'a list of days such as [mon, tue] or [weekdays]')
      .min(1, 'at least one day')
      .default(['daily'])
      .describe('Days on which it begins: sun to sat, weekdays, weekend or daily.'),
    from: z.string(beginText).regex(timePattern, beginText).describe('When it begins, by the clock of `timezone`.'),
    to: z
      .string(endText)
      .refine((text) => timePattern.test(text) || text === '24:00', endText)
      .describe('When it ends; a time before `from` is on the next day.'),
  })
  .refine(({ from, to }) => minuteOf(from) !== minuteOf(to), {
    path: ['to'],
    error: 'another time than `from` (for a whole day, from 00:00 to 24:00)',
  });

type GivenHours = z.infer<typeof hours>;

const approveText = '"always", "never" or "over N recipients" with a number';

/** Keys of every channel that say when it posts, and how often. */
export const rhythmFields = {
  windows: z
    .array(hours, 'a list of hours such as [{ days: [weekdays], from: "07:00", to: "23:00" }]')
    .min(1, 'at least one window; without any, leave "windows" out')
    .optional()
    .describe('Hours in which posts go; at any hour unless set.'),
  quiet: z
    .union([hours.transform((one) => [one]), z.array(hours).min(1, 'at least one')], {
      error: 'hours such as { from: "23:00", to: "06:30" }, or a list of them',
    })
    .optional()
    .describe('Hours in which no posts go, whatever `windows` says.'),
  onHoliday: z
    .enum(['usual', 'weekend', 'closed'])
    .default('usual')
    .describe('On the days of `holidays`: the usual hours, those of the weekend, or no posts.'),
  late: z
    .enum(['next', 'digest', 'drop'])
    .default('next')
    .describe(
      'A post whose time comes while the channel is closed: next waits for the next opening, digest goes into its digest, drop discards it.',
    ),
  collect: z
    .boolean()
    .default(false)
    .describe("true: articles go into the channel's digest (a schedule with `action: digest`), not by themselves."),
  breaking: z
    .enum(['windows', 'always'])
    .default('windows')
    .describe('Breaking news: only when the channel is open, or always, at any hour, by itself and beyond `caps`.'),
  gap: duration({ least: '1s', most: '7d' }).optional().describe('Least time between two articles of the channel.'),
  caps: z
    .strictObject({
      hour: count(1, 10_000).optional().describe('Most articles in any hour.'),
      day: count(1, 100_000).optional().describe('Most articles in any 24 hours.'),
      rest: z
        .enum(['wait', 'digest', 'drop'])
        .default('wait')
        .describe('What is more than that: wait comes later, digest goes into the digest, drop is discarded.'),
    })
    .refine(({ hour, day: perDay }) => hour !== undefined || perDay !== undefined, 'hour, day or both')
    .optional()
    .describe('Most articles that the channel posts.'),
  approve: z
    .string(approveText)
    .regex(/^(always|never|over \d{1,7}( recipients)?)$/, approveText)
    .default('never')
    .describe('Whether a person has to say yes first: always, never, or where one article goes to over N recipients.'),
  approveBreaking: z
    .boolean()
    .default(true)
    .describe('false: breaking news needs nobody to say yes, whatever `approve` says.'),
};

type Given = z.infer<z.ZodObject<typeof rhythmFields>>;

/** The calendar that all channels share. */
export interface Calendar {
  timezone: string;
  weekend: readonly (typeof dayNames)[number][];
  holidays: readonly string[];
}

/** A channel's keys as the program uses them; undefined where nothing holds it back. */
export function readRhythm(given: Given, { timezone, weekend: names, holidays: dates }: Calendar): Rhythm | undefined {
  const { windows = [], quiet = [], onHoliday, late, collect, breaking, gap, caps } = given;
  const weekendDays = names.map(dayNumber);
  const closes = onHoliday === 'closed' && dates.length > 0;
  const timetable = {
    zone: timezone,
    windows: windows.map((one) => readHours(one, weekendDays)),
    quiet: quiet.map((one) => readHours(one, weekendDays)),
    weekend: weekendDays,
    holidays: dates,
    onHoliday,
  };
  const hasTimetable = windows.length > 0 || quiet.length > 0 || closes;
  const approve = readApproval(given);
  if (!hasTimetable && !collect && gap === undefined && !caps && !approve) return undefined;
  return {
    collect,
    late,
    breaking,
    ...(hasTimetable ? { timetable } : {}),
    ...(gap === undefined ? {} : { gapMs: gap }),
    ...(caps === undefined ? {} : { caps: readCaps(caps) }),
    ...(approve === undefined ? {} : { approve }),
  };
}

function readCaps({ hour, day: perDay, rest }: NonNullable<Given['caps']>): NonNullable<Rhythm['caps']> {
  return { rest, ...(hour === undefined ? {} : { hour }), ...(perDay === undefined ? {} : { day: perDay }) };
}

function readApproval({ approve, approveBreaking }: Given): Approval | undefined {
  if (approve === 'never') return undefined;
  return { over: Number(/\d+/.exec(approve)?.[0] ?? 0), breaking: approveBreaking };
}

function readHours({ days, from, to }: GivenHours, weekendDays: readonly number[]): Hours {
  const [fromMinute, end] = [minuteOf(from), minuteOf(to)];
  const named = days.flatMap((name): readonly number[] => {
    if (name === 'weekend') return weekendDays;
    if (name === 'daily') return dayNames.map(dayNumber);
    if (name === 'weekdays') return dayNames.map(dayNumber).filter((number) => !weekendDays.includes(number));
    return [dayNumber(name)];
  });
  return { days: [...new Set(named)].sort(), fromMinute, toMinute: end > fromMinute ? end : end + 1440 };
}

function dayNumber(name: (typeof dayNames)[number]): number {
  return dayNames.indexOf(name);
}

function minuteOf(text: string): number {
  const [hour = 0, minute = 0] = text.split(':').map(Number);
  return hour * 60 + minute;
}
