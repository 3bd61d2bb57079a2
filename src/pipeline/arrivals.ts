import { instantOf, wallTimeAt } from '../schedule/zone.ts';
import type { ArticleDraft } from '../sources/index.ts';
import type { Arrival } from './simulate.ts';

export interface ArrivalOptions {
  fromMs: number;
  toMs: number;
  /** The articles come in so far apart, whatever they say themselves. */
  spreadMs?: number | undefined;
  /** IANA name. */
  timezone: string;
}

/**
 * When articles come in, in a simulation of a day: at the time of day at which each was published, the first such time
 * from `fromMs` on; those that do not say when, evenly over the whole time. In order of their times.
 */
export function arrivalsOf(drafts: readonly ArticleDraft[], options: ArrivalOptions): Arrival[] {
  const { fromMs, toMs, spreadMs, timezone } = options;
  const undated = drafts.filter(({ publishedAt }) => publishedAt === undefined);
  const stepMs = undated.length === 0 ? 0 : (toMs - fromMs) / undated.length;
  return drafts
    .map((draft, index): Arrival => {
      if (spreadMs !== undefined) return { atMs: fromMs + index * spreadMs, draft };
      if (draft.publishedAt === undefined) return { atMs: Math.floor(fromMs + undated.indexOf(draft) * stepMs), draft };
      return { atMs: sameTimeOfDay(Date.parse(draft.publishedAt), fromMs, timezone), draft };
    })
    .map(({ atMs, draft }) => ({ atMs, draft: withEmbargo(draft, atMs) }))
    .sort((one, other) => one.atMs - other.atMs);
}

function sameTimeOfDay(atMs: number, fromMs: number, timezone: string): number {
  const { hour, minute, second } = wallTimeAt(atMs, timezone);
  const { year, month, day } = wallTimeAt(fromMs, timezone);
  const onDay = (days: number) => instantOf({ year, month, day: day + days, hour, minute, second }, timezone);
  return onDay(0) < fromMs ? onDay(1) : onDay(0);
}

/** An embargo that held when the article was published holds as long in the simulation. */
function withEmbargo(draft: ArticleDraft, atMs: number): ArticleDraft {
  const { publishedAt, embargoUntil } = draft;
  if (publishedAt === undefined || embargoUntil === undefined) return draft;
  const [publishedMs, untilMs] = [Date.parse(publishedAt), Date.parse(embargoUntil)];
  if (untilMs <= publishedMs || untilMs > atMs) return draft;
  return { ...draft, embargoUntil: new Date(atMs + untilMs - publishedMs).toISOString() };
}
