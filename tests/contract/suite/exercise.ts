import { answeringChecks } from './answering.ts';
import { answerChecks } from './answers.ts';
import { changeFailureChecks } from './change-failures.ts';
import { changingChecks } from './changing.ts';
import { composeChecks, shownChecks } from './compose.ts';
import { findingChecks } from './finding.ts';
import { networkChecks } from './network.ts';
import { sendingChecks } from './sending.ts';
import type { Subject } from './subject.ts';

/** One thing that every platform keeps. `run` throws where it does not. */
export interface Check {
  name: string;
  run(subject: Subject): Promise<unknown>;
}

/** Over real HTTP, each check with a server of its own. */
export const httpChecks: readonly Check[] = [
  ...shownChecks,
  ...sendingChecks,
  ...answerChecks,
  ...networkChecks,
  ...findingChecks,
  ...answeringChecks,
  ...changingChecks,
  ...changeFailureChecks,
];

/** What every platform is held to. */
export const checks: readonly Check[] = [...composeChecks, ...httpChecks];

/** Runs a platform through some checks; resolves to what it breaks, by the checks' names. */
export async function exercisePlatform(
  subject: Subject,
  chosen: readonly Check[] = checks,
): Promise<{ check: string; reason: string }[]> {
  const findings: { check: string; reason: string }[] = [];
  for (const check of chosen) {
    await check.run(subject).catch((error: Error) => findings.push({ check: check.name, reason: error.message }));
  }
  return findings;
}
