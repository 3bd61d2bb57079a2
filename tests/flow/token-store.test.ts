import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenStore } from '../../src/core/tokens.ts';
import { openTokens } from '../../src/store/tokens.ts';
import { type Installation, openInstallation } from '../support/installation.ts';
import { call } from '../support/x-login.ts';

let at: Installation;
let store: TokenStore;
/** Tokens that the store has told of. */
const seen: string[] = [];

beforeAll(async () => {
  at = await openInstallation();
  const { runtime, config } = at;
  const onSecrets = (secrets: readonly string[]) => void seen.push(...secrets);
  store = openTokens(runtime.connect(), config.redis.prefix, { now: runtime.clock.now, onSecrets });
});
afterAll(() => at.close());

describe('stored tokens', () => {
  it('are what came for the last refresh token, also where somebody stores late', async () => {
    const chain = 'late';
    const pair = (name: string) => ({
      number: 1,
      accessToken: `access-${name}`,
      refreshToken: `refresh-${name}`,
      renewAt: 1,
      expiresAt: 2,
      afterRefusal: false,
    });
    const { signal } = call();
    await store.exclusively(chain, (turn) => turn.save(pair('a'), 'configured'), signal);
    await store.exclusively(chain, (turn) => turn.save(pair('b'), 'refresh-a'), signal);
    const late = await store.exclusively(chain, (turn) => turn.save(pair('c'), 'refresh-a'), signal);
    expect(late).toEqual(pair('b'));
    expect(await store.read(chain)).toEqual(pair('b'));
    expect(seen).toContain('refresh-c');
  });

  it('are renewed in one turn at a time, which others wait for', async () => {
    const chain = 'turns';
    let inside = 0;
    let most = 0;
    const work = async () => {
      inside += 1;
      most = Math.max(most, inside);
      await store.read(chain);
      inside -= 1;
    };
    await Promise.all(Array.from({ length: 5 }, () => store.exclusively(chain, work, call().signal)));
    expect(most).toBe(1);
    const held = store.exclusively(chain, () => new Promise(() => {}), call().signal);
    void held;
    await expect(store.exclusively(chain, work, call(100).signal)).rejects.toThrow();
  });

  it('are not renewed in a turn that has run out', async () => {
    const chain = 'slow';
    const slow = store.exclusively(
      chain,
      async (turn) => {
        expect(await at.runtime.redis.del(`${at.config.redis.prefix}:tokens:${chain}:lock`)).toBe(1);
        await turn.begin();
      },
      call().signal,
    );
    await expect(slow).rejects.toThrow('took too long');
  });
});
