// Writes the labelled pairs of bench/near/pairs.jsonl: node bench/near/make-pairs.ts [SEED] > bench/near/pairs.jsonl
import { type Base, edits, others } from './edits.ts';
import { chanceOf, factsOf, fill, type Grammar, grammars, type Told, type Topic, tell } from './story.ts';

/** Two articles, and whether a newsroom would want one post of them. */
export interface Pair {
  a: Told;
  b: Told;
  same: boolean;
  /** What was done to make the one from the other, or who wrote both. */
  kind: string;
}

/** Deterministic. `rounds`: how often each topic is told. */
export function makePairs(seed: number, rounds: number): Pair[] {
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const grammar of grammars) {
      for (const [at, topic] of grammar.topics.entries()) {
        pairs.push(
          ...pairsOf(grammar, topic, seed * 7919 + round * 977 + at * 31 + (grammar === grammars[0] ? 0 : 13)),
        );
      }
    }
  }
  return pairs;
}

function pairsOf(grammar: Grammar, topic: Topic, seed: number): Pair[] {
  const chance = chanceOf(seed);
  const facts = factsOf(grammar, topic, chance);
  const base: Base = { grammar, topic, facts, chance, told: tell(topic, facts, () => 0) };
  const isReport = topic.running.length === 0 && topic.later.length === 0;
  const kinds = Object.keys(edits).filter((kind) => kind !== 'update' || topic.running.length > 0);
  // Short reports have nothing to cut.
  const usable = isReport ? kinds.filter((kind) => !['cut', 'agency', 'removed', 'lead'].includes(kind)) : kinds;
  const positives = chance.some(usable, isReport ? 4 : 7).map((kind): Pair => {
    const b = (edits[kind] as (from: Base) => Told)(base);
    const [first, second] = kind === 'update' || chance.below(2) === 0 ? [base.told, b] : [b, base.told];
    return { a: first, b: second, same: true, kind };
  });
  const unlike = () => factsOf(grammar, topic, chance, facts);
  const negatives = Object.entries(others).flatMap(([kind, make]): Pair[] => {
    const b = make(base, unlike);
    return b ? [{ a: kind === 'live' ? liveEntry(base) : base.told, b, same: false, kind }] : [];
  });
  return [...positives, ...negatives];
}

/** The other entry of the same live page. */
function liveEntry({ grammar, topic, facts, told }: Base): Told {
  const [title, frame] = grammar.live;
  return {
    title: fill(title, facts),
    paragraphs: [frame, ...told.paragraphs.slice(3, 5), ...topic.extra.slice(0, 1).map((text) => fill(text, facts))],
  };
}

if (process.argv[1] === import.meta.filename) {
  for (const pair of makePairs(Number(process.argv[2] ?? 1), 3)) console.log(JSON.stringify(pair));
}
