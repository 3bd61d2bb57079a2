import { setTimeout as delay } from 'node:timers/promises';
import type { Delivery } from '../../../src/core/delivery.ts';
import type { SandboxPost } from '../../../src/sandbox/index.ts';
import { openSite, type Site } from '../limits/installation.ts';
import type { Verdict } from '../proof.ts';
import { createRandom, type Random } from '../random.ts';
import { project } from './plan.ts';
import { createSay } from './report.ts';
import { judgeWaits, type Logged, type PlatformEvidence } from './waits-judge.ts';

const people = ['+963900000001', '+963900000002'];

/** Each platform's one limit here; the others are lifted. */
const scenes = {
  telegram: {
    account: { token: '${TG}' },
    channel: { chat: '@proof_waits' },
    rates: { group: '10/3s', account: 'none', chat: 'none' },
  },
  x: {
    account: { appKey: '${K}', appSecret: '${S}', accessToken: '${X1}', accessSecret: '${S}' },
    channel: { links: 'never' },
    rates: { user: '10/3s', app: 'none' },
  },
  whatsapp: {
    account: { phoneNumberId: '7003', accessToken: '${WA}' },
    channel: { recipients: people, template: { name: 'news', language: 'ar' } },
    rates: { number: '20/3s', recipient: 'none', recipients: 'none' },
  },
  facebook: {
    account: { pageId: '7001', accessToken: '${FB}' },
    channel: {},
    rates: { page: '10/3s' },
  },
} as const;
type Id = keyof typeof scenes;
const ids = Object.keys(scenes) as Id[];

/** Money of one post, in the smallest unit that is counted. */
const prices = { x: { post: 0.015, link: 0.2 }, whatsapp: { default: 0.04 } };

/** Those whose answer names the seconds of a wait. */
const telling: Id[] = ['telegram', 'x'];
export const toldWaitMs = 3_000;
/** What was told is on record by then. */
const recordedMs = 200;

/** Processes and Redis are killed while deliveries wait: for limits, and because a platform says so. */
export async function proveWaits({ articles }: { articles: number }, seed: number): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const site = await openSite(project, { workers: 3, config: configOf });
  try {
    for (const id of ids) await site.hold(id, { rates: inSandbox(id) });
    await site.post('waits', articles);
    const wanted = articles * (ids.length - 1 + people.length);
    say(`${wanted} deliveries wait`);
    const killed = await killWhileWaiting(site, createRandom(seed), { wanted, say });
    const open = await untilDone(site, wanted, say);
    const evidence = await Promise.all(ids.map((id) => readEvidence(site, id, articles)));
    const { checks, platforms } = judgeWaits(evidence, { open, toldWaitMs });
    const seconds = Math.round((performance.now() - startedAt) / 1_000);
    return {
      ...{ name: 'faults', seed, ok: checks.every(({ ok }) => ok), checks, kills: killed.workers, platforms },
      facts: { deliveries: wanted, 'kills of Redis': killed.redis, 'waits told': killed.told, seconds },
    };
  } finally {
    await site.close();
  }
}

function configOf(roots: Record<string, string>): object {
  const budget = { day: { requests: 100_000 } };
  return {
    accounts: Object.fromEntries(ids.map((id) => [id, { platform: id, ...scenes[id].account, apiRoot: roots[id] }])),
    channels: ids.map((id) => ({ id, account: id, filters: { tag: ['waits'] }, ...scenes[id].channel })),
    limits: { catchUp: { rate: 'none' }, ...Object.fromEntries(ids.map((id) => [id, scenes[id].rates])) },
    budgets: {
      telegram: budget,
      x: { ...budget, prices: prices.x },
      whatsapp: { ...budget, prices: prices.whatsapp },
      facebook: budget,
    },
    reliability: {
      ...{ requestTimeout: '1s', lease: '6s', quarantine: '2s', attempts: 100 },
      ...{ backoff: '50ms', maxBackoff: '500ms', failuresToRest: 0 },
    },
  };
}

/** A Page tells how much of a day is used: with so short a window it would always seem to be near its end. */
const inSandbox = (id: Id) =>
  id === 'facebook'
    ? {}
    : Object.fromEntries(Object.entries(scenes[id].rates).map(([rule, rate]) => [rule, rate === 'none' ? [] : [rate]]));

/** Until nine tenths are published, something dies every second or so. */
async function killWhileWaiting(
  site: Site,
  random: Random,
  { wanted, say }: { wanted: number; say(what: string): void },
): Promise<{ workers: number; redis: number; told: number }> {
  const killed = { workers: 0, redis: 0, told: 0 };
  const end = performance.now() + 180_000;
  for (let round = 1; performance.now() < end; round += 1) {
    await delay(random.whole(500, 1_200));
    const { published = 0 } = await countsOf(site);
    if (published >= wanted * 0.9) break;
    if (round % 4 === 0) {
      killed.told += await tellToWait(site, random.pick(telling));
    }
    if (round % 6 === 0) {
      killRedis(site);
      killed.redis += 1;
    } else killed.workers += await replaceOne(site, random);
    if (round % 5 === 0) say(`${published} of ${wanted} are published, ${killed.workers} workers died`);
  }
  return killed;
}

/** The platform asks for a wait, once; resolves, to 1, when it is on record, and to 0 where nobody came. */
async function tellToWait(site: Site, id: Id): Promise<number> {
  const log = async () => (await readLog(site, id)).filter(({ status }) => status === 429).length;
  const before = await log();
  const rules = [{ times: 1, fault: { kind: 'refuse', status: 429, retryAfter: toldWaitMs / 1_000 } }];
  await send(`${site.roots[id]}/_sandbox/faults`, { allowDuplicates: true, rules });
  const end = performance.now() + 4_000;
  while ((await log()) === before) {
    if (performance.now() > end) return 0;
    await delay(20);
  }
  await delay(recordedMs);
  return 1;
}

async function replaceOne(site: Site, random: Random): Promise<number> {
  const [worker] = site.workers.splice(random.whole(0, site.workers.length - 1), 1);
  await worker?.stop('SIGKILL');
  await site.startWorker().catch(() => {});
  return worker ? 1 : 0;
}

/** The service starts it again. */
function killRedis({ household }: Site): void {
  try {
    process.kill(household.redis().pid, 'SIGKILL');
  } catch {
    // It was just starting anew.
  }
}

/** Resolves to how many are neither final nor held when time is up. */
async function untilDone(site: Site, wanted: number, say: (what: string) => void): Promise<number> {
  const end = performance.now() + 120_000;
  for (;;) {
    const { published = 0, rejected = 0, discarded = 0, held = 0 } = await countsOf(site);
    const open = wanted - published - rejected - discarded - held;
    if (open <= 0 || performance.now() > end) {
      say(`${published} of ${wanted} are published, ${held} are held`);
      return open;
    }
    await delay(500);
  }
}

/** Redis may be away for a moment. */
async function countsOf(site: Site): Promise<Record<string, number>> {
  for (;;) {
    const metrics = await (await fetch(`${site.address}/metrics`)).text();
    const held = /^munadi_held (\d+)$/m.exec(metrics);
    const states = [...metrics.matchAll(/^munadi_deliveries\{state="(\w+)"\} (\d+)$/gm)];
    if (held && states.length > 0) {
      return { ...Object.fromEntries(states.map(([, state, count]) => [state, Number(count)])), held: Number(held[1]) };
    }
    await delay(200);
  }
}

async function readEvidence(site: Site, id: Id, articles: number): Promise<PlatformEvidence> {
  const states = ['published', 'unconfirmed', 'rejected', 'discarded'];
  const deliveries = await Promise.all(
    states.map((state) => get<{ deliveries: Delivery[] }>(`${site.address}/api/deliveries?state=${state}&limit=1000`)),
  );
  const metrics = await (await fetch(`${site.address}/metrics`)).text();
  const spent = (of: string) => {
    const line = new RegExp(`^munadi_budget_spent\\{account="${id}",period="day",of="${of}"\\} (\\S+)$`, 'm');
    return Number(line.exec(metrics)?.[1] ?? 0);
  };
  return {
    platform: id,
    wanted: articles * (id === 'whatsapp' ? people.length : 1),
    deliveries: deliveries.flatMap((page) => page.deliveries).filter(({ platform }) => platform === id),
    posts: await get<SandboxPost[]>(`${site.roots[id]}/_sandbox/posts`),
    log: await readLog(site, id),
    tells: telling.includes(id),
    refused: (await site.figures(id)).refused,
    spent: { requests: spent('requests'), recipients: spent('recipients'), money: spent('money') },
    price: id === 'x' ? prices.x.post : id === 'whatsapp' ? prices.whatsapp.default : 0,
  };
}

const readLog = async (site: Site, id: Id) =>
  (await get<{ requests: Logged[] }>(`${site.roots[id]}/_sandbox/requests`)).requests;

async function get<Answer>(url: string): Promise<Answer> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(20_000) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}.`);
  return (await answer.json()) as Answer;
}

async function send(url: string, body: object): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'PUT', headers, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}.`);
}
