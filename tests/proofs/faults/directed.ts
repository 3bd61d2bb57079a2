import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../random.ts';
import { readDeliveries, readPosts, untilSettled } from './ending.ts';
import { articleOf } from './exchange.ts';
import { createFeed, type Feed } from './feed.ts';
import { type Installation, openInstallation, type WorkerProcess } from './installation.ts';
import { type Judgement, judge } from './judge.ts';
import { project } from './plan.ts';
import { watchPower } from './power-cut.ts';
import { timings } from './topology.ts';
import type { Caught } from './trap.ts';

/** What came of the directed faults. */
export interface Directed extends Judgement {
  kills: number;
  /** Deliveries that were neither final nor held at the end. */
  open: number;
}

/** Longer than anything that is waited for here may take on a busy machine. */
const patienceMs = 90_000;
/** Of a request whose answer is held, so much may pass before its sender gives it up. */
const heldMs = timings.requestTimeout / 2;
/** A faulty program may send less than is waited for. */
const lateMs = 5_000;
/** The queue gives a job to another worker after this at the soonest. */
const lockMs = 7_000;
const asked = ['x', 'facebook'] as const;

/**
 * One fault for each safety rule, at the instant at which a program without that rule loses or doubles a post, in an
 * installation of its own. The platforms take the same text twice here: their refusal would hide a double.
 */
export async function strikeRules(root: string, seed: number, say: (what: string) => void): Promise<Directed> {
  const site = await openInstallation(root, project);
  const power = watchPower(site, 'always');
  try {
    const other = await site.secondApi();
    let address = site.address;
    const feed = createFeed(createRandom(seed), () => address);
    await misbehave(site, []);

    // Started early, and let in when they are wanted.
    const [first, second, third] = await Promise.all([site.worker(), site.worker(), site.worker()]);

    await feed.post(1);
    await power.cut();
    say('directed: Redis lost its power right after it had taken an article');

    await misbehave(site, [{ on: 'publish', times: 2, fault: { kind: 'late-accept', ms: timings.quarantine - 900 } }]);
    await feed.post(1);
    await untilSent(site, 2);
    await misbehave(site, []);

    const sleeper = await stopAfterClaim(first, feed);
    await untilOthersAreDone(site, sleeper.deliveries);
    await wakeDuring(sleeper, second);
    say('directed: a worker woke up while another one sent its posts, which then died unanswered');

    await site.service().stop('SIGKILL');
    address = other;
    await feed.post(1);
    await site.restartService();
    say('directed: an article was taken while nobody worked');

    await third.enter();
    const open = await untilSettled(site, { withinMs: patienceMs, say: () => {} });
    const articles = [...feed.accepted.values()];
    const judgement = judge({
      articles,
      deliveries: await readDeliveries(site, articles),
      posts: await readPosts(site),
      doubtful: site.sightings.doubtful,
      unconfirmed: site.unconfirmed,
      told: new Set(),
    });
    return { ...judgement, kills: 3, open };
  } finally {
    power.stop();
    await site.close();
  }
}

async function misbehave(site: Installation, rules: object[]): Promise<void> {
  await Promise.all(asked.map((id) => site.setFaults(id, { rules, allowDuplicates: true })));
}

interface Sleeper {
  worker: WorkerProcess;
  /** What it believes to hold. */
  deliveries: ReadonlySet<string>;
}

/** Waits until so many posts went out, accepted or not, to each platform that can be asked. */
async function untilSent(site: Installation, count: number): Promise<void> {
  const before = site.sightings.exchanges.length;
  const sent = (id: string) =>
    site.sightings.exchanges.slice(before).filter(({ platform, publishes }) => publishes && platform === id).length;
  const until = performance.now() + lateMs;
  while (asked.some((id) => sent(id) < count) && performance.now() < until) await delay(20);
}

/** A worker that is stopped right after its claims were granted, before it hears of it. */
async function stopAfterClaim(worker: WorkerProcess, feed: Feed): Promise<Sleeper> {
  const isEnough = (caught: readonly Caught[]) => caught.length >= 12;
  const trap = worker.arm({ point: 'after-claim', laterOnly: false, isWanted: () => true, isEnough });
  await worker.enter();
  await feed.post(2);
  await trap.sprung();
  worker.stop();
  trap.disarm();
  return { worker, deliveries: new Set(trap.caught.flatMap(({ delivery }) => delivery ?? [])) };
}

/** Waits until nothing is open but what the sleeper holds. */
async function untilOthersAreDone(site: Installation, held: ReadonlySet<string>): Promise<void> {
  const until = performance.now() + lockMs;
  while (performance.now() < until) {
    const open = await Promise.all(
      ['scheduled', 'retryable', 'sending', 'unconfirmed'].map((state) =>
        site.redis.zrange(`munadi:state:${state}`, '0', '-1'),
      ),
    );
    const waiting = new Set(await site.redis.zrange('munadi:held', '0', '-1'));
    if (open.flat().every((id) => held.has(id) || waiting.has(id))) return;
    await delay(50);
  }
}

/**
 * Another worker takes over what the sleeper holds, and sends it; while the answer is on its way, the sleeper wakes up
 * and says what it thinks of its own attempt. Then the other one dies.
 */
async function wakeDuring(sleeper: Sleeper, heir: WorkerProcess): Promise<void> {
  const trap = heir.arm({
    point: 'accepted-unanswered',
    laterOnly: false,
    isWanted: () => true,
    isEnough: () => false,
  });
  await heir.enter();
  const until = performance.now() + patienceMs;
  const isAsked = () =>
    trap.caught.some(
      ({ platform, exchange }) =>
        asked.some((id) => id === platform) && exchange?.state === 'open' && articleOf(exchange) !== undefined,
    );
  while (!isAsked() && performance.now() < until) await delay(2);
  sleeper.worker.resume();
  await delay(heldMs);
  await heir.kill();
}
