import { createHash } from 'node:crypto';
import { z } from 'zod';
import { createRateLog, type RateLog, type SandboxRate } from './rates.ts';

const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const rate = z.string().regex(/^[1-9]\d{0,8}\/[1-9]\d{0,5}(ms|s|m|h|d)$/);

/** What `PUT /_sandbox/limits` takes. */
const plan = z.strictObject({
  on: z.boolean(),
  rates: z.record(z.string(), z.array(rate)).default({}),
  crowd: z.number().min(0).max(0.95).default(0),
});

/** The documented limits of a platform by name, such as `chat`; `unique`: people are counted, not messages. */
export type Documented = Record<string, { rates: readonly string[]; unique?: boolean }>;

/** Whose limits a request counts against, by the limit's name; and who is counted where people are. */
export type Counted = Record<string, { scope: string; member?: string }>;

/** A request that comes too early. */
export interface TooEarly {
  rate: string;
  waitMs: number;
}

/** The limits of one platform, off at first. */
export interface Limits {
  /** What is wrong with the plan, or undefined once it holds. */
  put(given: unknown): unknown[] | undefined;
  /** The limit that is used up longest, if any; then the request counts as refused. */
  check(counted: Counted, now?: number): TooEarly | undefined;
  grant(counted: Counted, now?: number): void;
  /** What is left of a limit, of how many, and when there is more; undefined while limits are off. */
  left(name: string, scope: string, now?: number): { left: number; count: number; renewedMs: number } | undefined;
  figures(): object;
  reset(): void;
}

export function createLimits(documented: Documented): Limits {
  let isOn = false;
  let crowd = 0;
  let rates = new Map<string, SandboxRate[]>();
  let requests = 0;
  let refused = 0;
  const logs = new Map<string, { rate: string; scope: string; of: SandboxRate; log: RateLog }>();

  function logsOf(counted: Counted): { rate: string; member: string; log: RateLog }[] {
    return Object.entries(counted).flatMap(([name, { scope, member = '' }]) =>
      (rates.get(name) ?? []).map((of, index) => {
        const key = `${name}\n${scope}\n${index}`;
        let entry = logs.get(key);
        if (!entry) {
          entry = { rate: name, scope, of, log: createRateLog(of, crowd) };
          logs.set(key, entry);
        }
        return { rate: name, member, log: entry.log };
      }),
    );
  }

  function clear(): void {
    logs.clear();
    requests = 0;
    refused = 0;
  }

  return {
    put(given) {
      const result = plan.safeParse(given);
      if (!result.success) return result.error.issues;
      const unknown = Object.keys(result.data.rates).filter((name) => !Object.hasOwn(documented, name));
      if (unknown.length > 0) return [{ message: `no such limit: ${unknown.join(', ')}` }];
      clear();
      isOn = result.data.on;
      crowd = result.data.crowd;
      rates = new Map(
        Object.entries(documented).map(([name, { rates: usual, unique }]) => [
          name,
          (result.data.rates[name] ?? usual).map((text) => ({ ...parseRate(text), ...(unique ? { unique } : {}) })),
        ]),
      );
      return undefined;
    },
    check(counted, now = Date.now()) {
      if (!isOn) return undefined;
      requests += 1;
      const waits = logsOf(counted)
        .map(({ rate: name, member, log }) => ({ rate: name, log, waitMs: log.waitMs(now, member) }))
        .filter(({ waitMs }) => waitMs > 0)
        .sort((a, b) => b.waitMs - a.waitMs);
      const [longest] = waits;
      if (!longest) return undefined;
      refused += 1;
      for (const { log } of waits) log.refuse();
      return { rate: longest.rate, waitMs: longest.waitMs };
    },
    grant(counted, now = Date.now()) {
      if (isOn) for (const { member, log } of logsOf(counted)) log.grant(now, member);
    },
    left(name, scope, now = Date.now()) {
      const [of] = rates.get(name) ?? [];
      const [entry] = logsOf({ [name]: { scope } });
      return isOn && of && entry ? { ...entry.log.left(now), count: of.count } : undefined;
    },
    figures: () => ({
      ...{ on: isOn, crowd, requests, refused },
      scopes: [...logs.values()].map(({ rate: name, scope, of, log: { figures } }) => ({
        ...{ rate: name, scope: shortened(scope), count: of.count, perMs: of.perMs },
        ...figures,
        used: used(of, figures),
      })),
    }),
    reset() {
      clear();
      isOn = false;
      crowd = 0;
    },
  };
}

/** Granted by permitted: `count × span / perMs`, where the span reaches from the first grant to one interval after the last. */
function used({ count, perMs }: SandboxRate, figures: { granted: number; firstAt: number; lastAt: number }): number {
  if (figures.granted === 0) return 0;
  const span = figures.lastAt - figures.firstAt + perMs / count;
  return figures.granted / ((count * span) / perMs);
}

function parseRate(text: string): SandboxRate {
  const [, count, number, unit = ''] = /^(\d+)\/(\d+)(\w+)$/.exec(text) ?? [];
  return { count: Number(count), perMs: Number(number) * (unitsMs[unit] ?? 1) };
}

/** Names nobody and holds no credential. */
function shortened(scope: string): string {
  return createHash('sha256').update(scope).digest('hex').slice(0, 10);
}
