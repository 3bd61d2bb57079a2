import type { Verdict } from '../proof.ts';
import { createRandom, type Random } from '../random.ts';
import { chaos, wave } from './chaos.ts';
import { createCrew } from './crew.ts';
import { readDeliveries, readPosts, tellOpen, untilSettled } from './ending.ts';
import { createFeed } from './feed.ts';
import { type Installation, openInstallation } from './installation.ts';
import { type Evidence, judge } from './judge.ts';
import { plantNewer } from './newer.ts';
import { type Plan, project } from './plan.ts';
import { createHits, platformIds } from './points.ts';
import { type PowerCuts, watchPower } from './power-cut.ts';
import { createSay, toVerdict } from './report.ts';
import { pauseAfterClaim, type Scene, strikeFailpoints } from './strikes.ts';
import { targets } from './topology.ts';
import { sendStatuses, startStatusRelay } from './webhooks.ts';

/** All faults against one installation, and the judgement at the end. */
export async function proveFaults(plan: Plan, seed: number): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const random = createRandom(seed);
  // By every other seed X and Facebook refuse a text twice, as they do; by the others that would hide a double.
  const site = await openInstallation(plan.root, project, { allowDuplicates: seed % 2 === 0 });
  const statuses = await startStatusRelay(() => `${site.address}/webhooks/whatsapp`, {
    random: createRandom(seed + 1),
    lostShare: 0.1,
  });
  const power = watchPower(site, plan.fsync);
  try {
    if (plan.fsync !== 'always') await site.redis.config('SET', 'appendfsync', plan.fsync);
    const feed = createFeed(createRandom(seed + 2), () => site.address);
    const scene: Scene = {
      feed,
      hits: createHits(),
      crew: createCrew(site, createRandom(seed + 3)),
      kills: { workers: 0, service: 0 },
      say,
      articles: { left: Math.ceil(plan.deliveries / targets.length) },
    };
    await Promise.all(platformIds.map((id) => site.setFaults(id, { rules: [] })));
    await sendStatuses(site, statuses.url);
    say('the service runs');
    const extra = await raceTwoApis(site, scene);

    if (plan.oldAndNew) await addNewer(site, scene);
    const pause = await pauseAfterClaim(scene);
    await strikeFailpoints(scene, { least: plan.least, most: plan.kills });
    const kills = Math.max(1, plan.kills - scene.kills.workers);
    if (plan.chaos) await chaos(scene, { site, random, power, kills, cuts: plan.cuts });
    else await finale(site, scene, random, power);
    while (scene.articles.left > 0) await feed.post(scene.articles.left--);
    await pause.over;

    say('no more faults; waiting for the rest');
    await Promise.all(platformIds.map((id) => site.setFaults(id, { rules: [] })));
    await scene.crew.fill(2);
    const withinMs = 40_000 + plan.deliveries * 20;
    await untilSettled(site, { withinMs, say });
    const untold = await statuses.settled(20_000);
    if (untold > 0)
      extra.push({ name: 'statuses', what: `the service takes ${untold} statuses of WhatsApp from nobody` });
    const open = await untilSettled(site, { withinMs, say });
    if (open > 0) for (const story of await tellOpen(site)) say(story);
    const articles = [...feed.accepted.values()];
    const evidence: Evidence = {
      articles,
      deliveries: await readDeliveries(site, articles),
      posts: await readPosts(site),
      doubtful: site.sightings.doubtful,
      unconfirmed: site.unconfirmed,
      told: statuses.told,
    };
    return toVerdict(judge(evidence), {
      plan,
      seed,
      kills: scene.kills.workers + scene.kills.service,
      hits: scene.hits,
      open,
      extra: [...extra, ...scene.crew.failed().map((what) => ({ name: 'processes', what }))],
      seconds: (performance.now() - startedAt) / 1000,
    });
  } finally {
    power.stop();
    await site.household.wait('the relay of statuses to close', statuses.close());
    await site.close();
  }
}

/** What the short form has beside the failpoints: the service dies, Redis loses its power, the platforms misbehave. */
async function finale(site: Installation, scene: Scene, random: Random, power: PowerCuts): Promise<void> {
  const waves = Promise.all(platformIds.map((id) => wave(site, random, id, { lengthMs: 2_000, short: true })));
  await scene.feed.post(1);
  await site.restartService();
  scene.kills.service += 1;
  await power.cut();
  await waves;
}

/** A worker of the next version, whose records the others must leave alone; it stays to the end. */
async function addNewer(site: Installation, { say }: Scene): Promise<void> {
  const tree = await plantNewer(site.household.folder, site.root);
  const worker = await site.worker({ tree });
  await worker.enter();
  say('a worker of a newer version works beside the others');
}

/** The same article to two processes at once: one of them takes it. */
async function raceTwoApis(site: Installation, { feed, articles }: Scene) {
  const other = await site.secondApi();
  const wrong: { name: string; what: string }[] = [];
  for (let round = 0; round < 3; round += 1) {
    articles.left -= 1;
    const news = await feed.race([site.address, other]);
    if (news !== 1) wrong.push({ name: 'taken-once', what: `${news} of two processes called the same article new` });
  }
  return wrong;
}
