import type { Check, Sample, Verdict } from '../proof.ts';
import { checkNames, type Judgement } from './judge.ts';
import type { Plan } from './plan.ts';
import type { Hits } from './points.ts';

/** Progress for people, on standard error. */
export function createSay(): (what: string) => void {
  const before = performance.now();
  return (what) => {
    const seconds = ((performance.now() - before) / 1000).toFixed(1);
    process.stderr.write(`${seconds.padStart(6)} s  ${what}\n`);
  };
}

export interface Outcome {
  plan: Plan;
  seed: number;
  kills: number;
  hits: Hits;
  /** Deliveries that were neither final nor held at the end. */
  open: number;
  /** What went wrong beside the posts. */
  extra: readonly { name: string; what: string }[];
  seconds: number;
}

/** What a Redis that forgets its last second costs is measured, not promised. */
const measured = ['lost', 'doubled', 'sum', 'stray', 'held-told', 'held-clear', 'failpoints'];

/** The judgement as the command prints it. */
export function toVerdict(
  { platforms, fail }: Judgement,
  { plan, seed, kills, hits, open, extra, seconds }: Outcome,
): Verdict {
  const found: { name: string; sample: Sample }[] = [
    ...fail,
    ...extra.map(({ name, what }) => ({ name, sample: { article: '-', what } })),
    ...hits.missing(plan.least).map((hit) => ({
      name: 'failpoints',
      sample: {
        article: `${hit.point}${hit.later ? '/thread' : ''}`,
        channel: hit.platform,
        what: `${hits.count(hit)} hits of ${plan.least}`,
      },
    })),
  ];
  // Those that can be asked double nothing, whatever Redis forgets.
  const askedInVain = ['x', 'facebook'].some((id) => platforms[id]?.doubled !== 0);
  const names = [...checkNames, 'taken-once', 'statuses', 'processes', 'failpoints'];
  const checks = names.map((name): Check => {
    const samples = found.filter((one) => one.name === name).map(({ sample }) => sample);
    const isMeasured = plan.fsync !== 'always' && measured.includes(name) && !(name === 'doubled' && askedInVain);
    return {
      name,
      value: samples.length,
      aim: 0,
      ok: isMeasured || samples.length === 0,
      samples: samples.slice(0, 5),
    };
  });
  checks.push({ name: 'open', value: open, aim: 0, ok: open === 0, samples: [] });
  return {
    name: 'faults',
    seed,
    ok: checks.every(({ ok }) => ok),
    checks,
    facts: { deliveries: sum(platforms), seconds: Math.round(seconds) },
    kills,
    platforms,
    hits: hits.table(),
  };
}

function sum(platforms: Judgement['platforms']): number {
  return Object.values(platforms).reduce((all, { accepted }) => all + accepted, 0);
}
