import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { FeedSetting } from '../core/source.ts';
import { type PollDeps, pollFeed } from '../pipeline/poll.ts';
import { readFeedGuarded } from '../sources/feed-guarded.ts';
import { createFullTexts } from '../sources/full-text.ts';
import { createGuardedFetch } from '../sources/index.ts';
import { createPolite } from '../sources/polite.ts';
import { leaveHubs, subscribe } from './hubs.ts';
import type { Runtime } from './open.ts';

const leaseMs = 120_000;
const atOnce = 4;
/** Nobody sleeps longer without looking whose turn it is. */
const longestSleepMs = 30_000;
const afterFaultMs = 5_000;

/** A feed that is being read again and again. */
interface Follower {
  setting: FeedSetting;
  nudge(): void;
  stop(): Promise<void>;
}

/** Reads the feeds of the configuration that holds, until the runtime closes. */
export function startFeeds(runtime: Runtime): void {
  const { feeds, log } = runtime;
  const polite = createPolite();
  const inTurn = createTurns(atOnce);
  let deps = open();
  const running = new Map<string, Follower>();
  const stopping: Promise<void>[] = [];

  function open(): PollDeps {
    const { allow, ports, timeoutMs, maxBytes } = runtime.config.fetch;
    const fetch = createGuardedFetch({ allow, ports, timeoutMs, maxBytes });
    // Not before: what is under way may still need it.
    runtime.onClose(async () => void (await fetch.close()));
    return {
      feeds,
      intake: runtime.intake,
      alarms: runtime.alarms,
      fetch,
      polite,
      pages: createFullTexts(fetch, { polite }),
      readFeed: (bytes, about) => readFeedGuarded(bytes, about),
      retentionDays: runtime.config.retention.days,
      leaseMs,
      now: runtime.clock.now,
      report: ({ feed, level, what, detail }) => log[level]({ feed, ...detail }, what),
    };
  }

  /** Resolves to when to look again. */
  async function look(id: string, setting: FeedSetting): Promise<number> {
    const turn = await feeds.claim(id, randomUUID(), leaseMs, setting);
    if ('waitMs' in turn) return turn.waitMs;
    const { hub } = await pollFeed(deps, id, setting, turn);
    const isWanted = runtime.config.feeds[id]?.webSub === true;
    if (isWanted && hub) await subscribe(runtime, deps.fetch, id, hub);
    return 0;
  }

  function follow(id: string, setting: FeedSetting): Follower {
    let stopped = false;
    let wake = () => {};
    const run = async () => {
      while (!stopped) {
        const waitMs = await inTurn(() => look(id, setting)).catch((error: Error) => {
          log.error({ feed: id, error: error.message }, 'feed trouble');
          return afterFaultMs;
        });
        if (waitMs === 0 || stopped) continue;
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, Math.min(waitMs + 10, longestSleepMs));
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
    };
    const done = run();
    return {
      setting,
      nudge: () => wake(),
      async stop() {
        stopped = true;
        wake();
        await done;
      },
    };
  }

  const adjust = () => {
    const wanted = runtime.config.feeds;
    for (const [id, { setting, stop }] of running) {
      if (isDeepStrictEqual(wanted[id], setting)) continue;
      running.delete(id);
      stopping.push(stop());
    }
    for (const [id, setting] of Object.entries(wanted)) if (!running.has(id)) running.set(id, follow(id, setting));
    // Whoever reads such a feed still would subscribe anew.
    Promise.all(stopping)
      .then(() => leaveHubs(runtime, deps.fetch))
      .catch((error: Error) => log.warn({ error: error.message }, 'a hub was not told to stop'));
  };

  const subscriber = runtime.connect();
  subscriber.on('message', (_channel, id: string) => running.get(id)?.nudge());
  // Who is told of nothing looks by itself.
  subscriber.subscribe(feeds.wakeChannel).catch(() => {});
  adjust();
  runtime.onConfig((next, before) => {
    if (!isDeepStrictEqual(next.fetch, before.fetch) || next.retention.days !== before.retention.days) deps = open();
    if (!isDeepStrictEqual(next.feeds, before.feeds)) adjust();
  });
  runtime.onClose(async () => {
    await Promise.all([...stopping, ...[...running.values()].map(({ stop }) => stop())]);
  });
}

/** Runs so many things at a time; the others wait in line. */
function createTurns(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = most;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free === 0) await new Promise<void>((go) => waiting.push(go));
    else free -= 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  };
}
