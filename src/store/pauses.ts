import type { Redis } from 'ioredis';
import type { Alarms } from './alarms.ts';
import { openVerdicts, type Verdict, type VerdictOutcome } from './verdicts.ts';

/** Accounts and channels that rest, each with the reason. Claims look here. */
export interface Pauses {
  /** An alarm. `credentials`: a fingerprint of those that were refused. */
  pauseAccount(account: string, reason: string, credentials?: string): Promise<void>;
  /** Ends the rest of an account whose credentials are others than those that were refused; resolves to whether. */
  renewed(account: string, credentials: string): Promise<boolean>;
  /** One that its platform has closed to us is an alarm. */
  pauseChannel(channel: string, reason: string, by?: 'person' | 'platform'): Promise<void>;
  /** What its platform says of a template or an account: some rest, or go on that rested because of such. */
  byPlatform(verdict: Verdict): Promise<VerdictOutcome>;
  resume(kind: 'account' | 'channel', id: string): Promise<boolean>;
  list(): Promise<{ kind: 'account' | 'channel'; id: string; reason: string }[]>;
}

export function openPauses(redis: Redis, prefix: string, alarms: Alarms): Pauses {
  const key = `${prefix}:paused`;
  const refused = `${prefix}:refused-credentials`;
  // Of these the platform itself says when they go on, unless somebody else has paused them since.
  const byPlatform = `${prefix}:paused-by-platform`;
  // An alarm that cannot be raised keeps nothing from resting; one too many is better than none.
  const raise = (kind: 'account' | 'channel', id: string, reason: string) =>
    alarms.raise({ kind: `${kind}-paused`, subject: id, detail: { [kind]: id, reason } }).catch(() => {});
  const isOver = (kind: 'account' | 'channel', id: string) =>
    alarms.over({ kind: `${kind}-paused`, subject: id }).catch(() => {});
  return {
    async pauseAccount(account, reason, credentials) {
      await raise('account', account, reason);
      const both = redis.multi().hset(key, `account:${account}`, reason).hdel(byPlatform, `account:${account}`);
      if (credentials !== undefined) both.hset(refused, account, credentials);
      await both.exec();
    },
    async renewed(account, credentials) {
      const before = await redis.hget(refused, account);
      if (before === null || before === credentials) return false;
      await redis.multi().hdel(refused, account).hdel(byPlatform, `account:${account}`).exec();
      const rested = (await redis.hdel(key, `account:${account}`)) === 1;
      await isOver('account', account);
      return rested;
    },
    async pauseChannel(channel, reason, by = 'person') {
      if (by === 'platform') await raise('channel', channel, reason);
      await redis.multi().hset(key, `channel:${channel}`, reason).hdel(byPlatform, `channel:${channel}`).exec();
    },
    async resume(kind, id) {
      await redis.hdel(byPlatform, `${kind}:${id}`);
      const rested = (await redis.hdel(key, `${kind}:${id}`)) === 1;
      if (rested) await isOver(kind, id);
      return rested;
    },
    byPlatform: openVerdicts(redis, prefix),
    async list() {
      return Object.entries(await redis.hgetall(key)).map(([field, reason]) => {
        const colon = field.indexOf(':');
        return { kind: field.slice(0, colon) as 'account' | 'channel', id: field.slice(colon + 1), reason };
      });
    },
  };
}
