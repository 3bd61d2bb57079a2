import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../../../bench/measure.ts';
import type { Verdict } from '../proof.ts';
import { createRandom } from '../random.ts';
import { createFeed } from './feed.ts';
import { type Installation, openInstallation } from './installation.ts';
import { type Plan, project } from './plan.ts';
import { platformIds } from './points.ts';
import { createSay } from './report.ts';

/** The lock of a job, the interval of the queue's look for stalled ones, and what a busy machine adds. */
const aimMs = 15_000;
const patienceMs = 40_000;
const inHand = 24;

/** How soon others take up what a killed worker had in hand: by the queue's own record, over so many deaths. */
export async function proveTakeover(plan: Plan, seed: number): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const deaths = plan.takeovers ?? 0;
  const site = await openInstallation(plan.root, project);
  const samples: number[] = [];
  let missing = 0;
  try {
    const feed = createFeed(createRandom(seed), () => site.address);
    for (let death = 0; death < deaths; death += 1) {
      const worker = await site.worker();
      const isEnough = (caught: readonly unknown[]) => caught.length >= inHand;
      const trap = worker.arm({ point: 'after-claim', laterOnly: false, isEnough });
      await worker.enter();
      await feed.post(inHand / 4);
      await trap.sprung();
      // The service itself has little time (see installation.ts); this one has.
      if (death === 0) await (await site.worker()).enter();
      const orphans = new Set(trap.caught.flatMap(({ delivery }) => delivery ?? []));
      await worker.kill();
      const since = await redisTime(site);
      const times = await takenUp(site, orphans, since);
      samples.push(...times);
      missing += orphans.size - times.length;
      say(`death ${death + 1}: ${times.length} of ${orphans.size} taken up, the last after ${Math.max(...times)} ms`);
    }
  } finally {
    await site.close();
  }
  const p99 = percentile(samples, 0.99);
  const checks = [
    { name: 'takeover p99 ms', value: p99, aim: aimMs, ok: p99 <= aimMs, samples: [] },
    { name: 'not taken up', value: missing, aim: 0, ok: missing === 0, samples: [] },
  ];
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const facts = { takeovers: samples.length, p50Ms: percentile(samples, 0.5), seconds };
  return { name: 'faults', seed, ok: checks.every(({ ok }) => ok), checks, facts, kills: deaths };
}

/** Milliseconds from `since` to the moment at which the queue gave each job to somebody else. */
async function takenUp({ redis }: Installation, ids: ReadonlySet<string>, since: number): Promise<number[]> {
  const found = new Map<string, number>();
  const end = performance.now() + patienceMs;
  while (found.size < ids.size && performance.now() < end) {
    await delay(200);
    for (const platform of platformIds) {
      for (const [id, fields] of await redis.xrange(`munadi:queue:${platform}:events`, String(since), '+')) {
        const job = fields[fields.indexOf('jobId') + 1] ?? '';
        const isTaken = fields[fields.indexOf('event') + 1] === 'active' && ids.has(job) && !found.has(job);
        if (isTaken) found.set(job, Number(id.split('-')[0]) - since);
      }
    }
  }
  return [...found.values()];
}

async function redisTime({ redis }: Installation): Promise<number> {
  const [seconds, micros] = (await redis.time()) as unknown as [string, string];
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}
