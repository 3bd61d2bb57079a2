import type { Article } from '../../core/article.ts';
import type { Channel } from '../../core/channel.ts';
import type { Platform } from '../../core/platform.ts';
import { type Person, type Subscriptions, windowMs } from '../../core/subscriber.ts';
import type { Spent } from '../../limits/budgets.ts';
import type { Subscribers } from '../../store/subscribers/index.ts';
import { isOfUs } from '../../text/phone.ts';
import { accepts } from '../accepts.ts';

/** People of an account who are alike in all that decides whether they get a post, and what that costs. */
export interface Crowd {
  /** One of them, by the digits of the number or by id. */
  who: string;
  topics?: readonly string[];
  breakingOnly: boolean;
  isUs: boolean;
  /** Free text may be sent to them. */
  isOpen: boolean;
  count: number;
}

/** Prices are set by the first digits of a number, so many at most. */
const priceDigits = 7;
/** A million people take seconds to look through. */
const keptMs = 300_000;

/** Whoever an account may write to, as of at most five minutes ago, or of the last time that somebody asked. */
export function createCrowds(
  people: Pick<Subscribers, 'scan'>,
  now: () => number,
): (account: string) => Promise<Crowd[]> {
  const known = new Map<string, { atMs: number; crowds: Promise<Crowd[]> }>();
  const looking = new Set<string>();

  async function look(account: string): Promise<Crowd[]> {
    const crowds = new Map<string, Crowd>();
    for await (const page of people.scan(account)) {
      for (const person of page) {
        if (person.consent !== 'subscribed' || isBlocked(person, now())) continue;
        const { who, topics, breakingOnly, isUs, inboundMs = 0 } = person;
        const isOpen = inboundMs + windowMs > now();
        const start = who.includes('.') ? 'id' : who.slice(0, priceDigits);
        const key = [start, topics?.join(',') ?? '', breakingOnly, isUs, isOpen].join(' ');
        const crowd = crowds.get(key);
        if (crowd) crowd.count += 1;
        else crowds.set(key, { who, ...(topics ? { topics } : {}), breakingOnly, isUs, isOpen, count: 1 });
      }
    }
    return [...crowds.values()];
  }

  return (account) => {
    const last = known.get(account);
    if (last && (last.atMs + keptMs > now() || looking.has(account))) return last.crowds;
    const next = { atMs: now(), crowds: look(account) };
    looking.add(account);
    next.crowds
      .then(
        () => known.set(account, next),
        () => known.delete(account),
      )
      .finally(() => looking.delete(account));
    if (!last) known.set(account, next);
    return (last ?? next).crowds;
  };
}

function isBlocked({ blocked }: Person, nowMs: number): boolean {
  return blocked !== undefined && (blocked.untilMs === undefined || blocked.untilMs > nowMs);
}

export interface EstimateDeps {
  platform: Pick<Platform, 'audience' | 'forms'>;
  subscriptions: Subscriptions | undefined;
  crowds(account: string): Promise<readonly Crowd[]>;
  /** What one message costs (see `Pacing.cost`). */
  cost(channel: Channel, recipient: string, post: Spent): number;
}

/** Says of each channel's list who would get an article. `post`: what the channel says, as it composes it. */
export type Estimate = (
  channel: Channel,
  article: Article,
  post: Spent,
) => Promise<{ people: number; cost: number } | undefined>;

/** Who would get the article by a list of the channel if it went now, and what all of it costs; undefined: it has no list. */
export async function estimateList(
  { platform, subscriptions, crowds, cost }: EstimateDeps,
  ...[channel, article, post]: Parameters<Estimate>
): ReturnType<Estimate> {
  const [audience, forms] = [platform.audience?.(channel), platform.forms?.(channel)];
  if (!audience || !forms) return undefined;
  const priceOf = (recipient: string) => cost(channel, recipient, post);
  if (audience !== 'subscribers') {
    const people = audience.people.filter((recipient) => !post.template || !isOfUs(recipient.replace(/^\+/, '')));
    return { people: people.length, cost: people.reduce((sum, recipient) => sum + priceOf(recipient), 0) };
  }
  const own = new Set(subscriptions?.topics.filter(({ filters }) => accepts(filters, article)).map(({ id }) => id));
  const hasTopics = (subscriptions?.topics.length ?? 0) > 0;
  const total = { people: 0, cost: 0 };
  for (const { who, topics, breakingOnly, isUs, isOpen, count } of await crowds(channel.account)) {
    const isFree = forms.mode === 'text' || (forms.mode === 'window' && isOpen);
    if (hasTopics && topics && !topics.some((id) => own.has(id))) continue;
    if ((breakingOnly && article.priority !== 'breaking') || (isUs && !isFree)) continue;
    total.people += count;
    if (!isFree) total.cost += count * priceOf(who.includes('.') ? who : `+${who}`);
  }
  return total;
}
