import { z } from 'zod';
import type { Account } from '../core/channel.ts';
import type { Budget } from '../core/limits.ts';
import { platforms } from '../platforms/index.ts';
import type { Config } from './config.ts';
import { count } from './fields.ts';
import { oneOf } from './issue.ts';
import { describe } from './problem.ts';
import type { Report } from './report.ts';

const amountText = 'an amount of money such as 12.50';
const amount = z.number(amountText).min(0, amountText).max(1_000_000, amountText);
const shareText = 'a share such as "20%"';
const share = z
  .string(shareText)
  .regex(/^([1-9]?\d|100)%$/, shareText)
  .transform((text) => Number.parseInt(text, 10) / 100);

const allowance = z.strictObject({
  requests: count(0, 1_000_000_000).optional().describe('Publishing requests.'),
  recipients: count(0, 1_000_000_000).optional().describe('Messages to single people.'),
  money: amount.optional().describe('Money, in the currency of the prices.'),
});

const budget = z.strictObject({
  day: allowance.prefault({}).describe('What may be spent in a day of the time zone.'),
  month: allowance.prefault({}).describe('What may be spent in a month of the time zone.'),
  reserve: share.prefault('0%').describe('Share of it that only breaking news may spend.'),
  whenSpent: z
    .enum(['hold', 'dropLink', 'stop'])
    .default('hold')
    .describe(
      'A post that the budget does not cover: hold waits for the next day or month, dropLink goes without its link where that is cheaper and holds else, stop gives it up.',
    ),
  prices: z
    .record(z.string(), amount, 'a map of prices')
    .optional()
    .describe('What a post costs: on X "post" and "link"; on WhatsApp by calling code such as "963", and "default".'),
});

/** The setting `budgets`: by the name of an account. */
export const budgets = z.record(z.string(), budget, 'a map from account names to their budgets');

/** The budgets as the program uses them; accounts and prices that do not exist are reported. */
export function readBudgets(
  given: z.infer<typeof budgets>,
  accounts: Record<string, Account>,
  report: Report,
): Config['budgets'] {
  const read: Record<string, Budget> = {};
  for (const [id, { day, month, reserve, whenSpent, prices = {} }] of Object.entries(given)) {
    const account = accounts[id];
    if (!account) {
      const remedy = 'Name one of the accounts above, or remove it.';
      report.problem(['budgets', id], {
        expected: oneOf(Object.keys(accounts)) || 'an account',
        got: describe(id),
        remedy,
      });
      continue;
    }
    const isPrice = platforms[account.platform]?.pricing?.isName;
    for (const name of Object.keys(prices)) {
      if (isPrice?.(name)) continue;
      const expected = isPrice ? 'a price of this platform' : 'no prices: posting there costs nothing';
      const remedy = 'Correct or remove it.';
      report.problem(['budgets', id, 'prices', name], { expected, got: describe(name), remedy });
    }
    read[id] = { day: known(day), month: known(month), reserve, whenSpent, prices };
  }
  return read;
}

const known = (given: z.infer<typeof allowance>) =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
