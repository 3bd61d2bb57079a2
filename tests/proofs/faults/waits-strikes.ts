import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import { platformIds } from './points.ts';
import type { PowerCuts } from './power-cut.ts';
import type { WaitsSite } from './waits-site.ts';
import type { Instants, Told } from './waits-watch.ts';

/** What was done, and how many deliveries waited at each death. */
export interface Toll {
  workers: number;
  service: number;
  cuts: number;
  severed: number;
  told: number;
  waiting: number[];
}

export interface WaitsScene {
  site: WaitsSite;
  random: Random;
  power: PowerCuts;
  toll: Toll;
  say(what: string): void;
}

/** A platform to which nobody comes for so long tells nobody. */
const patienceMs = 3_000;
const mostTries = 4;

/** Meta's platforms name whole minutes elsewhere, so the wait stands in a header of its own. */
function refusalBy(platform: string, seconds: number): object {
  const headers = { 'retry-after': String(seconds) };
  if (platform === 'whatsapp') return { kind: 'refuse', code: 131056, headers };
  if (platform === 'facebook') return { kind: 'refuse', code: 32, headers };
  return { kind: 'refuse', retryAfter: seconds };
}

/** Resolves to what `look` gives for the first instant at which it gives anything; undefined when time is up. */
async function firstOf<Found>(
  { site }: WaitsScene,
  instants: (found: (what: Found) => true) => Instants,
): Promise<Found | undefined> {
  const { promise, resolve } = Promise.withResolvers<Found | undefined>();
  const timer = setTimeout(() => resolve(undefined), patienceMs);
  site.records.instants = instants((what) => {
    site.records.instants = {};
    resolve(what);
    return true;
  });
  const found = await promise;
  clearTimeout(timer);
  site.records.instants = {};
  return found;
}

/**
 * A platform asks whoever comes first to wait, and a worker that was told dies as soon as Redis has it: before it hears
 * so, or after the delivery, too, is on record as waiting (`settled`). Where it was the service, another one is told.
 */
async function killWhoWasTold(
  scene: WaitsScene,
  { platform, settled, most }: { platform: string; settled: boolean; most: number },
): Promise<void> {
  for (let tries = 1; tries <= mostTries; tries += 1) {
    const told = await tell(scene, { platform, seconds: scene.random.whole(2, most), settled });
    if (!told) return scene.say(`${platform} told nobody to wait`);
    const { process, target, waitMs } = told;
    scene.toll.told += 1;
    const isWorker = scene.site.workers.some(({ name }) => name === process);
    scene.say(`${platform} told ${process} to wait ${waitMs} ms for ${target.target}${isWorker ? '; it died' : ''}`);
    if (isWorker) return killWorker(scene, process);
  }
}

/** Resolves to what was told when whoever was told is to die; undefined where nobody came. */
async function tell(
  scene: WaitsScene,
  { platform, seconds, settled }: { platform: string; seconds: number; settled: boolean },
): Promise<Told | undefined> {
  const { site } = scene;
  let told: Told | undefined;
  const over = firstOf<Told>(scene, (found) => ({
    told(one) {
      told = one;
      one.waitMs = seconds * 1_000;
      if (one.process.startsWith('service')) found(one);
    },
    noted: (one) => !settled && found(one),
    postponed: (process) => settled && told?.process === process && told.notedAt !== undefined && found(told),
  }));
  const rules = [{ times: 1, fault: refusalBy(platform, seconds) }];
  await site.put(platform, 'faults', { allowDuplicates: true, rules });
  await over;
  await site.put(platform, 'faults', { allowDuplicates: true });
  return told;
}

/** Its successor comes while other things go on; there is always one at work. */
async function killWorker(scene: WaitsScene, name?: string): Promise<void> {
  const { site, random, toll } = scene;
  if (site.workers.length < 2) await site.hired();
  const worker = site.workers.find((one) => one.name === name) ?? random.pick(site.workers);
  await Promise.all([countWaiting(scene), site.kill(worker)]);
  toll.workers += 1;
  site.hire();
}

async function killService(scene: WaitsScene): Promise<void> {
  await countWaiting(scene);
  await scene.site.restartService();
  scene.toll.service += 1;
  scene.say('the service died');
}

async function cutPower(scene: WaitsScene): Promise<void> {
  await countWaiting(scene);
  await scene.power.cut();
  scene.toll.cuts += 1;
  scene.say('Redis lost its power');
}

/** Redis carries out claims, and its answer never comes: the worker asks once more on another connection. */
async function severClaim(scene: WaitsScene): Promise<void> {
  const { site, toll, say } = scene;
  const found = await firstOf<string>(scene, (found) => ({ claimed: (process) => found(process) }));
  const worker = site.workers.find(({ name }) => name === found);
  if (!worker) return;
  worker.sever();
  toll.severed += 1;
  say(`${worker.name} is not told what it has claimed`);
}

/** Notes how many wait; resolves to it. */
async function countWaiting({ site, toll }: WaitsScene): Promise<number> {
  const counts = await Promise.all(['scheduled', 'retryable'].map((one) => site.redis.zcard(`munadi:state:${one}`)));
  const waiting = counts.reduce((sum, count) => sum + count, 0);
  toll.waiting.push(waiting);
  return waiting;
}

/** Everything at random moments, for so many rounds or until fewer than `least` wait. */
export async function strikeWaits(
  scene: WaitsScene,
  { rounds, least }: { rounds: number; least: number },
): Promise<void> {
  const { random } = scene;
  const moment = () => delay(random.whole(0, 400));
  for (let round = 0; round < rounds; round += 1) {
    if ((await countWaiting(scene)) < least && round > 0) return;
    const platform = platformIds[round % platformIds.length] as string;
    await killWhoWasTold(scene, { platform, settled: random.chance(0.5), most: 4 });
    await moment();
    if (round % 4 === 1) await cutPower(scene);
    if (round % 2 === 0) await severClaim(scene);
    if (round % 6 === 3) await killService(scene);
    await moment();
    await killWorker(scene);
  }
}

/** A little of all of it. */
export async function strikeBriefly(scene: WaitsScene): Promise<void> {
  await killWhoWasTold(scene, { platform: 'telegram', settled: false, most: 2 });
  await severClaim(scene);
  await killWhoWasTold(scene, { platform: 'x', settled: true, most: 2 });
  await cutPower(scene);
}
