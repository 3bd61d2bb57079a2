import { setTimeout as delay } from 'node:timers/promises';
import type { BudgetState } from '../../../src/limits/forecast.ts';
import { createTally, type Verdict } from '../proof.ts';
import { createRandom } from '../random.ts';
import { readDeliveries, readPosts } from './ending.ts';
import type { Accepted } from './feed.ts';
import { type Plan, project } from './plan.ts';
import { watchPower } from './power-cut.ts';
import { createSay } from './report.ts';
import { type Amounts, judgeWaits, waitsChecks } from './waits-judge.ts';
import { postNews } from './waits-news.ts';
import { openWaitsSite, type WaitsSite } from './waits-site.ts';
import { strikeBriefly, strikeWaits, type WaitsScene } from './waits-strikes.ts';
import { accountIds, held, waitingTargets } from './waits-topology.ts';

/** A backlog waits for its limits while processes and Redis die: no wait is lost, and nothing is spent twice. */
export async function proveWaits({ root, deliveries: wanted, waits }: Plan, seed: number): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const seconds = () => Math.round((performance.now() - startedAt) / 1000);
  const random = createRandom(seed);
  const site = await openWaitsSite(root, project);
  const power = watchPower(site, 'always');
  try {
    const articles: Accepted[] = [];
    const count = Math.ceil(wanted / waitingTargets.length);
    await site.settled();
    const posting = postNews(site.address, { random: createRandom(seed + 1), count, accepted: articles });
    posting.catch(() => {});
    const toll = { workers: 0, service: 0, cuts: 0, severed: 0, unanswered: 0, told: 0, waiting: [] };
    const scene: WaitsScene = { site, random, power, toll, articles, say };
    await (waits === 'short'
      ? strikeBriefly(scene)
      : strikeWaits(scene, { rounds: 12, articles: count, least: wanted / 10 }));
    await site.settled();
    await posting;
    const deliveries = articles.length * waitingTargets.length;
    say(`no more faults; ${deliveries} deliveries in all`);
    const open = await untilNothingIsOpen(site, { withinMs: 60_000 + deliveries * 300, say });
    const [status, found, posts] = await Promise.all([
      waits === 'short' ? undefined : site.status<{ budgets: BudgetState[] }>(),
      readDeliveries(site, articles),
      readPosts(site),
    ]);
    const tally = createTally(waitsChecks.filter((name) => status || name !== 'status differs'));
    const { fates, unnoted } = judgeWaits(
      {
        articles,
        deliveries: found,
        posts,
        records: site.records,
        refused: await readRefused(site),
        spent: await readSpent(site),
        budgets: status?.budgets,
      },
      tally,
    );
    const checks = [...tally.checks(), { name: 'open', value: open, aim: 0, ok: open === 0, samples: [] }];
    const { told, cuts, severed, unanswered, waiting } = toll;
    const facts = {
      deliveries,
      told,
      unnoted,
      cuts,
      severed,
      unanswered,
      waitingAtDeath: median(waiting),
      seconds: seconds(),
    };
    return {
      name: 'faults',
      seed,
      ok: checks.every(({ ok }) => ok),
      checks,
      facts,
      kills: toll.workers + toll.service,
      platforms: fates,
    };
  } finally {
    power.stop();
    await site.close();
  }
}

const openStates = ['scheduled', 'sending', 'retryable', 'unconfirmed'];
const pollMs = 100;
const sayMs = 5_000;

/** Resolves to how many were neither final nor held when time was up. */
async function untilNothingIsOpen(
  { redis }: WaitsSite,
  { withinMs, say }: { withinMs: number; say(what: string): void },
): Promise<number> {
  const until = performance.now() + withinMs;
  let said = performance.now();
  for (;;) {
    const counts = await Promise.all(openStates.map((state) => redis.zcard(`munadi:state:${state}`)));
    const open = counts.reduce((sum, count) => sum + count, 0) - (await redis.zcard('munadi:held'));
    if (open === 0 || performance.now() > until) return open;
    if (performance.now() - said > sayMs) {
      said = performance.now();
      say(`open: ${openStates.map((state, at) => `${counts[at]} ${state}`).join(', ')}`);
    }
    await delay(pollMs);
  }
}

/** Requests that came too early for the sandbox's limits, without those that a fault refused. */
async function readRefused(site: WaitsSite): Promise<Record<string, number>> {
  const all = Object.keys(held).map(async (id) => [id, (await site.get<{ refused: number }>(id, 'limits')).refused]);
  return Object.fromEntries(await Promise.all(all));
}

async function readSpent({ redis }: WaitsSite): Promise<Map<string, { days: Amounts; months: Amounts }>> {
  const all = accountIds.map(async (account) => {
    const keys = await redis.keys(`munadi:spent:${account}:*`);
    const days = await sumOf(keys.filter((key) => /:\d{4}-\d\d-\d\d$/.test(key)));
    return [account, { days, months: await sumOf(keys.filter((key) => /:\d{4}-\d\d$/.test(key))) }] as const;
  });
  async function sumOf(keys: readonly string[]): Promise<Amounts> {
    const amounts = { requests: 0, recipients: 0, money: 0 };
    for (const key of keys) {
      const fields = await redis.hgetall(key);
      for (const kind of ['requests', 'recipients', 'money'] as const) amounts[kind] += Number(fields[kind] ?? 0);
    }
    return amounts;
  }
  return new Map(await Promise.all(all));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
