import { describe, expect, it } from 'vitest';
import type { Timetable } from '../../../src/core/timetable.ts';
import { changesBetween } from '../../../src/schedule/changes.ts';

const daily = [0, 1, 2, 3, 4, 5, 6];
const base: Timetable = {
  ...{ zone: 'Asia/Damascus', windows: [], quiet: [], weekend: [5, 6], holidays: [], onHoliday: 'usual' },
};
const at = (time: string) => Date.parse(`${time}+03:00`);

describe('what changes in a timetable', () => {
  it('is told with its time and reason, in order', () => {
    const windows = [{ days: daily, fromMinute: 420, toMinute: 1380 }];
    const quiet = [{ days: daily, fromMinute: 780, toMinute: 840 }];
    const changes = changesBetween({ ...base, windows, quiet }, at('2026-11-28T06:00'), at('2026-11-28T23:00'));
    expect(changes).toEqual([
      { atMs: at('2026-11-28T07:00'), opens: true },
      { atMs: at('2026-11-28T13:00'), opens: false, because: 'quiet hours' },
      { atMs: at('2026-11-28T14:00'), opens: true },
      { atMs: at('2026-11-28T23:00'), opens: false, because: 'outside its windows' },
    ]);
  });

  it('is nothing where it is always open', () => {
    expect(changesBetween(base, at('2026-11-28T06:00'), at('2027-11-28T06:00'))).toEqual([]);
  });
});
