import type { Place } from '../../../src/pipeline/retract.ts';
import { createCrew } from '../faults/crew.ts';
import { readPosts } from '../faults/ending.ts';
import { type Installation, openInstallation } from '../faults/installation.ts';
import { project } from '../faults/plan.ts';
import { platformIds, points } from '../faults/points.ts';
import { watchPower } from '../faults/power-cut.ts';
import { createSay } from '../faults/report.ts';
import { sendStatuses, startStatusRelay } from '../faults/webhooks.ts';
import { createTally, type Tally, type Verdict } from '../proof.ts';
import { createRandom } from '../random.ts';
import { createCommands } from './commands.ts';
import { followChecks, judgeFollow } from './judge.ts';
import { judgeHeld } from './judge-held.ts';
import { type Ledger, readLedger, untilQuiet } from './ledger.ts';
import { createLives, type Life } from './lives.ts';
import { settleHeld } from './person.ts';
import { createToll, type StrikeScene, strikeAll, strikeAt } from './strikes.ts';
import { followConfig, followTargets } from './topology.ts';

/** How large a run is. */
export interface FollowForm {
  articles: number;
  /** Rounds of faults, in each of which some of the lives begin; 0: a few of each kind, once. */
  rounds: number;
  /** Corrections and retractions that are commands in processes of their own, and those that are killed. */
  orders: { left: number; kills: number };
}

export const longForm: FollowForm = { articles: 264, rounds: 24, orders: { left: 14, kills: 5 } };
export const shortForm: FollowForm = { articles: 20, rounds: 0, orders: { left: 0, kills: 1 } };

/** In a round, lives begin one after the other over so long; in the short form, all of them. */
const beginMs = { round: 1_500, all: 4_000 };

/** Longer than anything that is waited for may take on a busy machine. */
const patienceMs = 90_000;

/** Corrections and retractions under all faults, and the judgement at the end. */
export async function proveFollowing(
  form: FollowForm,
  seed: number,
  { root = project, say = createSay() }: { root?: string; say?(what: string): void } = {},
): Promise<Verdict> {
  const startedAt = performance.now();
  const random = createRandom(seed);
  const isShort = form.rounds === 0;
  const site = await openInstallation(root, project, {
    // Their refusal of the same text would hide a double.
    allowDuplicates: true,
    config: followConfig,
    service: isShort ? { concurrency: 4, latencyMs: 150 } : { concurrency: 2, latencyMs: 300 },
  });
  const statuses = await startStatusRelay(() => `${site.address}/webhooks/whatsapp`, {
    random: createRandom(seed + 1),
    lostShare: 0.5,
  });
  const power = watchPower(site, 'always');
  const toll = createToll();
  try {
    await calm(site);
    await sendStatuses(site, statuses.url);
    const addresses = [site.address, ...(isShort ? [] : [await site.secondApi()])];
    const crew = createCrew(site, createRandom(seed + 3), isShort ? { most: 2 } : {});
    const lives = createLives(createRandom(seed + 2), {
      addresses,
      commands: createCommands(site, () => {
        toll.commands += 1;
        say('killed a command in the middle of a retraction');
      }),
      orders: { ...form.orders },
    });
    say('the service runs');
    const begin = (count: number) => lives.begin(count, isShort ? beginMs.all : beginMs.round);
    const scene: StrikeScene = { site, crew, random, power, toll, hits: {}, posts: lives.posts, begin, say };
    if (isShort) await strikeBriefly(scene, form.articles);
    else await strikeAll(scene, { rounds: form.rounds, articles: form.articles / form.rounds });
    await lives.lived();
    await calm(site);
    say(`no more faults; waiting for the rest of ${form.articles} articles`);
    await crew.fill(isShort ? 1 : 2);
    const tally = createTally([...followChecks, 'processes', 'failpoints']);
    const { ledger, settled } = await finish(site, lives.all, { tally, say, statuses });
    judgeFollow(
      {
        lives: lives.all,
        ledger,
        posts: await readPosts(site),
        sightings: site.sightings,
        reports: await readReports(site, ledger),
      },
      tally,
    );
    for (const what of [...crew.failed(), site.apiFailure() ?? []].flat())
      tally.fail('processes', { article: '-', what });
    for (const point of isShort ? [] : points) {
      if (scene.hits[point]?.follows) continue;
      tally.fail('failpoints', { article: point, what: 'it struck nothing that follows a post' });
    }
    const checks = tally.checks();
    const { workers, service, commands, ...others } = toll;
    const { retractions, corrections } = countActs(ledger);
    return {
      name: 'follow',
      seed,
      ok: checks.every(({ ok }) => ok),
      checks,
      facts: {
        ...{ articles: lives.all.length, corrections, retractions, deliveries: ledger.rows.length },
        ...{ 'settled by a person': settled, ...others },
        'killed commands': commands,
        seconds: Math.round((performance.now() - startedAt) / 1000),
      },
      kills: workers + service + commands,
      platforms: countStates(ledger),
      hits: scene.hits,
    };
  } finally {
    power.stop();
    await statuses.close();
    await site.close();
  }
}

/** What the short form finds broken in a tree. */
export async function strikeTree(root: string, seed: number): Promise<{ broken: string[]; isNoticed: boolean }> {
  const { checks } = await proveFollowing(shortForm, seed, { root, say: () => {} });
  const broken = checks.filter(({ ok }) => !ok).map(({ name, value }) => `${name} ${value}`);
  return { broken, isNoticed: broken.length > 0 };
}

/** Some of each kind of fault, on what posts and on what follows posts. */
async function strikeBriefly(scene: StrikeScene, articles: number): Promise<void> {
  const { site, crew, power, random, toll } = scene;
  const trouble = (id: string) => ({
    rules: [
      { on: 'publish', skip: random.whole(0, 4), times: 1, fault: { kind: 'reset-after' } },
      { on: 'publish', skip: random.whole(0, 4), times: 2, fault: { kind: 'reset-before' } },
      // Facebook names no time, and is left alone for a minute: too long to wait for here.
      ...(id === 'facebook'
        ? []
        : [{ on: 'any', skip: random.whole(0, 9), times: 3, fault: { kind: 'refuse', status: 429, retryAfter: 1 } }]),
      ...(id === 'whatsapp' ? [] : [{ on: 'change', times: 3, fault: { kind: 'reset-before' } }]),
      { on: 'change', times: 1, fault: { kind: 'error-after', status: 502 } },
    ],
  });
  await Promise.all(platformIds.map((id) => site.setFaults(id, trouble(id))));
  const beginning = scene.begin(articles);
  await strikeAt(scene, 'accepted-unanswered');
  await crew.fill(1);
  await power.cut();
  toll.cuts += 1;
  await beginning;
}

async function calm(site: Installation): Promise<void> {
  await Promise.all(platformIds.map((id) => site.setFaults(id, { rules: [] })));
}

/** Waits, and has a person say what is live, until nothing waits for one. */
async function finish(
  site: Installation,
  lives: readonly Life[],
  {
    tally,
    say,
    statuses,
  }: { tally: Tally; say(what: string): void; statuses: Awaited<ReturnType<typeof startStatusRelay>> },
): Promise<{ ledger: Ledger; settled: number }> {
  let settled = 0;
  for (;;) {
    await untilQuiet(site, { withinMs: patienceMs, say });
    await statuses.settled(10_000);
    const open = await untilQuiet(site, { withinMs: patienceMs, say });
    const ledger = await readLedger(site);
    const { sightings } = site;
    judgeHeld({ lives, ledger, sightings, reports: await readReports(site, ledger) }, tally);
    const posts = await readPosts(site);
    const held = open.length > 0 ? 0 : await settleHeld(site, ledger, posts);
    settled += held;
    if (held === 0) return { ledger, settled };
    say(`a person says of ${held} deliveries whether they are live`);
  }
}

async function readReports({ address }: Installation, { stories }: Ledger): Promise<Map<string, Place[]>> {
  const reports = new Map<string, Place[]>();
  for (const [id, { retracted }] of stories) {
    if (!retracted) continue;
    const answer = await fetch(`${address}/api/articles/${id}/retraction`);
    if (!answer.ok) throw new Error(`What became of ${id} is answered with ${answer.status}.`);
    reports.set(id, ((await answer.json()) as { channels: Place[] }).channels);
  }
  return reports;
}

function countActs({ stories, rows }: Ledger): { corrections: number; retractions: number } {
  const corrections = new Set(
    rows.flatMap(({ act, article, version }) => (act === 'correct' ? [`${article} ${version}`] : [])),
  );
  return { corrections: corrections.size, retractions: [...stories.values()].filter((one) => one.retracted).length };
}

function countStates({ rows }: Ledger): Record<string, Record<string, number>> {
  const platforms = [...new Set(followTargets.map(({ platform }) => platform))];
  return Object.fromEntries(
    platforms.map((platform) => {
      const own = rows.filter((row) => row.platform === platform);
      const states = [...Map.groupBy(own, ({ state }) => state)].map(([state, { length }]) => [state, length]);
      return [platform, Object.fromEntries(states)];
    }),
  );
}
