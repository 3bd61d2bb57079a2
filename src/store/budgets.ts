import type { Redis } from 'ioredis';

/** What an account has spent in one period; money in the currency of its prices. */
export interface Spent {
  requests: number;
  recipients: number;
  money: number;
}

/** What the accounts have spent: counted with each claim, given back where nothing was sent. */
export interface Budgets {
  /** `period` is a day (`2026-11-25`) or a month (`2026-11`). */
  spent(account: string, period: string): Promise<Spent>;
}

export function openBudgets(redis: Redis, prefix: string): Budgets {
  return {
    async spent(account, period) {
      const values = await redis.hmget(`${prefix}:spent:${account}:${period}`, 'requests', 'recipients', 'money');
      const [requests = 0, recipients = 0, money = 0] = values.map(Number);
      return { requests, recipients, money: money / 1_000_000 };
    },
  };
}
