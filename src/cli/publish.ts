import type { Article } from '../core/article.ts';
import type { Delivery } from '../core/delivery.ts';
import { checkChannels, checkPictures } from '../pipeline/editor.ts';
import { ingest, toArticle } from '../pipeline/ingest.ts';
import { percent } from '../pipeline/near.ts';
import { joinConfig } from '../runtime/live-config.ts';
import { needsPicture } from '../runtime/lookup.ts';
import { openRuntime, type Runtime } from '../runtime/open.ts';
import { listenForStop } from '../runtime/shutdown.ts';
import { listPresences } from '../store/presence.ts';
import { checkWords, readArticles } from './articles.ts';
import type { Command } from './command.ts';
import { deliveryRows, tellProgress } from './delivery-rows.ts';
import { follow } from './follow.ts';
import { openConfig, parseChannels, parseCount, parseOptions, parseTime } from './options.ts';
import { print, printError, printJson } from './print.ts';

interface Row {
  article: Article;
  duplicate?: true;
  /** It is no copy, but tells the same. */
  near?: true;
  likeness?: number;
  deliveries: Delivery[];
}

const options = {
  channel: { type: 'string', multiple: true },
  breaking: { type: 'boolean' },
  at: { type: 'string' },
  wait: { type: 'boolean' },
  timeout: { type: 'string', default: '120' },
} as const;

export const command: Command = {
  summary: 'Accepts articles and posts them on every channel that takes them.',
  usage:
    'publish FILE|URL|-… [--channel ID…] [--breaking] [--at TIME] [--wait] [--timeout SECONDS] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, options, Number.POSITIVE_INFINITY);
    const wait = values.wait ?? false;
    const timeoutMs = parseCount('timeout', values.timeout, { min: 1, max: 86_400 }) * 1000;
    const at = values.at === undefined ? undefined : parseTime(values.at);
    if (at !== undefined && at < Date.now()) printError('--at is in the past: what it is for goes out now.');
    const config = openConfig(values.config);
    const channels = parseChannels(values.channel);
    checkChannels(config.channels, channels);
    const drafts = await readArticles(positionals, config);
    const breaking = values.breaking ?? false;
    const articles = drafts.map((draft) => toArticle(draft, { breaking, priorities: config.priorities }));
    checkWords(articles, config, channels);
    for (const article of articles) checkPictures(article, { channels: config.channels, needsPicture }, channels);

    // A stop ends the waiting, not the post under way.
    const stop = wait ? listenForStop() : undefined;
    const runtime = await openRuntime(config, {
      logLevel: config.log.level === 'info' ? 'error' : config.log.level,
      patience: wait ? 'wait' : 'fail',
    });
    try {
      const { differs } = (await joinConfig(runtime, { scheduler: false })).report.read();
      if (differs) printError(`${config.file} differs from the configuration of the running service, which holds.`);
      const rows: Row[] = [];
      for (const draft of drafts) {
        const { verdict, article, deliveries, likeness } = await ingest(runtime.ingest, draft, {
          ...(channels ? { channels } : {}),
          ...(at === undefined ? {} : { at }),
          breaking,
        });
        rows.push({
          article,
          ...(verdict === 'duplicate' ? { duplicate: true as const } : {}),
          ...(likeness === undefined ? {} : { near: true as const, likeness }),
          deliveries,
        });
      }
      const ids = rows.flatMap(({ deliveries }) => deliveries.map(({ id }) => id));
      if (stop) {
        const followed = await follow(runtime, ids, { timeoutMs, onChange: tellProgress, stop });
        const last = new Map(followed.map((one) => [one.id, one]));
        for (const row of rows) row.deliveries = row.deliveries.map((one) => last.get(one.id) ?? one);
      }
      if (values.json) printJson(rows);
      else await show(runtime, rows, wait);
      const done = rows.every(({ deliveries }) => deliveries.every(({ state }) => state === 'published'));
      return !wait || done ? 0 : 1;
    } finally {
      await runtime.close();
    }
  },
};

function knownAs(likeness: number | undefined): string {
  return likeness === undefined
    ? ' (known already, nothing new was planned)'
    : ` (tells the same, ${percent(likeness)} alike: nothing new was planned)`;
}

async function show(runtime: Runtime, rows: Row[], waited: boolean): Promise<void> {
  for (const { article, duplicate, likeness, deliveries } of rows) {
    print(`${article.title}\n${article.id}${duplicate ? knownAs(likeness) : ''}`);
    if (deliveries.length > 0) print(deliveryRows(deliveries));
    else print('  No channel takes it: every one is kept out by its filters.');
  }
  if (waited) return;
  const working = await listPresences(runtime.redis, runtime.config.redis.prefix);
  if (working.length === 0)
    print('Stored. Nothing works on it now: the next "npm start" posts it, or publish with --wait.');
}
