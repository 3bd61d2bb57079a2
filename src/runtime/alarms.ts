import { alarmKindNames, type Severity, wordsOf } from '../core/alarms.ts';
import { RateLimitedError } from '../core/errors.ts';
import { lookAtBreaking } from '../pipeline/breaking-watch.ts';
import { nextWithin } from '../schedule/day-hours.ts';
import { type AlarmQueue, openAlarmQueue } from '../store/alarm-queue.ts';
import { targetsOf, tellTarget, troubleOf } from './alarm-targets.ts';
import type { Runtime } from './open.ts';

const beatMs = 1_000;
/** A reader that died is followed by another one after so long. */
const leaseMs = 10_000;
const longestWaitMs = 5 * 60_000;
/** A target that fails for so long, and again after so long, is an error in the log. */
const longTroubleMs = 5 * 60_000;
const remindMs = 3_600_000;
const budgetsMs = 5 * 60_000;
/** A budget that ends within this is told ahead. */
const soonMs = 6 * 3_600_000;
const dayMs = 86_400_000;

/**
 * Reads what was raised and tells it to the targets; one reader over all processes at a time. What is not told when this
 * process dies is told by the next.
 */
export function startAlarms(runtime: Runtime): void {
  const queue = openAlarmQueue(runtime.redis, runtime.config.redis.prefix);
  const reader = createReader(runtime, queue);
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= reader
      .beat()
      .catch((error: Error) => runtime.log.error({ error: error.message }, 'alarms trouble'))
      .finally(() => {
        running = undefined;
      });
  }, beatMs);
  runtime.onClose(async () => {
    clearInterval(timer);
    await running;
    await reader.stop();
    await queue.leave(runtime.id);
  });
}

export interface AlarmReader {
  /** Looks at everything, and begins to tell what is due. */
  beat(): Promise<void>;
  /** Resolves when all that was begun has been told, or not. */
  settled(): Promise<void>;
  /** Ends what was begun: it is told by the next reader. */
  stop(): Promise<void>;
}

/** One reader of the alarms. */
export function createReader(runtime: Runtime, queue: AlarmQueue): AlarmReader {
  const { clock, log, alarms } = runtime;
  const stop = new AbortController();
  const telling = new Map<string, Promise<void>>();
  /** When an article is looked at again; after a restart, at once. */
  const looks = new Map<string, number>();
  const complained = new Map<string, number>();
  let budgetsAt = 0;

  async function take(): Promise<void> {
    const { alarms: settings, timezone } = runtime.config;
    const nowMs = clock.now();
    for (const id of await queue.fresh(nowMs)) {
      const [kind = ''] = id.split(' ');
      const words = wordsOf(kind);
      const severity = severityOf(settings.severity, kind);
      const dueMs = severity === 'day' ? nextWithin(settings.dayHours, nowMs, timezone) : nowMs;
      const targets = severity === 'off' ? [] : targetsOf(settings, severity);
      await queue.take(id, {
        dedupeMs: settings.dedupeMs,
        severity,
        lasts: words.over !== undefined,
        targets: targets.map((target) => ({ target, dueMs })),
      });
    }
  }

  async function watchBreaking(): Promise<void> {
    const afterMs = runtime.config.alarms.breakingAfterMs;
    const nowMs = clock.now();
    const watched = await queue.watched(nowMs - afterMs);
    for (const article of looks.keys()) if (!watched.some((one) => one.article === article)) looks.delete(article);
    const accountOf = (id: string) => runtime.config.channels.find((channel) => channel.id === id)?.account;
    for (const { article, sinceMs } of watched) {
      if ((looks.get(article) ?? 0) > nowMs) continue;
      const look = await lookAtBreaking({ ...runtime, accountOf }, { article, sinceMs, afterMs, nowMs });
      for (const { channel, delivery, reason } of look.late) {
        const detail = { channel, article, delivery, reason };
        await alarms.raise({ kind: 'breaking-late', subject: `${article} ${channel}`, detail });
      }
      for (const channel of look.live) await alarms.over({ kind: 'breaking-late', subject: `${article} ${channel}` });
      if (look.dueMs !== undefined) await queue.watchFrom(article, look.dueMs);
      else if (look.nextMs !== undefined) looks.set(article, look.nextMs);
      else await queue.unwatch(article);
    }
  }

  async function watchBudgets(): Promise<void> {
    const nowMs = clock.now();
    if (nowMs < budgetsAt) return;
    budgetsAt = nowMs + budgetsMs;
    for (const { account, period, of, spent, most, endsAt } of await runtime.budgets()) {
      const endsMs = endsAt === null ? Number.NaN : Date.parse(endsAt);
      if (most === null || spent >= most || !(endsMs < nowMs + soonMs)) continue;
      const detail = { account, of, period, reason: `${spent} of ${most} are spent` };
      const subject = `${account} ${of} ${period}`;
      await alarms.raise({ kind: 'budget-soon', subject, detail }, { onceMs: period === 'day' ? soonMs : dayMs });
    }
  }

  /** What is due at a target goes in one message; one that fails is left alone for a while. */
  async function tell(name: string): Promise<void> {
    const target = runtime.config.alarms.targets[name];
    const due = await queue.queued(name, clock.now());
    const before = due.length === 0 ? undefined : await queue.trouble(name);
    if (!target || due.length === 0 || (before && before.untilMs > clock.now())) return;
    try {
      await tellTarget(
        runtime,
        target,
        due.map((one) => one.telling),
        stop.signal,
      );
    } catch (error) {
      if (!stop.signal.aborted) await fails(name, error);
      return;
    }
    await queue.delivered(name, due, clock.now());
    complained.delete(name);
    if (before) log.info({ target: name }, 'the target of alarms works again');
  }

  async function fails(name: string, thrown: unknown): Promise<void> {
    const nowMs = clock.now();
    const error = troubleOf(thrown);
    const times = (await queue.trouble(name))?.times ?? 0;
    const asked = thrown instanceof RateLimitedError ? thrown.retryAfterMs : 0;
    const waitMs = Math.max(asked, Math.min(longestWaitMs, 1_000 * 2 ** Math.min(times, 20)));
    const trouble = await queue.failed(name, { error, nowMs, untilMs: nowMs + waitMs });
    const last = complained.get(name);
    const about = { target: name, error, times: trouble.times, since: new Date(trouble.sinceMs).toISOString() };
    if (nowMs - trouble.sinceMs < longTroubleMs) log.warn(about, 'a target of alarms does not take them; again soon');
    else if (last === undefined || nowMs - last >= remindMs) {
      complained.set(name, nowMs);
      log.error(about, 'a target has taken no alarm for long: what is to be told there waits');
    }
  }

  const settled = async () => void (await Promise.all(telling.values()));

  return {
    async beat() {
      if (!(await queue.lead(runtime.id, leaseMs))) return;
      await watchBreaking();
      await watchBudgets();
      await take();
      for (const name of Object.keys(runtime.config.alarms.targets)) {
        if (telling.has(name)) continue;
        const work = tell(name)
          .catch((error: Error) => log.error({ target: name, error: error.message }, 'alarms trouble'))
          .finally(() => telling.delete(name));
        telling.set(name, work);
      }
    },
    settled,
    async stop() {
      stop.abort();
      await settled();
    },
  };
}

/** How alarms of a kind are told here. */
export function severityOf(settings: Partial<Record<string, Severity>>, kind: string): Severity {
  const known = alarmKindNames.some((name) => name === kind);
  return (known ? settings[kind] : undefined) ?? wordsOf(kind).severity;
}
