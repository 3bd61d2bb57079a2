import { proveFaults as run } from './faults/campaign.ts';
import { proveFaultFree } from './faults/fault-free.ts';
import { proveIngest } from './faults/ingest.ts';
import { proveMutants } from './faults/mutants.ts';
import { readPlan, usage } from './faults/plan.ts';
import type { Proof } from './proof.ts';

/** Never lost, never twice: real processes, killed at every instruction that matters, with the sandbox as judge. */
export const proveFaults: Proof = {
  about: 'No post is lost and none is made twice, whatever dies, stops or answers wrongly.',
  usage,
  run(args, seed) {
    const plan = readPlan(args);
    if (plan.mutants) return proveMutants(run, plan, seed);
    if (plan.ingestCuts !== undefined) return proveIngest(plan, seed);
    return plan.faultFree ? proveFaultFree(plan, seed) : run(plan, seed);
  },
};
