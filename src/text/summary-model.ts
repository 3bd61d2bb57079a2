import { describeUnit, lengthUnit, type SetState, type Setting } from './summary-features.ts';
import { genreOf } from './summary-genre.ts';
import { type Analysis, shared, type Unit } from './summary-units.ts';

/** Weights in the order of `unitFeatures` and `setFeatures`. */
export interface Weights {
  unit: readonly number[];
  set: readonly number[];
}

/** An analysed article as the scorer sees it. */
export interface Scene {
  analysis: Analysis;
  setting: Setting;
  /** One a unit. */
  features: readonly (readonly number[])[];
  /** The headline's stems that a unit has, one bit each. */
  titleMasks: readonly number[];
  /** The body's most frequent stems that a unit has, one bit each. */
  bodyMasks: readonly number[];
  /** How far one of two units is contained in the other; 0 to 1. */
  overlap(a: number, b: number): number;
}

const bodyBits = 30;

export function sceneOf(analysis: Analysis, paragraphs: number): Scene {
  const { units, title, counts } = analysis;
  const lead = units[0];
  const frequent = counts
    .map((count, name) => ({ count, name }))
    .filter(({ count }) => count > 1)
    .sort((a, b) => b.count - a.count || a.name - b.name)
    .slice(0, bodyBits);
  const total = frequent.reduce((sum, { count }) => sum + count, 0);
  const titleBits = bitOf(title.slice(0, bodyBits));
  const bodyBit = bitOf(frequent.map(({ name }) => name));
  return {
    analysis,
    setting: {
      titleSize: Math.min(title.length, bodyBits),
      bodyWeights: frequent.map(({ count }) => count / Math.max(1, total)),
      leadLength: (lead?.text.length ?? 0) / lengthUnit,
      bodyLength: analysis.length / 1_000,
      ...(lead ? genreOf(analysis, lead, paragraphs) : { news: 0, flow: 0 }),
    },
    features: units.map((unit) => describeUnit(unit, analysis, lead as Unit)),
    titleMasks: units.map(({ stems }) => mask(stems, titleBits)),
    bodyMasks: units.map(({ stems }) => mask(stems, bodyBit)),
    overlap: overlapOf(units),
  };
}

function bitOf(names: readonly number[]): Map<number, number> {
  return new Map(names.map((name, bit) => [name, 1 << bit]));
}

function mask(stems: readonly number[], bits: ReadonlyMap<number, number>): number {
  let all = 0;
  for (const name of stems) all |= bits.get(name) ?? 0;
  return all;
}

function overlapOf(units: readonly Unit[]): Scene['overlap'] {
  const known = new Float32Array(units.length * units.length).fill(-1);
  return (a, b) => {
    const at = a * units.length + b;
    if ((known[at] as number) < 0) {
      const [one, other] = [(units[a] as Unit).stems, (units[b] as Unit).stems];
      known[at] = shared(one, other) / Math.max(1, Math.min(one.length, other.length));
    }
    return known[at] as number;
  };
}

/** The summary of no unit. */
export const nothing: SetState = { size: 0, count: 0, titleMask: 0, bodyMask: 0, overlap: 0, hasLead: false, jumps: 0 };

/** The state with one more unit. */
export function withUnit(scene: Scene, state: SetState, chosen: readonly number[], unit: number): SetState {
  let overlap = 0;
  for (const other of chosen) overlap = Math.max(overlap, scene.overlap(other, unit));
  const { text, sentence } = scene.analysis.units[unit] as Unit;
  const before = scene.analysis.units[chosen.at(-1) ?? -1]?.sentence ?? -1;
  return {
    size: state.size + (text.length + (state.count > 0 ? 1 : 0)) / lengthUnit,
    count: state.count + 1,
    titleMask: state.titleMask | (scene.titleMasks[unit] as number),
    bodyMask: state.bodyMask | (scene.bodyMasks[unit] as number),
    overlap: state.overlap + overlap,
    jumps: state.jumps + (before === sentence - 1 ? 0 : 1),
    hasLead: state.hasLead || sentence === 0,
  };
}

export function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 1) sum += (a[i] as number) * (b[i] as number);
  return sum;
}
