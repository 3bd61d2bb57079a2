/** Something that is done at certain times, as the configuration names it. */
export interface Schedule {
  id: string;
  /** Five fields, or six with seconds in front. */
  cron: string;
  /** IANA name of the zone whose clocks count. */
  timezone: string;
  /** What is done: an id of the registry. */
  action: string;
  /** What happens to ticks that nobody was there for within the grace: `once` makes up for the newest of them. */
  missed: 'once' | 'skip';
  graceMs: number;
  /** A tick that comes while a run is under way is left out. */
  noOverlap: boolean;
  /** The action's own keys. */
  settings: Readonly<Record<string, unknown>>;
}

/**
 * - `waiting`: to be run, or to be run again after a failure.
 * - `running`: under a lease; one whose lease has ended is run again.
 * - `done`, `failed`: how it ended.
 * - `missed`: nobody was there within the grace.
 * - `skipped`: another run of the schedule was under way, or the schedule is no longer there.
 */
export type TickState = 'waiting' | 'running' | 'done' | 'failed' | 'missed' | 'skipped';

/** One tick of one schedule, and what became of it. Times are ISO 8601. */
export interface Tick {
  schedule: string;
  /** When it was due: the instant that it is known by. */
  at: string;
  state: TickState;
  /** When it was recorded. */
  madeAt: string;
  /** Runs that were begun. */
  attempts: number;
  /** Of the last run. */
  startedAt: string | null;
  endedAt: string | null;
  /** What the run did, or why it failed or was left out, in words. */
  note: string | null;
}
