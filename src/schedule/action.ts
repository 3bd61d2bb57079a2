import type { z } from 'zod';

/** How many deliveries of one channel are in a state: those that got there in a period, or those that are there now. */
export interface ChannelTally {
  published: number;
  failed: number;
  /** Now: a person has to decide. */
  held: number;
  /** Now: not posted yet. */
  waiting: number;
}

/** What actions may do to the installation. An action that needs more adds it here. */
export interface ActionPorts {
  /** Forgets articles accepted before an instant (epoch ms) that are done with. Resolves to how many. */
  forget(beforeMs: number): Promise<number>;
  /** By channel; `published` and `failed` are those from one instant (epoch ms) to before the other. */
  tally(fromMs: number, untilMs: number): Promise<Record<string, ChannelTally>>;
  /** Says something to whoever is to be told. Lines are separated by `\n`. */
  tell(text: string): void | Promise<void>;
  /** How long finished articles are kept where the schedule says nothing else. */
  retentionDays: number;
}

/** One run of an action. */
export interface ActionRun<Settings = Readonly<Record<string, unknown>>> {
  schedule: string;
  /** IANA name. */
  timezone: string;
  settings: Settings;
  /** The tick (epoch ms), the one before it, and the clock of all processes. */
  atMs: number;
  previousMs: number;
  now(): number;
  /** Fires when the run is no longer this process's. */
  signal: AbortSignal;
  ports: ActionPorts;
}

/** Something that a schedule can do. A run can be cut off anywhere and begun again: it has to be safe to repeat. */
export interface Action {
  /** What stands behind `action:`. */
  id: string;
  /** One sentence for the documentation. */
  about: string;
  /** Its own keys in the configuration. */
  settings: z.ZodObject;
  /** Those of its keys that name channels, one or a list: they are checked to be there. */
  channelKeys?: readonly string[];
  /** Resolves to what was done, in words. Throws where it should be tried again. */
  run(run: ActionRun): Promise<string>;
}

/** An action whose `run` gets its settings as its schema gives them. */
export function defineAction<Settings extends z.ZodObject>(action: {
  id: string;
  about: string;
  settings: Settings;
  channelKeys?: readonly (keyof z.infer<Settings> & string)[];
  run(run: ActionRun<z.infer<Settings>>): Promise<string>;
}): Action {
  return { ...action, run: (run) => action.run({ ...run, settings: run.settings as z.infer<Settings> }) };
}
