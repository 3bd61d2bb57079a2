import { setTimeout as delay } from 'node:timers/promises';
import type { Verdict } from '../proof.ts';
import { createRandom } from '../random.ts';
import { readDeliveries } from './ending.ts';
import { createFeed } from './feed.ts';
import { openInstallation } from './installation.ts';
import type { Plan } from './plan.ts';
import { project } from './plan.ts';
import { watchPower } from './power-cut.ts';
import { createSay } from './report.ts';
import { targets } from './topology.ts';

/** What is accepted stays accepted, over so many cuts of Redis' power. */
export async function proveIngest(plan: Plan, seed: number): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const cuts = plan.ingestCuts ?? 0;
  const random = createRandom(seed);
  const site = await openInstallation(plan.root, project);
  const power = watchPower(site, plan.fsync);
  try {
    if (plan.fsync !== 'always') await site.redis.config('SET', 'appendfsync', plan.fsync);
    const feed = createFeed(random, () => site.address);
    const count = plan.deliveries;
    let isPosting = true;
    const posting = feed.post(count).finally(() => {
      isPosting = false;
    });
    posting.catch(() => {});
    let done = 0;
    for (; done < cuts; done += 1) {
      const before = feed.accepted.size;
      const wanted = Math.ceil(((done + 1) * count) / (cuts + 1));
      while (isPosting && feed.accepted.size < wanted) await delay(10);
      await delay(random.whole(0, 300));
      await power.cut();
      say(`cut ${done + 1} of ${cuts}, ${feed.accepted.size} accepted (${feed.accepted.size - before} since the last)`);
    }
    await posting;
    const articles = [...feed.accepted.values()];
    const found = await readDeliveries(site, articles);
    const gone = articles.filter(({ deliveries }) => deliveries.some(({ id }) => !found.has(id)));
    const isMeasured = plan.fsync !== 'always';
    const samples = gone.map(({ number }) => ({ article: `article ${number}`, what: 'accepted, and gone' }));
    const check = { name: 'accepted-lost', value: gone.length, aim: 0, ok: isMeasured || gone.length === 0 };
    return {
      name: 'faults',
      seed,
      ok: check.ok,
      checks: [{ ...check, samples: samples.slice(0, 5) }],
      facts: {
        articles: articles.length,
        deliveries: articles.length * targets.length,
        cuts: done,
        seconds: Math.round((performance.now() - startedAt) / 1000),
      },
    };
  } finally {
    power.stop();
    await site.close();
  }
}
