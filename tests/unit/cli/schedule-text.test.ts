import { describe, expect, it } from 'vitest';
import { durationInWords, renderLines } from '../../../src/cli/schedule-text.ts';

const at = (text: string) => Date.parse(text);
const line = (atMs: number, change: object = {}) => ({
  ...{ atMs, article: 'a1', title: 'The harbour library opens', channel: 'x-ar', what: 'published', reason: '' },
  ...change,
});

describe('a list of times', () => {
  it('stands under its days, with reasons, in the time of the newsroom', () => {
    const lines = [
      line(at('2026-11-28T20:30:05Z'), { reason: 'waited 5 min for the end of its embargo' }),
      line(at('2026-11-28T21:30:00Z'), {
        title: 'A headline that is so long that it has no room in one row of a list',
      }),
    ];
    expect(renderLines(lines, { timezone: 'Asia/Damascus', most: 50 }).split('\n')).toEqual([
      'Saturday, 28 November 2026',
      '  23:30:05  x-ar  published  The harbour library opens',
      '            waited 5 min for the end of its embargo',
      'Sunday, 29 November 2026',
      '  00:30:00  x-ar  published  A headline that is so long that it has no …',
    ]);
  });

  it('shows the people of one channel as one within a minute, and counts what is too much', () => {
    const start = at('2026-11-28T08:00:00Z');
    const crowd = Array.from({ length: 70 }, (_, index) => line(start + index * 1_000, { channel: 'whatsapp-ar' }));
    expect(renderLines(crowd, { timezone: 'UTC', most: 50 })).toMatch(
      /08:00:59 {2}whatsapp-ar \(60\) .*\n.*whatsapp-ar \(10\)/,
    );
    const many = Array.from({ length: 12 }, (_, index) => line(start + index * 60_000));
    expect(renderLines(many, { timezone: 'UTC', most: 10 }).split('\n').at(-1)).toBe(
      '  and 2 more; --json shows them all',
    );
  });

  it('tells lengths of time in their two largest units', () => {
    expect([400, 59_600, 3_600_000, 3_905_000, 90_000_000].map(durationInWords)).toEqual([
      '0 s',
      '1 min',
      '1 h',
      '1 h 5 min',
      '1 d 1 h',
    ]);
  });
});
