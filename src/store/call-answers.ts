import type { Redis } from 'ioredis';

/** What signed calls were answered, so that the same call again is answered the same, and does nothing. */
export interface CallAnswers {
  answer(call: string): Promise<string | undefined>;
  /** Keeps the first answer; resolves to the one that is kept. */
  keep(call: string, answer: string): Promise<string>;
}

/** Longer than the time of a call may be off, and than most senders repeat one. */
const keptMs = 86_400_000;

export function openCallAnswers(redis: Redis, prefix: string): CallAnswers {
  const name = (call: string) => `${prefix}:call:${call}`;
  return {
    answer: async (call) => (await redis.get(name(call))) ?? undefined,
    async keep(call, answer) {
      const isFirst = await redis.set(name(call), answer, 'PX', keptMs, 'NX');
      return isFirst ? answer : ((await redis.get(name(call))) ?? answer);
    },
  };
}
