import type { Redis } from 'ioredis';

/** Accounts and channels that rest, each with the reason. Claims look here. */
export interface Pauses {
  /** `credentials`: a fingerprint of those that were refused. */
  pauseAccount(account: string, reason: string, credentials?: string): Promise<void>;
  /** Ends the rest of an account whose credentials are others than those that were refused; resolves to whether. */
  renewed(account: string, credentials: string): Promise<boolean>;
  pauseChannel(channel: string, reason: string): Promise<void>;
  resume(kind: 'account' | 'channel', id: string): Promise<boolean>;
  list(): Promise<{ kind: 'account' | 'channel'; id: string; reason: string }[]>;
}

export function openPauses(redis: Redis, prefix: string): Pauses {
  const key = `${prefix}:paused`;
  const refused = `${prefix}:refused-credentials`;
  return {
    async pauseAccount(account, reason, credentials) {
      const both = redis.multi().hset(key, `account:${account}`, reason);
      if (credentials !== undefined) both.hset(refused, account, credentials);
      await both.exec();
    },
    async renewed(account, credentials) {
      const before = await redis.hget(refused, account);
      if (before === null || before === credentials) return false;
      await redis.hdel(refused, account);
      return (await redis.hdel(key, `account:${account}`)) === 1;
    },
    pauseChannel: async (channel, reason) => void (await redis.hset(key, `channel:${channel}`, reason)),
    resume: async (kind, id) => (await redis.hdel(key, `${kind}:${id}`)) === 1,
    async list() {
      return Object.entries(await redis.hgetall(key)).map(([field, reason]) => {
        const colon = field.indexOf(':');
        return { kind: field.slice(0, colon) as 'account' | 'channel', id: field.slice(colon + 1), reason };
      });
    },
  };
}
