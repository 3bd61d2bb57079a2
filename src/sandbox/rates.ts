import { createCrowd } from './crowd.ts';

/** Up to `count` in any `perMs`, wherever it begins; `unique`: of different members. */
export interface SandboxRate {
  count: number;
  perMs: number;
  unique?: boolean;
}

/** What was seen of one limit of one scope. Times are epoch ms. */
export interface RateFigures {
  /** Requests accepted; where members are counted, those of members who were not in the window. */
  granted: number;
  refused: number;
  /** What the other client took, from the first grant to the last. */
  crowd: number;
  firstAt: number;
  lastAt: number;
  /**
   * The most in one window with any of ours in it, the other client's included. As nobody holds that one back, it can
   * be more than `count` where there is one, and only there.
   */
  most: number;
}

/** An exact log of what one scope was granted. It holds what is within the window, and no more. */
export interface RateLog {
  figures(): RateFigures;
  /** After how many ms one more is permitted, if nothing else is granted until then; 0: at once. */
  waitMs(now: number, member?: string): number;
  grant(now: number, member?: string): void;
  refuse(): void;
  /** How many more are permitted in the window that ends now; and in how many ms it is more (where none is: one). */
  left(now: number): { left: number; renewedMs: number };
}

/**
 * A log that begins at `since` (epoch ms), with another client that evenly takes `share` of the rate from then on (0:
 * there is none; less than 1). A window is what lies in (now - perMs, now]. Times are whole ms; one that goes back
 * counts as the latest that was seen.
 */
export function createRateLog(
  { count, perMs, unique = false }: SandboxRate,
  { since, share = 0 }: { since: number; share?: number },
): RateLog {
  const crowd = createCrowd({ everyMs: share > 0 ? perMs / (count * share) : Number.POSITIVE_INFINITY, since });
  /** Of grants within the window, oldest first; members by when they were last granted one, in the same order. */
  const times: number[] = [];
  const members = new Map<string, number>();
  let at = since;
  let granted = 0;
  let refused = 0;
  let firstAt = 0;
  let lastAt = 0;
  let most = 0;

  const ours = (): readonly number[] => (unique ? [...members.values()] : times);
  const size = () => (unique ? members.size : times.length);
  const within = () => size() + crowd.upTo(at) - crowd.upTo(at - perMs);

  function advance(now: number): void {
    const until = Math.max(at, now);
    if (share > 0) noteCrowd(until);
    at = until;
    if (unique) {
      for (const [member, time] of members) {
        if (time > at - perMs) break;
        members.delete(member);
      }
      return;
    }
    const kept = times.findIndex((time) => time > at - perMs);
    if (kept !== 0) times.splice(0, kept === -1 ? times.length : kept);
  }

  /** The windows that ended with one of the other client's since the log was last looked at. */
  function noteCrowd(until: number): void {
    const list = ours();
    const end = Math.min(until, (list.at(-1) ?? 0) + perMs - 1);
    let gone = 0;
    for (let n = crowd.upTo(at) + 1; crowd.timeOf(n) <= end; n += 1) {
      const time = crowd.timeOf(n);
      while ((list[gone] ?? time) <= time - perMs) gone += 1;
      most = Math.max(most, list.length - gone + crowd.upTo(time) - crowd.upTo(time - perMs));
    }
  }

  /** When there is room, if nothing else is granted: room is made only by what leaves the window. */
  function freeAt(): number {
    const list = ours();
    let gone = 0;
    let theirs = crowd.upTo(at - perMs);
    for (;;) {
      const end = Math.min(list[gone] ?? Number.POSITIVE_INFINITY, crowd.timeOf(theirs + 1)) + perMs;
      while ((list[gone] ?? end) <= end - perMs) gone += 1;
      theirs = crowd.upTo(end - perMs);
      if (list.length - gone + crowd.upTo(end) - theirs < count) return end;
    }
  }

  return {
    figures: () => ({ granted, refused, crowd: granted > 0 ? crowd.upTo(lastAt) : 0, firstAt, lastAt, most }),
    waitMs(now, member = '') {
      advance(now);
      if ((unique && members.has(member)) || within() < count) return 0;
      return freeAt() - now;
    },
    grant(now, member = '') {
      advance(now);
      const isNew = !unique || !members.has(member);
      if (unique) {
        members.delete(member);
        members.set(member, at);
      } else times.push(at);
      if (isNew) {
        if (granted === 0) firstAt = at;
        granted += 1;
        lastAt = at;
      }
      most = Math.max(most, within());
    },
    refuse() {
      refused += 1;
    },
    left(now) {
      advance(now);
      const left = Math.max(0, count - within());
      if (left === 0) return { left, renewedMs: freeAt() - now };
      const oldest = Math.min(ours()[0] ?? at, crowd.timeOf(crowd.upTo(at - perMs) + 1));
      return { left, renewedMs: oldest + perMs - now };
    },
  };
}
