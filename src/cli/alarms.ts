import type { AlarmTarget } from '../config/config.ts';
import { type AlarmDetail, type Severity, type Telling, wordsOf } from '../core/alarms.ts';
import { tellTarget, troubleOf } from '../runtime/alarm-targets.ts';
import { severityOf } from '../runtime/alarms.ts';
import { openRuntime, type Runtime } from '../runtime/open.ts';
import { openAlarmQueue } from '../store/alarm-queue.ts';
import type { AlarmRecord } from '../store/alarms.ts';
import type { Command } from './command.ts';
import { openConfig, parseOptions } from './options.ts';
import { print, printJson, table } from './print.ts';

/** An alarm of the last days. Times are ISO 8601. */
interface Shown {
  kind: string;
  subject: string;
  severity: Severity;
  what: string;
  /** It has happened since it was last told, and `told` is when that was. */
  untold: number;
  /** Of what lasts until it is over: whether it goes on. */
  open: boolean;
  since: string;
  last: string;
  told: string | null;
  over: string | null;
  /** When each target had it last, and when it will be told where it waits. */
  sent: Record<string, string>;
  waits: Record<string, string>;
  detail: AlarmDetail;
}

interface Target {
  name: string;
  to: AlarmTarget['to'];
  severities: Severity[];
  /** So many are to be told there. */
  waiting: number;
  trouble: { error: string; since: string; times: number } | null;
}

const shown = 50;

export const command: Command = {
  summary: 'Tells the alarms of the last days and who got them; or sends a test to each target.',
  usage: 'alarms [--test] [--config FILE] [--json]',

  async run(args) {
    const { values } = parseOptions(args, { test: { type: 'boolean' } });
    const runtime = await openRuntime(openConfig(values.config), { logLevel: 'error', patience: 'fail' });
    try {
      return values.test ? await test(runtime, values.json ?? false) : await list(runtime, values.json ?? false);
    } finally {
      await runtime.close();
    }
  },
};

const iso = (ms: number) => new Date(ms).toISOString();

async function list(runtime: Runtime, json: boolean): Promise<number> {
  const { config } = runtime;
  const queue = openAlarmQueue(runtime.redis, config.redis.prefix);
  const waiting = new Map<string, Record<string, string>>();
  const targets: Target[] = [];
  for (const [name, { to }] of Object.entries(config.alarms.targets)) {
    const queued = await queue.queued(name);
    const trouble = await queue.trouble(name);
    for (const { telling, dueMs } of queued) {
      const id = `${telling.kind} ${telling.subject}`;
      waiting.set(id, { ...waiting.get(id), [name]: iso(Math.max(dueMs, trouble?.untilMs ?? 0)) });
    }
    targets.push({
      ...{ name, to },
      severities: (['wake', 'day'] as const).filter((severity) => config.alarms[severity].includes(name)),
      waiting: queued.length,
      trouble: trouble ? { error: trouble.error, since: iso(trouble.sinceMs), times: trouble.times } : null,
    });
  }
  const records = await runtime.alarms.recent(shown);
  const alarms = records.map((record) => toShown(runtime, record, waiting.get(`${record.kind} ${record.subject}`)));
  if (json) printJson({ alarms, targets });
  else show(runtime, alarms, targets);
  return 0;
}

function toShown({ config }: Runtime, record: AlarmRecord, waits: Record<string, string> = {}): Shown {
  const { kind, subject, detail, sinceMs, lastMs, untold, toldMs, overMs, sent } = record;
  const words = wordsOf(kind);
  return {
    ...{ kind, subject, severity: severityOf(config.alarms.severity, kind), untold },
    what: words.what(detail, Math.max(1, untold)),
    open: words.over !== undefined && overMs === undefined,
    since: iso(sinceMs),
    last: iso(lastMs),
    told: toldMs === undefined ? null : iso(toldMs),
    over: overMs === undefined ? null : iso(overMs),
    sent: Object.fromEntries(Object.entries(sent).map(([name, ms]) => [name, iso(ms)])),
    waits,
    detail,
  };
}

function show({ config }: Runtime, alarms: readonly Shown[], targets: readonly Target[]): void {
  const format = {
    timeZone: config.timezone,
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  } as const;
  const time = (text: string) => new Intl.DateTimeFormat('en-GB', format).format(Date.parse(text));
  if (alarms.length === 0) print('No alarm in the last 7 days.');
  for (const { kind, severity, what, open, last, over, sent, waits } of alarms) {
    const state = over !== null ? `over since ${time(over)}` : open ? 'goes on' : '';
    print(`${time(last)}  ${[kind, severity, state].filter(Boolean).join(', ')}: ${what}`);
    const told = Object.entries(sent).map(([name, at]) => `${name} (${time(at)})`);
    const later = Object.entries(waits).map(([name, at]) => `${name} (from ${time(at)})`);
    if (told.length > 0) print(`  told: ${told.join(', ')}`);
    if (later.length > 0) print(`  waits for: ${later.join(', ')}`);
    if (told.length + later.length === 0) print(severity === 'off' ? '  told to nobody' : '  not told yet');
  }
  print('targets:');
  print(
    table(
      targets.map(({ name, to, severities, waiting, trouble }) => [
        `  ${name}`,
        to,
        severities.join(', ') || 'unused',
        trouble ? `fails since ${time(trouble.since)}: ${trouble.error}` : 'no trouble known',
        waiting > 0 ? `${waiting} waiting` : '',
      ]),
    ),
  );
}

/** Sends a test to each target, past all queues. */
async function test(runtime: Runtime, json: boolean): Promise<number> {
  await runtime.sandbox();
  const nowMs = runtime.clock.now();
  const telling: Telling = {
    id: `test${nowMs}`,
    kind: 'test',
    subject: 'test',
    detail: { reason: 'nothing is wrong' },
    severity: 'wake',
    count: 1,
    sinceMs: nowMs,
    again: false,
  };
  const results = await Promise.all(
    Object.entries(runtime.config.alarms.targets).map(async ([name, target]) => {
      const sandbox = target.to === 'telegram' && (runtime.config.accounts[target.account]?.sandbox ?? false);
      const error = await tellTarget(runtime, target, [telling]).then(() => null, troubleOf);
      return { name, to: target.to, ok: error === null, sandbox, error };
    }),
  );
  if (json) printJson(results);
  else
    for (const { name, to, ok, sandbox, error } of results)
      print(`${ok ? '✓' : '✗'} ${name} (${to}${sandbox ? ', SANDBOX' : ''})${error === null ? '' : `: ${error}`}`);
  return results.every(({ ok }) => ok) ? 0 : 1;
}
