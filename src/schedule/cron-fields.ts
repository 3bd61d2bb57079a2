import { type ParsedFields, validateDetailed } from 'node-cron';

/** A moment on the wall: milliseconds as if the wall clock were that of UTC. */
export type WallMs = number;

/** Which wall-clock seconds a cron expression means. */
export interface CronFields {
  /** Its hour field leaves no hour out: it runs by elapsed time, such as every five minutes. */
  everyHour: boolean;
  /** The first matching second at or after this one; none within 50 years: never. */
  firstFrom(wall: WallMs): WallMs | undefined;
}

/** What is wrong with one field, or with the whole. */
export interface CronProblem {
  /** What stands there. */
  got: string;
  /** The field by its name, and what it takes. */
  expected: string;
  remedy: string;
}

const dayMs = 86_400_000;
/** 29 February on one weekday comes again after 40 years at most, where a century without a leap day lies between. */
const horizonDays = 50 * 366;

const fieldNames: Readonly<Record<string, { name: string; takes: string }>> = {
  second: { name: 'second', takes: '0-59, such as 0, 0,30 or */10' },
  minute: { name: 'minute', takes: '0-59, such as 0, 0,30, 5-10 or */5' },
  hour: { name: 'hour', takes: '0-23, such as 6, 8,20, 22-2 or */2' },
  dayOfMonth: { name: 'day of month', takes: '1-31, L, L-2, 15W or LW' },
  month: { name: 'month', takes: '1-12, or jan-dec' },
  dayOfWeek: { name: 'day of week', takes: '0-7 (0 and 7 are Sunday), sun-sat, fri#1 or friL' },
};

/** What is wrong with an expression; nothing where it can be read, and means days that come. */
export function cronProblems(expression: string): CronProblem[] {
  const { errors, fields } = validateDetailed(expression);
  if (fields && fieldsOf(fields).firstFrom(0) === undefined) {
    const remedy = 'Correct day of month, month or day of week: all three have to fit.';
    return [{ got: expression, expected: 'a day that some year has', remedy }];
  }
  return errors.map(({ field: key, value: got = expression, message }) => {
    const field = fieldNames[key];
    if (!field) {
      const expected = 'five fields (minute, hour, day of month, month, day of week), or six with seconds in front';
      return { got, expected, remedy: 'Write it such as "0 7 * * *" for seven o\'clock each day.' };
    }
    const takes = /impossible/.test(message) ? 'that the month has' : field.takes;
    return { got, expected: `${field.name} ${takes}`, remedy: `Correct the ${field.name}.` };
  });
}

/** Reads an expression as node-cron does. Throws `RangeError` where `cronProblems` finds something. */
export function readCron(expression: string): CronFields {
  const { fields, errors } = validateDetailed(expression);
  if (!fields) throw new RangeError(`"${expression}" is no cron expression: ${errors[0]?.message ?? 'unreadable'}.`);
  return fieldsOf(fields);
}

function fieldsOf({ second, minute, hour, dayOfMonth, month, dayOfWeek }: ParsedFields): CronFields {
  const hours = sorted(hour);
  const minutes = sorted(minute);
  const seconds = sorted(second);
  const months = new Set(month);
  const days = dayOfMonth.map(dayRule);
  const weekdays = dayOfWeek.map(weekdayRule);
  const matches = (day: Day) => days.some((rule) => rule(day)) && weekdays.some((rule) => rule(day));

  /** The first time of day (seconds) at or after this one. */
  function timeFrom(time: number): number | undefined {
    const [h, m, s] = [Math.floor(time / 3600), Math.floor(time / 60) % 60, time % 60];
    const atHour = from(hours, h);
    if (atHour === undefined) return undefined;
    if (atHour > h) return at(atHour, minutes[0], seconds[0]);
    const atMinute = from(minutes, m);
    if (atMinute === m) {
      const atSecond = from(seconds, s);
      if (atSecond !== undefined) return at(h, m, atSecond);
    }
    const nextMinute = from(minutes, m + 1);
    if (nextMinute !== undefined) return at(h, nextMinute, seconds[0]);
    const nextHour = from(hours, h + 1);
    return nextHour === undefined ? undefined : at(nextHour, minutes[0], seconds[0]);
  }
  const first = timeFrom(0) ?? 0;

  return {
    everyHour: hours.length === 24,
    firstFrom(wall) {
      const whole = Math.ceil(wall / 1000);
      const today = Math.floor(whole / 86_400);
      const time = timeFrom(whole - today * 86_400);
      if (time !== undefined && isDay(today)) return today * dayMs + time * 1000;
      for (let day = today + 1; day < today + horizonDays; ) {
        const date = new Date(day * dayMs);
        if (!months.has(date.getUTCMonth() + 1)) {
          day = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / dayMs;
        } else if (matches(dayOf(date))) return day * dayMs + first * 1000;
        else day += 1;
      }
      return undefined;
    },
  };

  function isDay(day: number): boolean {
    const date = new Date(day * dayMs);
    return months.has(date.getUTCMonth() + 1) && matches(dayOf(date));
  }
}

interface Day {
  day: number;
  /** 0 is Sunday. */
  weekday: number;
  /** The month's last day. */
  last: number;
}

function dayOf(date: Date): Day {
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return { day: date.getUTCDate(), weekday: date.getUTCDay(), last };
}

/** `15`, `L`, `L-2`, `15W`, `LW`. */
function dayRule(given: number | string): (day: Day) => boolean {
  if (typeof given === 'number') return ({ day }) => day === given;
  const [, back] = /^L-(\d+)$/.exec(given) ?? [];
  if (back !== undefined) return ({ day, last }) => day === last - Number(back);
  if (given === 'L') return ({ day, last }) => day === last;
  const [, wanted] = /^(\d+|L)W$/.exec(given) ?? [];
  if (wanted === undefined) throw new RangeError(`"${given}" is no day of a month.`);
  return ({ day, weekday, last }) => {
    const target = wanted === 'L' ? last : Number(wanted);
    if (weekday === 0 || weekday === 6 || target > last) return false;
    const there = (((weekday + target - day) % 7) + 7) % 7;
    if (there === 6) return day === (target === 1 ? 3 : target - 1);
    if (there === 0) return day === (target === last ? last - 2 : target + 1);
    return day === target;
  };
}

/** `5`, `5L`, `5#2`. */
function weekdayRule(given: number | string): (day: Day) => boolean {
  if (typeof given === 'number') return ({ weekday }) => weekday === given % 7;
  const [, name, kind, nth] = /^(\d)(L|#)(\d?)$/.exec(given) ?? [];
  if (name === undefined) throw new RangeError(`"${given}" is no day of a week.`);
  const wanted = Number(name) % 7;
  if (kind === 'L') return ({ day, weekday, last }) => weekday === wanted && day > last - 7;
  return ({ day, weekday }) => weekday === wanted && Math.ceil(day / 7) === Number(nth);
}

const sorted = (values: readonly number[]) => [...new Set(values)].sort((a, b) => a - b);
const from = (values: readonly number[], least: number) => values.find((value) => value >= least);
const at = (hour: number, minute = 0, second = 0) => hour * 3600 + minute * 60 + second;
