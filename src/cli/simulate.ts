import type { Config } from '../config/config.ts';
import { InputError } from '../core/errors.ts';
import type { Post } from '../core/post.ts';
import { arrivalsOf } from '../pipeline/arrivals.ts';
import type { Played, PlayedDelivery } from '../pipeline/simulate.ts';
import { openPassingRedis } from '../runtime/passing-redis.ts';
import { listenForStop } from '../runtime/shutdown.ts';
import { openSimulation } from '../runtime/simulation.ts';
import type { ArticleDraft } from '../sources/index.ts';
import { print, printError, printJson } from './print.ts';
import { clockOf, durationInWords, renderLines } from './schedule-text.ts';

export interface SimulateOptions {
  /** Epoch ms. */
  fromMs: number;
  toMs: number;
  spreadMs?: number | undefined;
}

/** A simulation, and the posts that went out in it, by delivery. */
interface Shown {
  played: Played;
  posts: ReadonlyMap<string, Post>;
}

/** Plays these articles through the rules of the configuration. Throws `InputError` where it is stopped before its end. */
export async function playArticles(
  drafts: readonly ArticleDraft[],
  config: Config,
  { fromMs, toMs, spreadMs }: SimulateOptions,
): Promise<Shown> {
  const stop = listenForStop();
  printError(`Playing ${drafts.length} ${drafts.length === 1 ? 'article' : 'articles'}; nothing is sent …`);
  const place = await openPassingRedis(config);
  try {
    const posts = new Map<string, Post>();
    const own = { ...config, redis: { ...config.redis, prefix: place.prefix } };
    const simulation = await openSimulation(place.redis, own, {
      fromMs,
      onSend: ({ deliveryId, post }) => void posts.set(deliveryId, post),
    });
    simulation.arrive(arrivalsOf(drafts, { fromMs, toMs, spreadMs, timezone: config.timezone }));
    const played = await simulation.play(toMs, stop);
    if (stop.aborted)
      throw new InputError('Stopped before the end of the simulation.', { code: 'stopped', status: 503 });
    return { played, posts };
  } finally {
    await place.close();
  }
}

/** As programs get it. */
export function printPlayed(
  { played, posts }: Shown,
  { fromMs, toMs, timezone }: SimulateOptions & { timezone: string },
) {
  const titles = new Map(played.articles.map(({ article }) => [article.id, article.title]));
  const iso = (ms: number) => new Date(ms).toISOString();
  printJson({
    from: iso(fromMs),
    to: iso(toMs),
    timezone,
    articles: played.articles.map(({ article: { id, title, priority }, arrivedMs, known }) => ({
      ...{ article: id, title, priority, arrivedAt: iso(arrivedMs) },
      ...(known ? { duplicate: true } : {}),
    })),
    deliveries: played.deliveries.map((one) => ({
      ...{ delivery: one.delivery, article: one.article, title: titles.get(one.article) ?? '' },
      ...{ channel: one.channel, platform: one.platform },
      ...(one.recipient === undefined ? {} : { recipient: one.recipient }),
      ...{ arrivedAt: iso(one.arrivedMs), outcome: one.outcome },
      ...(one.outcome === 'waiting' ? { dueAt: iso(one.atMs) } : { at: iso(one.atMs) }),
      reason: one.reason ?? null,
      waits: one.waits.map((wait) => ({ from: iso(wait.fromMs), until: iso(wait.untilMs), reason: wait.reason })),
      parts:
        posts.get(one.delivery)?.parts.map(({ text, length, limit, unit }) => ({ text, length, limit, unit })) ?? [],
    })),
  });
}

/** As people get it. `given`: how many articles there were. */
export function showPlayed(
  { played }: Shown,
  { fromMs, toMs, timezone, given }: SimulateOptions & { timezone: string; given: number },
): void {
  const { dayOf, timeOf } = clockOf(timezone);
  const { articles, deliveries } = played;
  const moment = (ms: number) => `${dayOf(ms)}, ${timeOf(ms)}`;
  print(`Simulated from ${moment(fromMs)} to ${moment(toMs)} (${timezone}). Nothing was sent.\n`);
  const stories = new Map(articles.map(({ article }) => [article.id, article]));
  const lines = deliveries.map((one) => ({
    ...{ atMs: one.atMs, article: one.article, channel: one.channel, what: one.outcome },
    title: stories.get(one.article)?.title ?? one.article,
    reason: [one.outcome === 'waiting' ? '' : waited(one), explained(one)].filter((words) => words !== '').join('; '),
  }));
  if (lines.length > 0) print(renderLines(lines, { timezone, most: 200 }));
  for (const { article, known } of articles) {
    const taken = deliveries.some((one) => one.article === article.id);
    if (known) print(`Known already, nothing new was planned: ${article.title}`);
    else if (!taken) print(`No channel takes it: ${article.title}`);
  }
  if (given > articles.length) print(`After the end, and not played: ${given - articles.length} of ${given} articles.`);
}

/** How long it waited, and for what. */
function waited({ waits }: PlayedDelivery): string {
  const words = [...Map.groupBy(waits, ({ reason }) => reason)]
    .map(([reason, group]) => [reason, group.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0)] as const)
    .filter(([, ms]) => ms >= 1000)
    .map(([reason, ms]) => `${durationInWords(ms)} for ${reason}`);
  return words.length === 0 ? '' : `waited ${words.join(', ')}`;
}

function explained({ outcome, reason, waits }: PlayedDelivery): string {
  if (outcome === 'waiting') return `waits for ${waits.at(-1)?.reason ?? 'its turn'}`;
  return reason ?? '';
}
