import type { Channel } from '../core/channel.ts';
import type { Delivery } from '../core/delivery.ts';
import type { Schedule as ScheduledAction } from '../core/schedule.ts';
import { reasonToWait } from '../pipeline/waiting.ts';
import type { Stores } from '../runtime/stores.ts';
import { changesBetween } from '../schedule/changes.ts';
import { createCron } from '../schedule/cron.ts';
import { openingAt } from '../schedule/timetable.ts';

/** A delivery that waits, and what for. */
export type WaitingDelivery = Delivery & {
  title: string;
  /** In words. */
  reason: string;
};

/** The hours of a channel that has some. */
export interface ChannelHours {
  channel: string;
  isOpen: boolean;
  /** Why it is closed now; null where it is open. */
  because: string | null;
  /** When it opens and closes, and why it closes. */
  changes: { at: string; opens: boolean; because: string | null }[];
}

/** When a schedule does what it does. */
export interface ScheduleTicks {
  schedule: string;
  action: string;
  cron: string;
  timezone: string;
  /** The first of them. */
  ticks: string[];
  /** There are more than these. */
  more: boolean;
}

/** What is to come in a span of time. Times are ISO 8601. */
export interface Schedule {
  from: string;
  to: string;
  schedules: ScheduleTicks[];
  hours: ChannelHours[];
  /** Those that are due by its end, by due time. */
  waiting: WaitingDelivery[];
}

/** A span of time, from and with one instant to another (epoch ms). */
export interface Span {
  fromMs: number;
  toMs: number;
}

const pageSize = 500;
/** Of one schedule: those of every second of a long time are of no use to anybody. */
const mostTicks = 10_000;

/** Reads what is to come in a span of time. */
export async function readSchedule(
  stores: Pick<Stores, 'articles' | 'deliveries' | 'pauses'>,
  { channels, schedules }: { channels: readonly Channel[]; schedules: readonly ScheduledAction[] },
  span: Span,
): Promise<Schedule> {
  return {
    from: iso(span.fromMs),
    to: iso(span.toMs),
    schedules: schedules.map((one) => ticksOf(one, span)),
    hours: channels.flatMap((channel) => hoursOf(channel, span)),
    waiting: await readWaiting(stores, span.toMs),
  };
}

function ticksOf({ id, action, cron, timezone }: ScheduledAction, { fromMs, toMs }: Span): ScheduleTicks {
  const found = createCron(cron, timezone).ticksBetween(fromMs, toMs, mostTicks + 1);
  const ticks = found.slice(0, mostTicks).map(iso);
  return { schedule: id, action, cron, timezone, ticks, more: found.length > mostTicks };
}

function hoursOf({ id, rhythm }: Channel, { fromMs, toMs }: Span): ChannelHours[] {
  if (!rhythm?.timetable) return [];
  const { isOpen, because = null } = openingAt(rhythm.timetable, fromMs);
  const changes = changesBetween(rhythm.timetable, fromMs, toMs).map((change) => ({
    at: iso(change.atMs),
    opens: change.opens,
    because: change.because ?? null,
  }));
  return [{ channel: id, isOpen, because, changes }];
}

async function readWaiting(
  { articles, deliveries, pauses }: Pick<Stores, 'articles' | 'deliveries' | 'pauses'>,
  toMs: number,
): Promise<WaitingDelivery[]> {
  const waiting = await waitingUntil(deliveries, toMs);
  const resting = new Map((await pauses.list()).map(({ kind, id, reason }) => [`${kind} ${id}`, reason]));
  const ids = [...new Set(waiting.map(({ article }) => article))];
  const stories = new Map(await Promise.all(ids.map(async (id) => [id, await articles.get(id)] as const)));
  return waiting.map((delivery) => {
    const rest = resting.get(`channel ${delivery.channel}`);
    const reason = rest === undefined ? (reasonToWait(delivery) ?? 'its turn') : `its channel, which rests: ${rest}`;
    return { ...delivery, title: stories.get(delivery.article)?.title ?? delivery.article, reason };
  });
}

/** Page by page: one that moves on meanwhile is seen once, or not at all. */
async function waitingUntil(deliveries: Stores['deliveries'], toMs: number): Promise<Delivery[]> {
  const found = new Map<string, Delivery>();
  for (let offset = 0; ; offset += pageSize) {
    const page = await deliveries.overdue(toMs, pageSize, offset);
    for (const delivery of await deliveries.get(page.map(({ id }) => id))) found.set(delivery.id, delivery);
    if (page.length < pageSize) break;
  }
  return [...found.values()]
    .filter(({ state }) => state === 'scheduled' || state === 'retryable')
    .sort((one, other) => Date.parse(one.dueAt) - Date.parse(other.dueAt));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
