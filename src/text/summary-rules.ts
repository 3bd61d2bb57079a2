import type { Scene } from './summary-model.ts';
import type { Gifts } from './summary-needs.ts';
import type { Unit } from './summary-units.ts';

/** How strict a search is; what is not allowed at one level is tried at the next, as a post shall not be empty. */
export interface Strictness {
  /** Which links to sentences before must hold: all; all but loose ones; none. */
  links: 'all' | 'close' | 'none';
  /** The worst that is let in. */
  flaw: 'none' | 'slight' | 'poor';
  background: boolean;
}

/** What an editor would sign. */
export const strict: Strictness = { links: 'all', flaw: 'none', background: false };

/** From what an editor would sign down to what is better than nothing. */
export function levels(background: boolean): Strictness[] {
  const slight: Strictness = { ...strict, flaw: 'slight' };
  return [
    strict,
    slight,
    { ...slight, links: 'close' },
    ...(background ? [{ ...slight, background }] : []),
    { ...strict, flaw: 'poor' },
    { links: 'none', flaw: 'poor', background },
  ];
}

/** Two chosen sentences are not further contained in each other. */
const mostOverlap = 0.6;
/** A sentence so far contained in the headline does not stand alone beside it. */
export const mostInTitle = 0.75;

/** What a unit finds before it: the sentence chosen last, and what the headline and the chosen units give. */
export interface Footing extends Gifts {
  last: number;
}

export function footing({ analysis }: Scene): Footing {
  return { last: -2, ...analysis.titleGives };
}

export function step({ link, thing, other }: Footing, { sentence, gives }: Unit): Footing {
  return { last: sentence, link: link | gives.link, thing: thing | gives.thing, other: other | gives.other };
}

const flaws = ['none', 'slight', 'poor', 'grave'];

/** Whether a unit may be chosen at all at this level. */
export function eligible(unit: Unit, { flaw, background }: Strictness): boolean {
  return flaws.indexOf(unit.flaw) <= flaws.indexOf(flaw) && (background || !unit.dependence.background);
}

/** Whether the unit stands on what was chosen before it, as far as the level asks. */
export function stands({ dependence, sentence }: Unit, ground: Footing, { links }: Strictness): boolean {
  if (links === 'none') return true;
  const met = (mask: number) => ((mask >>> sentence) & 1) === 1;
  const things = dependence.introduced.length;
  if ((things > 0 && !met(ground.thing)) || (things > 1 && !met(ground.other))) return false;
  if (dependence.link === 'close') return ground.last === sentence - 1;
  if (dependence.link === 'none' || links === 'close') return true;
  return dependence.link === 'after' ? ground.last >= 0 : met(ground.link);
}

export function repeats(scene: Scene, chosen: readonly number[], unit: number): boolean {
  return chosen.some((other) => scene.overlap(other, unit) > mostOverlap);
}
