import { longForm, proveFollowing, shortForm } from './follow/campaign.ts';
import { type Proof, UsageError } from './proof.ts';

/** Corrections and retractions, with the platforms as judge, whatever dies, stops or answers wrongly. */
export const proveFollow: Proof = {
  about: 'Corrections and retractions reach readers once each, in order, whatever dies, stops or answers wrongly.',
  usage: '[--short]',
  run(args, seed) {
    const [form, ...rest] = args;
    if (rest.length > 0 || (form !== undefined && form !== '--short')) {
      throw new UsageError(`follow does not know "${args.join(' ')}". Its options: ${proveFollow.usage}`);
    }
    return proveFollowing(form === '--short' ? shortForm : longForm, seed);
  },
};
