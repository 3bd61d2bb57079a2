import type { Article } from '../core/article.ts';
import type { Edit } from '../core/post.ts';
import { isBalanced } from './quotes.ts';
import { scoresFor } from './summary-blend.ts';
import { dependenceOf } from './summary-cues.ts';
import { type Scene, sceneOf } from './summary-model.ts';
import { levels, type Strictness } from './summary-rules.ts';
import { type Choice, saysHeadlineOnly, search } from './summary-search.ts';
import { repairedTeaser, wholeTeaser } from './summary-teaser.ts';
import { analyse, type Unit } from './summary-units.ts';

export interface SummaryRequest {
  /** Most that the summary may measure, separators included. */
  budget: number;
  /** Length of a stretch of text by the platform's rule; roughly additive. */
  measure: (text: string) => number;
  /** Between sentences of different paragraphs: two line feeds, or a space where the platform takes no line break. */
  paragraphBreak: string;
  /** Background sentences ("it is worth recalling") may be used when nothing else is left. */
  background: boolean;
  /** Sentences for which this holds are left out. */
  exclude?: (sentence: string) => boolean;
}

export interface Summary {
  /** Sentences of one source paragraph stand in one paragraph. Empty where nothing fits. */
  paragraphs: string[];
  /** Of the kinds `final-stop` and `leading-connector`. */
  edits: Edit[];
}

type Source = Pick<Article, 'title' | 'paragraphs' | 'language' | 'teaser'>;

interface Known {
  title: string;
  language: string;
  scene: Scene;
  lengths: Map<SummaryRequest['measure'], number[]>;
}

const known = new WeakMap<readonly string[], Known>();

/**
 * The best summary of an article within a budget, beside its headline: the source's own teaser where it is whole, else
 * whole sentences (or a clause, where it serves) in the article's order, verbatim but for the listed edits, each standing
 * on its own or on those before it. The same article and request always give the same summary.
 */
export function summarise(article: Source, request: SummaryRequest): Summary {
  const teaser = fromTeaser(article, request);
  if (teaser) return teaser;
  const found = knownOf(article);
  const lengths = lengthsOf(found, request);
  const repaired = fromRepair(article, found.scene, lengths, request);
  if (repaired) return repaired;
  for (const strictness of levels(request.background)) {
    const choice = choose(found.scene, lengths, request, strictness);
    if (choice) return assemble(choice.units.map((at) => found.scene.analysis.units[at] as Unit));
  }
  return fromFurtherDown(found.scene, request);
}

function knownOf({ title, paragraphs, language }: Source): Known {
  const found = known.get(paragraphs);
  if (found && found.title === title && found.language === language) return found;
  const analysis = analyse({ title, paragraphs, language });
  const fresh: Known = { title, language, scene: sceneOf(analysis, paragraphs.length), lengths: new Map() };
  known.set(paragraphs, fresh);
  return fresh;
}

const mostMeasures = 8;

/** Of each unit; infinite for those that the request leaves out. */
function lengthsOf({ scene, lengths }: Known, { measure, exclude }: SummaryRequest): number[] {
  const { units } = scene.analysis;
  let found = lengths.get(measure);
  if (!found) {
    if (lengths.size >= mostMeasures) lengths.clear();
    found = units.map(({ text }) => measure(text));
    lengths.set(measure, found);
  }
  return exclude
    ? found.map((length, i) => (exclude((units[i] as Unit).text) ? Number.POSITIVE_INFINITY : length))
    : found;
}

function choose(scene: Scene, lengths: number[], request: SummaryRequest, strictness: Strictness): Choice | undefined {
  const choices = search({
    scene,
    scores: scoresFor(scene, request.budget),
    strictness,
    budget: request.budget,
    lengths,
    gaps: { sentence: request.measure(' '), paragraph: request.measure(request.paragraphBreak) },
  });
  const fitting = choices.filter(({ units }) =>
    fits(
      units.map((at) => scene.analysis.units[at] as Unit),
      request,
    ),
  );
  return fitting.find((choice) => !saysHeadlineOnly(scene, choice)) ?? fitting[0];
}

function fits(units: readonly Unit[], { measure, paragraphBreak, budget }: SummaryRequest): boolean {
  return measure(assemble(units).paragraphs.join(paragraphBreak)) <= budget;
}

function assemble(units: readonly Unit[]): Summary {
  const paragraphs: string[] = [];
  let last = -1;
  for (const { text, paragraph } of units) {
    if (paragraph === last) paragraphs[paragraphs.length - 1] += ` ${text}`;
    else paragraphs.push(text);
    last = paragraph;
  }
  return { paragraphs, edits: units.flatMap(({ edits }) => edits) };
}

/** Of the sentences too far down to be weighed the first that fits; better one that leans on none. */
function fromFurtherDown({ analysis }: Scene, { measure, budget, background, exclude }: SummaryRequest): Summary {
  const fitting = analysis.further
    .filter(({ text }) => isBalanced(text) && /\p{L}/u.test(text) && measure(text) <= budget && !exclude?.(text))
    .map(({ text }) => ({ text, ...dependenceOf(text, analysis.arabic) }))
    .filter((one) => background || !one.background);
  const standing = fitting.find(({ link, introduced }) => link === 'none' && introduced.length === 0);
  const found = standing ?? fitting[0];
  return { paragraphs: found ? [found.text] : [], edits: [] };
}

function fromTeaser(article: Source, { measure, budget, exclude }: SummaryRequest): Summary | undefined {
  if (article.teaser === undefined) return undefined;
  const sentences = wholeTeaser(article);
  if (sentences.length === 0 || sentences.some((sentence) => exclude?.(sentence))) return undefined;
  const text = sentences.join(' ');
  return measure(text) <= budget ? { paragraphs: [text], edits: [] } : undefined;
}

/** As many of the sentences that the cut teaser was made from as fit. */
function fromRepair(article: Source, scene: Scene, lengths: number[], request: SummaryRequest): Summary | undefined {
  if (article.teaser === undefined) return undefined;
  const { units } = scene.analysis;
  const whole = units.flatMap((unit, at) => (unit.share === 1 ? [{ unit, at }] : []));
  const numbers = repairedTeaser(
    article,
    whole.map(({ unit }) => unit.source),
  );
  const chosen: Unit[] = [];
  for (const number of numbers) {
    const next = whole.find(({ unit }) => unit.sentence === number);
    if (next?.unit.flaw !== 'none' || !Number.isFinite(lengths[next.at])) break;
    if (!fits([...chosen, next.unit], request)) break;
    chosen.push(next.unit);
  }
  return chosen.length > 0 ? assemble(chosen) : undefined;
}
