import { setTimeout as delay } from 'node:timers/promises';
import { createRandom } from '../random.ts';
import { readDeliveries, readPosts, untilSettled } from './ending.ts';
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
/** Longer than elsewhere: while an answer is held for so long, another process wakes up and speaks. */
const requestTimeout = 2_500;
/** After the first answer that is held, its company is waited for so long; then for the sleeper to speak. */
const [gatherMs, speakMs] = [600, 1_400];
/** After the deadline of the request, and well within the quarantine. */
const lateAcceptMs = requestTimeout + timings.quarantine / 4;
/** The lock of a job, its lease, the quarantine and what follows. */
const takeOverMs = 25_000;
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
  const site = await openInstallation(root, project, { requestTimeout, allowDuplicates: true });
  const power = watchPower(site, 'always');
  try {
    const other = await site.secondApi();
    let address = site.address;
    const feed = createFeed(createRandom(seed), () => address);
    await misbehave(site, []);

    // Started early, and let in when they are wanted.
    const [sleeping, heir, last] = await Promise.all([site.worker(), site.worker(), site.worker()]);

    await feed.post(1);
    await power.cut();
    say('directed: Redis lost its power right after it had taken an article');

    // Asleep until the queue has given its jobs to another one; meanwhile, something else.
    const sleeper = await stopAfterClaim(sleeping, feed);
    await heir.enter();
    await misbehave(site, [{ on: 'publish', times: 2, fault: { kind: 'late-accept', ms: lateAcceptMs } }]);
    await feed.post(1);
    await untilSent(site, 2);
    await misbehave(site, []);
    say('directed: posts were accepted after their sender had given them up');
    await untilOthersAreDone(site, sleeper.deliveries);
    // Nobody else may come for what the sleeper holds.
    site.service().child.kill('SIGSTOP');
    try {
      await wakeDuring(sleeper, heir, feed);
    } finally {
      site.service().child.kill('SIGCONT');
    }
    say('directed: a worker woke up while another one sent its posts, which then died unanswered');

    await site.service().stop('SIGKILL');
    address = other;
    await feed.post(1);
    await site.restartService();
    say('directed: an article was taken while nobody worked');

    await last.enter();
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

/** What the directed faults break in a tree; noticed: something is lost, doubled, or never done. */
export async function strikeTree(root: string, seed: number): Promise<{ broken: string[]; isNoticed: boolean }> {
  const { fail, open } = await strikeRules(root, seed, () => {});
  const broken = [...Map.groupBy(fail, (one) => one.name)].map(([what, all]) => `${what} ${all.length}`);
  if (open > 0) broken.push(`open ${open}`);
  return { broken, isNoticed: open > 0 || fail.some((one) => one.name === 'lost' || one.name === 'doubled') };
}

async function misbehave(site: Installation, rules: object[]): Promise<void> {
  await Promise.all(asked.map((id) => site.setFaults(id, { rules })));
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
  await until(() => asked.every((id) => sent(id) >= count), lateMs);
}

/** A worker that is stopped right after its claims were granted, before it hears of it. */
async function stopAfterClaim(worker: WorkerProcess, feed: Feed): Promise<Sleeper> {
  const isAsked = ({ delivery = '' }: Caught) => asked.some((id) => id === feed.platformOf(delivery));
  const isEnough = (caught: readonly Caught[]) => caught.filter(isAsked).length >= 8;
  // It finds them all at once, so that many are claimed together.
  await feed.post(5);
  const trap = worker.arm({ point: 'after-claim', laterOnly: false, isWanted: isAsked, isEnough });
  await worker.enter();
  await trap.sprung();
  worker.stop();
  trap.disarm();
  return { worker, deliveries: new Set(trap.caught.flatMap(({ delivery }) => delivery ?? [])) };
}

/** Waits until nothing is open but what the sleeper holds. */
async function untilOthersAreDone(site: Installation, held: ReadonlySet<string>): Promise<void> {
  const end = performance.now() + lockMs;
  while (performance.now() < end) {
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
async function wakeDuring({ worker, deliveries }: Sleeper, heir: WorkerProcess, feed: Feed): Promise<void> {
  const inherited = ({ exchange }: Caught) => {
    const id = exchange?.state === 'open' ? feed.deliveryOf(exchange) : undefined;
    return id !== undefined && deliveries.has(id) && asked.some((one) => one === exchange?.platform) ? [id] : [];
  };
  const isWanted = (one: Caught) => inherited(one).length > 0;
  const trap = heir.arm({ point: 'accepted-unanswered', laterOnly: false, isWanted, isEnough: () => false });
  await until(() => trap.caught.some(isWanted), takeOverMs);
  await delay(gatherMs);
  worker.resume();
  await until(() => trap.caught.flatMap(inherited).some((id) => worker.spokenOf.has(id)), speakMs);
  await heir.kill();
}

/** Looks every few milliseconds, so long at most. */
async function until(isSo: () => boolean, mostMs: number): Promise<void> {
  const end = performance.now() + mostMs;
  while (!isSo() && performance.now() < end) await delay(2);
}
