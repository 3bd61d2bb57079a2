import type { Timetable } from '../core/timetable.ts';
import { openingAt } from './timetable.ts';

/** An instant (epoch ms) at which a timetable opens or closes. */
export interface Change {
  atMs: number;
  opens: boolean;
  /** Why it closes. */
  because?: string;
}

/** When a timetable opens and closes after `fromMs`, up to and with `toMs`. Pure. */
export function changesBetween(timetable: Timetable, fromMs: number, toMs: number): Change[] {
  const changes: Change[] = [];
  for (let at = openingAt(timetable, fromMs).changesAt; at !== undefined && at <= toMs; ) {
    const { isOpen, because, changesAt } = openingAt(timetable, at);
    changes.push({ atMs: at, opens: isOpen, ...(because === undefined ? {} : { because }) });
    at = changesAt;
  }
  return changes;
}
