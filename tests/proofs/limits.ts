import { setTimeout as delay } from 'node:timers/promises';
import type { SandboxPost } from '../../src/sandbox/index.ts';
import { project } from './faults/plan.ts';
import { createSay } from './faults/report.ts';
import { proveCrowd } from './limits/crowd.ts';
import { openSite, type Site } from './limits/installation.ts';
import { configOf, type Scene, scenes } from './limits/scenes.ts';
import { type Check, type Proof, UsageError, type Verdict } from './proof.ts';

/** Limits are known ahead: none is broken, and what they permit is used. */
export const proveLimits: Proof = {
  about: 'A backlog is posted as fast as the limits of the platforms permit, and never faster.',
  usage: '[--short | --crowd]',
  run(args, seed) {
    const [form, ...rest] = args;
    if (rest.length > 0 || (form !== undefined && form !== '--short' && form !== '--crowd')) {
      throw new UsageError(`limits does not know "${args.join(' ')}". Its options: ${proveLimits.usage}`);
    }
    return form === '--crowd' ? proveCrowd(seed) : proveUse(seed, form === '--short' ? shortForm : longForm);
  },
};

/** Breaking news in the midst of the backlog. */
const urgentTags = ['groups', 'people', 'crowd'];
const urgentMark = 'عاجل: فتح بوابات السد';
const urgentAfterMs = 4_000;
/** Accepting the articles takes a moment, and what is let go is under way for 200 ms. */
const underWayMs = 1_000;

/** A run: how many processes work, how many articles each scene has, and what it judges. */
interface Form {
  workers: number;
  articles: Readonly<Record<string, number>>;
  /** The program's own, where absent. */
  margin?: string;
  /** How much is used, and how soon breaking news comes: figures that tell nothing where other work runs beside. */
  judgesPace: boolean;
}

const longForm: Form = {
  workers: 4,
  articles: { groups: 80, people: 170, crowd: 22, pairs: 31, list: 1 },
  judgesPace: true,
};
/** Part of `npm test`, on a busy machine: without those limits that take minutes to show, and with time to spare. */
const shortForm: Form = {
  workers: 2,
  articles: { people: 10, crowd: 5, pairs: 2, list: 1 },
  margin: '250ms',
  judgesPace: false,
};
/** Least share of what is permitted that is to be used, in windows so long and longer, and in shorter ones. */
const long = { perMs: 20_000, used: 0.97 };
const short = { used: 0.85 };

async function proveUse(seed: number, { workers, articles, margin, judgesPace }: Form): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const all = scenes().filter(({ tag }) => articles[tag] !== undefined);
  const site = await openSite(project, { workers, config: (roots) => configOf(all, roots, margin) });
  try {
    await site.hold('telegram', {});
    await site.hold('whatsapp', { rates: { recipients: ['1000000/24h'] } });
    const deliveries = await postAll(site, all, articles);
    say(`${deliveries} deliveries wait`);
    await delay(urgentAfterMs);
    const urgentAt = Date.now();
    const tags = urgentTags.filter((tag) => articles[tag] !== undefined);
    for (const tag of tags) await site.post(tag, 1, { title: urgentMark, priority: 'breaking' });
    const urgent = all.filter(({ tag }) => tags.includes(tag)).flatMap(({ channels }) => channels).length;
    const state = await untilDone(site, deliveries + urgent, say);
    const figures = { telegram: await site.figures('telegram'), whatsapp: await site.figures('whatsapp') };
    const refused = figures.telegram.refused + figures.whatsapp.refused;
    const checks: Check[] = [
      zero('refused for being too fast', refused),
      zero('not published', deliveries + urgent - (state.published ?? 0)),
    ];
    const paces: Check[] = [
      behind(await site.posts('telegram'), { urgentAt, urgent }),
      ...all.map((scene) => useOf(scene, figures[scene.account.platform as keyof typeof figures].scopes)),
    ];
    if (judgesPace) checks.push(...paces);
    else for (const { name, samples } of paces) for (const { what } of samples) say(`${name}: ${what}`);
    const seconds = Math.round((performance.now() - startedAt) / 1000);
    return { name: 'limits', seed, ok: checks.every(({ ok }) => ok), checks, facts: { deliveries, workers, seconds } };
  } finally {
    await site.close();
  }
}

async function postAll(site: Site, all: readonly Scene[], articles: Form['articles']): Promise<number> {
  let deliveries = 0;
  for (const { tag, channels } of all) {
    const count = articles[tag] ?? 0;
    await site.post(tag, count);
    const people = channels.reduce(
      (sum, { recipients }) => sum + (Array.isArray(recipients) ? recipients.length : 1),
      0,
    );
    const lists = channels.filter(({ recipients }) => Array.isArray(recipients) && recipients.length > 100).length;
    deliveries += count * (people + lists);
  }
  return deliveries;
}

async function untilDone(site: Site, deliveries: number, say: (what: string) => void): Promise<Record<string, number>> {
  const end = performance.now() + 600_000;
  for (let round = 0; ; round += 1) {
    const state = await site.counts();
    const done = (state.published ?? 0) + (state.rejected ?? 0) + (state.discarded ?? 0);
    if (done >= deliveries || performance.now() > end) return state;
    if (round % 15 === 0) say(`${done} of ${deliveries} are published`);
    await delay(1_000);
  }
}

/** Breaking news is the next that each chat gets: all that was under way already had its time. */
function behind(posts: readonly SandboxPost[], { urgentAt, urgent }: { urgentAt: number; urgent: number }): Check {
  const breaking = posts.filter(({ text }) => text.includes(urgentMark));
  const late = breaking.flatMap(({ target, at }) => {
    const before = posts.filter(
      (post) => post.target === target && Date.parse(post.at) > urgentAt + underWayMs && post.at < at,
    );
    const ms = Date.parse(at) - urgentAt;
    return before.length > 0 ? [{ article: target, what: `${before.length} others went first, it took ${ms} ms` }] : [];
  });
  const value = late.length + urgent - breaking.length;
  return { name: 'breaking news behind others', value, aim: 0, ok: value === 0, samples: late.slice(0, 5) };
}

const zero = (name: string, value: number): Check => ({ name, value, aim: 0, ok: value === 0, samples: [] });

/** By how many thousandths the least used of the judged scopes stays below what it is to use. */
function useOf(
  { tag, judged }: Scene,
  scopes: readonly { rate: string; perMs: number; count: number; granted: number; used: number }[],
): Check {
  // Those of this scene are used most: others of the same name belong to scenes with another bottleneck.
  const own = scopes
    .filter(({ rate, granted, count }) => rate === judged.rate && granted > count)
    .toSorted((a, b) => b.used - a.used)
    .slice(0, judged.scopes);
  const least = Math.min(...own.map(({ used }) => used), own.length < judged.scopes ? 0 : 1);
  const wanted = (own[0]?.perMs ?? 0) >= long.perMs ? long.used : short.used;
  const value = Math.max(0, Math.round((wanted - least) * 1000));
  const what = `${tag}: ${own.map(({ used }) => `${(used * 100).toFixed(1)} %`).join(', ')} of ${judged.rate}, to be ${wanted * 100} %`;
  return { name: `use of ${judged.rate}`, value, aim: 0, ok: value === 0, samples: [{ article: tag, what }] };
}
