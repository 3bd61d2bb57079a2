import type { LimitScope } from './errors.ts';

/** Up to `count` in any `perMs`, wherever it begins. */
export interface Rate {
  count: number;
  perMs: number;
}

/** A limit that a platform sets to posting, as far as it is documented. */
export interface RateRule {
  /** Name in the config, such as `chat`. */
  id: string;
  /** For people, such as "messages to one group or channel". */
  about: string;
  /** What waits when the platform says "too fast" for it. */
  scope: LimitScope;
  /** Those that hold unless the config says otherwise. None: only what the platform tells as it answers. */
  rates: readonly Rate[];
  /** Counts different people, not messages. */
  unique?: boolean;
}

/** What one delivery counts against. */
export interface RateScope {
  /** Which rule of the platform. */
  rule: string;
  /** Of whom: one bot, chat, user, person; the same key is the same limit in all processes. Holds no secret. */
  key: string;
  scope: LimitScope;
  rates: readonly Rate[];
  /** Whose number is counted, where the rule counts different people. */
  unique?: string;
}

/** What a platform's answer says of a limit, as it stands now. */
export interface Usage {
  rule: string;
  /** Requests that are left until `resetMs` from now. */
  remaining: number;
  limit: number;
  resetMs: number;
}
