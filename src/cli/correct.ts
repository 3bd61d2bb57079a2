import type { Article } from '../core/article.ts';
import { type Delivery, isLeftOut } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import { correct } from '../pipeline/correct.ts';
import { canonicalUrl, hash } from '../pipeline/dedupe.ts';
import { toArticle } from '../pipeline/ingest.ts';
import { joinConfig } from '../runtime/live-config.ts';
import { openRuntime } from '../runtime/open.ts';
import { listenForStop } from '../runtime/shutdown.ts';
import type { ArticleDraft } from '../sources/index.ts';
import type { Articles } from '../store/articles.ts';
import { readArticles } from './articles.ts';
import type { Command } from './command.ts';
import { deliveryRows, tellProgress } from './delivery-rows.ts';
import { follow } from './follow.ts';
import { openConfig, parseCount, parseOptions } from './options.ts';
import { print, printError, printJson } from './print.ts';

const options = {
  id: { type: 'string' },
  wait: { type: 'boolean' },
  timeout: { type: 'string', default: '120' },
} as const;

export const command: Command = {
  summary: 'Gives an article a new version, and carries it to where the old one is.',
  usage: 'correct FILE|URL|- [--id ID] [--wait] [--timeout SECONDS] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, options, 1);
    const wait = values.wait ?? false;
    const timeoutMs = parseCount('timeout', values.timeout, { min: 1, max: 86_400 }) * 1000;
    const config = openConfig(values.config);
    const [draft] = await readArticles(positionals, config);
    if (!draft) throw new InputError('Name one file with the new version.', { code: 'usage' });
    const stop = wait ? listenForStop() : undefined;
    const runtime = await openRuntime(config, {
      logLevel: config.log.level === 'info' ? 'error' : config.log.level,
      patience: wait ? 'wait' : 'fail',
    });
    try {
      await joinConfig(runtime, { scheduler: false });
      const id = values.id ?? (await nameOf(runtime.articles, draft));
      const corrected = await correct(runtime.retract, id, draft);
      if (corrected.verdict === 'missing') throw missing(id, values.id !== undefined || draft.id !== undefined);
      const { verdict, article } = corrected;
      let { deliveries } = corrected;
      if (stop) {
        const ids = deliveries.map((delivery) => delivery.id);
        deliveries = await follow(runtime, ids, { timeoutMs, onChange: tellProgress, stop });
      }
      if (values.json) printJson([{ article, corrected: verdict === 'corrected', deliveries }]);
      else show(verdict, article, deliveries);
      if (verdict === 'retracted') return 1;
      return !wait || deliveries.every(isDone) ? 0 : 1;
    } finally {
      await runtime.close();
    }
  },
};

/** By its own id, or else its address, or else what it says. */
async function nameOf(articles: Articles, draft: ArticleDraft): Promise<string> {
  const known =
    draft.id === undefined && draft.url !== undefined ? await articles.byUrl(hash(canonicalUrl(draft.url))) : undefined;
  return known ?? toArticle(draft).id;
}

/** It is where the old version was, or there was nothing to do. */
function isDone({ state, failure }: Delivery): boolean {
  return state === 'published' || isLeftOut({ state, failure });
}

function missing(id: string, isNamed: boolean): InputError {
  const remedy = isNamed ? '' : ' Name it with --id, or by "id" or "url" in the file.';
  return new InputError(`There is no article "${id}".${remedy}`, { code: 'not-found', status: 404 });
}

function show(verdict: string, article: Article, deliveries: readonly Delivery[]): void {
  print(`${article.title}\n${article.id}, version ${article.version}`);
  if (verdict === 'unchanged') print('It says the same as the version that is stored: nothing was changed.');
  else if (verdict === 'retracted') printError('It was retracted, and stays so.');
  else print(deliveryRows(deliveries));
}
