import type { Delivery } from '../core/delivery.ts';
import type { Articles } from '../store/articles.ts';
import type { Deliveries, Outline } from '../store/deliveries.ts';
import type { Pauses } from '../store/pauses.ts';

export interface WatchDeps {
  articles: Pick<Articles, 'deliveryIds'>;
  deliveries: Pick<Deliveries, 'get' | 'outline'>;
  pauses: Pick<Pauses, 'list'>;
  /** The account of a channel; undefined where it is no longer configured. */
  accountOf(channel: string): string | undefined;
}

/** How an article of breaking news stands. */
export interface BreakingLook {
  /** Channels on which it should be live and is not, each with why. */
  late: { channel: string; delivery: string; reason: string }[];
  /** Channels on which it is live, for all their people. */
  live: string[];
  /** When to look again (epoch ms); without this and `dueMs` it is live or has ended everywhere. */
  nextMs?: number;
  /** Where all that is open is for a later time: when it is due. */
  dueMs?: number;
}

/** So long is an article watched. */
const watchedMs = 24 * 3_600_000;
const pageSize = 500;
/** A list of many people is looked through less often. */
const perDeliveryMs = 10;

/**
 * Whether an article that was due at `sinceMs` is live on each of its channels `afterMs` later. What waits for a later time
 * by an embargo or a wish is not late until `afterMs` after that.
 */
export async function lookAtBreaking(
  deps: WatchDeps,
  { article, sinceMs, afterMs, nowMs }: { article: string; sinceMs: number; afterMs: number; nowMs: number },
): Promise<BreakingLook> {
  const ids = await deps.articles.deliveryIds(article);
  const rows: Outline[] = [];
  for (let at = 0; at < ids.length; at += pageSize)
    rows.push(...(await deps.deliveries.outline(ids.slice(at, at + pageSize))));
  const look: BreakingLook = { late: [], live: [] };
  const paused = await deps.pauses.list();
  const dues: number[] = [];
  let isGoing = false;
  for (const [channel, group] of Map.groupBy(rows, (row) => row.channel)) {
    const all = group.filter((row) => isPost(row, group));
    const open = all.filter(({ state }) => state !== 'published' && state !== 'cancelled');
    const going = open.filter(({ state }) => state !== 'rejected' && state !== 'discarded');
    const one = going[0] ?? open[0];
    if (!one) {
      if (all.some(({ state }) => state === 'published')) look.live.push(channel);
      continue;
    }
    if (isForLater(one) && one.dueMs + afterMs > nowMs) {
      dues.push(one.dueMs);
      continue;
    }
    const [delivery] = await deps.deliveries.get([one.id]);
    if (!delivery) continue;
    const rests = paused.find(
      ({ kind, id }) => id === (kind === 'channel' ? channel : deps.accountOf(channel)) && going.length > 0,
    );
    const share = all.length > 1 ? `${open.length} of ${all.length} people are not reached; ` : '';
    const why = rests ? `the ${rests.kind} ${rests.id} rests (${rests.reason})` : reasonOf(delivery);
    look.late.push({ channel, delivery: delivery.id, reason: share + why });
    isGoing ||= going.length > 0;
  }
  isGoing &&= nowMs < sinceMs + watchedMs;
  if (isGoing) look.nextMs = nowMs + Math.max(afterMs, ids.length * perDeliveryMs);
  else if (dues.length > 0) look.dueMs = Math.min(...dues);
  return look;
}

/** It brings the article to the channel: a correction does where nothing of it was there before, a retraction never does. */
function isPost({ act, state }: Outline, group: readonly Outline[]): boolean {
  if (act !== 'correct') return act !== 'retract';
  return state !== 'discarded' && !group.some((row) => row.act !== 'correct' && row.state === 'published');
}

/** It waits for nothing but the time that it was given. */
function isForLater({ state, waits, attempts }: Outline): boolean {
  if (waits === 'embargo' || waits === 'time') return state === 'scheduled' || state === 'retryable';
  return state === 'scheduled' && attempts === 0 && waits === '';
}

function reasonOf({ state, held, waitsFor, failure, platform }: Delivery): string {
  if (held) return 'it may be live, and waits for a person to say so';
  if (state === 'unconfirmed') return 'it may be live, and the platform is asked';
  if (waitsFor !== undefined) return `it waits for ${waitsFor}`;
  if (state === 'scheduled') return `nobody has taken it up; is a worker for ${platform} running?`;
  if (state === 'sending') return 'it is being sent';
  return failure ? `${state}: ${failure.reason}` : state;
}
