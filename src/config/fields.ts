import ipaddr from 'ipaddr.js';
import { z } from 'zod';

export { language } from '../core/filters.ts';

/*
 * Kinds of values. By convention the error text of a field in a config schema is what was expected ("a duration such
 * as …"), which `describeIssue` puts into the whole sentence.
 */

const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A length of time such as `"30s"`; becomes milliseconds. `least` and `most` are written the same way. */
export function duration({ least, most }: { least: string; most: string }) {
  const expected = `a duration from ${least} to ${most}, such as "30s", "10m", "6h" or "2d"`;
  return z
    .string(expected)
    .regex(/^\d+(ms|s|m|h|d)$/, expected)
    .refine((text) => durationMs(text) >= durationMs(least) && durationMs(text) <= durationMs(most), expected)
    .transform(durationMs);
}

function durationMs(text: string): number {
  const [, count, unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  return Number(count) * (unitsMs[unit] ?? Number.NaN);
}

const bytesPerUnit: Record<string, number> = { '': 1, b: 1, kb: 1024, mb: 1024 * 1024 };
const sizeText = 'a size such as "10MB" or "500kB", at most 100MB';
const mostBytes = 100 * 1024 * 1024;

/** A size such as `"10MB"`, or a number of bytes; becomes bytes. */
export const size = z
  .union([z.int(sizeText), z.string(sizeText).regex(/^\d+ ?([kKM]?B)?$/, sizeText)], { error: sizeText })
  .transform((given) => (typeof given === 'number' ? given : sizeBytes(given)))
  .refine((bytes) => bytes > 0 && bytes <= mostBytes, sizeText);

function sizeBytes(text: string): number {
  const [, count, unit = ''] = /^(\d+) ?(\w*)$/.exec(text) ?? [];
  return Number(count) * (bytesPerUnit[unit.toLowerCase()] ?? Number.NaN);
}

/** A whole number within bounds. */
export function count(least: number, most: number) {
  const expected = `a whole number from ${least} to ${most}`;
  return z.int(expected).min(least, expected).max(most, expected);
}

/** Name of a channel or account: it becomes part of ids and command lines. */
export const idPattern = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
export const idText = 'a name of up to 64 Latin letters, digits, - and _';

const timezoneText = 'a time zone such as "Asia/Damascus" or "UTC"';

/** IANA time zone. */
export const timezone = z.string(timezoneText).refine(isTimezone, timezoneText);

function isTimezone(name: string): boolean {
  // Offsets such as +03:00 pass Intl, but know no summer time.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const rangeText = 'a range of addresses such as "127.0.0.1/32" or "10.0.0.0/8"';

/** Addresses in CIDR form. */
export const addressRange = z.string(rangeText).refine(isRange, rangeText);

function isRange(text: string): boolean {
  // The library takes 10/8 for 0.0.0.10/8.
  return ipaddr.isValidCIDR(text) && (text.includes(':') || /^\d+(\.\d+){3}\//.test(text));
}

const redisText = 'a Redis address such as "redis://127.0.0.1:6379" or "rediss://…"';

/** redis:// or rediss:// with a host. */
export const redisUrl = z.string(redisText).refine(isRedisUrl, redisText);

function isRedisUrl(text: string): boolean {
  // A single % in a password is no percent-encoding, and the client would throw on it.
  if (/\s|%(?![\dA-Fa-f]{2})/.test(text) || !isDecodable(text)) return false;
  const url = URL.parse(text);
  return url !== null && /^rediss?:$/.test(url.protocol) && url.hostname !== '' && /^\/?\d*$/.test(url.pathname);
}

function isDecodable(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '';
  } catch {
    return false;
  }
}

const hostText = 'a host name or address such as 127.0.0.1 or localhost';

/** Where a server listens; the brackets of an IPv6 address are dropped. */
export const host = z
  .string(hostText)
  .regex(/^(\[[0-9A-Fa-f:.]+\]|[0-9A-Fa-f:.]+|[A-Za-z0-9.-]+)$/, hostText)
  .transform((text) => text.replace(/[[\]]/g, ''));

const folderText = 'a folder such as "./data" or "/var/lib/munadi" (~ stands for nothing here)';

/** Path of a folder. */
export const folder = z.string(folderText).regex(/^(?!~)[^\p{Cc}]+$/u, folderText);

const apiRootText = 'an http or https address without user, query and fragment';

/** Base address of an API; a closing slash is dropped. */
export const apiRoot = z
  .string(apiRootText)
  .refine(isApiRoot, apiRootText)
  .transform((text) => text.replace(/\/+$/, ''));

function isApiRoot(text: string): boolean {
  const url = URL.parse(text);
  const plain = url !== null && !url.username && !url.password && !/[?#\s]/.test(text);
  return plain && /^https?:$/.test(url.protocol) && /^https?:\/\//i.test(text);
}

/** True for localhost, 127.0.0.0/8 and ::1. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  if (bare === 'localhost') return true;
  return ipaddr.isValid(bare) && ipaddr.process(bare).range() === 'loopback';
}
