import type { Allowance, Budget, Spending } from '../core/limits.ts';
import type { Platform } from '../core/platform.ts';
import type { Post } from '../core/post.ts';
import type { Periods } from './periods.ts';

/** What a claim takes from an account's budget: in whole numbers, money in millionths. */
export interface Charge {
  account: string;
  day: string;
  month: string;
  requests: number;
  recipients: number;
  /** Of each part, in millionths. */
  money: number[];
  /** What may be spent of each in the day and in the month; -1: without end. */
  most: { day: [number, number, number]; month: [number, number, number] };
  /** Share that only breaking news may spend. */
  reserve: number;
  /** How long from now the day and the month last. */
  endsInMs: { day: number; month: number };
}

/** Prices as Redis counts them. */
export function inMillionths(prices: Budget['prices']): Record<string, number> {
  return Object.fromEntries(Object.entries(prices).map(([name, price]) => [name, millionths(price)]));
}

const millionths = (money: number) => Math.round(money * 1_000_000);

/** What of a post decides what it costs. */
export type Spent = Pick<Post, 'parts' | 'steps' | 'template'>;

/** What a post spends: in money each step, by its final text. */
export function spendingOf(
  { pricing }: Platform,
  { post, recipient, prices }: { post: Spent; recipient: string | undefined; prices: Budget['prices'] },
): Spending {
  const { parts, steps = parts.map((_, part) => ({ do: 'send' as const, part })) } = post;
  const money = steps.map((step) => {
    if (step.do === 'remove') return pricing?.removal?.(prices) ?? 0;
    const part = step.do === 'send' ? parts[step.part] : undefined;
    return part ? (pricing?.priceOf(part, { recipient, template: post.template !== undefined, prices }) ?? 0) : 0;
  });
  return { requests: 1, recipients: recipient === undefined ? 0 : 1, money };
}

/** The charge on its account, whether or not a budget is set: what is spent is counted in any case. */
export function chargeOf(
  { account, budget, periods, now }: { account: string; budget: Budget | undefined; periods: Periods; now: number },
  { requests, recipients, money }: Spending,
): Charge {
  return {
    account,
    day: periods.day,
    month: periods.month,
    requests,
    recipients,
    money: money.map(millionths),
    most: { day: mostOf(budget?.day), month: mostOf(budget?.month) },
    reserve: budget?.reserve ?? 0,
    endsInMs: { day: periods.dayEndsMs - now, month: periods.monthEndsMs - now },
  };
}

function mostOf({ requests = -1, recipients = -1, money }: Allowance = {}): [number, number, number] {
  return [requests, recipients, money === undefined ? -1 : millionths(money)];
}
