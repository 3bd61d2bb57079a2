import { isReply, isThreaded } from './exchange.ts';
import type { Exchange, PlatformWatch, Verdict } from './http-proxy.ts';
import type { Point } from './points.ts';
import type { LedgerCall, LedgerEntry, RedisWatch } from './redis-proxy.ts';
import type { Reply } from './resp.ts';
import { timings } from './topology.ts';

/** Something a trap holds: a delivery by its id, or a request to a platform. */
export interface Caught {
  later: boolean;
  delivery?: string;
  platform?: string;
  /** Caught as long as it is open. */
  exchange?: Exchange;
}

/** An armed failpoint of one process: what comes to it stays there. */
export interface Trap {
  readonly caught: readonly Caught[];
  /** Resolves when enough is caught, or a while after the first. False: nothing comes in time. */
  sprung(): Promise<boolean>;
  disarm(): void;
}

export interface TrapOptions {
  point: Point;
  /** The first part of a thread passes. */
  laterOnly: boolean;
  /** At a platform: only what changes or removes posts. */
  changesOnly?: boolean;
  /** Holding in front of Redis begins with one of these (any, where absent); then whatever else comes is held too. */
  isWanted?(one: Caught): boolean;
  isEnough(caught: readonly Caught[]): boolean;
}

/** What all processes of a run share. */
export interface Sightings {
  /** Claimed, and neither recorded nor given up: by process and delivery. */
  claims: Map<string, Set<string>>;
  /** Parts on record by delivery. */
  live: Map<string, number>;
  /** Deliveries whose fate may be unknown to us: by their id, or as `article target`. */
  doubtful: Set<string>;
  /** Requests that put something before readers, or change what they see, in their order. */
  exchanges: Exchange[];
  /** Claims that were granted, and when they were asked for (monotonic milliseconds). */
  grants: { delivery: string; askedAt: number }[];
}

export const createSightings = (): Sightings => ({
  claims: new Map(),
  live: new Map(),
  doubtful: new Set(),
  exchanges: [],
  grants: [],
});

/** Watches one process through its proxies, and holds what its trap is set for. */
export interface Lookout {
  redis: RedisWatch;
  platform: PlatformWatch;
  /** Deliveries of which it has recorded something, or tried to. */
  spokenOf: ReadonlySet<string>;
  arm(options: TrapOptions): Trap;
  /** The process is dead, stopped or cut off: what it has claimed is in doubt. */
  doubt(): void;
}

/** What is caught waits for company: so long after the last, and so long after the first. */
const gather = {
  redis: { quietMs: 500, mostMs: 1_500 },
  /** Less than the deadline of a request. */
  platform: { quietMs: 300, mostMs: 800 },
};
/** A client that had to wait so long for an answer may have given it up. */
const slowMs = timings.requestTimeout / 4;
const patienceMs = 4_000;

export function createLookout(name: string, sightings: Sightings, onUnclear: (exchange: Exchange) => void): Lookout {
  let armed: (TrapOptions & { isHolding: boolean; add(one: Caught): void }) | undefined;
  const claims = new Set<string>();
  const spokenOf = new Set<string>();
  const askedAt = new WeakMap<LedgerCall, number>();
  sightings.claims.set(name, claims);
  const isFor = (point: Point) => armed?.point === point;

  /** Catches the entries that the trap is set for; true where there are any. */
  function take(entries: LedgerEntry[], isLater: (entry: LedgerEntry) => boolean): boolean {
    const trap = armed;
    if (!trap) return false;
    const caught = entries.map((entry) => ({ delivery: entry.id, later: isLater(entry) }));
    trap.isHolding ||= caught.some((one) => trap.isWanted?.(one) ?? (!trap.laterOnly || one.later));
    if (!trap.isHolding) return false;
    for (const one of caught) trap.add(one);
    return caught.length > 0;
  }
  const hasLive = ({ id }: LedgerEntry) => (sightings.live.get(id) ?? 0) > 0;

  function claimed(call: LedgerCall, reply: Reply, held: boolean): boolean {
    const won = call.entries.filter((_, at) => Array.isArray(reply) && verdictOf(reply[at]) === 'claimed');
    for (const { id } of won) {
      claims.add(id);
      sightings.grants.push({ delivery: id, askedAt: askedAt.get(call) ?? 0 });
    }
    return isFor('after-claim') ? take(won, hasLive) || held : false;
  }

  function settled(call: LedgerCall, reply: Reply): boolean {
    for (const { id } of call.entries) spokenOf.add(id);
    const written = call.entries.filter((_, at) => Array.isArray(reply) && reply[at] !== 'lost');
    for (const { id, words } of written) {
      if (isPartLive(words)) sightings.live.set(id, Number(words[2]) + 1);
      if (isLast(words)) claims.delete(id);
    }
    return isFor('recorded-unfinished')
      ? take(
          written.filter(({ words }) => isPartLive(words)),
          isThread,
        )
      : false;
  }

  return {
    spokenOf,
    redis: {
      command(call) {
        askedAt.set(call, performance.now());
        if (call.script === 'claim') return isFor('before-claim') && take(call.entries, hasLive);
        if (call.script === 'settle') {
          return (
            isFor('answered-unrecorded') &&
            take(
              call.entries.filter(({ words }) => isPartLive(words)),
              isThread,
            )
          );
        }
        return call.script === 'finish' && isFor('recorded-unfinished');
      },
      reply(call, reply, held) {
        if (call.script === 'claim') return claimed(call, reply, held);
        return call.script === 'settle' && settled(call, reply);
      },
    },
    platform: {
      request(exchange): Verdict {
        if (!isSeen(exchange)) return 'pass';
        sightings.exchanges.push(exchange);
        if (armed?.changesOnly && !exchange.changes) return 'pass';
        if (armed?.laterOnly && isThreaded(exchange) && !isReply(exchange)) return 'pass';
        if (isFor('half-written')) {
          armed?.add({ platform: exchange.platform, later: isReply(exchange), exchange });
          return 'half';
        }
        return isFor('accepted-unanswered') ? 'answer' : 'pass';
      },
      answer(exchange) {
        if (!isSeen(exchange) || !isFor('accepted-unanswered') || (exchange.status ?? 500) >= 300) return;
        if (armed?.changesOnly && !exchange.changes) return;
        if (armed?.laterOnly && isThreaded(exchange) && !isReply(exchange)) return;
        armed?.add({ platform: exchange.platform, later: isReply(exchange), exchange });
      },
      ended(exchange) {
        if (exchange.publishes && !isClear(exchange)) onUnclear(exchange);
      },
    },
    arm(options) {
      const caught: Caught[] = [];
      let spring: () => void = () => {};
      const sprung = new Promise<void>((resolve) => {
        spring = resolve;
      });
      let quiet: NodeJS.Timeout | undefined;
      let most: NodeJS.Timeout | undefined;
      const isAtPlatform = ['half-written', 'accepted-unanswered'].includes(options.point);
      const { quietMs, mostMs } = isAtPlatform ? gather.platform : gather.redis;
      armed = {
        ...options,
        isHolding: false,
        add(one) {
          caught.push(one);
          clearTimeout(quiet);
          quiet = setTimeout(spring, quietMs);
          most ??= setTimeout(spring, mostMs);
          if (options.isEnough(caught)) spring();
        },
      };
      return {
        caught,
        async sprung() {
          const late = setTimeout(spring, patienceMs);
          await sprung;
          for (const timer of [late, quiet, most]) clearTimeout(timer);
          return caught.length > 0;
        },
        disarm() {
          armed = undefined;
        },
      };
    },
    doubt() {
      for (const id of claims) sightings.doubtful.add(id);
    },
  };
}

function verdictOf(reply: Reply | undefined): Reply | undefined {
  return Array.isArray(reply) ? reply[0] : undefined;
}

/** Words of a settlement: token, state, part, parts in all. */
const isPartLive = (words: readonly string[]) => words[1] === 'live';
const isLast = (words: readonly string[]) => !isPartLive(words) || Number(words[2]) + 1 >= Number(words[3]);
const isThread = ({ words }: LedgerEntry) => Number(words[3]) > 1;

/** Readers see what came of it. */
const isSeen = ({ publishes, changes }: Exchange) => publishes || changes !== undefined;

/** True where the answer tells for certain what became of the request: accepted with an id, or refused. */
function isClear({ state, status = 0, answer, platform, begunAt, endedAt }: Exchange): boolean {
  if (state !== 'answered' || status >= 500 || endedAt - begunAt > slowMs) return false;
  const json = parsed(answer);
  if (status >= 300) return json !== undefined;
  return json !== undefined && idIn(platform, json) !== undefined;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function idIn(platform: string, json: Record<string, unknown>): unknown {
  const at = (value: unknown, key: string | number) => (value as Record<string | number, unknown> | undefined)?.[key];
  switch (platform) {
    case 'telegram':
      return at(json.result, 'message_id');
    case 'x':
      return at(json.data, 'id');
    case 'whatsapp':
      return at(at(json.messages, 0), 'id');
    default:
      return json.post_id ?? json.id;
  }
}
