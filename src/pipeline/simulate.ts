import type { Article } from '../core/article.ts';
import type { Channel } from '../core/channel.ts';
import type { Delivery } from '../core/delivery.ts';
import type { ArticleDraft } from '../sources/index.ts';
import type { Articles, DeliveryJob } from '../store/articles.ts';
import type { Deliveries } from '../store/deliveries.ts';
import { type IngestDeps, type IngestOptions, ingest } from './ingest.ts';
import type { Publish } from './publish.ts';
import type { SimulatedTime } from './simulated-time.ts';
import { reasonToWait } from './waiting.ts';

/** An article that comes in at a time of the simulation (epoch ms). */
export interface Arrival {
  atMs: number;
  draft: ArticleDraft;
  options?: IngestOptions;
}

/** An article as it came in. */
export interface PlayedArticle {
  article: Article;
  arrivedMs: number;
  /** It was known already: nothing new was planned. */
  known: boolean;
}

/** A time that a delivery waited, and what for. */
export interface PlayedWait {
  fromMs: number;
  untilMs: number;
  reason: string;
}

/** What came of one delivery. Times are epoch ms. */
export interface PlayedDelivery {
  delivery: string;
  article: string;
  channel: string;
  platform: string;
  recipient?: string;
  arrivedMs: number;
  /** `waiting`: still on its way at the end; `held`: it may be live, and waits for a person. */
  outcome: 'published' | 'rejected' | 'discarded' | 'cancelled' | 'held' | 'waiting';
  /** When that came; of one that waits, when it is due. */
  atMs: number;
  /** Oldest first. */
  waits: PlayedWait[];
  /** How often it was taken up, to go or to wait again. */
  turns: number;
  /** Why it ended so. */
  reason?: string;
}

export interface Played {
  articles: PlayedArticle[];
  /** By the time of their outcome. */
  deliveries: PlayedDelivery[];
}

export interface SimulateDeps {
  time: SimulatedTime;
  articles: Articles;
  deliveries: Deliveries;
  ingest: IngestDeps;
  /** Of one platform; it sends nothing. */
  publish: (platform: string) => Publish;
  /** Does what follows from an end; resolves to whether others may have ended with it. */
  followUp?: (delivery: Delivery) => Promise<boolean>;
}

/** What happens at the same instant as deliveries are due goes before them. */
export const beforeDeliveries = -1;
/** Work on a delivery takes some time. */
const leastMs = 10;
/** What is taken up so often goes round in circles. */
const mostTurns = 100_000;

/** Plays through what comes in and what follows from it. */
export interface Player {
  /** Has articles come in; before `play`, or from work on the same clock. */
  arrive(arrivals: readonly Arrival[]): void;
  /** Gives jobs to what is in the outbox, as `relay` does: after a change made by hand. */
  relay(): Promise<void>;
  /** Looks whether deliveries that waited have ended elsewhere. */
  lookAgain(): Promise<void>;
  /** Until `untilMs`, or until `stop`. What is waiting then goes on at the next call. */
  play(untilMs: number, stop?: AbortSignal): Promise<Played>;
}

/**
 * The queue of a simulation: what is due is worked on in the order of the real one (priority, then time), one delivery
 * after the other, and takes no time. Everything else is the real thing.
 */
export function createPlayer({ time, articles, deliveries, publish, ...deps }: SimulateDeps): Player {
  const arrived: PlayedArticle[] = [];
  const known = new Set<string>();
  const played = new Map<string, PlayedDelivery>();
  /** Which of its turns each queued delivery waits for: those before were brought forward or put off. */
  const queued = new Map<string, number>();
  const underWay = new Set<string>();

  async function accept({ draft, options }: Arrival): Promise<void> {
    const { verdict, article } = await ingest(deps.ingest, draft, options);
    arrived.push({ article, arrivedMs: time.now(), known: verdict !== 'new' });
    known.add(article.id);
    await relay();
  }

  async function relay(): Promise<void> {
    for (let entries = await articles.outbox(500); entries.length > 0; entries = await articles.outbox(500)) {
      const jobs = entries.map((entry) => JSON.parse(entry) as DeliveryJob);
      for (const job of jobs) {
        const isQueued = queued.has(job.delivery);
        if (!isQueued || (job.wake && !underWay.has(job.delivery))) queue(job, job.due, isQueued);
      }
      await nameArticles(jobs);
      for (const delivery of await deliveries.get(jobs.map(({ delivery }) => delivery))) note(delivery);
      await articles.outboxDone(entries);
    }
  }

  /** Some articles are made on the way. */
  async function nameArticles(jobs: readonly DeliveryJob[]): Promise<void> {
    for (const { article: id } of jobs) {
      const article = known.has(id) ? undefined : await articles.get(id);
      known.add(id);
      if (article) arrived.push({ article, arrivedMs: time.now(), known: false });
    }
  }

  async function lookAgain(): Promise<void> {
    const waiting = [...played.values()].filter(({ outcome }) => outcome === 'waiting').map(({ delivery }) => delivery);
    for (const delivery of await deliveries.get(waiting)) note(delivery);
  }

  function queue(job: DeliveryJob, atMs: number, again: boolean): void {
    const turn = (queued.get(job.delivery) ?? 0) + 1;
    queued.set(job.delivery, turn);
    time.at(atMs, job.priority, async () => {
      if (queued.get(job.delivery) === turn) await work(job, again);
    });
  }

  async function work(job: DeliveryJob, again: boolean): Promise<void> {
    const { deliver, settled } = publish(job.platform);
    underWay.add(job.delivery);
    const result = await deliver(job, { again });
    await settled();
    underWay.delete(job.delivery);
    const [delivery] = await deliveries.get([job.delivery]);
    if (delivery) note(delivery, 1);
    if (delivery && (await deps.followUp?.(delivery))) await lookAgain();
    if (result) queue(job, time.now() + Math.max(leastMs, result.waitMs), true);
    else queued.delete(job.delivery);
  }

  function note(delivery: Delivery, turns = 0): void {
    const { id, article, channel, platform, recipient } = delivery;
    const now = time.now();
    const first = { delivery: id, article, channel, platform, ...(recipient === undefined ? {} : { recipient }) };
    const before = played.get(id) ?? { ...first, arrivedMs: now, outcome: 'waiting', atMs: now, waits: [], turns: 0 };
    // What a digest has told ends with it; its own job only finds that out.
    if (before.outcome !== 'waiting' && before.outcome !== 'held') return;
    const { reason: _reason, ...same } = before;
    if (same.turns > mostTurns) throw new Error(`Delivery ${id} was taken up ${mostTurns} times, and comes to no end.`);
    played.set(id, { ...same, turns: same.turns + turns, ...fate(delivery, before.waits, now) });
  }

  function fate(delivery: Delivery, waits: PlayedWait[], now: number): Fate {
    const outcome = outcomeOf(delivery);
    const last = waits.at(-1);
    if (outcome !== 'waiting') {
      if (last) last.untilMs = now;
      const reason = delivery.failure?.reason;
      return { outcome, atMs: now, waits, ...(reason === undefined ? {} : { reason }) };
    }
    const untilMs = Math.max(now, Date.parse(delivery.dueAt));
    const reason = reasonToWait(delivery);
    if (last && (reason === undefined || last.reason === reason)) last.untilMs = untilMs;
    else if (reason !== undefined) {
      if (last) last.untilMs = now;
      waits.push({ fromMs: now, untilMs, reason });
    }
    return { outcome, atMs: untilMs, waits };
  }

  return {
    arrive(arrivals) {
      for (const arrival of arrivals) time.at(arrival.atMs, beforeDeliveries, () => accept(arrival));
    },
    relay,
    lookAgain,
    async play(untilMs, stop) {
      await time.pass(untilMs, stop);
      return { articles: [...arrived], deliveries: [...played.values()].sort(byTime(deps.ingest.channels)) };
    },
  };
}

/** What came at the same time stands in the order of the configuration. */
function byTime(channels: readonly Channel[]): (one: PlayedDelivery, other: PlayedDelivery) => number {
  const places = new Map(channels.map(({ id }, place) => [id, place]));
  const placeOf = ({ channel }: PlayedDelivery) => places.get(channel) ?? channels.length;
  return (one, other) => one.atMs - other.atMs || one.arrivedMs - other.arrivedMs || placeOf(one) - placeOf(other);
}

type Fate = Pick<PlayedDelivery, 'outcome' | 'atMs' | 'waits' | 'reason'>;

function outcomeOf({ state, held }: Delivery): PlayedDelivery['outcome'] {
  switch (state) {
    case 'published':
    case 'rejected':
    case 'discarded':
    case 'cancelled':
      return state;
    default:
      return held ? 'held' : 'waiting';
  }
}
