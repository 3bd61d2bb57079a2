import { readCron, type WallMs } from './cron-fields.ts';
import { type Stretch, stretchAt } from './zone.ts';

/** When a cron expression ticks in a time zone. Instants are epoch milliseconds, whole seconds. */
export interface Cron {
  /** The first tick after an instant; none within decades: never. */
  nextTick(afterMs: number): number | undefined;
  /** The ticks after `fromMs` up to and with `toMs`, oldest first; the first `most` of them. */
  ticksBetween(fromMs: number, toMs: number, most?: number): number[];
  /** The last `most` ticks after `fromMs` up to and with `toMs`, oldest first. */
  lastTicks(fromMs: number, toMs: number, most: number): number[];
}

const dayMs = 86_400_000;

/**
 * An expression of five or six fields in a zone (IANA name), by the clocks on the walls there. A local time that does not
 * exist ticks at the first instant after the gap, one that occurs twice ticks the first time. An expression for every hour
 * follows elapsed time instead: it ticks in both of two equal hours, and nothing is made up for one that is left out.
 * Throws `RangeError` where the expression cannot be read.
 */
export function createCron(expression: string, zone: string): Cron {
  const { everyHour, firstFrom } = readCron(expression);
  let stretch: Stretch | undefined;

  function stretchOf(atMs: number): Stretch {
    if (!stretch || atMs < stretch.fromMs || atMs >= stretch.untilMs) stretch = stretchAt(atMs, zone);
    return stretch;
  }

  /** The first tick at or after an instant, within the stretch that it lies in. */
  function firstWithin({ fromMs, untilMs, offsetMs, earlierMs }: Stretch, atMs: number): number | undefined {
    const shown: WallMs = fromMs + earlierMs;
    if (!everyHour && atMs === fromMs && earlierMs < offsetMs) {
      const left = firstFrom(shown);
      if (left !== undefined && left < fromMs + offsetMs) return fromMs;
    }
    const from = everyHour ? atMs + offsetMs : Math.max(atMs + offsetMs, shown);
    const wall = firstFrom(from);
    const found = wall === undefined ? undefined : wall - offsetMs;
    return found !== undefined && found < untilMs ? found : undefined;
  }

  function nextTick(afterMs: number): number | undefined {
    // Ticks are whole seconds.
    let atMs = Math.floor(afterMs / 1000) * 1000 + 1000;
    for (;;) {
      const here = stretchOf(atMs);
      const found = firstWithin(here, atMs);
      if (found !== undefined || here.untilMs === Number.POSITIVE_INFINITY) return found;
      // Nothing comes before the next match on the wall; clocks are put by less than a day.
      const wall = firstFrom(here.untilMs + here.offsetMs - dayMs);
      if (wall === undefined) return undefined;
      atMs = Math.max(here.untilMs, wall - here.offsetMs - 2 * dayMs);
    }
  }

  function ticksBetween(fromMs: number, toMs: number, most = Number.POSITIVE_INFINITY): number[] {
    const found: number[] = [];
    for (
      let tick = nextTick(fromMs);
      tick !== undefined && tick <= toMs && found.length < most;
      tick = nextTick(tick)
    ) {
      found.push(tick);
    }
    return found;
  }

  return {
    nextTick,
    ticksBetween,
    lastTicks(fromMs, toMs, most) {
      for (let width = 60_000; ; width *= 4) {
        const start = Math.max(fromMs, toMs - width);
        const found = ticksBetween(start, toMs);
        if (found.length >= most || start === fromMs) return found.slice(-most);
      }
    },
  };
}
