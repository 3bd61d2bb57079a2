/** A pair of tokens that a platform gave in place of the configured one. Both are secrets. */
export interface TokenPair {
  /** Counts along its chain, from 1. */
  number: number;
  accessToken: string;
  refreshToken: string;
  /** From when on it is to be renewed (epoch ms, by the store's clock). */
  renewAt: number;
  /** When the access token ends (epoch ms, by the store's clock). */
  expiresAt: number;
  /** Made because the platform refused the access token before it, not because that was about to end. */
  afterRefusal: boolean;
}

/** The right to renew one chain of tokens, which no other process has meanwhile. */
export interface TokenTurn {
  /** What is stored; undefined where nothing of this chain was renewed yet. */
  pair: TokenPair | undefined;
  /** When a renewal was begun whose end nobody stored (epoch ms). */
  unfinishedSince: number | undefined;
  /** Notes that a renewal is begun, and makes the turn last a minute from now. Rejects where the turn ran out. */
  begin(): Promise<void>;
  /** Takes the note back: the refresh token was not spent. */
  undo(): Promise<void>;
  /**
   * Stores what came for the refresh token `spent`, also where the turn has run out meanwhile. Resolves, once Redis has
   * confirmed it, to what is stored now: another pair where that one is no longer the last.
   */
  save(pair: TokenPair, spent: string): Promise<TokenPair>;
}

/**
 * Where renewed tokens are kept, for all processes. A chain is what follows from one login: its id is made of the
 * configured refresh token, so that a new one in the configuration begins anew, and the old one finds its own again.
 */
export interface TokenStore {
  /** Epoch ms, by the clock that all processes share. */
  now(): number;
  read(chain: string): Promise<TokenPair | undefined>;
  /** Waits for the turn, until `signal` fires, and runs `work` in it. */
  exclusively<T>(chain: string, work: (turn: TokenTurn) => Promise<T>, signal: AbortSignal): Promise<T>;
}
