/** What a feed and its server say about when to come again. */
export interface PollHints {
  /** Of the HTTP answer. */
  cacheControl?: string | undefined;
  expires?: string | undefined;
  /** Of the feed itself. */
  ttlMs?: number | undefined;
  skip?: { hours: readonly number[]; days: readonly number[] } | undefined;
  /** A hub tells us, so that reading is a net below. */
  isSubscribed?: boolean;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const slower = 4;
/** Hints may put a poll off by this at most. */
const longestHintMs = hourMs;
const longestFailureMs = 6 * hourMs;
const longestRetryAfterMs = dayMs;

/** How long until a feed is read again that could be read. */
export function nextPollMs(everyMs: number, hints: PollHints, nowMs: number): number {
  const usualMs = hints.isSubscribed ? Math.max(everyMs, Math.min(everyMs * slower, hourMs)) : everyMs;
  const freshMs = Math.max(maxAgeMs(hints.cacheControl), untilMs(hints.expires, nowMs), hints.ttlMs ?? 0);
  const most = usualMs + longestHintMs;
  let waitMs = Math.min(most, Math.max(usualMs, freshMs));
  // Hour by hour, past those in which it does not want to be read.
  while (waitMs < most && isSkipped(nowMs + waitMs, hints.skip)) waitMs = Math.min(most, waitMs + hourMs / 4);
  return waitMs;
}

/** The same for one that could not be read, so often in a row; with full jitter. `retryAfterMs`: as its server asks. */
export function nextTryMs(
  everyMs: number,
  { failures, retryAfterMs }: { failures: number; retryAfterMs: number | undefined },
  random: () => number = Math.random,
): number {
  if (retryAfterMs !== undefined) return Math.max(everyMs, Math.min(retryAfterMs, longestRetryAfterMs));
  const ceiling = Math.min(longestFailureMs, everyMs * 2 ** Math.min(failures, 12));
  return everyMs + Math.round(random() * Math.max(0, ceiling - everyMs));
}

function maxAgeMs(header: string | undefined): number {
  const seconds = /\bmax-age=(\d{1,9})\b/i.exec(header ?? '')?.[1];
  return seconds === undefined || /\bno-(?:cache|store)\b/i.test(header ?? '') ? 0 : Number(seconds) * 1_000;
}

function untilMs(header: string | undefined, nowMs: number): number {
  const at = Date.parse(header ?? '');
  return Number.isNaN(at) ? 0 : Math.max(0, at - nowMs);
}

function isSkipped(atMs: number, skip: PollHints['skip']): boolean {
  const at = new Date(atMs);
  return skip !== undefined && (skip.hours.includes(at.getUTCHours()) || skip.days.includes(at.getUTCDay()));
}
