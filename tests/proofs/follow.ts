import { proveMutants } from './faults/mutants.ts';
import { longForm, proveFollowing, shortForm, strikeTree } from './follow/campaign.ts';
import { type Proof, UsageError } from './proof.ts';

/** Corrections and retractions, with the platforms as judge, whatever dies, stops or answers wrongly. */
export const proveFollow: Proof = {
  about: 'Corrections and retractions reach readers once each, in order, whatever dies, stops or answers wrongly.',
  usage: '[--short] [--mutants [--only NAME,…] [--seeds N]]',
  run(args, seed) {
    if (args[0] !== '--mutants') {
      const [form, ...rest] = args;
      if (rest.length > 0 || (form !== undefined && form !== '--short')) throw wrong(args);
      return proveFollowing(form === '--short' ? shortForm : longForm, seed);
    }
    const { '--only': only, '--seeds': seeds = '2' } = readPairs(args.slice(1));
    if (!/^[1-9]\d?$/.test(seeds)) throw wrong(args);
    const names = only?.split(',') ?? [];
    return proveMutants({ proof: 'follow', names, lanes: 1, seeds: Number(seeds), seed, strike: strikeTree });
  },
};

function readPairs(args: readonly string[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (let at = 0; at < args.length; at += 2) {
    const [name = '', value] = args.slice(at, at + 2);
    if (!['--only', '--seeds'].includes(name) || value === undefined) throw wrong(args);
    pairs[name] = value;
  }
  return pairs;
}

function wrong(args: readonly string[]): UsageError {
  return new UsageError(`follow does not know "${args.join(' ')}". Its options: ${proveFollow.usage}`);
}
