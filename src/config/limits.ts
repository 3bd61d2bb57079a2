import { z } from 'zod';
import type { Account } from '../core/channel.ts';
import type { CatchUp, Rate, RateRule } from '../core/limits.ts';
import { platforms } from '../platforms/index.ts';
import type { Config } from './config.ts';
import { duration } from './fields.ts';
import { oneOf } from './issue.ts';
import { describe } from './problem.ts';
import type { Report } from './report.ts';

const rateText = 'a rate such as "20/1m", a list of rates, or none';
const ratePattern = /^([1-9]\d{0,8})\/(\d{1,6})(ms|s|m|h|d)$/;
const unitsMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const longestMs = 31 * 86_400_000;

const rate = z.string().regex(ratePattern, rateText);
const rates = z
  .union([z.literal('none'), rate, z.array(rate).min(1)], { error: rateText })
  .refine((given) => given === 'none' || [given].flat().every((one) => isPossible(parseRate(one))), rateText)
  .transform((given): Rate[] => (given === 'none' ? [] : [given].flat().map(parseRate)));

const oneRateText = 'a rate such as "6/10m", or none';
const oneRate = z
  .union([z.literal('none'), rate], { error: oneRateText })
  .refine((given) => given === 'none' || isPossible(parseRate(given)), oneRateText)
  .transform((given): Rate[] => (given === 'none' ? [] : [parseRate(given)]));

function parseRate(text: string): Rate {
  const [, count, number, unit = ''] = ratePattern.exec(text) ?? [];
  return { count: Number(count), perMs: Number(number) * (unitsMs[unit] ?? Number.NaN) };
}

const isPossible = ({ perMs }: Rate) => perMs >= 10 && perMs <= longestMs;

/** As a person writes it, such as `20/1m`. */
export function formatRate({ count, perMs }: Rate): string {
  const unit = ['d', 'h', 'm', 's', 'ms'].find((name) => perMs % (unitsMs[name] ?? 1) === 0) ?? 'ms';
  return `${count}/${perMs / (unitsMs[unit] ?? 1)}${unit}`;
}

const ruleFields = (rules: readonly RateRule[]) =>
  z.strictObject(
    Object.fromEntries(rules.map(({ id, about, rates: usual }) => [id, ruleField(about, usual).optional()])),
  );

function ruleField(about: string, usual: readonly Rate[]) {
  const given = usual.length === 0 ? 'as its answers tell' : usual.map(formatRate).join(' and ');
  return rates.describe(`${about[0]?.toUpperCase()}${about.slice(1)}; ${given} unless set.`);
}

/** How a backlog is worked off; for all channels, and for one. */
export const catchUp = z.strictObject({
  after: duration({ least: '1s', most: '31d' })
    .prefault('15m')
    .describe('What is late by more than this is a backlog: the newest of it goes first.'),
  rate: oneRate
    .prefault('6/10m')
    .describe('How many articles of a backlog a channel posts in what time; none: as fast as the other limits permit.'),
});

export function readCatchUp({ after, rate: given }: z.infer<typeof catchUp>): CatchUp {
  return { afterMs: after, rates: given };
}

/** The setting `limits`. */
export const limits = z.strictObject({
  enabled: z
    .boolean()
    .default(true)
    .describe(
      'true: limits are taken before anything is sent. false: a delivery waits only when its platform asks for that.',
    ),
  margin: duration({ least: '0s', most: '10s' })
    .prefault('30ms')
    .describe('Each window is taken to be this much longer, as requests do not all travel equally fast.'),
  catchUp: catchUp.prefault({}).describe('How channels come out of an outage.'),
  ...Object.fromEntries(
    Object.values(platforms).map(({ id, name, rates: rules }) => [
      id,
      ruleFields(rules).optional().describe(`Limits of ${name}, for all its accounts.`),
    ]),
  ),
  accounts: z
    .record(z.string(), z.record(z.string(), rates), 'a map from account names to their limits')
    .optional()
    .describe('Limits of single accounts, by name; they go before those of the platform.'),
});

type Given = z.infer<typeof limits>;
type Rules = Record<string, Rate[]>;

/** The setting as the program uses it; accounts and rules that do not exist are reported. */
export function readLimits(given: Given, accounts: Record<string, Account>, report: Report): Config['limits'] {
  const byAccount = given.accounts ?? {};
  for (const [id, rules] of Object.entries(byAccount)) {
    const path = ['limits', 'accounts', id];
    const account = accounts[id];
    if (!account) {
      const remedy = 'Name one of the accounts above, or remove it.';
      report.problem(path, { expected: oneOf(Object.keys(accounts)) || 'an account', got: describe(id), remedy });
      continue;
    }
    const known = platforms[account.platform]?.rates.map((rule) => rule.id) ?? [];
    for (const rule of Object.keys(rules)) {
      if (known.includes(rule)) continue;
      const remedy = `Correct or remove it.`;
      report.problem([...path, rule], { expected: oneOf(known) || 'no limit', got: describe(rule), remedy });
    }
  }
  const ofPlatform = given as unknown as Record<string, Rules | undefined>;
  return {
    enabled: given.enabled,
    marginMs: given.margin,
    catchUp: readCatchUp(given.catchUp),
    platforms: Object.fromEntries(Object.keys(platforms).map((id) => [id, ofPlatform[id] ?? {}])),
    accounts: byAccount,
  };
}
