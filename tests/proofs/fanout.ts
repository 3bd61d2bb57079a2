import { setTimeout as delay } from 'node:timers/promises';
import { bareRate } from './fanout/baseline.ts';
import { type Form, readForm, usage } from './fanout/form.ts';
import { judge, postsOf, rateOf } from './fanout/judge.ts';
import { cpuSeconds, type ListState, openSite, residentMiB, type Site } from './fanout/site.ts';
import { setWebhook, untilTold } from './fanout/statuses.ts';
import { project } from './faults/plan.ts';
import { createSay } from './faults/report.ts';
import type { Check, Proof, Verdict } from './proof.ts';
import { createRandom, type Random } from './random.ts';

/** One article to a long list: everybody gets it once, whoever dies on the way. */
export const proveFanout: Proof = {
  about: 'An article to a list reaches everybody once while processes are killed, at the pace that is set.',
  usage,
  run: (args, seed) => prove(readForm(args), seed),
};

const mostMiB = 250;
const rate = 1_000;

async function prove(form: Form, seed: number): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const random = createRandom(seed);
  const site = await openSite(project, { workers: form.processes, rate: `${rate}/1s` });
  try {
    await setWebhook(site, `${site.address}/webhooks/whatsapp`);
    const people = await site.subscribe(form.people);
    say(`${form.people} people have subscribed`);
    const before = await site.redisBytes('-');
    const checks: Check[] = [];
    const facts: Record<string, number> = { people: form.people, processes: form.processes };

    const killed = await runKilled(site, { form, random, say, people });
    checks.push(...killed.checks);
    Object.assign(facts, killed.facts);

    const bytes = (await site.redisBytes(killed.id)) - before;
    facts['bytes a person'] = Math.round(bytes / form.people);
    await site.compact();
    const compacted = (await site.redisBytes(killed.id)) - before;
    facts['bytes a person after statuses'] = Math.round(compacted / form.people);
    if (form.judgesPace) {
      checks.push(atMost('bytes a person', facts['bytes a person'], 200));
      checks.push(atMost('bytes a person after statuses', facts['bytes a person after statuses'], 60));
      const paced = await runPaced(site, { form, say });
      Object.assign(facts, paced.facts);
      checks.push(...paced.checks);
    }
    facts.seconds = Math.round((performance.now() - startedAt) / 1000);
    return { name: 'fanout', seed, ok: checks.every(({ ok }) => ok), checks, facts, kills: killed.kills };
  } finally {
    await site.close();
  }
}

interface Killed {
  id: string;
  checks: Check[];
  facts: Record<string, number>;
  kills: number;
}

/** Everybody on the list, while one process after the other is killed and started again. */
async function runKilled(
  site: Site,
  { form, random, say, people }: { form: Form; random: Random; say: (what: string) => void; people: readonly string[] },
): Promise<Killed> {
  const first = site.workers.map(({ pid }) => residentMiB(pid));
  const id = await site.post('خبر القائمة الأول');
  const peaks = { service: 0, worker: 0 };
  let kills = 0;
  let state: ListState = { state: '' };
  const everyShare = 1 / (form.kills + 1);
  for (;;) {
    await delay(250);
    for (const [index, { pid }] of site.workers.entries()) {
      const kind = index === 0 ? 'service' : 'worker';
      peaks[kind] = Math.max(peaks[kind], residentMiB(pid));
    }
    const now = await site.list(id).catch(() => undefined);
    if (!now) continue;
    state = now;
    const done = state.list?.states.published ?? 0;
    if (kills < form.kills && done >= people.length * everyShare * (kills + 1)) {
      const victim = random.pick(site.workers);
      kills += 1;
      say(`${done} of ${people.length} have it; killed process ${kills} of ${form.kills}`);
      await site.replace(victim);
    }
    if (state.list?.isDone && (await untilTold(site)).waiting === 0 && (await isSettled(site, id))) break;
  }
  const rows = await site.rows(id);
  const posts = await postsOf(site);
  const checks = judge({ id, people, rows, posts });
  checks.push({ name: 'kills', value: form.kills - kills, aim: 0, ok: kills === form.kills, samples: [] });
  if (form.judgesPace) checks.push(atMost('resident MiB of a worker', Math.round(peaks.worker), mostMiB));
  const held = state.list?.held ?? 0;
  const facts = {
    held,
    'resident MiB of a worker at first': Math.round(Math.max(...first.slice(1))),
    'resident MiB of a worker at most': Math.round(peaks.worker),
    'resident MiB of the service at most': Math.round(peaks.service),
  };
  return { id, checks, facts, kills };
}

/** All that was told is worked on: nothing waits in the queue of what was told. */
async function isSettled(site: Site, id: string): Promise<boolean> {
  const before = JSON.stringify((await site.list(id)).list);
  await delay(1_500);
  return before === JSON.stringify((await site.list(id)).list);
}

/** The same list once more, undisturbed: at the pace that is set, or as fast as the machine can beside a bare worker. */
async function runPaced(site: Site, { form, say }: { form: Form; say: (what: string) => void }) {
  await site.ask(`${site.sandbox.root}/_sandbox`, { method: 'DELETE' });
  await setWebhook(site, `${site.address}/webhooks/whatsapp`);
  const pids = [site.household.redis().pid, ...site.workers.map(({ pid }) => pid)];
  const cpu = pids.map(cpuSeconds);
  const id = await site.post('خبر القائمة الثاني');
  while (!(await site.list(id)).list?.isDone) await delay(500);
  const spent = pids.map((pid, index) => cpuSeconds(pid) - (cpu[index] ?? 0));
  const own = rateOf(await postsOf(site));
  const figures = await untilTold(site);
  say(`${Math.round(own)} messages a second of ${rate} that are allowed`);
  const body = await site.sampleBody(id);
  await site.rest();
  await site.ask(`${site.sandbox.root}/_sandbox`, { method: 'DELETE' });
  const bare = await bareRate(site, { processes: form.processes, messages: form.bare, body });
  say(`${Math.round(bare)} messages a second by bare workers`);
  const share = Math.max(own / (rate * 0.95), own / (bare * 0.6));
  const micros = (seconds: number) => Math.round((seconds / form.people) * 1e6);
  return {
    checks: [atMost('per cent of the pace that are missing', Math.max(0, Math.round((1 - share) * 100)), 0)],
    facts: {
      'messages a second': Math.round(own),
      'by bare workers': Math.round(bare),
      'Redis µs a message': micros(spent[0] ?? 0),
      'workers µs a message': micros(spent.slice(1).reduce((sum, one) => sum + one, 0)),
      'statuses told': figures.statuses.acknowledged,
      'acknowledged p50 ms': Math.round(figures.acknowledgeMs.p50 ?? 0),
      'acknowledged p99 ms': Math.round(figures.acknowledgeMs.p99 ?? 0),
    },
  };
}

function atMost(name: string, value: number, aim: number): Check {
  return { name, value, aim, ok: value <= aim, samples: [] };
}
