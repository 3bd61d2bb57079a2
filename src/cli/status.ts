import { existsSync } from 'node:fs';
import { checkConfig } from '../config/load.ts';
import { bareConfig, findOwnSettings } from '../config/own-settings.ts';
import { ConfigError } from '../config/problem.ts';
import { adoptUnfilled, configForm } from '../config/shared.ts';
import { hasFailed } from '../core/delivery.ts';
import { InputError } from '../core/errors.ts';
import { configLines } from '../desk/config-state.ts';
import { feedLine } from '../desk/feeds.ts';
import { listWords } from '../desk/list-words.ts';
import {
  deletionCommands,
  inDoubtSince,
  type Overview,
  readArticleState,
  readOverview,
  retryCommand,
  settleCommands,
} from '../desk/state.ts';
import type { BudgetState } from '../limits/forecast.ts';
import { openRuntime, type Runtime } from '../runtime/open.ts';
import { openPublishedConfigs } from '../store/published-config.ts';
import type { Command } from './command.ts';
import { parseOptions } from './options.ts';
import { placeOf, print, printJson, priorityWords, stateOf, table } from './print.ts';

export const command: Command = {
  summary: 'Tells what is queued, sent, held and failed; or all about one article or delivery.',
  usage: 'status [ARTICLE|DELIVERY] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, {}, 1);
    const runtime = await openAnyway(values.config ?? 'config/munadi.yaml');
    try {
      const [id] = positionals;
      if (id === undefined) await overview(runtime, values.json ?? false);
      else await one(runtime, id, values.json ?? false);
      return 0;
    } finally {
      await runtime.close();
    }
  },
};

/** With a file that cannot be used, what the running service works by is shown. Throws `ConfigError` where there is none. */
async function openAnyway(file: string): Promise<Runtime> {
  const options = { logLevel: 'error', patience: 'fail' } as const;
  const { config, problems } = checkConfig(file);
  if (config) return openRuntime(config, options);
  const own = findOwnSettings(file);
  if (!own || (own.redis.url === undefined && !existsSync(own.dataDir))) throw new ConfigError(problems);
  const bare = bareConfig(own);
  const runtime = await openRuntime(bare, options);
  const published = await openPublishedConfigs(runtime.redis, own.redis.prefix).read();
  if (!published || published.form !== configForm()) {
    await runtime.close();
    throw new ConfigError(problems);
  }
  runtime.adopt(adoptUnfilled(published.json, bare));
  return runtime;
}

async function overview(runtime: Runtime, json: boolean): Promise<void> {
  const state = await readOverview(runtime, runtime.config.redis.prefix);
  if (json) return printJson(state);
  print(table(Object.entries(state.deliveries).map(([name, count]) => [`  ${name}`, String(count)])));
  for (const { kind, id, reason } of state.paused) print(`paused: ${kind} ${id} – ${reason}`);
  showUnconfirmed(state, runtime.config.file);
  for (const { id, channel, failure } of state.failed) print(`failed: ${id} (${channel}) – ${failure?.reason ?? ''}`);
  if (state.approvals.length > 0) {
    for (const { id, channel } of state.approvals) print(`waits for a yes: ${id} (${channel})`);
    print('  "approve" without a name shows them with what they would cost.');
  }
  for (const { article, title, source } of state.deletions) {
    const { retract, keep } = deletionCommands(article, runtime.config.file);
    print(`gone at ${source}: ${title}\n  take it away: ${retract}\n  leave it:     ${keep}`);
  }
  for (const one of state.feeds) print(`feed: ${feedLine(one)}`);
  for (const budget of state.budgets) print(budgetLine(budget, runtime.config.timezone));
  if (state.failed.length > 0) print(`  to send again after a fix: ${retryCommand('ID', runtime.config.file)}`);
  for (const line of configLines(state.config)) print(`config: ${line}`);
  const { version, at, by } = state.config;
  if (version !== null) print(`config: version ${version} holds since ${at}, of ${by}`);
  const working = state.processes.map(({ roles, pid, host }) => `${roles.join(' ')} (process ${pid} on ${host})`);
  print(
    working.length > 0 ? `working: ${working.join('; ')}` : 'No worker is running. "npm start" starts the service.',
  );
}

function budgetLine({ account, period, of, spent, most, reserved, endsAt }: BudgetState, timezone: string): string {
  const amount = (value: number) => (of === 'money' ? value.toFixed(3).replace(/0$/, '') : String(value));
  const share =
    most === null ? '' : ` of ${amount(most)}${reserved > 0 ? ` (${amount(reserved)} for breaking news)` : ''}`;
  const when = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: timezone, weekday: 'long', hour: '2-digit', minute: '2-digit' },
  });
  const forecast =
    endsAt === null ? '' : spent >= (most ?? 0) ? ', spent' : `, ends ${when.format(Date.parse(endsAt))} at this rate`;
  return `budget: ${account}, ${of} in this ${period}: ${amount(spent)}${share}${forecast}`;
}

function showUnconfirmed({ held, asking, unconfirmed }: Overview, file: string): void {
  for (const delivery of held) {
    const { id, channel, failure } = delivery;
    const { published, notPublished } = settleCommands(id, file);
    print(`held: ${id} (${channel}), may be live since ${inDoubtSince(delivery)} – ${failure?.reason ?? ''}`);
    print(`  it is there:     ${published}\n  it is not there: ${notPublished}`);
  }
  if (unconfirmed.held > held.length) print(`held: ${unconfirmed.held - held.length} more`);
  for (const { id, channel, failure } of asking)
    print(`asking: ${id} (${channel}), being settled with the platform – ${failure?.reason ?? ''}`);
  if (unconfirmed.asking > asking.length) print(`asking: ${unconfirmed.asking - asking.length} more`);
}

async function one(runtime: Runtime, id: string, json: boolean): Promise<void> {
  const state = await readArticleState(runtime, id);
  if (!state) throw new InputError(`There is no article and no delivery "${id}".`, { code: 'not-found', status: 404 });
  if (json) return printJson(state);
  if (state.retracted)
    print(`RETRACTED at ${state.retracted.at}${state.retracted.why ? ` – ${state.retracted.why}` : ''}`);
  print(
    `${state.article.title}\n${state.article.id}, version ${state.article.version}, ${priorityWords(state.article)}`,
  );
  print(
    table(
      state.deliveries.map(
        ({
          id: delivery,
          act = 'post',
          channel,
          recipient,
          sandbox,
          state: now,
          held,
          url,
          failure,
          attempts,
          list,
        }) => [
          `  ${delivery}`,
          act,
          channel,
          recipient ?? '',
          placeOf(sandbox),
          stateOf(held, now),
          `${attempts} attempt${attempts === 1 ? '' : 's'}`,
          (list && listWords(list)) ?? url ?? failure?.reason ?? '',
        ],
      ),
    ),
  );
  if (state.deliveries.some(hasFailed))
    print(`  to send again after a fix: ${retryCommand(state.article.id, runtime.config.file)}`);
}
