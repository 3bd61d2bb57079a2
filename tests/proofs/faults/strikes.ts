import { setTimeout as delay } from 'node:timers/promises';
import type { Crew } from './crew.ts';
import type { Feed } from './feed.ts';
import { createHits, type Hit, type Hits, nameOf, type Point, platformIds } from './points.ts';
import { timings } from './topology.ts';
import type { Caught } from './trap.ts';

/** What the parts of a run share. */
export interface Scene {
  feed: Feed;
  hits: Hits;
  crew: Crew;
  /** Deaths by `kill -9` so far, of workers and of the service. */
  kills: { workers: number; service: number };
  say(what: string): void;
  /** Articles still to be posted. */
  articles: { left: number };
}

/** Articles for one failpoint: each gives two deliveries a platform. */
const perStrike = 4;
/** Longer than the lock of a job, the lease and the quarantine together with what follows. */
const pauseMs = 10_000 + 3_000 + timings.lease;

export async function postSome(scene: Scene, count: number): Promise<void> {
  scene.articles.left -= count;
  await scene.feed.post(count);
}

/**
 * Arms the failpoint that was hit least, and kills the worker that comes to it; until each has its hits. Two workers at a
 * time, each at another failpoint.
 */
export async function strikeFailpoints(scene: Scene, { least, most }: { least: number; most: number }): Promise<void> {
  const busy = new Set<string>();
  let left = most;

  async function lane(): Promise<void> {
    while (left > 0) {
      const wish = neediest(scene.hits, least, busy);
      if (!wish) return;
      left -= 1;
      busy.add(nameOf(wish));
      await strike(scene, wish, least);
      busy.delete(nameOf(wish));
    }
  }
  await Promise.all([lane(), lane()]);
}

async function strike(scene: Scene, wish: Hit, least: number): Promise<void> {
  const { worker, prepared: trap } = await scene.crew.enter((fresh) =>
    fresh.arm({
      point: wish.point,
      laterOnly: wish.later,
      isWanted: ({ delivery, later }) => {
        const platform = delivery && scene.feed.platformOf(delivery);
        return platform !== undefined && later === wish.later && scene.hits.count({ ...wish, platform }) < least;
      },
      isEnough: (caught) => isEnough(scene, wish, caught, least),
    }),
  );
  const posting = postSome(scene, perStrike);
  const sprung = await trap.sprung();
  const held = trap.caught.filter(({ exchange }) => exchange === undefined || exchange.state === 'open');
  await worker.kill();
  scene.kills.workers += 1;
  await posting;
  const caught = count(scene, wish, held);
  scene.say(`${nameOf(wish)}: ${sprung ? caught : 'nothing came'}`);
}

/** The failpoint that lacks the most hits; those of threads first, as others are hit along with them. */
function neediest(hits: Hits, least: number, busy: ReadonlySet<string>): Hit | undefined {
  const groups = Map.groupBy(hits.missing(least), nameOf);
  const lack = (group: readonly Hit[]) => group.reduce((sum, hit) => sum + least - hits.count(hit), 0);
  const free = [...groups].filter(([name]) => !busy.has(name)).map(([, group]) => group);
  const isThread = (group: readonly Hit[]) => Number(group[0]?.later ?? false);
  return free.sort((a, b) => isThread(b) - isThread(a) || lack(b) - lack(a))[0]?.[0];
}

/** Nothing that this failpoint lacks is still to come. */
function isEnough({ hits, feed }: Scene, { point }: Hit, caught: readonly Caught[], least: number): boolean {
  const found = createHits();
  for (const hit of hitsOf(feed, point, caught)) found.add(hit);
  return hits.missing(least).every((hit) => hit.point !== point || found.count(hit) + hits.count(hit) >= least);
}

function hitsOf(feed: Feed, point: Point, caught: readonly Caught[]): Hit[] {
  return caught.flatMap(({ later, delivery, platform = delivery && feed.platformOf(delivery) }) =>
    platform === undefined ? [] : [{ point, later, platform }],
  );
}

function count({ hits, feed }: Scene, { point }: Hit, caught: readonly Caught[]): string {
  const found = new Map<string, number>();
  for (const hit of hitsOf(feed, point, caught)) {
    hits.add(hit);
    found.set(hit.platform, (found.get(hit.platform) ?? 0) + 1);
  }
  return platformIds.map((id) => `${id} ${found.get(id) ?? 0}`).join(', ');
}

/**
 * Stops a worker right after it has claimed, and lets it go on when its claims are long lost: it believes to hold them,
 * and must send nothing. Resolves when it is stopped, to the end of its pause.
 */
export async function pauseAfterClaim(scene: Scene): Promise<{ over: Promise<void> }> {
  const { worker, prepared: trap } = await scene.crew.enter((fresh) =>
    fresh.arm({
      point: 'after-claim',
      laterOnly: false,
      isEnough: (caught) => caught.length >= 16,
    }),
  );
  await postSome(scene, perStrike);
  await trap.sprung();
  worker.stop();
  scene.say(`stopped after a claim of ${trap.caught.length} deliveries, for ${pauseMs / 1000} s`);
  const goOn = async () => {
    await delay(pauseMs);
    trap.disarm();
    worker.resume();
    scene.crew.add(worker);
  };
  return { over: goOn() };
}
