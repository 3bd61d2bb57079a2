import { describe, expect, it } from 'vitest';
import type { Budget } from '../../../src/core/limits.ts';
import { budgetStates } from '../../../src/limits/forecast.ts';
import { createPeriods } from '../../../src/limits/periods.ts';

const now = Date.UTC(2026, 10, 25, 6);
const periods = createPeriods('UTC')(now);
const nothing = { requests: 0, recipients: 0, money: 0 };
const budget: Budget = { day: { money: 10 }, month: {}, reserve: 0.2, whenSpent: 'hold', prices: {} };
const states = (day: object, given = { budget } as { budget: Budget | undefined }) =>
  budgetStates({ account: 'x-main', ...given, periods, now }, { day: { ...nothing, ...day }, month: nothing });

describe('the forecast', () => {
  it('tells when a budget ends at the rate so far', () => {
    expect(states({ money: 5 })).toEqual([
      {
        ...{ account: 'x-main', period: 'day', of: 'money', spent: 5, most: 10, reserved: 2 },
        endsAt: '2026-11-25T12:00:00.000Z',
      },
    ]);
  });

  it('is none where the period ends first, nothing was spent or too little time has passed', () => {
    expect(states({ money: 1 })[0]?.endsAt).toBeNull();
    expect(states({ money: 0 })[0]?.endsAt).toBeNull();
    expect(states({ money: 10 })[0]?.endsAt).toBe(new Date(now).toISOString());
  });

  it('shows what was used without a budget, too', () => {
    expect(states({ requests: 3 }, { budget: undefined })).toMatchObject([
      { of: 'requests', spent: 3, most: null, endsAt: null },
    ]);
  });
});
