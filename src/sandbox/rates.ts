import { type Crowd, createCrowd } from './crowd.ts';

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
export function createRateLog(rate: SandboxRate, { since, share = 0 }: { since: number; share?: number }): RateLog {
  return new ExactLog(rate, since, share);
}

const nobody = createCrowd({ everyMs: Number.POSITIVE_INFINITY, since: 0 });

/** A class, as there is one for each person who is written to: functions of their own would be most of their size. */
class ExactLog implements RateLog {
  readonly #rate: SandboxRate;
  readonly #crowd: Crowd;
  readonly #hasCrowd: boolean;
  /** Of grants within the window, oldest first; members by when they were last granted one, in the same order. */
  readonly #times: number[] = [];
  readonly #members: Map<string, number> | undefined;
  #at: number;
  #granted = 0;
  #refused = 0;
  #firstAt = 0;
  #lastAt = 0;
  #most = 0;

  constructor(rate: SandboxRate, since: number, share: number) {
    this.#rate = rate;
    this.#hasCrowd = share > 0;
    this.#crowd = share > 0 ? createCrowd({ everyMs: rate.perMs / (rate.count * share), since }) : nobody;
    this.#members = rate.unique ? new Map() : undefined;
    this.#at = since;
  }

  figures(): RateFigures {
    return {
      granted: this.#granted,
      refused: this.#refused,
      crowd: this.#granted > 0 ? this.#crowd.upTo(this.#lastAt) : 0,
      firstAt: this.#firstAt,
      lastAt: this.#lastAt,
      most: this.#most,
    };
  }

  waitMs(now: number, member = ''): number {
    this.#advance(now);
    if (this.#members?.has(member) || this.#within() < this.#rate.count) return 0;
    return this.#freeAt() - now;
  }

  grant(now: number, member = ''): void {
    this.#advance(now);
    const isNew = !this.#members?.has(member);
    if (this.#members) {
      this.#members.delete(member);
      this.#members.set(member, this.#at);
    } else this.#times.push(this.#at);
    if (isNew) {
      if (this.#granted === 0) this.#firstAt = this.#at;
      this.#granted += 1;
      this.#lastAt = this.#at;
    }
    this.#most = Math.max(this.#most, this.#within());
  }

  refuse(): void {
    this.#refused += 1;
  }

  left(now: number): { left: number; renewedMs: number } {
    this.#advance(now);
    const { count, perMs } = this.#rate;
    const left = Math.max(0, count - this.#within());
    if (left === 0) return { left, renewedMs: this.#freeAt() - now };
    const crowd = this.#crowd;
    const oldest = Math.min(this.#ours()[0] ?? this.#at, crowd.timeOf(crowd.upTo(this.#at - perMs) + 1));
    return { left, renewedMs: oldest + perMs - now };
  }

  #ours(): readonly number[] {
    return this.#members ? [...this.#members.values()] : this.#times;
  }

  #within(): number {
    const size = this.#members?.size ?? this.#times.length;
    return size + this.#crowd.upTo(this.#at) - this.#crowd.upTo(this.#at - this.#rate.perMs);
  }

  #advance(now: number): void {
    const until = Math.max(this.#at, now);
    if (this.#hasCrowd) this.#noteCrowd(until);
    this.#at = until;
    const from = until - this.#rate.perMs;
    if (this.#members) {
      for (const [member, time] of this.#members) {
        if (time > from) break;
        this.#members.delete(member);
      }
      return;
    }
    const times = this.#times;
    const kept = times.findIndex((time) => time > from);
    if (kept !== 0) times.splice(0, kept === -1 ? times.length : kept);
  }

  /** The windows that ended with one of the other client's since the log was last looked at. */
  #noteCrowd(until: number): void {
    const { perMs } = this.#rate;
    const crowd = this.#crowd;
    const list = this.#ours();
    const end = Math.min(until, (list.at(-1) ?? 0) + perMs - 1);
    let gone = 0;
    for (let n = crowd.upTo(this.#at) + 1; crowd.timeOf(n) <= end; n += 1) {
      const time = crowd.timeOf(n);
      while ((list[gone] ?? time) <= time - perMs) gone += 1;
      this.#most = Math.max(this.#most, list.length - gone + crowd.upTo(time) - crowd.upTo(time - perMs));
    }
  }

  /** When there is room, if nothing else is granted: room is made only by what leaves the window. */
  #freeAt(): number {
    const { count, perMs } = this.#rate;
    const crowd = this.#crowd;
    const list = this.#ours();
    let gone = 0;
    let theirs = crowd.upTo(this.#at - perMs);
    for (;;) {
      const end = Math.min(list[gone] ?? Number.POSITIVE_INFINITY, crowd.timeOf(theirs + 1)) + perMs;
      while ((list[gone] ?? end) <= end - perMs) gone += 1;
      theirs = crowd.upTo(end - perMs);
      if (list.length - gone + crowd.upTo(end) - theirs < count) return end;
    }
  }
}
