import { articleOf } from './exchange.ts';
import type { Exchange, PlatformWatch } from './http-proxy.ts';
import type { LedgerCall, RedisWatch } from './redis-proxy.ts';
import type { Reply } from './resp.ts';
import { targetOf, type WaitingTarget } from './waits-topology.ts';

/** A request that publishes. Times are monotonic milliseconds. */
export interface Sent {
  process: string;
  target: WaitingTarget;
  article: number;
  at: number;
}

/** What a platform said by 429, and to whom. */
export interface Told {
  process: string;
  target: WaitingTarget;
  article: number;
  at: number;
  /** What it asked for; 0 where no fault of the proof made it ask. */
  waitMs: number;
  /** When Redis had it; undefined where that is not seen. */
  notedAt: number | undefined;
}

/** What all processes of a run were seen to do. */
export interface Records {
  sent: Sent[];
  told: Told[];
  /** When claims were asked for that were granted, by process and delivery. */
  claims: Map<string, number[]>;
  /** Processes by when they died. */
  deaths: Map<string, number>;
  /** Deliveries whose end may be unknown to the program: by their id, or as `article target`. */
  doubtful: Set<string>;
  /** Replaced by whoever waits for something. */
  instants: Instants;
}

export const createRecords = (): Records => ({
  sent: [],
  told: [],
  claims: new Map(),
  deaths: new Map(),
  doubtful: new Set(),
  instants: {},
});

export const claimKey = (process: string, delivery: string) => `${process} ${delivery}`;

/** Instants that are waited for; true: what Redis answered there never comes to that process. */
export interface Instants {
  /** A process was refused by 429. */
  told?(told: Told): void;
  /** Redis has what it was told. */
  noted?(told: Told): boolean;
  /** A worker has put on record that a delivery waits again. */
  postponed?(process: string): boolean;
  /** Whoever did it: that is on record. */
  waits?(delivery: string): void;
  /** A process sends a post; true: it is never answered. */
  sends?(process: string): boolean;
  /** Such a post is accepted. */
  accepted?(process: string): void;
  /** Redis has granted claims. */
  claimed?(process: string, deliveries: readonly string[]): boolean;
}

/** The eyes of one process, through its proxies. */
export interface Watch {
  redis: RedisWatch;
  platform: PlatformWatch;
  /** It is dead. */
  died(): void;
}

export function createWatch(process: string, records: Records): Watch {
  const asked = new Map<string, number>();
  const open = new Set<string>();
  const unnoted: Told[] = [];
  const unanswered = new Set<Exchange>();

  function claimed({ entries }: LedgerCall, reply: Reply): boolean {
    const isWon = (at: number) => Array.isArray(reply) && Array.isArray(reply[at]) && reply[at][0] === 'claimed';
    const won = entries.filter((_, at) => isWon(at)).map(({ id }) => id);
    for (const [at, { id }] of entries.entries()) if (!isWon(at)) open.delete(id);
    for (const id of won) {
      const times = records.claims.get(claimKey(process, id)) ?? [];
      records.claims.set(claimKey(process, id), [...times, asked.get(id) ?? 0]);
    }
    return won.length > 0 && (records.instants.claimed?.(process, won) ?? false);
  }

  function settled({ entries }: LedgerCall): boolean {
    for (const { id } of entries) open.delete(id);
    const isPostponed = entries.some(({ words }) => words[1] === 'retryable');
    return isPostponed && (records.instants.postponed?.(process) ?? false);
  }

  function noted(): boolean {
    const now = performance.now();
    const told = unnoted.splice(0);
    for (const one of told) one.notedAt = now;
    return told[0] !== undefined && (records.instants.noted?.(told[0]) ?? false);
  }

  return {
    redis: {
      command({ script, entries }) {
        if (script !== 'claim') return false;
        for (const { id } of entries) {
          asked.set(id, performance.now());
          // Until its answer is seen, it may have been granted.
          open.add(id);
        }
        return false;
      },
      reply({ script, ...call }, reply, isHeld) {
        switch (script) {
          case 'claim':
            return claimed({ script, ...call }, reply) || isHeld;
          case 'settle':
            return settled({ script, ...call }) || isHeld;
          case 'rates':
            return (call.words[0] === 'refused' && noted()) || isHeld;
          default:
            return isHeld;
        }
      },
    },
    platform: {
      request(exchange) {
        const target = exchange.publishes ? targetOf(exchange) : undefined;
        const article = articleOf(exchange);
        if (!target || article === undefined) return 'pass';
        records.sent.push({ process, target, article, at: exchange.begunAt });
        if (!records.instants.sends?.(process)) return 'pass';
        unanswered.add(exchange);
        return 'answer';
      },
      answer(exchange) {
        if (unanswered.has(exchange)) return records.instants.accepted?.(process);
        const target = exchange.publishes && isTooFast(exchange) ? targetOf(exchange) : undefined;
        if (!target) return;
        const article = articleOf(exchange) ?? 0;
        const told: Told = { process, target, article, at: performance.now(), waitMs: 0, notedAt: undefined };
        records.told.push(told);
        unnoted.push(told);
        records.instants.told?.(told);
      },
      ended(exchange) {
        if (!exchange.publishes || exchange.state === 'answered') return;
        records.doubtful.add(`${articleOf(exchange)} ${targetOf(exchange)?.target}`);
      },
    },
    died() {
      records.deaths.set(process, performance.now());
      for (const id of open) records.doubtful.add(id);
    },
  };
}

/** Meta's platforms throttle with 400, and a code. */
function isTooFast({ status, answer }: Exchange): boolean {
  return status === 429 || (status === 400 && /"code":(130429|131056|32)\b/.test(answer));
}
