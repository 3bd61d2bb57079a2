import { InputError } from '../core/errors.ts';
import { readSchedule, type Schedule } from '../desk/schedule.ts';
import { toArticle } from '../pipeline/ingest.ts';
import { openRuntime } from '../runtime/open.ts';
import { checkWords, readArticles } from './articles.ts';
import type { Command } from './command.ts';
import { openConfig, parseCount, parseDuration, parseOptions, parseTime } from './options.ts';
import { print, printJson } from './print.ts';
import { clockOf, renderHours, renderLines, renderTicks } from './schedule-text.ts';
import { playArticles, printPlayed, showPlayed } from './simulate.ts';

const hourMs = 3_600_000;
const longestHours = 8_784;
/** Rows of a list for people. */
const shown = 50;

const options = {
  simulate: { type: 'boolean' },
  from: { type: 'string' },
  hours: { type: 'string', default: '24' },
  spread: { type: 'string' },
} as const;

export const command: Command = {
  summary: 'Shows what is to come in the next 24 hours; or plays articles through the rules, sending nothing.',
  usage:
    'schedule [--hours N] [--config FILE] [--json]\n       munadi schedule --simulate FILE|URL|-… [--from TIME] [--hours N] [--spread DURATION] [--config FILE] [--json]',

  async run(args) {
    const { values, positionals } = parseOptions(args, options, Number.POSITIVE_INFINITY);
    const hours = parseCount('hours', values.hours, { min: 1, max: longestHours });
    if (values.simulate) return simulate(positionals, { ...values, hours });
    const stray =
      positionals[0] ?? (values.from !== undefined ? '--from' : values.spread !== undefined ? '--spread' : '');
    if (stray !== '') throw new InputError(`"${stray}" goes with --simulate only.`, { code: 'no-simulate' });
    const config = openConfig(values.config);
    const runtime = await openRuntime(config, { logLevel: 'error', patience: 'fail' });
    try {
      await runtime.clock.sync();
      const fromMs = runtime.clock.now();
      const schedule = await readSchedule(runtime, runtime.config, { fromMs, toMs: fromMs + hours * hourMs });
      if (values.json) printJson({ ...schedule, timezone: config.timezone });
      else show(schedule, config.timezone);
      return 0;
    } finally {
      await runtime.close();
    }
  },
};

interface Wanted {
  hours: number;
  from?: string | undefined;
  spread?: string | undefined;
  config?: string | undefined;
  json?: boolean | undefined;
}

async function simulate(names: string[], { hours, from, spread, config: file, json }: Wanted): Promise<number> {
  const fromMs = from === undefined ? Math.ceil(Date.now() / hourMs) * hourMs : parseTime(from, 'from');
  const spreadMs = spread === undefined ? undefined : parseDuration('spread', spread);
  const config = openConfig(file);
  const drafts = await readArticles(names, config);
  const { priorities, timezone } = config;
  checkWords(
    drafts.map((draft) => toArticle(draft, { priorities })),
    config,
    undefined,
  );
  const span = { fromMs, toMs: fromMs + hours * hourMs, spreadMs };
  const run = await playArticles(drafts, config, span);
  if (json) printPlayed(run, { ...span, timezone });
  else showPlayed(run, { ...span, timezone, given: drafts.length });
  return 0;
}

function show({ from, to, schedules, hours, waiting }: Schedule, timezone: string): void {
  const { dayOf, timeOf } = clockOf(timezone);
  const moment = (at: string) => `${dayOf(Date.parse(at))}, ${timeOf(Date.parse(at))}`;
  print(`From ${moment(from)} to ${moment(to)} (${timezone}).\n`);
  print(`Schedules\n${renderTicks(schedules, timezone)}\n`);
  if (hours.length > 0) print(`Hours of channels\n${renderHours(hours, timezone)}\n`);
  print(waiting.length === 0 ? 'No delivery waits.' : `Waiting deliveries: ${waiting.length}`);
  const lines = waiting.map(({ dueAt, article, channel, title, state, reason }) => ({
    ...{ atMs: Date.parse(dueAt), article, channel, title, what: state },
    reason: `waits for ${reason}`,
  }));
  if (lines.length > 0) print(renderLines(lines, { timezone, most: shown }));
}
