import { setFeatures, unitFeatures } from './summary-features.ts';
import { dot, type Scene, type Weights } from './summary-model.ts';
import { weights as learnt } from './summary-weights.ts';

/**
 * Weights for a post that tells as much as it has room for: by hand, as people's summaries of that kind are not at hand
 * to learn from. Sentences near the top, that tell the headline and what the text is about.
 */
const filling: Weights = {
  unit: named(unitFeatures, {
    count: -0.02,
    lead: 0.3,
    second: 0.1,
    third: 0.25,
    early: 0.1,
    depth: -0.1,
    opensParagraph: 0.02,
    length: 0.08,
    titleShare: 0.2,
    titleCovered: 0.3,
    centrality: 0.02,
    quoted: -0.1,
    connector: -0.02,
    dependent: -0.02,
    question: -0.1,
    slip: -0.03,
    namesSource: 0.6,
    clause: -0.05,
    clauseMissing: -0.05,
    short: -0.1,
    likeLead: -0.3,
  }),
  set: named(setFeatures, { titleCoverage: 0.1, bodyCoverage: 0.3, overlap: -0.1 }),
};

function named<Name extends string>(names: readonly Name[], values: Partial<Record<Name, number>>): number[] {
  return names.map((name) => values[name] ?? 0);
}

/** What the learnt weights count for at a budget: a teaser is as short as people write it; the more room, the more is told. */
const fading: readonly (readonly [number, number])[] = [
  [280, 1],
  [400, 0.6],
  [600, 0.6],
  [1_000, 0.1],
  [1_400, 0],
];
/** Below the first an article is no news, from the second on it is. */
const [essay, news] = [0.25, 0.4];

/** How the units of an article score for a budget, and what the set features weigh. */
export interface Scores {
  own: number[];
  set: number[];
}

const known = new WeakMap<Scene, { learnt: number[]; filling: number[] }>();

/** A teaser keeps to the first sentences of a text that runs on from its lead; where there is room it may pick. */
const jumpCost = -0.3;
/** What a hundred characters more are worth where the lead does not tell it all. */
const fillWorth = 0.15;
const size = setFeatures.indexOf('size');
const jumps = setFeatures.indexOf('jumpsInNews');

/** Training articles have too few slips to learn from: the fewer sentences a post shows, the less it bears one. */
const slipCost = -0.4;

/** The weights for an article and a budget: learnt and filling ones, in the shares that its genre and the room ask for. */
export function scoresFor(scene: Scene, budget: number): Scores {
  const { arabic } = scene.analysis;
  const weights = learnt[arabic ? 'arabic' : 'other'];
  let found = known.get(scene);
  if (!found) {
    const slip = unitFeatures.indexOf('slip');
    found = {
      learnt: scene.features.map((features) => dot(features, weights.unit) + (features[slip] as number) * slipCost),
      filling: scene.features.map((features) => dot(features, filling.unit)),
    };
    known.set(scene, found);
  }
  // Learnt English summaries fill a teaser whatever the article.
  const short = arabic ? between(scene.setting.news, essay, news) : 1;
  const share = short * shareAt(budget);
  const set = blend(weights.set, filling.set, share);
  set[size] = (set[size] as number) + fillWorth * (1 - short) * Math.max(0, 1 - scene.setting.flow);
  set[jumps] = jumpCost * shareAt(budget);
  return { own: blend(found.learnt, found.filling, share), set };
}

function shareAt(budget: number): number {
  const next = fading.findIndex(([size]) => size >= budget);
  if (next <= 0) return next === 0 ? 1 : 0;
  const [[low, most], [high, least]] = [fading[next - 1], fading[next]] as [[number, number], [number, number]];
  return most + (least - most) * between(budget, low, high);
}

function between(value: number, low: number, high: number): number {
  return Math.min(1, Math.max(0, (value - low) / (high - low)));
}

function blend(a: readonly number[], b: readonly number[], share: number): number[] {
  return a.map((value, i) => share * value + (1 - share) * (b[i] as number));
}
