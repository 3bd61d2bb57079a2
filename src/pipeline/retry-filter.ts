import type { Channel } from '../core/channel.ts';
import { type FailedState, failedStates } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import { readTime } from '../core/time.ts';
import { nearest } from '../text/nearest.ts';

/** Which failed deliveries are meant; what is left out excludes nothing. */
export interface RetryFilter {
  channel?: string;
  platform?: string;
  /** The failure's code, such as `403`. */
  code?: string;
  state?: FailedState;
  /** Those that ended at or after this (epoch ms). */
  sinceMs?: number;
  /** So many at most, the longest dead first. */
  limit: number;
}

export interface FilterContext {
  channels: readonly Channel[];
  platforms: readonly string[];
  /** Epoch ms. */
  now: number;
  /** Before each name in messages, such as `--`. */
  sign?: string;
}

export const filterKeys = ['channel', 'platform', 'code', 'since', 'state', 'limit'] as const;

const usualLimit = 1_000;
const mostLimit = 10_000;
const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/**
 * Reads a filter given by hand: `since` is a time or how long ago (`6h`), `limit` 1000 where it is left out. Throws one
 * `InputError` (422) that lists every problem.
 */
export function readFilter(given: Record<string, unknown>, context: FilterContext): RetryFilter {
  const { channels, platforms, now, sign = '' } = context;
  const problems: string[] = [];
  const wrong = (key: string, expected: string) =>
    void problems.push(`${sign}${key}: expected ${expected}, got ${JSON.stringify(given[key])?.slice(0, 100)}.`);
  const oneOf = <T extends string>(key: string, names: readonly T[]): T | undefined => {
    const value = given[key];
    const found = names.find((name) => name === value);
    if (value !== undefined && found === undefined) {
      const near = typeof value === 'string' ? nearest(value, names) : undefined;
      wrong(key, near ? `"${near}" perhaps, or another of ${names.join(', ')}` : `one of ${names.join(', ')}`);
    }
    return found;
  };

  const unknown = Object.keys(given).filter((key) => !filterKeys.some((one) => one === key));
  for (const key of unknown) {
    problems.push(`"${key.slice(0, 100)}": there is no such key. There are ${[...filterKeys, 'dryRun'].join(', ')}.`);
  }
  const ids = channels.map(({ id }) => id);
  const [channel, platform, state] = [
    oneOf('channel', ids),
    oneOf('platform', platforms),
    oneOf('state', failedStates),
  ];
  const { code, since, limit = usualLimit } = given;
  if (code !== undefined && (typeof code !== 'string' || code === '')) wrong('code', 'the code of a failure, as text');
  const sinceMs = typeof since === 'string' ? readSince(since, now) : undefined;
  if (since !== undefined && sinceMs === undefined) {
    wrong('since', 'a time with offset such as 2026-05-01T14:30:00+03:00, or how long ago, such as 30m, 6h or 2d');
  }
  if (!isWhole(limit) || limit < 1 || limit > mostLimit) wrong('limit', `a whole number from 1 to ${mostLimit}`);
  if (problems.length > 0) {
    const name = unknown.length > 0 ? 'unknown-key' : 'invalid';
    throw new InputError(problems.join(sign === '' ? ' ' : '\n'), { code: name, status: 422 });
  }
  return {
    limit: Number(limit),
    ...(channel === undefined ? {} : { channel }),
    ...(platform === undefined ? {} : { platform }),
    ...(state === undefined ? {} : { state }),
    ...(code === undefined ? {} : { code: String(code) }),
    ...(sinceMs === undefined ? {} : { sinceMs }),
  };
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value);
}

function readSince(text: string, now: number): number | undefined {
  const [, count, unit = ''] = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text) ?? [];
  return count === undefined ? readTime(text) : Math.max(0, now - Number(count) * (unitsMs[unit] ?? 0));
}
