import { fold } from './fold.ts';

/** A time as a feed gives it. */
export interface FeedTime {
  /** ISO 8601, in UTC. */
  iso: string;
  /** False where no zone, or none that is known, was given: the time was read as UTC. */
  zoned: boolean;
}

const monthNames = [
  'january jan يناير جانفي كانون_الثاني janvier janv',
  'february feb فبراير شباط فيفري fevrier fevr',
  'march mar مارس آذار mars',
  'april apr أبريل إبريل نيسان أفريل avril avr',
  'may مايو أيار ماي mai',
  'june jun يونيو حزيران جوان juin',
  'july jul يوليو تموز جويلية يوليوز juillet juil',
  'august aug أغسطس آب أوت غشت aout',
  'september sept sep سبتمبر أيلول شتنبر septembre',
  'october oct أكتوبر تشرين_الأول octobre',
  'november nov نوفمبر تشرين_الثاني نونبر novembre',
  'december dec ديسمبر كانون_الأول دجنبر decembre',
];
const months = new Map(
  monthNames.flatMap((names, index) => names.split(' ').map((name) => [fold(name), index + 1] as const)),
);

/**
 * Minutes east of UTC. RFC 822 names those of the United States; the rest is what feeds write. `AST` is Arabia's here:
 * the Atlantic's is not seen in news feeds.
 */
const zones = new Map(
  (
    'z ut utc gmt wet غرينتش غرينيتش جرينتش:0 bst cet mez west wat:60 cest mesz eet sast cat:120 eest msk trt ast ksa eat idt مكه المكرمه:180 ' +
    'gst:240 pkt:300 edt:-240 est cdt:-300 cst mdt:-360 mst pdt:-420 pst:-480'
  )
    .split(/(?<=:-?\d+) /)
    .flatMap((group) => {
      const [names = '', minutes = ''] = group.split(':');
      return names.split(' ').map((name) => [name, Number(minutes)] as const);
    }),
);

const isoDate =
  /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})(?:(?:\s*t\s*|[\s,،]+(?:-\s+)?)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?)?(.*)$/;
const compactDate = /^(\d{4})(\d{2})(\d{2})t(\d{2})(\d{2})(\d{2})?(.*)$/;
const numericDate = /(?<!\d)(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?!\d)/;
const clock = /(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?!\d)/;
const offset = /(?:^\s*|\s|gmt\s*|utc?\s*)([+-])(\d{1,2}):?(\d{2})?(?!\d)/;
const half = /(?<![\p{L}])(?:(a\.?m\.?|ص|صباحا|صباح)|(p\.?m\.?|م|مساء|ظهرا))(?![\p{L}])/u;

/**
 * The time that a feed's date tells, in any of the spellings that feeds are found with: RFC 822 with weekdays, zones and
 * years as people write them, ISO 8601 with or without a zone, seconds since 1970, dates in Arabic. Undefined for what is
 * no date, and for the years before 1980 and after 2100, which only a broken clock tells.
 */
export function readFeedDate(given: string | undefined): FeedTime | undefined {
  if (given === undefined || given.length > 200) return undefined;
  const text = fold(given)
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/(كانون|تشرين) (?=الاول|الثاني)/g, '$1_');
  if (/^\d{10}$|^\d{13}$/.test(text)) return checked(Number(text.padEnd(13, '0')), true);
  const iso = text.match(isoDate);
  if (iso) {
    const [, year, , month, day, hour, minute, second, rest = ''] = iso;
    return build({ year, month, day, hour, minute, second, rest });
  }
  const compact = text.match(compactDate);
  if (compact) {
    const [, year, month, day, hour, minute, second, rest = ''] = compact;
    return build({ year, month, day, hour, minute, second, rest });
  }
  return inWords(text);
}

interface Parts {
  year: string | number | undefined;
  month: string | number | undefined;
  day: string | number | undefined;
  hour: string | undefined;
  minute: string | undefined;
  second: string | undefined;
  /** What follows the time: the zone, and a half of the day. */
  rest: string;
}

/** Dates with the month's name, and numeric ones that begin with the day. */
function inWords(text: string): FeedTime | undefined {
  const time = text.match(clock);
  const [, hour, minute, second] = time ?? [];
  const before = time ? text.slice(0, time.index) : text;
  const after = time ? text.slice((time.index ?? 0) + time[0].length) : '';
  const numeric = text.match(numericDate);
  if (numeric) {
    const [found, first, , other] = numeric;
    const americans = Number(other) > 12;
    const year = fullYear(numeric[4] as string);
    const [day, month] = americans ? [other, first] : [first, other];
    return build({ year, month, day, hour, minute, second, rest: after.replace(found, '') });
  }
  const words = (part: string) => part.match(/[\p{L}_]+/gu) ?? [];
  const name = [...words(before), ...words(after)].find((word) => months.has(word));
  if (name === undefined) return undefined;
  // After the time only a year counts, not the digits of a zone.
  const late = after.replace(offset, '').match(/(?<!\d)\d{4}(?!\d)/g) ?? [];
  const numbers = [...(before.match(/\d+/g) ?? []), ...late];
  const yearAt = numbers.findIndex((number) => number.length === 4);
  const year = yearAt >= 0 ? numbers[yearAt] : numbers.length > 1 ? fullYear(numbers[1] as string) : undefined;
  const day = numbers.find((number, index) => index !== yearAt && number.length <= 2);
  return build({ year, month: months.get(name), day, hour, minute, second, rest: after });
}

/** Two digits of a year as RFC 2822 reads them. */
function fullYear(digits: string): number {
  const year = Number(digits);
  return digits.length > 2 ? year : year < 50 ? 2000 + year : 1900 + year;
}

function build({ year, month, day, hour, minute, second, rest }: Parts): FeedTime | undefined {
  const [y, m, d, min] = [year, month, day, minute ?? 0].map(Number) as [number, number, number, number];
  const h = Number(hour ?? 0);
  const [, am, pm] = rest.match(half) ?? [];
  const hours = pm && h < 12 ? h + 12 : am && h === 12 ? 0 : h;
  const local = Date.UTC(y, m - 1, d);
  const date = new Date(local);
  if (date.getUTCMonth() !== m - 1 || date.getUTCDate() !== d || hours > 24 || min > 59) return undefined;
  const zone = hour === undefined ? 0 : zoneMinutes(rest);
  const ms = local + ((hours * 60 + min - (zone ?? 0)) * 60 + Math.min(59, Number(second ?? 0))) * 1_000;
  return checked(ms, zone !== undefined);
}

/** Minutes east of UTC; undefined where nothing tells. */
function zoneMinutes(rest: string): number | undefined {
  const [, sign, hours, minutes] = rest.match(offset) ?? [];
  if (hours !== undefined) {
    const east = Number(hours) * 60 + Number(minutes ?? 0);
    return east <= 15 * 60 ? (sign === '-' ? -east : east) : undefined;
  }
  const name = (rest.match(/[\p{L}]+/gu) ?? []).find((word) => zones.has(word));
  return name === undefined ? undefined : zones.get(name);
}

function checked(ms: number, zoned: boolean): FeedTime | undefined {
  const date = new Date(ms);
  const year = date.getUTCFullYear();
  if (!(year >= 1980 && year <= 2100)) return undefined;
  return { iso: date.toISOString().replace('.000Z', 'Z'), zoned };
}
