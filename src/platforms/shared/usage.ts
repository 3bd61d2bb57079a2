import type { Usage } from '../../core/limits.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const one = (headers: Headers, name: string) => String(headers[name] ?? '');
const numberIn = (headers: Headers, name: string) => Number.parseFloat(one(headers, name));

/** When an answer was given, by the platform's own clock (epoch ms): this machine's may be wrong. */
export function answeredAt(headers: Headers): number {
  return Date.parse(one(headers, 'date')) || Date.now();
}

/** X API, rate limits: `x-rate-limit-*`, of the user's window at this endpoint, whose rule that is; `reset` is in epoch seconds. */
export function xUsage(headers: Headers, rule: string): Usage | undefined {
  const [limit, remaining, reset] = ['limit', 'remaining', 'reset'].map((name) =>
    numberIn(headers, `x-rate-limit-${name}`),
  ) as [number, number, number];
  const resetMs = reset * 1000 - answeredAt(headers);
  if (!(limit > 0 && remaining >= 0 && resetMs > 0)) return undefined;
  return { rule, limit, remaining, resetMs };
}

/** How long what is left is spread over, where Meta says only how much is used. */
const graphSpreadMs = 10 * 60_000;
const graphHeaders = ['x-business-use-case-usage', 'x-page-usage', 'x-app-usage'];

/** Graph API, rate limiting: percentages of what may be used, the fullest counts; `estimated_time_to_regain_access` is in minutes. */
export function graphUsage(headers: Headers, rule: string): Usage | undefined {
  let used = -1;
  let regainMs = 0;
  for (const entry of graphHeaders.flatMap((name) => entriesIn(one(headers, name)))) {
    const shares = ['call_count', 'total_cputime', 'total_time'].map((name) => Number(entry[name]) || 0);
    used = Math.max(used, ...shares);
    regainMs = Math.max(regainMs, (Number(entry.estimated_time_to_regain_access) || 0) * 60_000);
  }
  if (used < 0) return undefined;
  return { rule, limit: 100, remaining: Math.max(0, Math.floor(100 - used)), resetMs: regainMs || graphSpreadMs };
}

/** One object, or lists of them by the id of what they are about. */
function entriesIn(text: string): Record<string, unknown>[] {
  try {
    const json: unknown = JSON.parse(text);
    const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
    if (!isObject(json)) return [];
    const lists = Object.values(json).flat().filter(isObject);
    return lists.length > 0 ? lists : [json];
  } catch {
    return [];
  }
}
