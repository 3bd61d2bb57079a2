import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Installation } from './installation.ts';
import { platformIds } from './points.ts';
import type { PowerCuts } from './power-cut.ts';
import { postSome, type Scene } from './strikes.ts';
import { timings } from './topology.ts';

/** Faults of a platform, each as the sandbox takes it. Late acceptance stays within the quarantine. */
const platformFaults: readonly object[] = [
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'error-before', status: 502 },
  { kind: 'error-after', status: 500 },
  { kind: 'late-accept', ms: timings.quarantine - 900 },
  { kind: 'slow-drip', ms: 300, accept: true },
  { kind: 'slow-drip', ms: 300, accept: false },
  { kind: 'garbage', form: 'torn', accept: true },
  { kind: 'garbage', form: 'html', accept: true },
  { kind: 'garbage', form: 'empty', accept: false },
  { kind: 'hang', accept: true },
  { kind: 'hang', accept: false },
  { kind: 'refuse', status: 429, retryAfter: 1 },
];

/**
 * Without a time X is left alone for its whole window, a quarter of an hour: too long to wait for here. Facebook rests for
 * a minute, which a run has that is not `short`.
 */
const faultsOf = (platform: string, short: boolean) =>
  platform === 'x' || (platform === 'facebook' && short)
    ? platformFaults
    : [...platformFaults, { kind: 'refuse', status: 429 }];

/**
 * A few requests to a platform go wrong, each in another way: those that publish, or of `kinds`. Resolves when the wave is
 * over.
 */
export async function wave(
  site: Pick<Installation, 'setFaults'>,
  random: Random,
  platform: string,
  { lengthMs, kinds = ['publish'], short = false }: { lengthMs: number; kinds?: readonly string[]; short?: boolean },
): Promise<void> {
  const rules = random.many(3, () => ({
    on: kinds.length > 1 ? random.pick(kinds) : kinds[0],
    skip: random.whole(0, 4),
    times: random.whole(1, 3),
    fault: random.pick(faultsOf(platform, short)),
  }));
  // Later rules see only what the earlier ones let pass.
  const reading = random.chance(0.3) ? [{ on: 'read', times: 2, fault: { kind: 'error-before', status: 503 } }] : [];
  await site.setFaults(platform, { rules: [...rules, ...reading] });
  await delay(lengthMs);
  await site.setFaults(platform, { rules: [] });
}

/** Longer than the lock of a job, the lease and the quarantine. */
const longPauseMs = 20_000;

/** Everything at random moments, with several workers, until `kills` are done. */
export async function chaos(
  scene: Scene,
  {
    site,
    random,
    power,
    kills,
    cuts,
  }: { site: Installation; random: Random; power: PowerCuts; kills: number; cuts: number },
): Promise<void> {
  const { crew, say } = scene;
  const pauses = new Set<Promise<void>>();
  const articlesEach = Math.max(1, Math.ceil(scene.articles.left / Math.max(1, kills)));
  let cutsLeft = cuts;

  async function killWorker(): Promise<void> {
    const worker = crew.take();
    if (!worker) return;
    await worker.kill();
    scene.kills.workers += 1;
  }

  const others: [weight: number, act: () => Promise<void>][] = [
    [
      6,
      async () =>
        void (await Promise.all(
          random.many(2, () => wave(site, random, random.pick(platformIds), { lengthMs: 1_500 })),
        )),
    ],
    [2, async () => crew.take()?.leave()],
    [2, async () => crew.atWork[0]?.partition(random.whole(500, 8_000))],
    [
      1,
      async () => {
        const worker = pauses.size > 1 ? undefined : crew.take();
        if (!worker) return;
        worker.stop();
        say(`stopped ${worker.name} for ${longPauseMs / 1000} s`);
        const pause = delay(longPauseMs).then(() => {
          worker.resume();
          crew.add(worker);
        });
        pauses.add(pause);
        void pause.finally(() => pauses.delete(pause));
      },
    ],
    [
      1,
      async () => {
        await site.restartService();
        scene.kills.service += 1;
        say('killed the service');
      },
    ],
  ];
  const drawn = others.flatMap(([weight, act]) => Array.from({ length: weight }, () => act));

  for (let kill = 0; kill < kills; kill += 1) {
    await crew.fill(2);
    const posting = postSome(scene, articlesEach);
    await delay(random.whole(50, 600));
    if (random.chance(0.5)) await random.pick(drawn)();
    if (cutsLeft > 0 && random.chance(cutsLeft / (kills - kill))) {
      cutsLeft -= 1;
      const bytes = await power.cut();
      say(`cut the power of Redis${bytes > 0 ? `: ${bytes} bytes are gone` : ''}`);
    }
    await killWorker();
    await posting;
    if ((kill + 1) % 10 === 0) say(`${kill + 1} of ${kills} random kills`);
  }
  await Promise.all(pauses);
}
