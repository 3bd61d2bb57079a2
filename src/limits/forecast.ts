import type { Allowance, Budget } from '../core/limits.ts';
import type { Periods } from './periods.ts';

/** How far one budget of one period is used. */
export interface BudgetState {
  account: string;
  period: 'day' | 'month';
  of: 'requests' | 'recipients' | 'money';
  spent: number;
  /** Null: without end. */
  most: number | null;
  /** What only breaking news may spend of it. */
  reserved: number;
  /** When it ends at the rate of this period so far (ISO 8601); null where the period ends first, or nothing is set. */
  endsAt: string | null;
}

const kinds = ['requests', 'recipients', 'money'] as const;
/** A forecast from less than this is none. */
const leastElapsedMs = 15 * 60_000;

/** The budgets of one account that are set or were used. `startsMs`: when the day and the month began. */
export function budgetStates(
  { account, budget, periods, now }: { account: string; budget: Budget | undefined; periods: Periods; now: number },
  spent: Record<'day' | 'month', Required<Allowance>>,
): BudgetState[] {
  return (['day', 'month'] as const).flatMap((period) =>
    kinds.flatMap((of): BudgetState[] => {
      const most = budget?.[period][of];
      const used = spent[period][of];
      if (most === undefined && used === 0) return [];
      const begins = period === 'day' ? periods.dayBeginsMs : periods.monthBeginsMs;
      const ends = period === 'day' ? periods.dayEndsMs : periods.monthEndsMs;
      const endsMs = most === undefined ? undefined : exhausted({ used, most, elapsedMs: now - begins, now });
      return [
        {
          ...{ account, period, of, spent: used, most: most ?? null },
          reserved: (most ?? 0) * (budget?.reserve ?? 0),
          endsAt: endsMs !== undefined && endsMs < ends ? new Date(endsMs).toISOString() : null,
        },
      ];
    }),
  );
}

function exhausted(of: { used: number; most: number; elapsedMs: number; now: number }): number | undefined {
  const { used, most, elapsedMs, now } = of;
  if (used >= most) return now;
  if (used === 0 || elapsedMs < leastElapsedMs) return undefined;
  return now + ((most - used) * elapsedMs) / used;
}
