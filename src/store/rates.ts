import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Rate, RateScope, Usage } from '../core/limits.ts';
import { loadScript } from './scripts.ts';

/** Windows up to this long are kept even to a fifth of their number at a time, longer ones to a quarter. */
const shortMs = 10_000;

/** Scopes as the claim takes them; see scopes.lua. */
export function encodeScopes(scopes: readonly RateScope[], marginMs: number): string {
  if (scopes.length === 0) return '';
  return JSON.stringify(
    scopes.map(({ key, rates, unique, lateMs, turn }) => [
      ...[key, encodeWindows(rates, marginMs), unique ?? ''],
      ...(lateMs === undefined && turn === undefined ? [] : [lateMs ?? false, ...(turn === undefined ? [] : [turn])]),
    ]),
  );
}

/** Windows as scopes.lua takes them. */
export function encodeWindows(rates: readonly Rate[], marginMs: number): number[][] {
  return rates.map((rate) => window(rate, marginMs));
}

function window({ count, perMs }: Rate, marginMs: number): [number, number, number] {
  return [count, perMs + marginMs, Math.ceil(count / (perMs <= shortMs ? 5 : 4))];
}

/** What the platforms say of their limits, shared by all processes. */
export interface Rates {
  /** The scope was refused: nothing more in it for so long, in no process, and then more slowly. */
  refused(scope: RateScope, waitMs: number, why: string): Promise<void>;
  /** How much is left, by an answer. */
  observed(scope: RateScope, usage: Usage): Promise<void>;
  /**
   * Erases people from what counts: their own limits go, and of `people`, where different ones are counted, somebody
   * without a name stays in their place.
   */
  forget(names: readonly string[], of: { person: RateScope | undefined; people: RateScope | undefined }): Promise<void>;
}

export function openRates(redis: Redis, prefix: string): Rates {
  const run = loadScript(redis, 'rates', ['state-lists', 'scopes', 'turns', 'limits']);
  return {
    async refused({ key, rates }, waitMs, why) {
      await run([prefix, 'refused', key, JSON.stringify(rates.map(({ count, perMs }) => [count, perMs])), waitMs, why]);
    },
    async observed({ key }, { remaining, limit, resetMs }) {
      await run([prefix, 'observed', key, remaining, limit, Math.max(0, Math.round(resetMs))]);
    },
    async forget(names, { person, people }) {
      for (const name of names) {
        if (person)
          await redis.unlink(`${prefix}:limit:${person.key}${name}`, `${prefix}:limit:${person.key}${name}:log`);
        const log = people && `${prefix}:limit:${people.key}:log`;
        const at = log && (await redis.zscore(log, name));
        if (log && at) await redis.multi().zadd(log, at, `erased-${randomUUID()}`).zrem(log, name).exec();
      }
    },
  };
}
