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

/** A digest to be made. */
export interface DigestWish {
  schedule: string;
  /** When it was due (epoch ms): what came later goes into the next one. */
  tickMs: number;
  /** Absent: a usual one, by the language of the channel. */
  title?: string;
  /** Most entries. */
  top: number;
  /** With fewer, nothing is sent, and all wait for the next digest. */
  least: number;
}

/** What is to be shared again. */
export interface ReshareWish {
  schedule: string;
  /** When it was due (epoch ms). */
  tickMs: number;
  /** Only articles with one of these. */
  tags: readonly string[];
  /** Not before it was on the channel for so long. */
  afterMs: number;
  /** Most times on a channel, the first post not counted. */
  times: number;
  /** What stands before the headline, one after the other; absent: usual ones, by language. */
  leads?: readonly string[];
}

/** What actions may do to the installation. An action that needs more adds it here. */
export interface ActionPorts {
  /** Forgets articles accepted before an instant (epoch ms) that are done with. Resolves to how many. */
  forget(beforeMs: number): Promise<number>;
  /** By channel; `published` and `failed` are those from one instant (epoch ms) to before the other. */
  tally(fromMs: number, untilMs: number): Promise<Record<string, ChannelTally>>;
  /** Sends a channel its digest. Resolves to how many entries it has, and how many were left out. Throws where there is no such channel. */
  digest(channel: string, wish: DigestWish): Promise<{ entries: number; left: number }>;
  /** Shares one article again on a channel. Resolves to its id; undefined: there is none. Throws where there is no such channel. */
  reshare(channel: string, wish: ReshareWish): Promise<string | undefined>;
  /** Has a feed read at once. Throws where there is no such feed. */
  poll(feed: string): Promise<void>;
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
