import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../random.ts';
import type { Accepted } from './feed.ts';
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
  unanswered: number;
  told: number;
  waiting: number[];
}

export interface WaitsScene {
  site: WaitsSite;
  random: Random;
  power: PowerCuts;
  toll: Toll;
  /** Those accepted so far. */
  articles: readonly Accepted[];
  say(what: string): void;
}

/** A platform to which nobody comes for so long tells nobody. */
const patienceMs = 3_000;

/** Meta's platforms name whole minutes elsewhere, so the wait stands in a header of its own. */
function refusalBy(platform: string, seconds: number): object {
  const headers = { 'retry-after': String(seconds) };
  if (platform === 'whatsapp') return { kind: 'refuse', code: 131056, headers };
  if (platform === 'facebook') return { kind: 'refuse', code: 32, headers };
  return { kind: 'refuse', retryAfter: seconds };
}

/** Resolves to the first thing that is found at an instant; undefined when time is up. */
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
 * A platform asks whoever comes first to wait, and who was told dies as soon as Redis has it: before it hears so, or
 * after the delivery, too, is on record as waiting (`settled`; the service always).
 */
async function killWhoWasTold(
  scene: WaitsScene,
  { platform, settled, seconds }: { platform: string; settled: boolean; seconds: number },
): Promise<void> {
  const { site, toll, say } = scene;
  let told: Told | undefined;
  const noted = firstOf<Told>(scene, (found) => ({
    told(one) {
      told = one;
      one.waitMs = seconds * 1_000;
    },
    noted: (one) => !settled && found(one),
    postponed: (process) => settled && told?.process === process && told.notedAt !== undefined && found(told),
    waits(delivery) {
      if (!told || delivery !== deliveryOf(scene, told) || isWorker(scene, told)) return;
      told.notedAt = performance.now();
      found(told);
    },
  }));
  await site.put(platform, 'faults', {
    allowDuplicates: true,
    rules: [{ times: 1, fault: refusalBy(platform, seconds) }],
  });
  const dying = await noted;
  if (dying) await (isWorker(scene, dying) ? killWorker(scene, dying.process) : killService(scene));
  await site.put(platform, 'faults', { allowDuplicates: true });
  if (told) toll.told += 1;
  const who = told ? `${told.process} to wait ${seconds} s for ${told.target.target}` : 'nobody to wait';
  say(`${platform} told ${who}${dying ? '; it died' : ''}`);
}

const isWorker = ({ site }: WaitsScene, { process }: Told) => site.workers.some(({ name }) => name === process);

function deliveryOf({ articles }: WaitsScene, { article, target: { channel, recipient } }: Told): string | undefined {
  const { deliveries = [] } = articles.find(({ number }) => number === article) ?? {};
  return deliveries.find((one) => one.channel === channel && one.recipient === recipient)?.id;
}

/** Its successor comes while other things go on. */
async function killWorker(scene: WaitsScene, name?: string): Promise<void> {
  const { site, random, toll } = scene;
  if (site.workers.length === 0) await site.settled();
  const worker = site.workers.find((one) => one.name === name) ?? random.pick(site.workers);
  await Promise.all([countWaiting(scene), site.kill(worker)]);
  toll.workers += 1;
  site.hire();
}

/** A post is accepted, and who sent it dies before it is answered. */
async function killUnanswered(scene: WaitsScene): Promise<void> {
  let sender: string | undefined;
  const name = await firstOf<string>(scene, (found) => ({
    sends(process) {
      if (sender !== undefined || process.startsWith('service')) return false;
      sender = process;
      return true;
    },
    accepted: (process) => void found(process),
  }));
  if (name === undefined) return;
  await killWorker(scene, name);
  scene.toll.unanswered += 1;
  scene.say(`${name} died before its post was answered`);
}

async function killService(scene: WaitsScene): Promise<void> {
  await Promise.all([countWaiting(scene), scene.site.killService()]);
  scene.toll.service += 1;
}

async function cutPower(scene: WaitsScene): Promise<void> {
  // The service starts Redis again.
  await scene.site.settled();
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
  const asked = await firstOf<string>(scene, (found) => ({
    claimed(process) {
      if (process === worker.name) found(process);
      return false;
    },
  }));
  if (asked !== undefined) toll.severed += 1;
  say(`${worker.name} was not told what it had claimed${asked === undefined ? '' : ', and asked again'}`);
}

/** Notes how many wait; resolves to it. */
async function countWaiting({ site, toll }: WaitsScene): Promise<number> {
  const counts = await Promise.all(['scheduled', 'retryable'].map((one) => site.redis.zcard(`munadi:state:${one}`)));
  const waiting = counts.reduce((sum, count) => sum + count, 0);
  toll.waiting.push(waiting);
  return waiting;
}

/** Everything at random moments, for so many rounds or until all `articles` are accepted and fewer than `least` wait. */
export async function strikeWaits(
  scene: WaitsScene,
  { rounds, articles, least }: { rounds: number; articles: number; least: number },
): Promise<void> {
  const { random } = scene;
  const moment = () => delay(random.whole(0, 400));
  for (let round = 0; round < rounds; round += 1) {
    const waiting = await countWaiting(scene);
    if (scene.articles.length === articles && waiting < least) return;
    const platform = platformIds[round % platformIds.length] as string;
    await killWhoWasTold(scene, { platform, settled: random.chance(0.5), seconds: random.whole(2, 4) });
    await moment();
    if (round % 4 === 1) await cutPower(scene);
    if (round % 2 === 0) await severClaim(scene);
    await moment();
    await (round % 3 === 1 ? killUnanswered(scene) : killWorker(scene));
  }
}

/** A little of all of it. */
export async function strikeBriefly(scene: WaitsScene): Promise<void> {
  await severClaim(scene);
  await killWhoWasTold(scene, { platform: 'x', settled: true, seconds: 2 });
  await killUnanswered(scene);
  await killWhoWasTold(scene, { platform: 'telegram', settled: false, seconds: 2 });
  await cutPower(scene);
}
