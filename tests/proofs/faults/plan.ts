import { resolve } from 'node:path';
import { UsageError } from '../proof.ts';

/** How large a run is, and what is done in it. */
export interface Plan {
  /** The tree under test. */
  root: string;
  deliveries: number;
  kills: number;
  /** Hits of each failpoint on each platform. */
  least: number;
  /** Pulls of the plug beside the kills. */
  cuts: number;
  /** `everysec`: losses are measured, and break nothing. */
  fsync: 'always' | 'everysec';
  faultFree: boolean;
  /** Only articles accepted over so many cuts. */
  ingestCuts: number | undefined;
  /** Only how soon others take up what a killed worker had in hand, over so many deaths. */
  takeovers: number | undefined;
  /** Only what waits for limits and budgets while processes are killed; `short`: fewer of them. */
  waits: 'long' | 'short' | undefined;
  /** One worker of a newer version beside the others. */
  oldAndNew: boolean;
  /** After the failpoints, everything at random moments. */
  chaos: boolean;
  /** The proof is run on mutants (all, where none is named), over so many seeds each. */
  mutants: { names: string[]; seeds: number } | undefined;
}

export const project = resolve(import.meta.dirname, '../../..');

export const usage =
  '[--deliveries N] [--kills N] [--hits N] [--fault-free] [--everysec] [--ingest-cuts N] [--takeovers N] [--waits [--short]] [--old-and-new] [--mutants [--only NAME,…] [--seeds N]] [--root DIR]';

/** Enough for every failpoint of the short form; what is more is spent at random moments. */
const shortKills = 45;
const waitsDeliveries = { long: 600, short: 100 };

/** Reads the options of the proof. Throws `UsageError`. */
export function readPlan(args: readonly string[]): Plan {
  const rest = [...args];
  const flag = (name: string) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at >= 0;
  };
  const value = (name: string) => {
    const at = rest.indexOf(name);
    if (at < 0) return undefined;
    const [, given] = rest.splice(at, 2);
    if (given === undefined) throw new UsageError(`${name} takes a value.`);
    return given;
  };
  const count = (name: string) => {
    const given = value(name);
    if (given !== undefined && !/^[1-9]\d{0,5}$/.test(given)) throw new UsageError(`${name} takes a number from 1 on.`);
    return given === undefined ? undefined : Number(given);
  };
  const faultFree = flag('--fault-free');
  const everysec = flag('--everysec');
  const oldAndNew = flag('--old-and-new');
  const mutants = flag('--mutants');
  const short = flag('--short');
  const waits = flag('--waits') ? (short ? 'short' : 'long') : undefined;
  if (short && !waits) throw new UsageError(`--short goes with --waits. The options of faults: ${usage}`);
  const names = value('--only')?.split(',') ?? [];
  const [
    deliveries = waits ? waitsDeliveries[waits] : 280,
    kills = shortKills,
    ingestCuts,
    takeovers,
    seeds = 5,
    hits,
  ] = ['--deliveries', '--kills', '--ingest-cuts', '--takeovers', '--seeds', '--hits'].map(count);
  const root = resolve(value('--root') ?? project);
  if (rest.length > 0) throw new UsageError(`faults does not know "${rest[0]}". Its options: ${usage}`);
  const isLong = kills >= 100;
  return {
    ...{ root, deliveries, kills, faultFree, ingestCuts, takeovers, waits, oldAndNew },
    least: hits ?? (isLong ? 20 : 3),
    chaos: kills > shortKills,
    mutants: mutants ? { names, seeds } : undefined,
    cuts: everysec ? Math.max(8, Math.ceil(kills / 10)) : Math.ceil(kills / 20),
    fsync: everysec ? 'everysec' : 'always',
  };
}
