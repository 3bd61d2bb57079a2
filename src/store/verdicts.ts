import type { Redis } from 'ioredis';
import type { AlarmDetail, AlarmKind } from '../core/alarms.ts';
import { loadScript } from './scripts.ts';

/** What a platform says of a template or an account of ours. */
export interface Verdict {
  account: string;
  /** What it is about: a template as `news/ar`, or `account`. */
  thing: string;
  /** What is said of it; `risk` stops nothing. */
  kind: 'status' | 'quality' | 'risk';
  /** `stop`: it cannot be used; `go`: it can; `note`: it can, but something is to be known. */
  verdict: 'stop' | 'go' | 'note';
  /** When it was so, by the platform (epoch ms). */
  atMs: number;
  reason: string;
  /** Raised with a `stop`, and over once the thing can be used; raised with a `note`. */
  alarm: { stop?: AlarmKind; note?: AlarmKind; subject: string; detail: AlarmDetail };
  /** What rests while a thing that it needs is stopped. */
  users: readonly { kind: 'channel' | 'account'; id: string; needs: readonly string[] }[];
}

/** What came of a verdict: ids such as `channel:ID`. */
export interface VerdictOutcome {
  /** False: it was known, or something newer is. */
  isNews: boolean;
  rests: string[];
  goes: string[];
}

/** Takes up verdicts in one step each. What rests by one goes on by another, and only by that or by a person. */
export function openVerdicts(redis: Redis, prefix: string): (verdict: Verdict) => Promise<VerdictOutcome> {
  const run = loadScript(redis, 'verdict', ['state-lists']);
  return async ({ account, thing, kind, verdict, atMs, reason, alarm, users }) => {
    const details = Object.entries(alarm.detail);
    const [isNews, count, ...ids] = (await run([
      ...[
        prefix,
        account,
        thing,
        kind,
        verdict,
        Math.round(atMs),
        reason,
        alarm.stop ?? '',
        alarm.note ?? '',
        alarm.subject,
        details.length,
      ],
      ...details.flat(),
      ...users.flatMap((user) => [`${user.kind}:${user.id}`, user.needs.length, ...user.needs]),
    ])) as [number, number, ...string[]];
    return { isNews: isNews === 1, rests: ids.slice(0, count), goes: ids.slice(count) };
  };
}
