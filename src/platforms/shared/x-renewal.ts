import { createHash } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { PublishError, UnauthorizedError, UnavailableError } from '../../core/errors.ts';
import type { TokenPair, TokenStore, TokenTurn } from '../../core/tokens.ts';
import { askForTokens, type TokenClient } from './x-token-request.ts';

/** What a process knows of its tokens: the pair in use, and of access tokens the last that X refused and the last it took. */
export interface Standing {
  held?: TokenPair | undefined;
  rejected?: string | undefined;
  proven?: string | undefined;
}

/** Whether the pair in use is a later one than that which is stored. */
export function isLater(held: TokenPair | undefined, stored: TokenPair | undefined): held is TokenPair {
  return held !== undefined && held.number > (stored?.number ?? 0);
}

/** One account's chain of tokens. */
export interface Renewal {
  /** What is stored; undefined where nothing was renewed yet. */
  stored(): Promise<TokenPair | undefined>;
  /** Whether a pair needs no renewal. */
  isGood(pair: TokenPair, standing: Standing): boolean;
  /** A good pair: another process's where it came first, else a new one. Rejects with a `PublishError`: nothing was posted. */
  renew(standing: Standing): Promise<TokenPair>;
  /** Any failure of the store as one before sending. */
  failureOf(error: unknown): PublishError;
  /** True while X has given a pair that is not stored yet. */
  isUnsaved(): boolean;
  /** Waits for a renewal under way. */
  close(): Promise<void>;
}

/** How long ahead of its end a token is renewed; a quarter of its life where that is shorter. */
const aheadMs = 60_000;
const saveAgainMs = 200;
/** How long a closed account still tries to store what X gave, and waits for X to give it. */
const lastSavesMs = 3_000;
const closeMs = 23_000;
/** After a failure whoever comes next fails the same way: X is not asked by every delivery that waits. */
const failedMs = 1_000;
const refusedMs = 30_000;

export const remedy = 'make a new pair of tokens and set clientId, clientSecret and refreshToken (docs/platforms.md)';

/**
 * X, OAuth 2.0: a refresh token is good once, and brings the next pair; one that is spent twice may end the whole chain. So
 * it is spent in a turn of its own over all processes, by a request that no deadline of a delivery ends, and the pair is
 * stored before anybody uses it.
 */
export function createRenewal(
  { id, accessToken, refreshToken }: { id: string; accessToken: string | undefined; refreshToken: string },
  { store, client, onPair }: { store: TokenStore; client: TokenClient; onPair(pair: TokenPair): void },
): Renewal {
  const chain = createHash('sha256').update(refreshToken).digest('hex').slice(0, 32);
  const leaving = new AbortController();
  let running: Promise<TokenPair> | undefined;
  let unsaved = false;
  let failed: { error: PublishError; until: number } | undefined;

  const isGood = (pair: TokenPair, { rejected }: Standing) =>
    store.now() < pair.renewAt && pair.accessToken !== rejected;

  function failureOf(error: unknown): PublishError {
    if (error instanceof PublishError) return error;
    const why = leaving.signal.aborted ? 'the account was closed' : client.scrub((error as Error).message);
    return new UnavailableError(`X: the tokens of ${id} could not be read or stored (${why}); nothing was sent.`, {
      code: 'tokens',
    });
  }

  /** However often it takes: it is the only pair there is. */
  async function save(turn: TokenTurn, pair: TokenPair, spent: string): Promise<TokenPair> {
    unsaved = true;
    for (let lastMs = 0; ; lastMs += leaving.signal.aborted ? saveAgainMs : 0) {
      try {
        const stored = await turn.save(pair, spent);
        unsaved = false;
        return stored;
      } catch (error) {
        if (lastMs >= lastSavesMs) throw error;
        await pause(saveAgainMs);
      }
    }
  }

  async function inTurn(turn: TokenTurn, standing: Standing): Promise<TokenPair> {
    const { unfinishedSince } = turn;
    const { held, rejected, proven } = standing;
    // A Redis that lost its last writes knows less than we do.
    const pair = isLater(held, turn.pair) ? await turn.save(held, turn.pair?.refreshToken ?? refreshToken) : turn.pair;
    if (pair && isGood(pair, standing)) return pair;
    const isRejected = rejected !== undefined && rejected === (pair?.accessToken ?? accessToken);
    if (isRejected && pair?.afterRefusal && proven !== rejected) {
      const message = `X refuses the access token of ${id}, which was renewed only because the one before was refused. Look whether X has locked the user or the app; else ${remedy}.`;
      throw new UnauthorizedError(message, { code: 401 });
    }
    const spent = pair?.refreshToken ?? refreshToken;
    await turn.begin();
    const startedAt = store.now();
    const answer = await askForTokens(client, spent);
    if ('given' in answer) {
      const { given } = answer;
      const lifeMs = given.seconds * 1000;
      const fresh: TokenPair = {
        number: (pair?.number ?? 0) + 1,
        accessToken: given.accessToken,
        refreshToken: given.refreshToken ?? spent,
        renewAt: Math.round(startedAt + lifeMs - Math.min(aheadMs, lifeMs / 4)),
        expiresAt: Math.round(startedAt + lifeMs),
        afterRefusal: isRejected,
      };
      onPair(fresh);
      return save(turn, fresh, spent);
    }
    if (answer.spent !== 'maybe' && unfinishedSince === undefined) await turn.undo();
    if (answer.spent !== 'refused') throw answer.failure;
    // Whoever had the turn before may have stored it late.
    const latest = await store.read(chain);
    if (latest && latest.refreshToken !== spent) return latest;
    throw refusal(answer.failure, unfinishedSince);
  }

  function refusal({ message, code }: PublishError, unfinishedSince: number | undefined): PublishError {
    const lost =
      unfinishedSince === undefined
        ? ''
        : ` The renewal begun at ${new Date(unfinishedSince).toISOString()} was never stored, and the tokens it brought are lost.`;
    const text = `${message} The refresh token of ${id} is not taken.${lost} Log in again: ${remedy}.`;
    return new UnauthorizedError(text, { code });
  }

  return {
    stored: () => store.read(chain),
    isGood,
    renew(standing) {
      if (failed && performance.now() < failed.until) return Promise.reject(failed.error);
      running ??= store
        .exclusively(chain, (turn) => inTurn(turn, standing), leaving.signal)
        .catch((thrown: unknown) => {
          const error = failureOf(thrown);
          const ms = error.failure === 'unauthorized' ? refusedMs : failedMs;
          failed = { error, until: performance.now() + ms };
          throw error;
        })
        .finally(() => {
          running = undefined;
        });
      return running;
    },
    failureOf,
    isUnsaved: () => unsaved,
    async close() {
      leaving.abort();
      const enough = new AbortController();
      const work = running?.then(
        () => {},
        () => {},
      );
      if (work) await Promise.race([work, pause(closeMs, undefined, { signal: enough.signal }).catch(() => {})]);
      enough.abort();
    },
  };
}
