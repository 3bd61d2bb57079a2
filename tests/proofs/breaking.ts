import { setTimeout as delay } from 'node:timers/promises';
import { concurrency, type Plan, platformDelayMs, processes, readPlan, usage } from './breaking/plan.ts';
import { openSite, platforms, type Site } from './breaking/site.ts';
import { percentile, type Sample, type Timing, timingsOf } from './breaking/timing.ts';
import { createSay } from './faults/report.ts';
import type { Check, Proof, Verdict } from './proof.ts';

/** Breaking news overtakes a full queue, on every platform. */
export const proveBreaking: Proof = {
  about: 'A breaking article reaches every platform as fast through a full queue as through an empty one, or nearly.',
  usage,
  run: (args, seed) => prove(readPlan(args), seed),
};

const aimMs = 500;
/** Samples that only warm the processes up. */
const warmUps = 5;
const pauseMs = 100;
const normalMark = 'النشرة العادية';

async function prove({ deliveries, samples, judgesPace }: Plan, seed: number): Promise<Verdict> {
  const say = createSay();
  const startedAt = performance.now();
  const site = await openSite();
  try {
    await site.work();
    await take(site, warmUps);
    const idle = await take(site, samples);
    say(`${samples} breaking articles through empty queues`);
    await site.rest();
    const normals = Math.ceil(deliveries / platforms.length);
    await fill(site, normals);
    say(`${normals * platforms.length} normal deliveries wait`);
    await site.work();
    const loaded = await take(site, samples);
    const reports = await Promise.all(platforms.map((id) => report(site, id, { idle, loaded, normals })));
    say(`${samples} breaking articles through full queues`);
    const checks = judge(reports, judgesPace);
    const waiting = reports.reduce((sum, { loaded: all }) => sum + (all.at(-1)?.waiting ?? 0), 0);
    return {
      name: 'breaking',
      seed,
      ok: checks.every(({ ok }) => ok),
      checks,
      facts: {
        deliveries: normals * platforms.length,
        'still waiting at the end': waiting,
        samples,
        processes,
        concurrency,
        'platform delay ms': platformDelayMs,
        seconds: Math.round((performance.now() - startedAt) / 1000),
      },
      platforms: Object.fromEntries(reports.map((one) => [one.platform, figures(one)])),
    };
  } finally {
    await site.close();
  }
}

let serial = 0;

/** Posts breaking articles, each when the one before is live everywhere. */
async function take(site: Site, count: number): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let n = 0; n < count; n += 1) {
    serial += 1;
    const mark = `البيان ${serial}`;
    const postedAt = Date.now();
    const id = await site.post({
      title: `عاجل: ${mark}، فتح بوابات السد`,
      paragraphs: ['فتحت إدارة السد البوابات الست عند الفجر، وطلبت من سكان الضفتين الابتعاد عن مجرى النهر.'],
    });
    await site.published(id);
    samples.push({ mark: `${mark}،`, postedAt });
    await delay(pauseMs);
  }
  return samples;
}

/** Puts so many articles into the queues, in which nobody works yet. */
async function fill(site: Site, count: number): Promise<void> {
  const rows = Array.from({ length: 6 }, (_, row) => row);
  let n = 0;
  const postSome = async () => {
    while (n < count) {
      n += 1;
      const number = n;
      await site.post({
        title: `${normalMark} رقم ${number}: أخبار الأحياء`,
        paragraphs: rows.map(
          (row) =>
            `ناقش المجلس البلدي في البند ${row + 1} من جلسته رقم ${number} خطة الطرق والمياه، وقال المتحدث باسمه إن العمل يبدأ خلال أسابيع.`,
        ),
      });
    }
  };
  await Promise.all([postSome(), postSome(), postSome(), postSome()]);
  while ((await site.queued()) < count * platforms.length) await delay(pauseMs);
}

interface Report {
  platform: string;
  idle: Timing[];
  loaded: Timing[];
}

async function report(
  site: Site,
  platform: string,
  { idle, loaded, normals }: { idle: readonly Sample[]; loaded: readonly Sample[]; normals: number },
): Promise<Report> {
  const posts = (await site.posts(platform)).map(({ text, at }) => ({ text, at: Date.parse(at) }));
  const all = timingsOf([...idle, ...loaded], posts, { normals, normalMark, platformDelayMs });
  return { platform, idle: all.slice(0, idle.length), loaded: all.slice(idle.length) };
}

const p99 = (timings: readonly Timing[]) =>
  percentile(
    timings.map(({ ms }) => ms),
    99,
  );
const p50 = (timings: readonly Timing[]) =>
  percentile(
    timings.map(({ ms }) => ms),
    50,
  );

function figures({ idle, loaded }: Report): Record<string, number> {
  return {
    'idle p50': p50(idle),
    'idle p99': p99(idle),
    'loaded p50': p50(loaded),
    'loaded p99': p99(loaded),
    'over idle': p99(loaded) - p99(idle),
    'most before': Math.max(...loaded.map(({ before }) => before)),
    waiting: loaded.at(-1)?.waiting ?? 0,
  };
}

function judge(reports: readonly Report[], judgesPace: boolean): Check[] {
  const slots = concurrency * processes;
  const over = reports.map(({ platform, idle, loaded }) => ({ platform, ms: p99(loaded) - p99(idle) }));
  const value = Math.max(...over.map(({ ms }) => ms));
  const late = over
    .filter(({ ms }) => !(ms < aimMs))
    .map(({ platform, ms }) => ({
      article: '-',
      channel: platform,
      what: `${ms} ms more than through an empty queue`,
    }));
  const rows = reports.flatMap(({ platform, loaded }) => loaded.map((timing) => ({ platform, ...timing })));
  const overtaken = rows.filter(({ before }) => before > slots);
  const alone = rows.filter(({ waiting }) => waiting < slots);
  const pace: Check = { name: 'breaking p99 over idle ms', value, aim: aimMs, ok: value < aimMs, samples: late };
  return [
    ...(judgesPace ? [pace] : []),
    violations(
      'went behind normal posts',
      overtaken,
      ({ before }) => `${before} normal posts went first, of ${slots} at work`,
    ),
    violations('without a backlog', alone, ({ waiting }) => `only ${waiting} normal deliveries were left`),
  ];
}

type Row = Timing & { platform: string };

function violations(name: string, rows: readonly Row[], tell: (row: Row) => string): Check {
  const samples = rows.slice(0, 5).map((row) => ({ article: row.mark, channel: row.platform, what: tell(row) }));
  return { name, value: rows.length, aim: 0, ok: rows.length === 0, samples };
}
