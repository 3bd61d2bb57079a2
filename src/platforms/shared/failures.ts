import { type PublishError, RateLimitedError, UnavailableError, UnconfirmedError } from '../../core/errors.ts';
import type { CallState } from './call.ts';

/**
 * A failure without an answer from the platform. Before the connection stood: not posted, whatever the error is called.
 * Anything later (reset, deadline, torn answer): maybe posted.
 */
export function networkFailure(
  error: unknown,
  { platform, call, scrub }: { platform: string; call: CallState; scrub: (text: string) => string },
): PublishError {
  const code = errorCode(error);
  if (!call.written) {
    const why = call.signal.aborted ? 'timeout' : (code ?? 'network');
    return new UnavailableError(`${platform} cannot be reached (${why}); nothing was sent.`, { code: why });
  }
  if (call.signal.aborted) return new UnconfirmedError(`${platform} did not answer in time.`, { code: 'timeout' });
  const reason = error instanceof Error ? error.message : String(error);
  return new UnconfirmedError(`${platform}: no readable answer (${shorten(scrub(reason))}).`, {
    code: code ?? 'network',
  });
}

/** The first error code found along the chain of causes. */
export function errorCode(error: unknown): string | undefined {
  for (
    let at = error as { code?: unknown; cause?: unknown; errors?: unknown[] } | undefined, depth = 0;
    at && depth < 6;
    depth += 1
  ) {
    if (typeof at.code === 'string') return at.code;
    at = (at.cause ?? at.errors?.[0]) as typeof at;
  }
  return undefined;
}

const longestWaitMs = 24 * 60 * 60 * 1000;

/** A wait that the platform asked for, within reason: at least a second, at most a day. */
export function waitFor(
  message: string,
  {
    seconds,
    fallbackMs,
    scope,
    code,
  }: {
    seconds: number | undefined;
    fallbackMs: number;
    scope: RateLimitedError['scope'];
    code: string | number;
  },
): RateLimitedError {
  const askedMs = seconds !== undefined && Number.isFinite(seconds) ? seconds * 1000 : fallbackMs;
  return new RateLimitedError(message, {
    retryAfterMs: Math.min(longestWaitMs, Math.max(1_000, askedMs)),
    scope,
    code,
  });
}

/** One line of at most 300 characters, without half a character: the store's scripts read no JSON with one. */
export function shorten(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return (line.length > 300 ? `${line.slice(0, 299)}…` : line).toWellFormed();
}

/** Base address without closing slashes. */
export function trimRoot(root: string): string {
  return root.replace(/\/+$/, '');
}
