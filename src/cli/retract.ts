import { InputError } from '../core/errors.ts';
import { type Retraction, readAskedDeletions, readRetraction } from '../desk/retractions.ts';
import { doneOutcomes, type Outcome, type Place, retract } from '../pipeline/retract.ts';
import { joinConfig } from '../runtime/live-config.ts';
import { openRuntime, type Runtime } from '../runtime/open.ts';
import { listenForStop } from '../runtime/shutdown.ts';
import type { Command } from './command.ts';
import { tellProgress } from './delivery-rows.ts';
import { follow } from './follow.ts';
import { openConfig, parseCount, parseOptions } from './options.ts';
import { print, printError, printJson, table } from './print.ts';

const options = {
  why: { type: 'string' },
  keep: { type: 'boolean' },
  wait: { type: 'boolean' },
  timeout: { type: 'string', default: '120' },
} as const;

export const command: Command = {
  summary: 'Takes an article away from every channel, and says what was removed and what was not.',
  usage: 'retract ID [--why TEXT] [--keep] [--wait] [--timeout SECONDS] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, options, 1);
    const [id] = positionals;
    const wait = values.wait ?? false;
    const timeoutMs = parseCount('timeout', values.timeout, { min: 1, max: 86_400 }) * 1000;
    const config = openConfig(values.config);
    const stop = wait ? listenForStop() : undefined;
    const runtime = await openRuntime(config, {
      logLevel: config.log.level === 'info' ? 'error' : config.log.level,
      patience: wait ? 'wait' : 'fail',
    });
    try {
      if (id === undefined) throw new InputError(await nameOne(runtime), { code: 'usage' });
      if (values.keep) return await keep(runtime, id, values.json ?? false);
      await joinConfig(runtime, { scheduler: false });
      const { verdict } = await retract(runtime.retract, id, { why: values.why ?? '' });
      if (verdict === 'missing') throw missing(id);
      await runtime.deletions.answered(id);
      const before = await read(runtime, id);
      if (stop) {
        const own = before.channels.flatMap(({ delivery }) => delivery ?? []);
        await follow(runtime, own, { timeoutMs, onChange: tellProgress, stop });
      }
      const report = stop ? await read(runtime, id) : before;
      if (values.json) printJson(report);
      else show(report, verdict === 'already');
      return !wait || report.channels.every(({ outcome }) => doneOutcomes.has(outcome)) ? 0 : 1;
    } finally {
      await runtime.close();
    }
  },
};

async function nameOne(runtime: Runtime): Promise<string> {
  const asked = await readAskedDeletions(runtime);
  const lines = asked.map(({ article, title, source }) => `  ${article}  ${title} (gone at ${source})`);
  return ['Name an article, by its id.', ...(asked.length > 0 ? ['Gone at their source:', ...lines] : [])].join('\n');
}

async function keep(runtime: Runtime, id: string, asJson: boolean): Promise<number> {
  if (!(await runtime.articles.get(id))) throw missing(id);
  const wasAsked = await runtime.deletions.answered(id);
  if (asJson) printJson({ article: id, kept: true, asked: wasAsked });
  else print(wasAsked ? `${id} stays where it is.` : `Nobody asked about ${id}: it stays where it is.`);
  return 0;
}

async function read(runtime: Runtime, id: string): Promise<Retraction> {
  const report = await readRetraction(runtime, id);
  if (!report) throw missing(id);
  return report;
}

function missing(id: string): InputError {
  return new InputError(`There is no article "${id}".`, { code: 'not-found', status: 404 });
}

const words: Record<Outcome, string> = {
  cancelled: 'nothing of it is there',
  removed: 'removed',
  notice: 'tells that it was withdrawn',
  digest: 'told in a digest, which is corrected',
  pending: 'under way',
  maybe: 'may be live: look at the channel',
  stays: 'STILL LIVE',
};

function show({ article, title, channels }: Retraction, already: boolean): void {
  print(`${title}\n${article}, retracted${already ? ' before' : ''}`);
  if (channels.length === 0) print('  It had gone to no channel.');
  else print(table(channels.map((place) => [`  ${place.channel}`, place.recipient ?? '', wordsOf(place)])));
  for (const id of channels.flatMap(({ held }) => held)) {
    printError(`Delivery ${id} may be live. Settle it with "resolve ${id} --published URL" or "--not-published".`);
  }
}

function wordsOf({ outcome, messages, reason }: Place): string {
  const { removed, notice, stays } = messages;
  const some = stays > 0 && removed + notice > 0 ? ` (${stays} of ${stays + removed + notice} messages)` : '';
  return `${words[outcome]}${some}${reason ? `: ${reason}` : ''}`;
}
