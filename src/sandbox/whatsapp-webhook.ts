import { z } from 'zod';
import { createLatencies } from './latencies.ts';
import type { SandboxPost } from './post.ts';
import { createRandom, shuffle } from './random.ts';
import { createTimetable } from './timetable.ts';
import { createWebhookPoster } from './webhook-post.ts';
import { statusBody } from './whatsapp-envelope.ts';

const ms = z.number().min(0).max(86_400_000);

/** Where a message's statuses are sent, and how. */
export const webhook = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  appSecret: z.string().min(1),
  statuses: z.array(z.enum(['sent', 'delivered', 'read', 'failed'])).default(['sent', 'delivered', 'read']),
  /** Milliseconds before the first, and between one and the next; or a range of which each time one is drawn. */
  delayMs: z
    .union([ms, z.tuple([ms, ms]).refine(([from, to]) => from <= to, 'from the shorter to the longer')])
    .default(0),
  /** Delivers each status twice, as Meta may; or a share of them (0 to 1). */
  twice: z.union([z.boolean(), z.number().min(0).max(1)]).default(false),
  /** Last status first, as Meta may. */
  reversed: z.boolean().default(false),
  /** All statuses of a message, and the second ones, come at any time within so long after `delayMs`: in any order. */
  shuffleMs: ms.default(0),
  /** Of what is drawn. */
  seed: z.number().int().default(1),
  /** As many statuses in one request, of whatever is due. */
  batch: z.number().int().min(1).max(1_000).default(1),
  /** A request that is not full waits for so long. */
  gatherMs: ms.max(60_000).default(50),
  /** As many requests at once. */
  connections: z.number().int().min(1).max(500).default(50),
  /** A request that fails is sent again after 1 s, 2 s, 4 s … 30 s, so often in all. */
  tries: z.number().int().min(1).default(10),
  /** Of a `failed` status. */
  errorCode: z.number().int().default(131026),
});

export type WebhookSettings = z.infer<typeof webhook>;

/** What `GET /_sandbox/webhooks` tells. Statuses that come twice count twice. */
export interface WebhookFigures {
  statuses: {
    /** Known so far to be sent some time: all of a message from its acceptance on. */
    planned: number;
    /** In a request that was sent at least once. */
    sent: number;
    acknowledged: number;
    /** Given up. */
    lost: number;
  };
  /** Statuses and other events that are neither acknowledged nor given up. 0: all is told. */
  waiting: number;
  /** `refused`: answered by another status than 2xx. `unanswered`: no answer, or no connection. */
  requests: { sent: number; acknowledged: number; refused: number; unanswered: number };
  /** How long acknowledgements took, in milliseconds. */
  acknowledgeMs: { p50: number | null; p99: number | null; max: number | null };
}

/** Sends statuses of accepted messages and other events, signed over the raw body. */
export interface WebhookSender {
  /** `failed`: the code of the one status that there is. */
  statuses(post: SandboxPost, settings: WebhookSettings, failed?: number): void;
  /** A body that goes alone, and at once. */
  event(body: string, settings: WebhookSettings): void;
  figures(): WebhookFigures;
  /** Drops what has not been sent, and the figures. */
  drop(): void;
}

/** One status of a message that is to be sent; `at` is its place among the message's statuses. */
interface Item {
  post: SandboxPost;
  settings: WebhookSettings;
  at: number;
  failed: number | undefined;
  isSecond: boolean;
  tries: number;
}

const plain = { planned: 0, sent: 0, acknowledged: 0, lost: 0 };
const none = { sent: 0, acknowledged: 0, refused: 0, unanswered: 0 };
const retryMs = (tries: number) => Math.min(30_000, 1_000 * 2 ** Math.min(tries - 1, 5));

/** Opens a sender for a business account. What waits is one small entry a message, and one timer for all of them. */
export function openWebhookSender(business: () => string): WebhookSender {
  const poster = createWebhookPoster();
  const latencies = createLatencies();
  const table = createTimetable<Item>(take);
  const events = createTimetable<{ body: string; settings: WebhookSettings; tries: number }>((due) => {
    for (const event of due) void sendEvent(event);
  });
  const hasGathered = createTimetable<undefined>(() => flush(true));
  let counts = { ...plain };
  let requests = { ...none };
  let eventsWaiting = 0;
  let ready: Item[] = [];
  let open = 0;
  /** What was begun before the last drop counts no more. */
  let turn = 0;
  let drawn: { settings: WebhookSettings; random: () => number } | undefined;

  function randomOf(settings: WebhookSettings): () => number {
    if (drawn?.settings !== settings) drawn = { settings, random: createRandom(settings.seed) };
    return drawn.random;
  }

  function delayOf(settings: WebhookSettings): number {
    const { delayMs } = settings;
    return typeof delayMs === 'number' ? delayMs : delayMs[0] + randomOf(settings)() * (delayMs[1] - delayMs[0]);
  }

  const countOf = ({ settings, failed }: Item) => (failed === undefined ? settings.statuses.length : 1);
  const isTwice = ({ settings }: Item) => settings.twice === true || randomOf(settings)() < Number(settings.twice);

  function take(due: Item[]): void {
    const settings = due[0]?.settings;
    if (settings && settings.shuffleMs > 0) shuffle(due, randomOf(settings));
    for (const item of due) ready.push(item);
    flush(false);
  }

  /** Sends what is ready: full requests, and where `all` also one that is not full. */
  function flush(all: boolean): void {
    let begun = 0;
    while (begun < ready.length) {
      const settings = ready[begun]?.settings;
      if (!settings || open >= settings.connections) break;
      let end = begun;
      while (end - begun < settings.batch && ready[end]?.settings === settings) end += 1;
      if (end - begun < settings.batch && !all) {
        if (hasGathered.size() === 0) hasGathered.add(undefined, settings.gatherMs);
        break;
      }
      void sendItems(ready.slice(begun, end), settings);
      begun = end;
    }
    if (begun > 0) ready = ready.slice(begun);
  }

  async function post(body: string, settings: WebhookSettings): Promise<boolean | undefined> {
    const mine = turn;
    open += 1;
    requests.sent += 1;
    const answer = await poster.post(body, settings);
    if (turn !== mine) return undefined;
    open -= 1;
    if (!answer) requests.unanswered += 1;
    else if (!answer.taken) requests.refused += 1;
    else {
      requests.acknowledged += 1;
      latencies.add(answer.ms);
    }
    return answer?.taken ?? false;
  }

  async function sendItems(items: Item[], settings: WebhookSettings): Promise<void> {
    for (const item of items) {
      if (item.tries === 0) counts.sent += 1;
      item.tries += 1;
    }
    const taken = await post(statusBody(items.map(statusOf), business()), settings);
    if (taken === undefined) return;
    for (const item of items) {
      if (!taken && item.tries < settings.tries) {
        table.add(item, retryMs(item.tries));
        continue;
      }
      counts[taken ? 'acknowledged' : 'lost'] += 1;
      follow(item);
    }
    flush(ready.length > 0 && hasGathered.size() === 0);
  }

  /** What comes after an item: where the order is kept, one begins when the one before was taken. */
  function follow(item: Item): void {
    if (item.settings.shuffleMs > 0) return;
    if (!item.isSecond && isTwice(item)) {
      counts.planned += 1;
      table.add({ ...item, isSecond: true, tries: 0 }, 0);
    } else if (item.at + 1 < countOf(item)) {
      table.add({ ...item, at: item.at + 1, isSecond: false, tries: 0 }, delayOf(item.settings));
    }
  }

  async function sendEvent(event: { body: string; settings: WebhookSettings; tries: number }): Promise<void> {
    event.tries += 1;
    const taken = await post(event.body, event.settings);
    if (taken === undefined) return;
    if (!taken && event.tries < event.settings.tries) events.add(event, retryMs(event.tries));
    else eventsWaiting -= 1;
    flush(false);
  }

  return {
    statuses(post, settings, failed) {
      const first: Item = { post, settings, at: 0, failed, isSecond: false, tries: 0 };
      const count = countOf(first);
      counts.planned += count;
      if (count === 0) return;
      if (settings.shuffleMs === 0) return table.add(first, delayOf(settings));
      const random = randomOf(settings);
      for (let at = 0; at < count; at += 1) {
        table.add({ ...first, at }, delayOf(settings) + random() * settings.shuffleMs);
        if (!isTwice(first)) continue;
        counts.planned += 1;
        table.add({ ...first, at, isSecond: true }, delayOf(settings) + random() * settings.shuffleMs);
      }
    },
    event(body, settings) {
      eventsWaiting += 1;
      void sendEvent({ body, settings, tries: 0 });
    },
    figures: () => ({
      statuses: { ...counts },
      waiting: counts.planned - counts.acknowledged - counts.lost + eventsWaiting,
      requests: { ...requests },
      acknowledgeMs: { p50: latencies.at(0.5), p99: latencies.at(0.99), max: latencies.at(1) },
    }),
    drop() {
      turn += 1;
      for (const one of [table, events, hasGathered]) one.clear();
      poster.drop();
      latencies.clear();
      counts = { ...plain };
      requests = { ...none };
      eventsWaiting = 0;
      ready = [];
      open = 0;
    },
  };
}

function statusOf({ post, settings, at, failed }: Item) {
  const { statuses, reversed, errorCode } = settings;
  if (failed !== undefined) return { post, status: 'failed', at: 0, errorCode: failed };
  const place = reversed ? statuses.length - 1 - at : at;
  return { post, status: statuses[place] ?? 'sent', at: place, errorCode };
}
