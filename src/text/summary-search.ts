import type { Scores } from './summary-blend.ts';
import { describeSet, type SetState } from './summary-features.ts';
import { dot, nothing, type Scene, withUnit } from './summary-model.ts';
import {
  eligible,
  type Footing,
  footing,
  mostInTitle,
  repeats,
  type Strictness,
  stands,
  step,
} from './summary-rules.ts';
import type { Unit } from './summary-units.ts';

/** A summary in the making. */
export interface Choice {
  units: readonly number[];
  state: SetState;
  /** Sum of the units' own scores. */
  own: number;
  score: number;
  /** By the platform's count, separators included. */
  length: number;
  ground: Footing;
  clauses: number;
}

export interface Search {
  scene: Scene;
  scores: Scores;
  strictness: Strictness;
  budget: number;
  /** Of each unit by the platform's count; infinite where it is not to be used. */
  lengths: readonly number[];
  /** Between sentences of one paragraph, and of two. */
  gaps: { sentence: number; paragraph: number };
  width?: number;
}

const usualWidth = 10;
/** More sentences than this no post wants. */
const mostUnits = 12;

/** The choices within the budget and the rules, best first. */
export function search(search: Search): Choice[] {
  const { scene, scores, width = usualWidth } = search;
  const { units } = scene.analysis;
  const start: Choice = { units: [], state: nothing, own: 0, score: 0, length: 0, ground: footing(scene), clauses: 0 };
  let beam: Choice[] = [start];
  for (let from = 0; from < units.length; ) {
    let to = from;
    const sentence = (units[from] as Unit).sentence;
    const grown: Choice[] = [];
    for (; to < units.length && (units[to] as Unit).sentence === sentence; to += 1) {
      if (!usable(search, to)) continue;
      for (const choice of beam) {
        const next = extend(search, choice, to, scores.own[to] as number);
        if (next) grown.push(next);
      }
    }
    from = to;
    if (grown.length > 0) beam = best([...beam, ...grown], width);
  }
  return beam.filter((choice) => choice.units.length > 0).sort(better);
}

/** A clause of the first sentence only where the whole does not fit. */
function usable({ scene, strictness, budget, lengths }: Search, at: number): boolean {
  const unit = scene.analysis.units[at] as Unit;
  if ((lengths[at] as number) > budget || !eligible(unit, strictness)) return false;
  return unit.sentence > 0 || unit.share === 1 || (lengths[0] as number) > budget;
}

function extend(search: Search, choice: Choice, at: number, own: number): Choice | undefined {
  const { scene, scores, strictness, budget, lengths, gaps } = search;
  const unit = scene.analysis.units[at] as Unit;
  if (choice.units.length >= mostUnits) return undefined;
  const length = choice.length + (lengths[at] as number) + gap(scene, choice, unit, gaps);
  if (length > budget) return undefined;
  const clauses = choice.clauses + (unit.share < 1 ? 1 : 0);
  if (clauses > 1 || !stands(unit, choice.ground, strictness)) return undefined;
  if (repeats(scene, choice.units, at)) return undefined;
  const state = withUnit(scene, choice.state, choice.units, at);
  const sum = choice.own + own;
  return {
    units: [...choice.units, at],
    state,
    own: sum,
    score: sum + dot(describeSet(state, scene.setting), scores.set),
    length,
    ground: step(choice.ground, unit),
    clauses,
  };
}

function gap(scene: Scene, choice: Choice, unit: Unit, gaps: Search['gaps']): number {
  const last = choice.units.at(-1);
  if (last === undefined) return 0;
  return (scene.analysis.units[last] as Unit).paragraph === unit.paragraph ? gaps.sentence : gaps.paragraph;
}

function better(a: Choice, b: Choice): number {
  return b.score - a.score;
}

/** The empty choice always stays: later sentences may be worth more. */
function best(choices: Choice[], width: number): Choice[] {
  if (choices.length <= width) return choices;
  const [empty, ...rest] = choices;
  return [empty as Choice, ...rest.sort(better).slice(0, width - 1)];
}

/** Whether a choice says the headline only. */
export function saysHeadlineOnly(scene: Scene, { units }: Choice): boolean {
  return units.length === 1 && (scene.analysis.units[units[0] as number] as Unit).inTitle >= mostInTitle;
}
