// Learns the numbers of src/text/summary-weights.ts from articles with human summaries:
//
//   node scripts/learn-summary.ts [--write] [--decay D] F.jsonl …
//
// Every set of sentences and clauses that the rules and 256 characters allow is a candidate; its worth is the mean of ROUGE-1
// and ROUGE-2. Weights climb the worth that a choice by softmax would have on average. Prints the worth under five-fold
// cross-validation; files count alike, whatever their size. No randomness: the same files give the same
// numbers. Format the written file with biome afterwards.
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { rougeAgainst } from '../bench/rouge.ts';
import { readCases, type SummaryCase } from '../bench/summary-cases.ts';
import { describeSet, type SetState, setFeatures, unitFeatures } from '../src/text/summary-features.ts';
import { nothing, type Scene, sceneOf, withUnit } from '../src/text/summary-model.ts';
import { eligible, type Footing, footing, repeats, stands, step, strict } from '../src/text/summary-rules.ts';
import { analyse, isArabicScript, type Unit } from '../src/text/summary-units.ts';

const budget = 256;
const sentencesLookedAt = 14;
const mostUnits = 4;
const mostCandidates = 1_500;
const rounds = 400;
const step0 = 0.05;
const sharpness = 12;
const folds = 5;

interface Example {
  set: string;
  /** One row a candidate. */
  features: Float64Array[];
  worth: number[];
  rouge: { rouge1: number; rouge2: number }[];
  weight: number;
}

const width = unitFeatures.length + setFeatures.length;

function exampleOf(set: string, one: SummaryCase): Example | undefined {
  const scene = sceneOf(analyse(one), one.paragraphs.length);
  const score = rougeAgainst(one.references);
  const example: Example = { set, features: [], worth: [], rouge: [], weight: 1 };
  walk(scene, (units, state) => {
    const text = units.map((at) => (scene.analysis.units[at] as Unit).text).join('\n\n');
    const rouge = score(text);
    const sum = new Float64Array(width);
    for (const at of units) {
      for (const [i, value] of (scene.features[at] as readonly number[]).entries()) sum[i] = (sum[i] as number) + value;
    }
    sum.set(describeSet(state, scene.setting), unitFeatures.length);
    example.features.push(sum);
    example.rouge.push(rouge);
    example.worth.push((rouge.rouge1 + rouge.rouge2) / 2);
  });
  return example.worth.length > 0 ? example : undefined;
}

/** Visits every allowed set of units. */
function walk(scene: Scene, visit: (units: number[], state: SetState) => void): void {
  const { units } = scene.analysis;
  let seen = 0;
  const descend = (chosen: number[], state: SetState, ground: Footing, length: number): void => {
    for (let at = (chosen.at(-1) ?? -1) + 1; at < units.length && seen < mostCandidates; at += 1) {
      const unit = units[at] as Unit;
      if (unit.sentence >= sentencesLookedAt) return;
      const last = units[chosen.at(-1) ?? -1];
      const gap = last === undefined ? 0 : last.paragraph === unit.paragraph ? 1 : 2;
      const total = length + gap + unit.text.length;
      if (
        last?.sentence === unit.sentence ||
        total > budget ||
        !eligible(unit, strict) ||
        !stands(unit, ground, strict)
      )
        continue;
      const clauses = [...chosen, at].filter((i) => (units[i] as Unit).share < 1).length;
      if (clauses > 1 || repeats(scene, chosen, at)) continue;
      const grown = withUnit(scene, state, chosen, at);
      seen += 1;
      visit([...chosen, at], grown);
      if (chosen.length + 1 < mostUnits) descend([...chosen, at], grown, step(ground, unit), total);
    }
  };
  descend([], nothing, footing(scene), 0);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < width; i += 1) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Spread of each feature among the candidates of one article, over all articles. */
function spreadOf(examples: readonly Example[]): Float64Array {
  const spread = new Float64Array(width);
  for (const { features } of examples) {
    for (let i = 0; i < width; i += 1) {
      const mean = features.reduce((sum, row) => sum + (row[i] as number), 0) / features.length;
      const square = features.reduce((sum, row) => sum + ((row[i] as number) - mean) ** 2, 0) / features.length;
      spread[i] = (spread[i] as number) + square / examples.length;
    }
  }
  return spread.map((value) => Math.sqrt(value) || 1);
}

function learn(examples: readonly Example[], decay: number): Float64Array {
  const spread = spreadOf(examples);
  const weights = new Float64Array(width);
  const [first, second] = [new Float64Array(width), new Float64Array(width)];
  for (let round = 1; round <= rounds; round += 1) {
    const gradient = gradientOf(examples, weights);
    for (let i = 0; i < width; i += 1) {
      const scale = spread[i] as number;
      const slope = (gradient[i] as number) / scale - decay * (weights[i] as number) * scale;
      first[i] = 0.9 * (first[i] as number) + 0.1 * slope;
      second[i] = 0.99 * (second[i] as number) + 0.01 * slope * slope;
      const move =
        (first[i] as number) / (1 - 0.9 ** round) / (Math.sqrt((second[i] as number) / (1 - 0.99 ** round)) + 1e-9);
      weights[i] = (weights[i] as number) + (((step0 * (1 - round / (rounds + 1))) / sharpness) * 2 * move) / scale;
    }
  }
  return weights;
}

function gradientOf(examples: readonly Example[], weights: Float64Array): Float64Array {
  const gradient = new Float64Array(width);
  const total = examples.reduce((sum, { weight }) => sum + weight, 0);
  for (const { features, worth, weight } of examples) {
    const scores = features.map((row) => sharpness * dot(row, weights));
    const most = Math.max(...scores);
    const shares = scores.map((score) => Math.exp(score - most));
    const sum = shares.reduce((a, b) => a + b, 0);
    let mean = 0;
    for (let c = 0; c < shares.length; c += 1) mean += ((shares[c] as number) / sum) * (worth[c] as number);
    for (let c = 0; c < shares.length; c += 1) {
      const pull = ((weight / total) * sharpness * (shares[c] as number) * ((worth[c] as number) - mean)) / sum;
      if (Math.abs(pull) < 1e-12) continue;
      const row = features[c] as Float64Array;
      for (let i = 0; i < width; i += 1) gradient[i] = (gradient[i] as number) + pull * (row[i] as number);
    }
  }
  return gradient;
}

interface Result {
  rouge1: number;
  rouge2: number;
  best: number;
}

function judge(examples: readonly Example[], weights: Float64Array): Result[] {
  return examples.map(({ features, rouge, worth }) => {
    let chosen = 0;
    let most = Number.NEGATIVE_INFINITY;
    features.forEach((row, c) => {
      const score = dot(row, weights);
      if (score > most) [most, chosen] = [score, c];
    });
    return { ...(rouge[chosen] as { rouge1: number; rouge2: number }), best: Math.max(...worth) };
  });
}

function report(name: string, results: readonly { set: string; result: Result }[]): void {
  for (const set of new Set(results.map((one) => one.set))) {
    const own = results.filter((one) => one.set === set).map((one) => one.result);
    const mean = (key: keyof Result) => ((100 * own.reduce((sum, one) => sum + one[key], 0)) / own.length).toFixed(2);
    console.log(
      `${name} ${set}: ROUGE-1 ${mean('rouge1')}, ROUGE-2 ${mean('rouge2')} (best possible mean of both ${mean('best')})`,
    );
  }
}

function crossValidate(examples: readonly Example[], decay: number): void {
  const results: { set: string; result: Result }[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const weights = learn(
      examples.filter((_, i) => i % folds !== fold),
      decay,
    );
    const held = examples.filter((_, i) => i % folds === fold);
    for (const [i, result] of judge(held, weights).entries()) results.push({ set: (held[i] as Example).set, result });
  }
  report(`cross-validated, decay ${decay},`, results);
}

const { values, positionals } = parseArgs({
  options: { write: { type: 'boolean' }, decay: { type: 'string', multiple: true, default: ['1'] } },
  allowPositionals: true,
});
const decays = values.decay.map(Number);
const learnt: Record<'arabic' | 'other', Float64Array | undefined> = { arabic: undefined, other: undefined };
for (const group of ['arabic', 'other'] as const) {
  const files = positionals.map((file) => ({ set: basename(file, '.jsonl'), cases: readCases(file) }));
  const examples = files.flatMap(({ set, cases }) => {
    const own = cases.filter(({ language }) => isArabicScript(language) === (group === 'arabic'));
    const made = own.map((one) => exampleOf(set, one)).filter((one) => one !== undefined);
    return made.map((one) => ({ ...one, weight: 1 / made.length }));
  });
  if (examples.length === 0) continue;
  for (const decay of decays) crossValidate(examples, decay);
  const weights = learn(examples, decays.at(-1) as number);
  learnt[group] = weights;
  for (const [i, name] of [...unitFeatures, ...setFeatures].entries()) {
    console.log(`  ${name.padEnd(18)} ${(weights[i] as number).toFixed(4)}`);
  }
}

if (values.write) {
  const list = (name: 'arabic' | 'other') => {
    const all = [...(learnt[name] ?? learnt.arabic ?? learnt.other ?? new Float64Array(width))].map((value) =>
      Number(value.toFixed(4)),
    );
    return `  ${name}: {\n    unit: [${all.slice(0, unitFeatures.length).join(', ')}],\n    set: [${all.slice(unitFeatures.length).join(', ')}],\n  },\n`;
  };
  writeFileSync(
    join(import.meta.dirname, '..', 'src', 'text', 'summary-weights.ts'),
    `import type { Weights } from './summary-model.ts';\n\n/** Learnt by \`scripts/learn-summary.ts\`; one set for Arabic script, one for the others. */\nexport const weights: Record<'arabic' | 'other', Weights> = {\n${list('arabic')}${list('other')}};\n`,
  );
}
