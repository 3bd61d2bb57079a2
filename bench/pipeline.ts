import type { Article } from '../src/core/article.ts';
import { ingest, toArticle } from '../src/pipeline/ingest.ts';
import { platforms } from '../src/platforms/index.ts';
import { openRuntime, type Runtime } from '../src/runtime/open.ts';
import { startRoles } from '../src/runtime/roles.ts';
import type { ArticleDraft } from '../src/sources/index.ts';
import type { Deliveries } from '../src/store/deliveries.ts';
import { openPost, runBare } from './baseline.ts';
import type { Ground } from './ground.ts';
import { percentile, type Row, round } from './measure.ts';

const concurrencies = [10, 50, 100];
const channelsPerArticle = 100;

function article(n: number): ArticleDraft {
  return {
    title: `المجلس البلدي يقر الخطة رقم ${n} لتوسعة شبكة المياه في الأحياء الشرقية`,
    paragraphs: Array.from(
      { length: 12 },
      (_, index) =>
        `أقر المجلس البلدي في جلسته ${n} البند ${index} من خطة توسعة شبكة المياه، وقال المتحدث إن “العمل يبدأ خلال أسابيع”، وإن الكلفة تبلغ ${index + 3} ملايين ليرة.`,
    ),
    language: 'ar',
    direction: 'rtl',
    images: [],
    tags: [],
    priority: 'normal',
  };
}

let serial = 0;

/**
 * Deliveries per second of the whole pipeline in this process: jobs are queued first, then the clock runs from the
 * worker's start to the last record. `perArticle` deliveries share one article.
 */
export async function runPipeline(
  ground: Ground,
  {
    platform,
    deliveries,
    concurrency,
    perArticle,
    ledger = (own) => own,
    after,
  }: {
    platform: string;
    deliveries: number;
    concurrency: number;
    perArticle: number;
    /** What the worker keeps its records in, instead of the stored ones. */
    ledger?: (own: Deliveries) => Deliveries;
    /** Looks at what is stored once all are published. */
    after?: (runtime: Runtime) => Promise<void>;
  },
): Promise<number> {
  serial += 1;
  const runtime = await openRuntime(ground.config(`b${serial}`, channelsPerArticle, concurrency));
  try {
    const channels = runtime.config.channels.filter((channel) => channel.platform === platform).slice(0, perArticle);
    for (let n = 0; n < deliveries / perArticle; n += 1) {
      await ingest({ ...runtime.ingest, channels }, article(serial * 1_000_000 + n));
    }
    for (;;) {
      const entries = await runtime.articles.outbox(500);
      if (entries.length === 0) break;
      await runtime.queues.enqueue(entries.map((entry) => JSON.parse(entry)));
      await runtime.articles.outboxDone(entries);
    }
    let published = 0;
    let finish = () => {};
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const started = performance.now();
    await startRoles({ ...runtime, deliveries: ledger(runtime.deliveries) }, [platform], {
      onPublish(event) {
        if (event.kind !== 'published') throw new Error(`${event.kind} ${'error' in event ? event.error.message : ''}`);
        published += 1;
        if (published === deliveries) finish();
      },
    });
    await done;
    const seconds = (performance.now() - started) / 1000;
    await after?.(runtime);
    return deliveries / seconds;
  } finally {
    await runtime.close();
  }
}

/** One row per platform: the pipeline beside the worker that a user would write by hand. */
export async function benchThroughput(
  ground: Ground,
  { deliveries, rounds }: { deliveries: number; rounds: number },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const platform of Object.keys(platforms)) {
    const ours = new Map<number, number>();
    const bare = new Map<number, number>();
    const root = ground.roots[platform] ?? '';
    const text = readyMade(platform);
    // Both sides in turn, each at its best: a noisy machine strikes both alike.
    for (let round = 0; round < rounds; round += 1) {
      for (const concurrency of concurrencies) {
        await ground.reset();
        const { post, close } = openPost(platform, root);
        keepBest(
          bare,
          concurrency,
          await runBare(ground.redisUrl, {
            name: platform,
            jobs: deliveries,
            concurrency,
            handle: ({ data }) => post(targetOf(platform, data.channel), text),
          }),
        );
        close();
        await ground.reset();
        keepBest(
          ours,
          concurrency,
          await runPipeline(ground, { platform, deliveries, concurrency, perArticle: channelsPerArticle }),
        );
      }
    }
    rows.push(compare(`pipeline-throughput-${platform}`, ours, bare));
    await ground.reset();
    const single = await runPipeline(ground, {
      platform,
      deliveries: Math.ceil(deliveries / 2),
      concurrency: 50,
      perArticle: 1,
    });
    rows.push({ ...compare(`pipeline-one-delivery-per-article-${platform}`, new Map([[50, single]]), bare) });
  }
  return rows;
}

/** Beside a BullMQ worker that does nothing: what the queue itself could do. */
export async function benchBare(ground: Ground, { deliveries }: { deliveries: number }): Promise<Row[]> {
  const idle = new Map<number, number>();
  const ours = new Map<number, number>();
  for (const concurrency of concurrencies) {
    keepBest(
      idle,
      concurrency,
      await runBare(ground.redisUrl, { name: 'idle', jobs: deliveries, concurrency, handle: async () => {} }),
    );
    await ground.reset();
    keepBest(
      ours,
      concurrency,
      await runPipeline(ground, { platform: 'whatsapp', deliveries, concurrency, perArticle: channelsPerArticle }),
    );
  }
  return [compare('pipeline-vs-bare', ours, idle)];
}

/** From acceptance to the platform's receipt on an idle system, one article at a time. */
export async function benchLatency(ground: Ground, { articles }: { articles: number }): Promise<Row[]> {
  const runtime = await openRuntime(ground.config('latency', 1, 50));
  try {
    await ground.reset();
    let seen = (_delivery: string) => {};
    await startRoles(runtime, [...Object.keys(platforms), 'articles'], { onPublish: (event) => seen(event.delivery) });
    const samples: number[] = [];
    for (let n = 0; n < articles; n += 1) {
      const started = performance.now();
      const waiting = new Set(runtime.config.channels.map(({ id }) => id));
      await new Promise<void>((resolve, reject) => {
        seen = () => {
          samples.push(performance.now() - started);
          if (samples.length % waiting.size === 0) resolve();
        };
        ingest(runtime.ingest, article(9_000_000 + n)).catch(reject);
      });
    }
    const row = (name: string, value: number): Row => ({
      name,
      value: round(value),
      unit: 'ms',
      baseline: null,
      ratio: null,
      better: 'lower',
    });
    return [row('latency-idle-p50', percentile(samples, 0.5)), row('latency-idle-p99', percentile(samples, 0.99))];
  } finally {
    await runtime.close();
  }
}

function readyMade(platform: string): string {
  const { post } = composed(toArticle(article(1)), platform);
  return post.template?.parameters[1] ?? post.parts[0]?.markup ?? post.parts[0]?.text ?? '';
}

function composed(story: Article, id: string) {
  const platform = platforms[id];
  if (!platform) throw new Error(id);
  const channel = {
    id,
    platform: id,
    account: id,
    filters: {},
    unconfirmed: 'hold' as const,
    settings: { ...platform.example.channel },
  };
  return { post: platform.compose(story, channel) };
}

function targetOf(platform: string, channel: string): string {
  const n = channel.slice(1);
  return platform === 'whatsapp' ? `+96390${n.padStart(7, '0')}` : `@bench_channel_${n}`;
}

function keepBest(best: Map<number, number>, concurrency: number, rate: number): void {
  best.set(concurrency, Math.max(best.get(concurrency) ?? 0, rate));
}

function compare(name: string, ours: Map<number, number>, baseline: Map<number, number>): Row {
  const [value, against] = [Math.max(...ours.values()), Math.max(...baseline.values())];
  const details: Record<string, number> = {};
  for (const [concurrency, rate] of ours) details[`munadi at ${concurrency}`] = Math.round(rate);
  for (const [concurrency, rate] of baseline) details[`baseline at ${concurrency}`] = Math.round(rate);
  return {
    name,
    value: Math.round(value),
    unit: 'per second',
    baseline: Math.round(against),
    ratio: round(value / against, 3),
    better: 'higher',
    details,
  };
}
