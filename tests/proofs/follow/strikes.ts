import { setTimeout as delay } from 'node:timers/promises';
import { wave } from '../faults/chaos.ts';
import type { Crew } from '../faults/crew.ts';
import type { Installation } from '../faults/installation.ts';
import { type Point, platformIds, points } from '../faults/points.ts';
import type { PowerCuts } from '../faults/power-cut.ts';
import type { Caught } from '../faults/trap.ts';
import type { Random } from '../random.ts';

/** What is done to an installation, and how often it was. */
export interface Toll {
  workers: number;
  service: number;
  commands: number;
  stops: number;
  cuts: number;
  waves: number;
  partitions: number;
}

export const createToll = (): Toll => ({
  ...{ workers: 0, service: 0, commands: 0, stops: 0, cuts: 0, waves: 0, partitions: 0 },
});

export interface StrikeScene {
  site: Installation;
  crew: Crew;
  random: Random;
  power: PowerCuts;
  toll: Toll;
  /** How often each failpoint struck what posts, and what follows posts. */
  hits: Record<string, Record<string, number>>;
  /** Deliveries that follow nothing. */
  posts: ReadonlySet<string>;
  /** Lets so many more articles begin their lives, and resolves when they have. */
  begin(count: number): Promise<void>;
  say(what: string): void;
}

/** What a worker dies of is struck when so many came to it. */
const enough = 6;
/** The lock of a job, the lease and the quarantine. */
const longPauseMs = 18_000;

/**
 * A worker dies at `point`, or is stopped there for longer than its claims last. `changesOnly`: what
 * follows a post brings it there, and at a platform nothing else.
 */
export async function strikeAt(
  scene: StrikeScene,
  point: Point,
  { how = 'kill', changesOnly = false }: { how?: 'kill' | 'stop'; changesOnly?: boolean } = {},
): Promise<{ over: Promise<void> }> {
  const { crew, posts, toll, say } = scene;
  const { worker, prepared: trap } = await crew.enter((fresh) =>
    fresh.arm({
      ...{ point, laterOnly: false, changesOnly },
      ...(changesOnly ? { isWanted: ({ delivery }) => delivery === undefined || !posts.has(delivery) } : {}),
      isEnough: (caught) => caught.length >= enough,
    }),
  );
  const sprung = await trap.sprung();
  const held = trap.caught.filter(({ exchange }) => exchange === undefined || exchange.state === 'open');
  let over = Promise.resolve();
  if (how === 'kill') {
    await worker.kill();
    toll.workers += 1;
  } else {
    worker.stop();
    toll.stops += 1;
    over = delay(longPauseMs).then(() => {
      trap.disarm();
      worker.resume();
      crew.add(worker);
    });
  }
  await count(scene, point, held);
  say(`${how} at ${point}: ${sprung ? `${held.length} held` : 'nothing came'}`);
  return { over };
}

async function count({ site, hits }: StrikeScene, point: Point, caught: readonly Caught[]): Promise<void> {
  const row = hits[point] ?? {};
  hits[point] = row;
  for (const { delivery, exchange } of caught) {
    const act = delivery ? await site.redis.hget(`munadi:delivery:${delivery}`, 'act') : (exchange?.changes ?? '');
    const kind = act ? 'follows' : 'posts';
    row[kind] = (row[kind] ?? 0) + 1;
  }
}

/** So many waves of trouble on platforms, with what sends and what changes, at once. */
async function trouble({ site, random, toll }: StrikeScene, waves: number, lengthMs: number): Promise<void> {
  toll.waves += waves;
  const ids = random.many(waves, () => random.pick(platformIds));
  await Promise.all([...new Set(ids)].map((id) => wave(site, random, id, { lengthMs, kinds: ['publish', 'change'] })));
}

/** Everything at random: a death or a long sleep at each failpoint in turn, and among them all other faults. */
export async function strikeAll(
  scene: StrikeScene,
  { rounds, articles }: { rounds: number; articles: number },
): Promise<void> {
  const { site, crew, random, power, toll, say } = scene;
  const pauses: Promise<void>[] = [];
  const others: (() => Promise<unknown>)[] = [
    async () => {
      const bytes = await power.cut();
      toll.cuts += 1;
      say(`cut the power of Redis${bytes > 0 ? `: ${bytes} bytes are gone` : ''}`);
    },
    async () => {
      await site.restartService();
      toll.service += 1;
      say('killed the service');
    },
    async () => {
      toll.partitions += 1;
      await crew.atWork[0]?.partition(random.whole(200, 4_000));
    },
    async () => {
      const worker = crew.take();
      if (!worker) return;
      await worker.kill();
      toll.workers += 1;
    },
  ];
  for (let round = 0; round < rounds; round += 1) {
    await crew.fill(1);
    const beginning = scene.begin(articles);
    const storm = random.chance(0.7) ? trouble(scene, random.whole(1, 3), random.whole(800, 2_500)) : undefined;
    const how = random.chance(0.2) && pauses.length < 4 ? 'stop' : 'kill';
    const point = points[round % points.length] as Point;
    const struck = strikeAt(scene, point, { how, changesOnly: Math.floor(round / points.length) % 2 === 1 }).then(
      ({ over }) => void pauses.push(over),
    );
    if (random.chance(0.5)) {
      await delay(random.whole(0, 1_000));
      await random.pick(others)();
    }
    await Promise.all([struck, storm, beginning]);
  }
  await Promise.all(pauses);
}
