import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { openTicks, type Ticks } from '../../../src/store/ticks.ts';
import type { Running } from '../../support/command.ts';
import { project } from '../faults/plan.ts';
import { credentials, openHousehold } from '../faults/processes.ts';
import { type Observed, readLog } from './observed.ts';

/** Schedulers that can be killed, on a Redis that outlives them. */
export interface Site {
  ticks: Ticks;
  /** Starts one more, whose clock is so much ahead of the others'. */
  start(clockShiftMs: number): void;
  /** How many are there, at work or starting. */
  count(): number;
  /** Resolves when every scheduler works, or has ended. */
  ready(): Promise<void>;
  /** `kill -9` of one of them; `which` from 0 to below 1. Resolves when it is dead. */
  kill(which: number): Promise<void>;
  /** SIGTERM for all; resolves when they have ended by themselves. */
  stop(): Promise<void>;
  /** All schedules begin no later than this (epoch ms); undefined while some have not begun. */
  begunAt(schedules: number): Promise<number | undefined>;
  /** What has been seen from outside so far. */
  observed(): Promise<Observed>;
  /** Schedulers that ended without being told to. */
  failures(): string[];
  close(): Promise<void>;
}

export async function openSite(schedules: readonly object[]): Promise<Site> {
  const household = await openHousehold(project);
  try {
    const config = (more: object) =>
      JSON.stringify({
        // Nothing is posted here.
        accounts: { main: { platform: 'telegram', token: credentials.TG, apiRoot: 'http://127.0.0.1:9' } },
        channels: [{ id: 'news', account: 'main', chat: '@channel' }],
        schedules,
        ...more,
      });
    const holder = await household.write('api.yaml', config({ http: { port: 0 }, log: { level: 'error' } }));
    await household.run(['api', '--json', '--config', holder]).ready();
    const { url } = household.redis();
    const file = await household.write('scheduler.yaml', config({ redis: { url } }));
    const redis = new Redis(url, { maxRetriesPerRequest: null });
    redis.on('error', () => {});
    return furnish(redis, {
      begin: (clockShiftMs) => household.run(['scheduler', '--json', '--config', file], { clockShiftMs }),
      async close() {
        redis.disconnect();
        await household.close();
      },
    });
  } catch (error) {
    await household.close();
    throw error;
  }
}

function furnish(
  redis: Redis,
  { begin, close }: { begin: (clockShiftMs: number) => Running; close: () => Promise<void> },
): Site {
  const alive: Running[] = [];
  const told = new Set<Running>();
  const failures: string[] = [];
  const logs: string[] = [];
  const ends: Promise<void>[] = [];
  const added = new Map<string, number>();
  let lastEvent = '0-0';

  /** What BullMQ itself says of jobs that were added: its own record, which it trims. */
  async function readEvents(): Promise<void> {
    for (;;) {
      const entries = await redis.xrange('munadi:queue:ticks:events', `(${lastEvent}`, '+', 'COUNT', 1_000);
      for (const [id, fields] of entries) {
        lastEvent = id;
        const event = Object.fromEntries(fields.flatMap((name, n) => (n % 2 === 0 ? [[name, fields[n + 1]]] : [])));
        if (event.event === 'added' && event.jobId) added.set(event.jobId, (added.get(event.jobId) ?? 0) + 1);
      }
      if (entries.length < 1_000) return;
    }
  }

  return {
    ticks: openTicks(redis, 'munadi'),
    start(clockShiftMs) {
      const running = begin(clockShiftMs);
      alive.push(running);
      ends.push(
        running.ended.then(({ code, signal, stderr }) => {
          if (alive.includes(running)) alive.splice(alive.indexOf(running), 1);
          logs.push(stderr);
          if (!told.has(running)) failures.push(`ended with ${code ?? signal}: ${stderr.slice(-500)}`);
        }),
      );
    },
    count: () => alive.length,
    ready: async () => void (await Promise.allSettled(alive.map((running) => running.ready()))),
    async kill(which) {
      const running = alive[Math.floor(which * alive.length)];
      if (!running) return;
      told.add(running);
      await running.stop('SIGKILL');
    },
    async stop() {
      for (const running of [...alive]) {
        told.add(running);
        void running.stop('SIGTERM');
      }
      await Promise.all(ends);
    },
    async begunAt(schedules) {
      const values = Object.values(await redis.hgetall('munadi:schedules'));
      const handled = values.map((value) => Number(value.split(' ')[0]));
      return handled.length < schedules ? undefined : Math.max(...handled);
    },
    async observed() {
      await readEvents();
      return { added, told: readLog(logs.join('')) };
    },
    failures: () => failures,
    close,
  };
}

/** Waits until `find` finds something; looks several times a second. */
export async function until<Found>(find: () => Promise<Found | undefined>, what: string): Promise<Found> {
  const end = performance.now() + 60_000;
  for (;;) {
    const found = await find();
    if (found !== undefined) return found;
    if (performance.now() > end) throw new Error(`Waited a minute in vain for ${what}.`);
    await delay(100);
  }
}
