import { describe, expect, it } from 'vitest';
import { arrivalsOf } from '../../../src/pipeline/arrivals.ts';
import { draftArticle } from '../../support/installation.ts';

const timezone = 'Asia/Damascus';
const fromMs = Date.parse('2026-11-28T06:00:00+03:00');
const toMs = Date.parse('2026-11-29T06:00:00+03:00');
const iso = (text: string) => new Date(text).toISOString();
const timesOf = (drafts: Parameters<typeof arrivalsOf>[0], change: { spreadMs?: number } = {}) =>
  arrivalsOf(drafts, { fromMs, toMs, timezone, ...change }).map(({ atMs }) => new Date(atMs).toISOString());

describe('articles of a simulated day', () => {
  it('come in at the time of day at which they were published, the first one from the start on', () => {
    const drafts = [
      draftArticle({ publishedAt: '2025-05-01T05:59:00+03:00' }),
      draftArticle({ publishedAt: '2025-05-01T06:00:00+03:00' }),
      draftArticle({ publishedAt: '2025-05-02T20:30:00Z' }),
    ];
    expect(timesOf(drafts)).toEqual([
      iso('2026-11-28T06:00:00+03:00'),
      iso('2026-11-28T23:30:00+03:00'),
      iso('2026-11-29T05:59:00+03:00'),
    ]);
  });

  it('come in evenly where they do not say when, and so far apart where that is asked for', () => {
    const drafts = [draftArticle(), draftArticle({ publishedAt: '2025-05-01T08:00:00+03:00' }), draftArticle()];
    expect(timesOf(drafts)).toEqual([
      iso('2026-11-28T06:00:00+03:00'),
      iso('2026-11-28T08:00:00+03:00'),
      iso('2026-11-28T18:00:00+03:00'),
    ]);
    expect(timesOf(drafts, { spreadMs: 600_000 })).toEqual([
      iso('2026-11-28T06:00:00+03:00'),
      iso('2026-11-28T06:10:00+03:00'),
      iso('2026-11-28T06:20:00+03:00'),
    ]);
  });

  it('keep an embargo that is to come, and hold one of their own day as long as then', () => {
    const publishedAt = '2025-05-01T08:00:00+03:00';
    const drafts = ['2026-12-24T18:00:00+03:00', '2025-05-01T09:30:00+03:00', '2025-05-01T07:00:00+03:00'].map(
      (embargoUntil) => draftArticle({ publishedAt, embargoUntil }),
    );
    const embargoes = arrivalsOf(drafts, { fromMs, toMs, timezone }).map(({ draft }) => iso(draft.embargoUntil ?? ''));
    expect(embargoes).toEqual([
      iso('2026-12-24T18:00:00+03:00'),
      iso('2026-11-28T09:30:00+03:00'),
      iso('2025-05-01T07:00:00+03:00'),
    ]);
  });
});
