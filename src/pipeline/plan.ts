import { createHash } from 'node:crypto';
import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import { openingAt, opensAt } from '../schedule/timetable.ts';
import { refusalBy } from './accepts.ts';

/** A delivery to be, with the reason it exists and when it may go. */
export interface Plan {
  id: string;
  channel: string;
  platform: string;
  recipient?: string;
  /** Epoch ms. */
  dueMs: number;
  /** What it waits for until then, as `Delivery.waitsFor` is kept; absent where it may go at once. */
  waits?: string;
}

/** What becomes of an article. */
export interface Planned {
  plans: Plan[];
  /** Why the other channels do not take it, by channel. */
  left: Record<string, string>;
}

/** Deterministic: the same article version to the same channel (and person) is the same delivery, for ever. */
export function deliveryId(article: string, version: number | 'retract', channel: string, recipient = ''): string {
  const hash = createHash('sha256').update(JSON.stringify([article, version, channel, recipient]));
  // A letter in front: BullMQ refuses ids that are whole numbers.
  return `d${hash.digest('hex').slice(0, 24)}`;
}

/**
 * Article + channels + clock -> deliveries. Pure. `only` names channels asked for by hand, whose filters are not asked;
 * `at` is the earliest time wanted (epoch ms). An embargo is never undercut, nor are the hours of a channel.
 */
export function plan(
  article: Article,
  channels: readonly Channel[],
  {
    recipientsOf,
    needsPicture = () => false,
    now,
    only,
    at,
  }: {
    /** The people a channel writes to one by one; undefined where it is a wall. */
    recipientsOf: (channel: Channel) => readonly string[] | undefined;
    /** Whether a post of the channel cannot be sent without a picture. */
    needsPicture?: (channel: Channel) => boolean;
    now: number;
    only?: readonly string[];
    at?: number;
  },
): Planned {
  const plans: Plan[] = [];
  const left: Record<string, string> = {};
  for (const channel of channels) {
    const reason =
      refusalOf(channel, article, only) ?? (needsPicture(channel) ? pictureMissing(channel, article) : undefined);
    if (reason !== undefined) {
      left[channel.id] = reason;
      continue;
    }
    const when = dueIn(channel, article, { now, at });
    for (const recipient of recipientsOf(channel) ?? [undefined]) {
      plans.push({
        id: deliveryId(article.id, article.version, channel.id, recipient),
        channel: channel.id,
        platform: channel.platform,
        ...(recipient === undefined ? {} : { recipient }),
        ...when,
      });
    }
  }
  return { plans, left };
}

function refusalOf({ id, filters }: Channel, article: Article, only: readonly string[] | undefined) {
  if (only === undefined) return refusalBy(filters, article);
  return only.includes(id) ? undefined : 'it was given to other channels by name';
}

/** Why a channel whose posts need a picture cannot show the article, in words; undefined where it can. */
export function pictureMissing({ defaultImage }: Channel, { images }: Article): string | undefined {
  if (defaultImage !== undefined || images.length > 0) return undefined;
  return 'its template has a picture on top, the article has none, and the channel has no defaultImage';
}

function dueIn(
  { rhythm }: Channel,
  { embargoUntil, priority }: Article,
  { now, at = 0 }: { now: number; at: number | undefined },
): Pick<Plan, 'dueMs' | 'waits'> {
  const embargo = embargoUntil === undefined ? 0 : Date.parse(embargoUntil);
  const dueMs = Math.max(now, at, embargo);
  if (rhythm?.timetable && rhythm.late === 'next' && !(priority === 'breaking' && rhythm.breaking === 'always')) {
    const { because } = openingAt(rhythm.timetable, dueMs);
    const opening = opensAt(rhythm.timetable, dueMs);
    if (because !== undefined && opening !== undefined) return { dueMs: opening, waits: `timetable:${because}` };
  }
  if (dueMs === now) return { dueMs };
  return { dueMs, waits: dueMs === embargo ? 'embargo' : 'time' };
}
