/** Up to `count` in any `perMs`, wherever it begins; `unique`: of different members. */
export interface SandboxRate {
  count: number;
  perMs: number;
  unique?: boolean;
}

/** What was seen of one limit of one scope. */
export interface RateFigures {
  granted: number;
  refused: number;
  /** Epoch ms; 0 before the first. */
  firstAt: number;
  lastAt: number;
  /** The most that were ever in one window, those of the other client included. */
  most: number;
}

/** A log of what one scope was granted, and of what another client takes of the same limit. */
export interface RateLog {
  readonly figures: Readonly<RateFigures>;
  /** After how many ms one more is permitted; 0: at once. */
  waitMs(now: number, member: string): number;
  grant(now: number, member: string): void;
  refuse(): void;
  /** How many more are permitted in the window that ends now, and in how many ms the oldest of it leaves. */
  left(now: number): { left: number; renewedMs: number };
}

/** An exact sliding window. `crowd`: the share that another client takes, evenly, from the first request on. */
export function createRateLog({ count, perMs, unique = false }: SandboxRate, crowd: number): RateLog {
  const figures: RateFigures = { granted: 0, refused: 0, firstAt: 0, lastAt: 0, most: 0 };
  /** Times of grants within the window, oldest first; or of members, the one that was seen longest ago first. */
  let times: number[] = [];
  const members = new Map<string, number>();
  const crowdEveryMs = crowd > 0 ? perMs / (count * crowd) : Number.POSITIVE_INFINITY;
  let crowdSince = 0;

  function forget(now: number): void {
    const since = now - perMs;
    if (unique) {
      for (const [member, at] of members) {
        if (at > since) break;
        members.delete(member);
      }
      return;
    }
    let gone = 0;
    while (gone < times.length && (times[gone] as number) <= since) gone += 1;
    if (gone > 0) times = times.slice(gone);
  }

  /** Of the other client, within (from, to]. */
  function ofCrowd(from: number, to: number): number {
    if (crowdSince === 0 || to <= crowdSince) return 0;
    const until = (at: number) => Math.max(0, Math.floor((at - crowdSince) / crowdEveryMs));
    return until(to) - until(Math.max(from, crowdSince));
  }

  const within = (now: number) => (unique ? members.size : times.length) + ofCrowd(now - perMs, now);

  return {
    figures,
    waitMs(now, member) {
      forget(now);
      if (crowd > 0 && crowdSince === 0) crowdSince = now;
      if (unique && members.has(member)) return 0;
      if (within(now) < count) return 0;
      if (unique) return Math.max(1, ([...members.values()][members.size - count] ?? now) + perMs - now);
      if (crowd === 0) return Math.max(1, (times[times.length - count] ?? now) + perMs - now);
      // Each of ours that leaves the window is a chance, and so is each of theirs.
      for (let waited = crowdEveryMs; waited < perMs; waited += crowdEveryMs) {
        const at = now + waited;
        const ours = times.filter((time) => time > at - perMs).length;
        if (ours + ofCrowd(at - perMs, at) < count) return Math.max(1, waited);
      }
      return perMs;
    },
    grant(now, member) {
      if (unique) {
        members.delete(member);
        members.set(member, now);
      } else times.push(now);
      figures.granted += 1;
      if (figures.firstAt === 0) figures.firstAt = now;
      figures.lastAt = now;
      figures.most = Math.max(figures.most, within(now));
    },
    refuse() {
      figures.refused += 1;
    },
    left(now) {
      forget(now);
      const oldest = unique ? members.values().next().value : times[0];
      const renewedMs = Math.min(crowdEveryMs, (oldest ?? now) + perMs - now);
      return { left: Math.max(0, count - within(now)), renewedMs: Math.max(1, renewedMs) };
    },
  };
}
