import { z } from 'zod';
import { nearest } from '../text/nearest.ts';
import { plainText, quoted } from './problem.ts';

/** What is known of a value that a schema refused. */
export interface Refused {
  issue: z.core.$ZodIssue;
  value: unknown;
  /** As it stands in the file; undefined for maps and lists. */
  written: string | undefined;
  schema: z.ZodType | undefined;
  /** What the setting is for. */
  about: string;
}

/** What to do about it: the corrected value where it can be told, otherwise what the setting is for. */
export function remedyFor({ issue, value, written = plainText(value), schema, about }: Refused): string {
  const wants = issue.code === 'invalid_type' ? issue.expected : undefined;
  if (wants === 'string' && typeof value !== 'object') return remedyForBare({ schema, value, written, about });
  if (wants === 'boolean' && typeof value === 'string') return remedyForBoolean(value);
  if ((wants === 'number' || wants === 'int') && /^\d+$/.test(plainText(value)))
    return `Write ${value} without quotes.`;
  if (wants === 'array' && typeof value !== 'object') return remedyForItem(schema, written);
  if (wants === 'array') return 'Put it in a list: [{ … }].';
  if (issue.code === 'invalid_value') {
    const names = issue.values.map(String);
    const lower = plainText(value).toLowerCase();
    const near = nearest(lower, names) ?? names.find((name) => lower.startsWith(name));
    return near ? `Did you mean "${near}"?` : 'Write one of these.';
  }
  const meant = typeof value === 'string' ? rewritten(value, schema) : undefined;
  return meant === undefined ? `Correct it${about}.` : `Did you mean ${quoted(meant)}?`;
}

/** A number, true or false where text belongs. */
function remedyForBare({ schema, value, written, about }: Omit<Refused, 'issue' | 'written'> & { written: string }) {
  const meant = schema?.safeParse(written).success ? written : rewritten(written, schema);
  if (meant !== undefined && meant === `${written}s`) return `Add the unit: "${meant}" for seconds.`;
  if (meant !== undefined) return `Put it in quotes: ${quoted(meant)}.`;
  return typeof value === 'boolean' ? `Put it in quotes: ${quoted(written)}.` : `Correct it${about}.`;
}

function remedyForBoolean(value: string): string {
  const lower = value.toLowerCase();
  if (['yes', 'on', 'y', 'true'].includes(lower)) return 'Write true, without quotes.';
  if (['no', 'off', 'n', 'false'].includes(lower)) return 'Write false, without quotes.';
  return 'Write true or false.';
}

/** One value where a list belongs. */
function remedyForItem(schema: z.ZodType | undefined, written: string): string {
  const list = schema && unwrap(schema);
  const item = list instanceof z.ZodArray ? (list.element as z.ZodType) : undefined;
  if (item && !item.safeParse(written).success && item.safeParse(Number(written)).success)
    return `Write a list: [${written}].`;
  const meant = item?.safeParse(written).success ? written : (rewritten(written, item) ?? written);
  return `Write a list: [${quoted(meant)}].`;
}

/** Marks that come along with text from a word processor or an Arabic keyboard, and are no part of any setting. */
function plain(text: string): string {
  return text
    .replace(/[\p{Cf}“”„‟«»‘’]/gu, '')
    .replace(/[٠-٩]/g, (digit) => String('٠١٢٣٤٥٦٧٨٩'.indexOf(digit)))
    .trim();
}

const rewritings: ((text: string) => string)[] = [
  (text) => text,
  (text) => (/^[+\d][\d\s().-]+$|^\d+ \w+$/.test(text) ? text.replace(/[\s()-]/g, '') : text),
  (text) => (/^\+?\d[\d\s().-]{5,}$/.test(text) ? `+${text.replace(/\D/g, '').replace(/^00/, '')}` : text),
  (text) => (/^((https?:\/\/)?t\.me\/)?\w+$/.test(text) ? `@${text.replace(/^.*\//, '')}` : text),
  (text) => (/^\d+$/.test(text) ? `${text}s` : text),
  (text) => text.toLowerCase(),
  (text) => text.replace(/^(\d+) ?(s|m|h|d)[a-z]*$/i, (_, count: string, unit: string) => count + unit.toLowerCase()),
  (text) => text.replace(/^(\d{1,2})[.h](\d\d)$/, '$1:$2').replace(/^\d{1,2}$/, '$&:00'),
  (text) => zoneLike(text),
  (text) => (/^[\d.]+$/.test(text) ? `${text}/32` : text),
  (text) => (/^[\w.-]+(:\d+)?(\/\S*)?$/.test(text) ? `http://${text}` : text),
];

/** `Damascus` as `Asia/Damascus`. */
function zoneLike(text: string): string {
  const name = text.replaceAll(' ', '_').toLowerCase();
  const zones = Intl.supportedValuesOf('timeZone');
  const [place = ''] = name.split('/').slice(-1);
  const names = zones.map((zone) => zone.toLowerCase());
  const same = names.findIndex((zone) => zone.endsWith(`/${place}`));
  const near = same >= 0 ? zones[same] : zones[names.indexOf(nearest(name, names) ?? '')];
  return near ?? text;
}

/** What was probably meant: the first simple change of a text with which the schema accepts it. */
function rewritten(text: string, schema: z.ZodType | undefined): string | undefined {
  const clean = plain(text);
  return rewritings.map((rewrite) => rewrite(clean)).find((one) => one !== text && schema?.safeParse(one).success);
}

/** Without `optional`, `default` and the like. */
export function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}
