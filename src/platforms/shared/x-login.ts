import type { Account } from '../../core/channel.ts';
import { type PublishError, UnauthorizedError, UnavailableError } from '../../core/errors.ts';
import type { Tools } from '../../core/platform.ts';
import type { TokenPair } from '../../core/tokens.ts';
import { openScrub } from '../../text/scrub.ts';
import { createRenewal, isLater, remedy, type Standing } from './x-renewal.ts';

export interface XAccount {
  appKey?: string | undefined;
  appSecret?: string | undefined;
  accessToken?: string | undefined;
  accessSecret?: string | undefined;
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  refreshToken?: string | undefined;
}

/** The access token of an OAuth 2 account, renewed where that is possible. */
export interface XLogin {
  /**
   * An access token to send a request with, renewed first where it is about to end. Throws a `PublishError` where there is
   * none. A renewal goes on when `signal` fires: its answer must not be lost.
   */
  token(signal: AbortSignal): Promise<string>;
  /** To be told when X has taken a request with this token. */
  accepted(token: string): void;
  /** What a request comes to that X refused (401) for this token, which is renewed: the failure to throw. Never rejects. */
  refused(token: string, failure: PublishError, signal: AbortSignal): Promise<PublishError>;
  /** Cuts all tokens out of a text. */
  scrub(text: string): string;
  /** Waits for a renewal under way. */
  close(): Promise<void>;
}

/** Code of a failure that is over: the next request goes with a renewed token. */
export const renewedCode = 'renewed';

/** How long a request waits for a renewal while the old token is still good. */
const patienceMs = 3_000;

export function openXLogin({ id, settings }: Account<XAccount>, root: string, tools: Tools | undefined): XLogin {
  const { clientId, clientSecret, refreshToken, accessToken } = settings;
  const { scrub, add } = openScrub(Object.values(settings));
  if (!clientId || !clientSecret || !refreshToken || !tools) return fixedLogin(id, accessToken, scrub);

  const store = tools.tokens;
  const onPair = (pair: TokenPair) => add([pair.accessToken, pair.refreshToken]);
  const renewal = createRenewal(
    { id, accessToken, refreshToken },
    { store, client: { root, clientId, clientSecret, scrub }, onPair },
  );
  const standing: Standing = {};

  function hold(pair: TokenPair): string {
    onPair(pair);
    standing.held = pair;
    return pair.accessToken;
  }

  const late = () => {
    const what = renewal.isUnsaved()
      ? `the tokens of ${id} are renewed, but cannot be stored yet`
      : `the access token of ${id} was not renewed in time`;
    return new UnavailableError(`X: ${what}; nothing was sent.`, { code: 'timeout' });
  };

  return {
    async token(signal) {
      const known = standing.held;
      if (known && renewal.isGood(known, standing)) return known.accessToken;
      // Another process may have renewed it.
      const stored = await until(renewal.stored(), signal, late).catch((error: unknown) => {
        throw renewal.failureOf(error);
      });
      if (stored && !isLater(standing.held, stored)) hold(stored);
      const { held, rejected } = standing;
      if (held && renewal.isGood(held, standing)) return held.accessToken;
      // Nobody knows when the configured one ends.
      if (!held && accessToken && accessToken !== rejected) return accessToken;
      const isAlive = held && held.accessToken !== rejected && store.now() < held.expiresAt;
      const patience = isAlive ? AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]) : signal;
      try {
        return hold(await until(renewal.renew(standing), patience, late));
      } catch (error) {
        if (isAlive && !signal.aborted) return held.accessToken;
        throw error;
      }
    },
    accepted(token) {
      standing.proven = token;
    },
    async refused(token, _failure, signal) {
      const isInUse = token === (standing.held?.accessToken ?? accessToken);
      if (isInUse) standing.rejected = token;
      try {
        if (isInUse) hold(await until(renewal.renew(standing), signal, late));
      } catch (error) {
        return renewal.failureOf(error);
      }
      const message = `X refused the access token of ${id}, which had ended or was taken back; it is renewed. Nothing was posted.`;
      return new UnavailableError(message, { code: renewedCode });
    },
    scrub,
    close: renewal.close,
  };
}

/** An access token that nothing renews. */
function fixedLogin(id: string, token: string | undefined, scrub: (text: string) => string): XLogin {
  return {
    async token() {
      if (token) return token;
      throw new UnauthorizedError(`There is no access token for ${id}: ${remedy}.`);
    },
    accepted() {},
    refused: async (_token, { message, code }) =>
      new UnauthorizedError(`${message} Nothing renews it: ${remedy}.`, { code }),
    scrub,
    async close() {},
  };
}

/** Waits for `work` until `signal` fires; the work itself goes on. */
function until<T>(work: Promise<T>, signal: AbortSignal, late: () => PublishError): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(late());
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
