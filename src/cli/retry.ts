import type { Article } from '../core/article.ts';
import { type Delivery, hasFailed } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import { readArticleState } from '../desk/state.ts';
import { findFailed, type Retried, retryDeliveries, retryRefusal, wouldRetry } from '../pipeline/retry.ts';
import { filterKeys, type RetryFilter, readFilter } from '../pipeline/retry-filter.ts';
import { platforms } from '../platforms/index.ts';
import { openRuntime, type Runtime } from '../runtime/open.ts';
import { listPresences } from '../store/presence.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { placeOf, print, printError, printJson, stateOf, table } from './print.ts';

const options = {
  failed: { type: 'boolean' },
  channel: { type: 'string' },
  platform: { type: 'string' },
  code: { type: 'string' },
  since: { type: 'string' },
  state: { type: 'string' },
  limit: { type: 'string' },
  'dry-run': { type: 'boolean' },
} as const;

/** What is to be sent back, and articles of which nothing has failed. */
interface Targets {
  deliveries: Delivery[];
  unfailed: { id: string; deliveries: Delivery[] }[];
}

export const command: Command = {
  summary: 'Sends failed deliveries again, after what kept them from being posted is put right.',
  usage:
    'retry DELIVERY|ARTICLE… | --failed [--channel ID] [--platform ID] [--code CODE] [--since TIME|6h] [--state STATE] [--limit N] [--dry-run] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, options, Number.POSITIVE_INFINITY);
    const { failed = false, 'dry-run': isDry = false, json = false, config: file, ...given } = values;
    checkUse(positionals, failed, Object.keys(given));
    const config = openConfig(file);
    const readGiven = (now: number) =>
      readFilter(
        { ...given, ...(given.limit === undefined ? {} : { limit: toNumber(given.limit) }) },
        {
          ...{ channels: config.channels, platforms: Object.keys(platforms), now, sign: '--' },
        },
      );
    readGiven(Date.now());
    const runtime = await openRuntime(config, { logLevel: 'error', patience: 'fail' });
    try {
      const { deliveries, unfailed } = failed
        ? await findAll(runtime, readGiven(runtime.clock.now()))
        : await findNamed(runtime, positionals);
      const results = isDry
        ? deliveries.map((delivery): Retried => ({ verdict: wouldRetry(delivery), delivery }))
        : await retryDeliveries(
            runtime,
            deliveries.map(({ id }) => id),
          );
      if (json) printJson(await byArticle(runtime, results));
      else await show(runtime, results, isDry);
      for (const { verdict, delivery } of results) if (verdict === 'refused') printError(retryRefusal(delivery));
      for (const article of unfailed) printError(unfailedText(article));
      return unfailed.length === 0 && results.every(({ verdict }) => verdict === 'retried') ? 0 : 1;
    } finally {
      await runtime.close();
    }
  },
};

function checkUse(names: string[], failed: boolean, given: string[]): void {
  if (failed === names.length > 0) {
    const told = 'Name deliveries or articles, or say --failed for all that have failed. "status" lists them.';
    throw new InputError(told, { code: 'no-delivery' });
  }
  const stray = filterKeys.find((key) => given.includes(key));
  if (!failed && stray !== undefined) {
    throw new InputError(`--${stray} chooses among those that have failed: only with --failed.`, { code: 'no-failed' });
  }
}

/** What is no number is left as it is, for the filter to tell. */
function toNumber(text: string): number | string {
  return /^\d+$/.test(text) ? Number(text) : text;
}

async function findAll({ deliveries }: Runtime, filter: RetryFilter): Promise<Targets> {
  return { deliveries: await findFailed(deliveries, filter), unfailed: [] };
}

/** Throws `InputError` (404) that lists every name that is unknown, before anything is sent back. */
async function findNamed(runtime: Runtime, names: readonly string[]): Promise<Targets> {
  const targets: Targets = { deliveries: [], unfailed: [] };
  const unknown: string[] = [];
  for (const name of names) {
    const state = await readArticleState(runtime, name);
    const own = state?.deliveries.filter(({ id }) => id === name) ?? [];
    const dead = state?.deliveries.filter(hasFailed) ?? [];
    if (!state) unknown.push(`There is no article and no delivery "${name}".`);
    else if (own.length === 0 && dead.length === 0) targets.unfailed.push({ id: name, deliveries: state.deliveries });
    targets.deliveries.push(...(own.length > 0 ? own : dead));
  }
  if (unknown.length > 0) {
    const rest = names.length > unknown.length ? '\nNothing was sent again.' : '';
    throw new InputError(unknown.join('\n') + rest, { code: 'not-found', status: 404 });
  }
  return targets;
}

/** For programs: deliveries as everywhere, each with its verdict, under their articles. */
async function byArticle({ articles }: Runtime, results: readonly Retried[]) {
  const rows: { article: Article | null; deliveries: (Delivery & Pick<Retried, 'verdict'>)[] }[] = [];
  for (const [id, group] of Map.groupBy(results, ({ delivery }) => delivery.article)) {
    const deliveries = group.map(({ verdict, delivery }) => ({ ...delivery, verdict }));
    rows.push({ article: (await articles.get(id)) ?? null, deliveries });
  }
  return rows;
}

async function show(runtime: Runtime, results: readonly Retried[], isDry: boolean): Promise<void> {
  const back = results.filter(({ verdict }) => verdict === 'retried').map(({ delivery }) => delivery);
  if (results.length === 0) return print('No failed delivery is meant.');
  if (back.length === 0) return;
  print(isDry ? `Would be sent again: ${back.length}` : `Queued again: ${back.length}`);
  print(table(back.map((delivery) => rowOf(delivery, isDry))));
  if (isDry) return;
  const working = (await listPresences(runtime.redis, runtime.config.redis.prefix)).flatMap(({ roles }) => roles);
  const idle = [...new Set(back.map(({ platform }) => platform))].filter((platform) => !working.includes(platform));
  if (idle.length > 0) print(`No worker for ${idle.join(', ')} is running: the next "npm start" sends what is theirs.`);
}

function rowOf({ id, channel, recipient, sandbox, failure, dueAt, ...rest }: Delivery, isDry: boolean): string[] {
  const due = Date.parse(dueAt) > Date.now() ? `due ${dueAt}` : '';
  const why = `${stateOf(rest.held, rest.state)} – ${failure?.reason ?? ''}`;
  return [`  ${id}`, channel, recipient ?? '', placeOf(sandbox), isDry ? why : due];
}

function unfailedText({ id, deliveries }: Targets['unfailed'][number]): string {
  const rows = deliveries.map(({ id: delivery, channel, recipient, held, state }) => [
    `  ${delivery}`,
    channel,
    recipient ?? '',
    stateOf(held, state),
  ]);
  return `No delivery of article ${id} has failed:\n${table(rows)}`;
}
