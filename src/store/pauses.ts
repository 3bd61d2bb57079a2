import type { Redis } from 'ioredis';

/** Accounts and channels that rest, each with the reason. Claims look here. */
export interface Pauses {
  pauseAccount(account: string, reason: string): Promise<void>;
  pauseChannel(channel: string, reason: string): Promise<void>;
  resume(kind: 'account' | 'channel', id: string): Promise<boolean>;
  list(): Promise<{ kind: 'account' | 'channel'; id: string; reason: string }[]>;
}

export function openPauses(redis: Redis, prefix: string): Pauses {
  const key = `${prefix}:paused`;
  return {
    pauseAccount: async (account, reason) => void (await redis.hset(key, `account:${account}`, reason)),
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
