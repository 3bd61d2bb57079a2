import { createHash } from 'node:crypto';
import { z } from 'zod';
import { createRateLog, type RateFigures, type RateLog, type SandboxRate } from './rates.ts';

const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const rate = z
  .string()
  .regex(/^[1-9]\d{0,8}\/[1-9]\d{0,5}(ms|s|m|h|d)$/, 'expected COUNT/DURATION such as "20/1m", in ms, s, m, h or d');

/** What `PUT /_sandbox/limits` takes. */
const plan = z.strictObject({
  on: z.boolean(),
  rates: z.record(z.string(), z.array(rate)).default({}),
  crowd: z.number().min(0).max(0.95).default(0),
});
export type LimitsPlan = z.input<typeof plan>;

/** The documented limits of a platform by name, such as `chat`; `unique`: people are counted, not messages. */
export type Documented = Record<string, { rates: readonly string[]; unique?: boolean }>;

/** Whose limits a request counts against, by the limit's name; and who is counted where people are. */
export type Counted = Record<string, { scope: string; member?: string }>;

/** A request that comes too early: which limit, of how many, and the wait until it would be accepted. */
export interface TooEarly {
  rate: string;
  count: number;
  waitMs: number;
  scope: string;
}

/** What is left of a limit, of how many, and in how many ms there is more. */
export interface Left {
  left: number;
  count: number;
  renewedMs: number;
}

/** One limit of one scope, as `GET /_sandbox/limits` shows it. `scope` is a short hash: it names nobody. */
export interface ScopeFigures extends RateFigures {
  rate: string;
  scope: string;
  count: number;
  perMs: number;
  /** Granted by permitted, where permitted is `count × span / perMs`, and span `lastAt - firstAt + perMs / count`. */
  used: number;
}

/** `crowd`: the share of the other client. `requests`: those that count against a limit, `refused` among them. */
export interface LimitsFigures {
  on: boolean;
  crowd: number;
  requests: number;
  refused: number;
  scopes: ScopeFigures[];
}

/** The limits of one platform, off at first. Times are epoch ms. */
export interface Limits {
  /**
   * What is wrong with the plan, or undefined once it holds. Switched on, they begin anew; switched off, the figures
   * stay.
   */
  put(given: unknown): { message: string }[] | undefined;
  /** The limit that takes longest to be free, if any is not; then the request counts as refused. */
  check(counted: Counted, now: number): TooEarly | undefined;
  /** Counts a request that was accepted. */
  grant(counted: Counted, now: number): void;
  /** Of a name with several windows, the one with least left; undefined while there is no such limit. */
  left(name: string, scope: string, now?: number): Left | undefined;
  figures(): LimitsFigures;
  /** Switches off, and forgets the figures. */
  reset(): void;
}

interface Entry {
  rate: string;
  scope: string;
  of: SandboxRate;
  log: RateLog;
}

/** Limits that are held by the clock of whoever asks. A scope is kept from its first accepted request on. */
export function createLimits(documented: Documented): Limits {
  let isOn = false;
  let crowd = 0;
  let rates = new Map<string, SandboxRate[]>();
  let requests = 0;
  let refused = 0;
  const entries = new Map<string, Entry>();

  const keyOf = (name: string, scope: string, index: number) => `${name}\n${index}\n${scope}`;

  function clear(): void {
    entries.clear();
    requests = 0;
    refused = 0;
  }

  function ratesOf(given: Record<string, string[]>): Map<string, SandboxRate[]> {
    const all = Object.entries(documented).map(([name, { rates: usual, unique = false }]) => {
      const texts = Object.hasOwn(given, name) ? (given[name] ?? []) : usual;
      return [name, texts.map((text) => ({ ...parseRate(text), unique }))] as const;
    });
    return new Map(all);
  }

  return {
    put(given) {
      const result = plan.safeParse(given);
      if (!result.success) return result.error.issues;
      const { data } = result;
      const names = Object.keys(documented);
      const unknown = Object.keys(data.rates).filter((name) => !names.includes(name));
      if (unknown.length > 0) {
        return [{ message: `there is no limit ${unknown.join(', ')} here; there are ${names.join(', ')}` }];
      }
      isOn = data.on;
      if (!isOn) return undefined;
      clear();
      crowd = data.crowd;
      rates = ratesOf(data.rates);
      return undefined;
    },
    check(counted, now) {
      if (!isOn || Object.keys(counted).length === 0) return undefined;
      requests += 1;
      const waits = Object.entries(counted).flatMap(([name, { scope, member }]) =>
        (rates.get(name) ?? []).flatMap(({ count }, index) => {
          const log = entries.get(keyOf(name, scope, index))?.log;
          const waitMs = log?.waitMs(now, member) ?? 0;
          return log && waitMs > 0 ? [{ log, early: { rate: name, scope, count, waitMs } }] : [];
        }),
      );
      if (waits.length === 0) return undefined;
      refused += 1;
      for (const { log } of waits) log.refuse();
      return waits.map(({ early }) => early).toSorted((a, b) => b.waitMs - a.waitMs)[0];
    },
    grant(counted, now) {
      if (!isOn) return;
      for (const [name, { scope, member }] of Object.entries(counted)) {
        for (const [index, of] of (rates.get(name) ?? []).entries()) {
          const key = keyOf(name, scope, index);
          const found = entries.get(key);
          const entry = found ?? { rate: name, scope, of, log: createRateLog(of, { since: now, share: crowd }) };
          if (!found) entries.set(key, entry);
          entry.log.grant(now, member);
        }
      }
    },
    left(name, scope, now = Date.now()) {
      if (!isOn) return undefined;
      const all = (rates.get(name) ?? []).map(({ count, perMs }, index) => {
        const found = entries.get(keyOf(name, scope, index));
        return { ...(found?.log.left(now) ?? { left: count, renewedMs: perMs }), count };
      });
      return all.toSorted((a, b) => a.left - b.left)[0];
    },
    figures: () => ({
      on: isOn,
      crowd,
      requests,
      refused,
      scopes: [...entries.values()].map(({ rate: name, scope, of, log }) => {
        const figures = log.figures();
        const { count, perMs } = of;
        return { rate: name, scope: shortened(scope), count, perMs, ...figures, used: used(of, figures) };
      }),
    }),
    reset() {
      clear();
      isOn = false;
      crowd = 0;
    },
  };
}

function used({ count, perMs }: SandboxRate, { granted, firstAt, lastAt }: RateFigures): number {
  const span = lastAt - firstAt + perMs / count;
  return granted / ((count * span) / perMs);
}

function parseRate(text: string): SandboxRate {
  const [, count, number, unit = ''] = /^(\d+)\/(\d+)(\w+)$/.exec(text) ?? [];
  return { count: Number(count), perMs: Number(number) * (unitsMs[unit] ?? 1) };
}

/** Names nobody and holds no credential. */
function shortened(scope: string): string {
  return createHash('sha256').update(scope).digest('hex').slice(0, 10);
}
