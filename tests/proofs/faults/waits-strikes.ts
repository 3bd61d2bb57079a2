import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { PowerCuts } from './power-cut.ts';
import type { WaitsSite } from './waits-site.ts';
import { type WaitingTarget, waitingTargets } from './waits-topology.ts';
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

/** A target that has nothing to send any more is told nothing. */
const patienceMs = 6_000;

/** The seconds that a platform asks for; the scope that waits is `target`'s own, or its account's. */
export interface Refusal {
  target: WaitingTarget;
  seconds: number;
}

/** Meta's platforms name whole minutes elsewhere, so the wait stands in a header of its own. */
function faultOf({ target: { platform }, seconds }: Refusal): object {
  if (platform === 'whatsapp') return { code: 131056, headers: { 'retry-after': String(seconds) } };
  if (platform === 'facebook') return { code: 32, headers: { 'retry-after': String(seconds) } };
  return { retryAfter: seconds };
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
 * The platform asks for a wait, and whoever was told dies as soon as Redis has it: before it hears so, or after the
 * delivery, too, is on record as waiting (`settled`). Where the service was told, the service dies.
 */
export async function killWhoWasTold(scene: WaitsScene, refusal: Refusal, settled: boolean): Promise<void> {
  const { site, toll, say } = scene;
  const { platform, target: to, recipient } = refusal.target;
  const rule = { times: 1, target: recipient ?? to, fault: { kind: 'refuse', status: 429, ...faultOf(refusal) } };
  let told: Told | undefined;
  const died = firstOf<string>(scene, (found) => ({
    told(one) {
      told = one;
      one.waitMs = refusal.seconds * 1_000;
      if (one.process.startsWith('service')) found(one.process);
    },
    noted: ({ process }) => !settled && found(process),
    postponed: (process) => settled && told?.process === process && told.notedAt !== undefined && found(process),
  }));
  await site.put(platform, 'faults', { allowDuplicates: true, rules: [rule] });
  const name = await died;
  await site.put(platform, 'faults', { allowDuplicates: true });
  if (told) toll.told += 1;
  const worker = site.workers.find((one) => one.name === name);
  say(`${platform} ${to} asked for ${refusal.seconds} s: ${worker ? `${name} dies` : (name ?? 'nobody came')}`);
  if (worker) await killWorker(scene, worker.name);
}

export async function killWorker(scene: WaitsScene, name?: string): Promise<void> {
  const { site, random, toll } = scene;
  const worker = site.workers.find((one) => one.name === name) ?? random.pick(site.workers);
  await Promise.all([countWaiting(scene), site.kill(worker)]);
  toll.workers += 1;
  await site.hire();
}

export async function killService(scene: WaitsScene): Promise<void> {
  await countWaiting(scene);
  await scene.site.restartService();
  scene.toll.service += 1;
  scene.say('killed the service');
}

export async function cutPower(scene: WaitsScene): Promise<void> {
  await countWaiting(scene);
  await scene.power.cut();
  scene.toll.cuts += 1;
  scene.say('cut the power of Redis');
}

/** Redis carries out claims, and its answer never comes: the worker asks once more on another connection. */
export async function severClaim(scene: WaitsScene): Promise<void> {
  const { site, toll, say } = scene;
  const found = await firstOf<string>(scene, (found) => ({ claimed: (process) => found(process) }));
  const worker = site.workers.find(({ name }) => name === found);
  if (!worker) return;
  worker.sever();
  toll.severed += 1;
  say(`${worker.name} is not told what it has claimed`);
}

async function countWaiting({ site, toll }: WaitsScene): Promise<void> {
  const counts = await Promise.all(['scheduled', 'retryable'].map((one) => site.redis.zcard(`munadi:state:${one}`)));
  toll.waiting.push(counts.reduce((sum, count) => sum + count, 0));
}

/** Everything at random moments, each target told once; the service and Redis die now and then. */
export async function strikeWaits(scene: WaitsScene, { rounds }: { rounds: number }): Promise<void> {
  const { random } = scene;
  const targets = shuffled(random, waitingTargets);
  for (let round = 0; round < rounds; round += 1) {
    const target = targets[round % targets.length] as WaitingTarget;
    await killWhoWasTold(scene, { target, seconds: random.whole(2, 4) }, random.chance(0.5));
    await delay(random.whole(0, 400));
    if (round % 3 === 1) await cutPower(scene);
    if (round % 2 === 0) await severClaim(scene);
    if (round % 5 === 3) await killService(scene);
    await delay(random.whole(0, 400));
    await killWorker(scene);
  }
}

/** A little of all of it. */
export async function strikeBriefly(scene: WaitsScene): Promise<void> {
  const { random } = scene;
  const of = (platform: string) => random.pick(waitingTargets.filter((one) => one.platform === platform));
  await killWhoWasTold(scene, { target: of('telegram'), seconds: 3 }, true);
  await severClaim(scene);
  await killWhoWasTold(scene, { target: of('x'), seconds: 3 }, false);
  await cutPower(scene);
}

function shuffled<Item>(random: Random, items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, at: random.next() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
