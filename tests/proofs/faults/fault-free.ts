import type { Verdict } from '../proof.ts';
import { createRandom } from '../random.ts';
import { readDeliveries, readPosts, untilSettled } from './ending.ts';
import { createFeed } from './feed.ts';
import { openInstallation } from './installation.ts';
import { judge } from './judge.ts';
import { type Plan, project } from './plan.ts';
import { createHits, platformIds } from './points.ts';
import { createSay, toVerdict } from './report.ts';
import { targets } from './topology.ts';

/** Such a server closes connections that idle for so long. */
const idleCloseMs = 40;

/** No faults, but platforms that close idle connections without notice: nothing is lost, doubled or held. */
export async function proveFaultFree(plan: Plan, seed: number): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const site = await openInstallation(plan.root, project, { direct: true });
  try {
    const random = createRandom(seed);
    const feed = createFeed(random, () => site.address);
    await Promise.all(platformIds.map((id) => site.setFaults(id, { rules: [], idleCloseMs })));
    let left = Math.ceil(plan.deliveries / targets.length);
    while (left > 0) {
      // In bursts with pauses about as long as the servers' patience.
      const count = Math.min(left, random.whole(1, 12));
      left -= count;
      await feed.post(count);
      await new Promise((resolve) => setTimeout(resolve, random.whole(0, 2 * idleCloseMs)));
      if (left % 50 < count) say(`${left} articles to go`);
    }
    const open = await untilSettled(site, { withinMs: 60_000 + plan.deliveries * 20, say });
    const articles = [...feed.accepted.values()];
    const judgement = judge({
      articles,
      deliveries: await readDeliveries(site, articles),
      posts: await readPosts(site),
      doubtful: new Set(),
      unconfirmed: site.unconfirmed,
      told: new Set(),
    });
    const seconds = (performance.now() - startedAt) / 1000;
    return toVerdict(judgement, {
      plan: { ...plan, least: 0 },
      seed,
      kills: 0,
      hits: createHits(),
      open,
      extra: [],
      seconds,
    });
  } finally {
    await site.close();
  }
}
