import { proveFaults as run } from './faults/campaign.ts';
import { strikeRules, strikeTree } from './faults/directed.ts';
import { proveFaultFree } from './faults/fault-free.ts';
import { proveIngest } from './faults/ingest.ts';
import { proveMutants } from './faults/mutants.ts';
import { type Plan, readPlan, usage } from './faults/plan.ts';
import { createSay } from './faults/report.ts';
import { proveTakeover } from './faults/takeover.ts';
import { proveWaits } from './faults/waits.ts';
import type { Proof, Verdict } from './proof.ts';

/** Never lost, never twice: real processes, killed at every instruction that matters, with the sandbox as judge. */
export const proveFaults: Proof = {
  about: 'No post is lost and none is made twice, whatever dies, stops or answers wrongly.',
  usage,
  run(args, seed) {
    const plan = readPlan(args);
    // Most of their time is waiting.
    if (plan.mutants) return proveMutants({ proof: 'faults', ...plan.mutants, lanes: 2, seed, strike: strikeTree });
    if (plan.ingestCuts !== undefined) return proveIngest(plan, seed);
    if (plan.takeovers !== undefined) return proveTakeover(plan, seed);
    if (plan.waits) return proveWaits(plan, seed);
    if (plan.faultFree) return proveFaultFree(plan, seed);
    return plan.chaos && plan.fsync === 'always' ? withDirected(plan, seed) : run(plan, seed);
  },
};

/** The long form: the directed faults first, then all the others. */
async function withDirected(plan: Plan, seed: number): Promise<Verdict> {
  const { fail, open, kills } = await strikeRules(plan.root, seed, createSay());
  const verdict = await run(plan, seed);
  const samples = fail.slice(0, 5).map(({ name, sample }) => ({ ...sample, what: `${name}: ${sample.what}` }));
  const value = fail.length + open;
  const check = { name: 'directed', value, aim: 0, ok: value === 0, samples };
  return {
    ...verdict,
    ok: verdict.ok && check.ok,
    checks: [...verdict.checks, check],
    kills: (verdict.kills ?? 0) + kills,
  };
}
