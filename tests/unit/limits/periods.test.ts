import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPeriods } from '../../../src/limits/periods.ts';

const zones = ['UTC', 'Asia/Damascus', 'Africa/Cairo', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Chatham'];
const instants = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2031, 0, 1) });

describe('periods', () => {
  it('hold their instant, and end where the next one begins', () => {
    fc.assert(
      fc.property(fc.constantFrom(...zones), instants, (zone, at) => {
        const periods = createPeriods(zone)(at);
        expect(periods.dayBeginsMs).toBeLessThanOrEqual(at);
        expect(periods.dayEndsMs).toBeGreaterThan(at);
        expect(periods.monthBeginsMs).toBeLessThanOrEqual(periods.dayBeginsMs);
        expect(periods.monthEndsMs).toBeGreaterThanOrEqual(periods.dayEndsMs);
        const next = createPeriods(zone)(periods.dayEndsMs);
        expect(next.day > periods.day).toBe(true);
        expect(next.dayBeginsMs).toBe(periods.dayEndsMs);
        const hours = (periods.dayEndsMs - periods.dayBeginsMs) / 3_600_000;
        expect(hours).toBeGreaterThanOrEqual(23);
        expect(hours).toBeLessThanOrEqual(25);
        expect(createPeriods(zone)(periods.monthEndsMs).month > periods.month).toBe(true);
      }),
    );
  });

  it('are those of the wall clock, also where the clocks change', () => {
    const at = (zone: string, iso: string) => createPeriods(zone)(Date.parse(iso));
    expect(at('Asia/Damascus', '2026-11-25T21:30:00Z')).toMatchObject({ day: '2026-11-26', month: '2026-11' });
    // Cairo's clocks go on by an hour at midnight: that day has 23 hours.
    const { dayBeginsMs, dayEndsMs } = at('Africa/Cairo', '2026-04-24T12:00:00Z');
    expect((dayEndsMs - dayBeginsMs) / 3_600_000).toBe(23);
    expect(at('UTC', '2026-12-31T23:59:59Z')).toMatchObject({ monthEndsMs: Date.UTC(2027, 0, 1) });
  });

  it('are remembered for their day alone', () => {
    const periods = createPeriods('UTC');
    expect(periods(Date.UTC(2026, 0, 2, 5)).day).toBe('2026-01-02');
    expect(periods(Date.UTC(2026, 0, 1, 5)).day).toBe('2026-01-01');
    expect(periods(Date.UTC(2026, 0, 3, 0)).day).toBe('2026-01-03');
  });
});
