import type { Redis } from 'ioredis';

/** Which messages of people are answered already. */
export interface Answered {
  /** Takes a message to answer it; false where somebody has. */
  claim(message: string): Promise<boolean>;
  /** It was not answered after all: nothing was sent. */
  release(message: string): Promise<void>;
  /** Takes the next help without being asked for; false where the person had one within half a day. */
  claimHelp(account: string, who: string): Promise<boolean>;
}

/** Messages come again for up to a week (Meta, webhooks). */
const messageS = 8 * 86_400;
const helpS = 12 * 3_600;

export function openAnswered(redis: Redis, prefix: string): Answered {
  const messageKey = (message: string) => `${prefix}:answered:${message}`;
  const take = async (key: string, seconds: number) => (await redis.set(key, '1', 'EX', seconds, 'NX')) === 'OK';
  return {
    claim: (message) => take(messageKey(message), messageS),
    async release(message) {
      await redis.del(messageKey(message));
    },
    claimHelp: (account, who) => take(`${prefix}:helped:${account}:${who}`, helpS),
  };
}
