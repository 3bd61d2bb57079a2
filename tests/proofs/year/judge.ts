import type { PlayedDelivery } from '../../../src/pipeline/simulate.ts';
import {
  dayNames,
  type GivenArticle,
  type GivenChannel,
  type GivenConfig,
  type GivenHours,
  gathers,
  type Year,
} from './plan.ts';
import { dateBeside, type Wall, wallOf } from './wall.ts';

/** A part of a post that went out. */
export interface Sent {
  delivery: string;
  article: string;
  channel: string;
  recipient?: string | undefined;
  part: number;
  atMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** What is claimed goes within so long. */
const aheadMs = 250;

/** Judges a year by its configuration and by clocks on the wall. Returns what is wrong, in words. */
export function judgeYear(
  { config, articles, failing }: Year,
  sent: readonly Sent[],
  played: readonly PlayedDelivery[],
): string[] {
  const stories = new Map(articles.map((article) => [article.id, article]));
  const channels = new Map(config.channels.map((channel) => [channel.id, channel]));
  const faults: string[] = [];
  const first = sent.filter(({ part }) => part === 0);
  for (const one of first) {
    const channel = channels.get(one.channel);
    const story = isDigest(one) && channel && gathers(channel) ? digestAs(one) : stories.get(one.article);
    if (!story || !channel) faults.push(`${say(one)}: nobody gave it`);
    else
      faults.push(
        ...judgeSent(one, story, channel, config),
        ...(failing > 0 ? [] : judgeWait(one, story, channel, config)),
      );
  }
  for (const channel of config.channels) {
    const own = first.filter((one) => one.channel === channel.id);
    faults.push(...judgeGap(channel, own), ...judgeCaps(channel, own, stories));
  }
  faults.push(
    ...judgeHaste(played),
    ...judgeLimits(config, sent),
    ...judgeBudget(config, sent),
    ...judgeOutcomes({ config, articles, failing }, first, played),
  );
  return faults;
}

function judgeSent(one: Sent, story: GivenArticle, channel: GivenChannel, config: GivenConfig): string[] {
  const faults: string[] = [];
  if (one.atMs < story.atMs) faults.push(`${say(one)}: before it came in`);
  const isEarly = (atMs: number) => embargoAt(story, atMs) > one.atMs;
  if (isEarly(one.atMs) && isEarly(one.atMs - aheadMs)) faults.push(`${say(one)}: before the end of its embargo`);
  const mayAlways = story.priority === 'breaking' && channel.breaking === 'always';
  if (!mayAlways && !isOpen(channel, config, one.atMs)) faults.push(`${say(one)}: while its channel is closed`);
  return faults;
}

/** Nothing is late for no reason. */
function judgeWait(one: Sent, story: GivenArticle, channel: GivenChannel, config: GivenConfig): string[] {
  if (!isFree(channel, config)) return [];
  const mayAlways = story.priority === 'breaking' && channel.breaking === 'always';
  const since = missedSince(one, story, mayAlways ? () => true : (atMs) => isOpen(channel, config, atMs));
  return since === undefined ? [] : [`${say(one)}: might have gone at ${time(since)}`];
}

function isDigest({ article }: { article: string }): boolean {
  return article.startsWith('digest-');
}

/** A digest comes in when it is due, and is never breaking news. */
function digestAs({ article, atMs }: Sent): GivenArticle {
  return { id: article, atMs: Number(article.split('-').at(-1)) || atMs, priority: 'normal', moves: [] };
}

/** Whether nothing but hours and embargoes holds a channel back for longer than a moment. */
function isFree(channel: GivenChannel, { limited, chatPerHour, budget }: GivenConfig): boolean {
  const { gap, caps, chat, account } = channel;
  const isLimited = limited && chat !== undefined && chatPerHour !== undefined;
  return (
    !gathers(channel) && gap === undefined && caps === undefined && !isLimited && !(budget && account === 'x-main')
  );
}

/** The first whole minute, of two at which it might have gone, over two minutes before it went; none: undefined. */
function missedSince({ atMs }: Sent, story: GivenArticle, isOpenAt: (atMs: number) => boolean): number | undefined {
  const may = (minute: number) => embargoAt(story, minute) <= minute && isOpenAt(minute);
  for (let minute = Math.ceil(story.atMs / minuteMs) * minuteMs; minute < atMs - 2 * minuteMs; minute += minuteMs) {
    if (may(minute) && may(minute + minuteMs)) return minute;
  }
  return undefined;
}

/** What waits is left alone: it is taken up when it may go, and now and then; the head of a backlog for a minute. */
function judgeHaste(played: readonly PlayedDelivery[]): string[] {
  return played.flatMap(({ article, channel, turns, atMs, arrivedMs }) =>
    turns > 200 + 10 * ((atMs - arrivedMs) / hourMs) ? [`${article} on ${channel}: taken up ${turns} times`] : [],
  );
}

/** The embargo as it is at an instant. */
export function embargoAt({ embargoMs = 0, moves }: GivenArticle, atMs: number): number {
  const last = moves.findLast((move) => move.atMs <= atMs);
  return last ? (last.untilMs ?? 0) : embargoMs;
}

/** Whether a channel may post at an instant, for what is no exception. */
export function isOpen(channel: GivenChannel, config: GivenConfig, atMs: number): boolean {
  const wall = wallOf(atMs, config.timezone);
  if (channel.onHoliday === 'closed' && isHoliday(config, wall.date)) return false;
  const holds = (list: readonly GivenHours[] = []) => list.some((hours) => isWithin(hours, wall, channel, config));
  return !holds(channel.quiet) && (channel.windows === undefined || holds(channel.windows));
}

/** Hours belong to the day on which they begin. */
function isWithin(hours: GivenHours, { date, minute }: Wall, channel: GivenChannel, config: GivenConfig): boolean {
  const [from, to] = [minutesOf(hours.from), minutesOf(hours.to)];
  const begins = (day: string) => isDay(hours.days, day, channel, config);
  if (from < to) return begins(date) && from <= minute && minute < to;
  return (begins(date) && minute >= from) || (begins(dateBeside(date, -1)) && minute < to);
}

function isDay(days: readonly string[], date: string, { onHoliday }: GivenChannel, config: GivenConfig): boolean {
  const isFree = isHoliday(config, date);
  if (isFree && onHoliday === 'closed') return false;
  const name = dayNames[new Date(`${date}T00:00:00Z`).getUTCDay()] ?? '';
  const countsAs = (day: string) => {
    const isRest = config.weekend.includes(day);
    return days.includes(day) || days.includes('daily') || days.includes(isRest ? 'weekend' : 'weekdays');
  };
  return isFree && onHoliday === 'weekend' ? config.weekend.some(countsAs) : countsAs(name);
}

function isHoliday({ holidays }: GivenConfig, date: string): boolean {
  return holidays.includes(date) || holidays.includes(date.slice(5));
}

function minutesOf(clock: string): number {
  return Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
}

/** An article that goes to many people takes one turn, as long as the window of the rule lasts. */
function turnsOf(sent: readonly Sent[], windowMs: number): Sent[] {
  const begun = new Map<string, number>();
  return inOrder(sent).filter(({ article, atMs }) => {
    const before = begun.get(article);
    if (before !== undefined && atMs - before < windowMs) return false;
    begun.set(article, atMs);
    return true;
  });
}

function judgeGap({ gap }: GivenChannel, sent: readonly Sent[]): string[] {
  if (gap === undefined) return [];
  const gapMs = Number.parseInt(gap, 10) * minuteMs;
  const turns = turnsOf(sent, gapMs);
  return turns.flatMap((one, index) => {
    const before = turns[index - 1];
    return before && one.atMs - before.atMs < gapMs ? [`${say(one)}: too soon after ${say(before)}`] : [];
  });
}

function judgeCaps(
  { caps, breaking }: GivenChannel,
  sent: readonly Sent[],
  stories: ReadonlyMap<string, GivenArticle>,
): string[] {
  const counted = sent.filter(
    ({ article }) => !(breaking === 'always' && stories.get(article)?.priority === 'breaking'),
  );
  const judge = (most: number | undefined, windowMs: number) =>
    most === undefined ? [] : tooMany(turnsOf(counted, windowMs), most, windowMs);
  return [...judge(caps?.hour, hourMs), ...judge(caps?.day, dayMs)];
}

function judgeLimits({ limited, chatPerHour, channels }: GivenConfig, sent: readonly Sent[]): string[] {
  if (!limited || chatPerHour === undefined) return [];
  return channels
    .filter(({ chat }) => chat !== undefined)
    .flatMap(({ id }) => tooMany(inOrder(sent.filter(({ channel }) => channel === id)), chatPerHour, hourMs));
}

function judgeBudget({ budget, timezone }: GivenConfig, sent: readonly Sent[]): string[] {
  if (!budget) return [];
  const days = Map.groupBy(
    sent.filter(({ channel }) => channel === 'x-one'),
    ({ atMs }) => wallOf(atMs, timezone).date,
  );
  return [...days].flatMap(([date, posts]) => {
    const certain = posts.filter(({ atMs }) => wallOf(atMs - aheadMs, timezone).date === date);
    return certain.length > budget.requests ? [`${certain.length} requests on ${date}, of ${budget.requests}`] : [];
  });
}

function tooMany(sent: readonly Sent[], most: number, windowMs: number): string[] {
  return sent.flatMap((one, index) => {
    const before = sent[index - most];
    return before && one.atMs - before.atMs < windowMs ? [`${say(one)}: more than ${most} in ${windowMs} ms`] : [];
  });
}

/** One outcome for each article, channel and person: sent once and published, or not sent and given up for a reason. */
function judgeOutcomes(
  { config, articles, failing }: Pick<Year, 'config' | 'articles' | 'failing'>,
  first: readonly Sent[],
  played: readonly PlayedDelivery[],
): string[] {
  const name = (article: string, channel: string, recipient = '') => `${article} to ${channel} ${recipient}`.trim();
  const outcomes = Map.groupBy(played, (one) => name(one.article, one.channel, one.recipient));
  const posts = Map.groupBy(first, (one) => name(one.article, one.channel, one.recipient));
  const wanted = articles.flatMap((story) =>
    config.channels.flatMap((channel) =>
      (channel.recipients ?? [undefined]).map((recipient) => ({
        story,
        channel,
        key: name(story.id, channel.id, recipient),
      })),
    ),
  );
  const digests = first.filter(isDigest);
  const faults = wanted.flatMap(({ story, channel, key }) => {
    const [ends, sent] = [outcomes.get(key) ?? [], posts.get(key) ?? []];
    const [end] = ends;
    if (ends.length !== 1 || !end) return [`${key}: ${ends.length} outcomes`];
    const isTold = digests.some((one) => one.channel === channel.id && one.atMs === end.atMs && sent.length === 0);
    if (end.outcome === 'published' && isTold && gathers(channel)) return [];
    if (sent.length !== (end.outcome === 'published' ? 1 : 0))
      return [`${key}: ${end.outcome}, and sent ${sent.length} times`];
    if (end.outcome === 'published') return [];
    if (end.outcome !== 'discarded') return [`${key}: still ${end.outcome}`];
    if (failing > 0 && /Given up after/.test(end.reason ?? '')) return [];
    return mayEnd(end, story, channel, config)
      ? []
      : [`${key}: given up at ${time(end.atMs)}, for no reason: ${end.reason}`];
  });
  const own = played.filter((one) => !isDigest(one)).length;
  return own === wanted.length ? faults : [...faults, `${own} deliveries of ${wanted.length}`];
}

function mayEnd(end: PlayedDelivery, story: GivenArticle, channel: GivenChannel, config: GivenConfig): boolean {
  const reason = end.reason ?? '';
  if (/digest was not posted|Not among the best/.test(reason)) return gathers(channel);
  if (/staleAfter/.test(reason)) {
    return channel.staleAfter !== undefined && end.atMs > story.atMs + Number.parseInt(channel.staleAfter, 10) * hourMs;
  }
  if (/closed/.test(reason))
    return channel.late === 'drop' && [0, aheadMs].some((ms) => !isOpen(channel, config, end.atMs + ms));
  if (/caps/.test(reason)) return channel.caps?.rest === 'drop';
  return /budget/.test(reason) && config.budget?.whenSpent === 'stop' && channel.id === 'x-one';
}

function inOrder(sent: readonly Sent[]): Sent[] {
  return [...sent].sort((one, other) => one.atMs - other.atMs);
}

function say({ article, channel, recipient, atMs }: Sent): string {
  return `${article} on ${channel}${recipient === undefined ? '' : ` for ${recipient}`} at ${time(atMs)}`;
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}
