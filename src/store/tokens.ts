import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { TokenPair, TokenStore, TokenTurn } from '../core/tokens.ts';
import { loadScript } from './scripts.ts';

/** Longer than a platform may take to answer, by far: a token that is spent twice may end its whole chain. */
const lockMs = 60_000;
const pollMs = 50;
/** A refresh token that nobody used for half a year is dead (X). */
const keptMs = 200 * 86_400_000;

/**
 * Renewed tokens, at `PREFIX:tokens:CHAIN`, a hash. They are written when Redis has confirmed them, and like all else
 * survive what its append-only file survives. `onSecrets` is told of every token before anybody else has it.
 */
export function openTokens(
  redis: Redis,
  prefix: string,
  { now, onSecrets }: { now(): number; onSecrets(secrets: readonly string[]): void },
): TokenStore {
  const begin = loadScript(redis, 'token-begin');
  const save = loadScript(redis, 'token-save');
  const leave = loadScript(redis, 'token-leave');
  const keyOf = (chain: string) => `${prefix}:tokens:${chain}`;

  async function look(chain: string): Promise<Pick<TokenTurn, 'pair' | 'unfinishedSince'>> {
    const { accessToken, refreshToken, begunAt, ...rest } = await redis.hgetall(keyOf(chain));
    const unfinishedSince = begunAt === undefined ? undefined : Number(begunAt);
    if (!accessToken || !refreshToken) return { pair: undefined, unfinishedSince };
    onSecrets([accessToken, refreshToken]);
    const pair: TokenPair = {
      number: Number(rest.number),
      accessToken,
      refreshToken,
      renewAt: Number(rest.renewAt),
      expiresAt: Number(rest.expiresAt),
      afterRefusal: rest.afterRefusal === '1',
    };
    return { pair, unfinishedSince };
  }

  async function turnOf(chain: string, mine: string): Promise<TokenTurn> {
    const key = keyOf(chain);
    return {
      ...(await look(chain)),
      async begin() {
        if ((await begin([key, mine, lockMs, now(), keptMs])) !== 1) throw new Error('it took too long to begin');
      },
      undo: async () => void (await redis.hdel(key, 'begunAt')),
      async save(pair, spent) {
        onSecrets([pair.accessToken, pair.refreshToken]);
        const fields = Object.entries({ ...pair, afterRefusal: pair.afterRefusal ? '1' : '0' }).flat();
        if ((await save([key, spent, keptMs, ...fields])) === 1) return pair;
        return (await look(chain)).pair ?? pair;
      },
    };
  }

  return {
    now,
    read: async (chain) => (await look(chain)).pair,
    async exclusively(chain, work, signal) {
      const lock = `${keyOf(chain)}:lock`;
      const mine = randomUUID();
      while ((await redis.set(lock, mine, 'PX', lockMs, 'NX')) === null) await pause(pollMs, undefined, { signal });
      try {
        return await work(await turnOf(chain, mine));
      } finally {
        // Without waiting: where Redis is away, the lock ends by itself.
        void leave([lock, mine]).catch(() => {});
      }
    },
  };
}
