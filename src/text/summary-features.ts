import { sayingVerb } from './summary-cues.ts';
import { type Analysis, shared, type Unit } from './summary-units.ts';
import { fold } from './summary-words.ts';

/** What the scorer sees of a unit, by name and in this order. */
export const unitFeatures = [
  'count',
  'lead',
  'second',
  'third',
  'early',
  'depth',
  'opensParagraph',
  'length',
  'lengthLead',
  'lengthEarly',
  'titleShare',
  'titleCovered',
  'centrality',
  'centralityLength',
  'likeLead',
  'quotes',
  'quoted',
  'numbers',
  'names',
  'saying',
  'connector',
  'dependent',
  'question',
  'slip',
  'namesSource',
  'clause',
  'clauseMissing',
  'short',
  'long',
] as const;

/** What the scorer sees of a summary as a whole. */
export const setFeatures = [
  'titleCoverage',
  'bodyCoverage',
  'overlap',
  'size',
  'sizeSquared',
  'sizeByLead',
  'sizeByBody',
  'leadOnly',
  'twoOrMore',
  'threeOrMore',
  'jumpsInNews',
] as const;

const quoteMarks = /["“«]/;
const quotation = /"[^"]*"|“[^”]*”|«[^»]*»/g;
const number = /[\d\u0660-\u0669]+/g;
const capitals = /(?<=[\p{Ll},’'”"] )\p{Lu}\p{L}+/gu;
const loneConjunction = /(?:^|\s)و\s/;
const namesSource =
  /^و?(?:جاء|يأتي|جاءت|تأتي) (?:ذلك|هذا|هذه \p{L}+|\p{L}*تصريحات\p{L}*) (?:\p{L}+ ){0,4}\p{L}*(?:بيان|تصريح|تقرير|مؤتمر|مقابل|حوار|وكال|صحيف|قنا|تغريد|كلم)/u;
const spaces = /\s+/;

/** Holds the first two words of any sentence. */
const openingLength = 60;

/** Lengths are told in hundreds of characters. */
export const lengthUnit = 100;

/** Features of one unit, in the order of `unitFeatures`. */
export function describeUnit(unit: Unit, analysis: Analysis, lead: Unit): number[] {
  const { text, stems, sentence, dependence } = unit;
  const length = text.length / lengthUnit;
  const inTitle = shared(stems, analysis.title);
  const central = centrality(unit, analysis);
  const early = 1 / (1 + sentence);
  const quoteLength = (text.match(quotation) ?? []).reduce((sum, found) => sum + found.length, 0) / text.length;
  const first = fold(text.slice(0, openingLength)).split(spaces, 2);
  const names = analysis.arabic ? 0 : (text.match(capitals)?.length ?? 0);
  return [
    1,
    flag(sentence === 0),
    flag(sentence === 1),
    flag(sentence === 2),
    early,
    sentence / Math.max(8, analysis.sentences),
    flag(unit.first),
    length,
    sentence === 0 ? length : 0,
    length * early,
    inTitle / Math.max(1, stems.length),
    inTitle / Math.max(1, analysis.title.length),
    central,
    central * length,
    sentence === 0 ? 0 : shared(stems, lead.stems) / Math.max(1, stems.length),
    flag(quoteMarks.test(text)),
    quoteLength,
    Math.min(3, text.match(number)?.length ?? 0),
    names / Math.max(1, unit.words),
    flag(first.some((word) => sayingVerb(word) !== undefined)),
    flag(dependence.link === 'loose'),
    flag(dependence.link === 'close'),
    flag(/[?؟]["”»]?$/.test(text)),
    flag(loneConjunction.test(text)),
    flag(namesSource.test(text)),
    flag(unit.share < 1),
    1 - unit.share,
    flag(unit.words < 8),
    Math.max(0, length - 2),
  ];
}

function flag(value: boolean): number {
  return value ? 1 : 0;
}

/** How often the unit's words occur elsewhere in the body: mean of the logarithm. */
function centrality({ stems }: Unit, { counts }: Analysis): number {
  let sum = 0;
  for (const name of stems) sum += Math.log2(1 + (counts[name] ?? 0));
  return sum / Math.max(1, stems.length);
}

/** What the set features need of a summary that is being put together. */
export interface SetState {
  size: number;
  count: number;
  titleMask: number;
  bodyMask: number;
  overlap: number;
  hasLead: boolean;
  /** Units whose sentence before is left out. */
  jumps: number;
}

/** What the set features need to know of the article. */
export interface Setting {
  titleSize: number;
  /** Weight of each bit of the body mask; they add up to one. */
  bodyWeights: readonly number[];
  /** Length of the first sentence, in hundreds of characters. */
  leadLength: number;
  /** Length of the body, in thousands. */
  bodyLength: number;
  /** 0 to 1: how far the article is built as news is. */
  news: number;
  /** 0 to 1: how far the article runs on from its lead, so that its first sentences belong together. */
  flow: number;
}

/** Features of a summary, in the order of `setFeatures`. */
export function describeSet(state: SetState, setting: Setting): number[] {
  const { size } = state;
  return [
    bits(state.titleMask) / Math.max(1, setting.titleSize),
    weigh(state.bodyMask, setting.bodyWeights),
    state.overlap,
    size,
    size * size * 0.1,
    size * setting.leadLength * 0.2,
    size * Math.log2(1 + setting.bodyLength),
    flag(state.hasLead && state.count === 1),
    flag(state.count > 1),
    flag(state.count > 2),
    state.jumps * setting.flow,
  ];
}

function bits(mask: number): number {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}

function weigh(mask: number, weights: readonly number[]): number {
  let sum = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) sum += weights[31 - Math.clz32(rest & -rest)] as number;
  return sum;
}
