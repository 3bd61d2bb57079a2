import { clausePrefixes } from '../src/text/clauses.ts';
import { splitSentences } from '../src/text/sentences.ts';
import { isStopWord, wordsOf } from '../src/text/summary-words.ts';

/** An article to be summarised, and what a summary may measure. */
export interface Task {
  title: string;
  paragraphs: string[];
  language: string;
  budget: number;
}

/** Gives the sentences of a summary, in the article's order. */
export type Summariser = (task: Task) => string[];

function sentencesOf({ paragraphs, language }: Task): string[] {
  return paragraphs.flatMap((paragraph) => splitSentences(paragraph, language));
}

const length = (sentences: readonly string[]) => sentences.join(' ').length;

/** Takes from the ranked sentences what fits, and puts it in order. */
function take(sentences: readonly string[], ranking: readonly number[], budget: number): string[] {
  const chosen: number[] = [];
  for (const at of ranking) {
    if (length([...chosen, at].map((i) => sentences[i] as string)) <= budget) chosen.push(at);
  }
  return chosen.sort((a, b) => a - b).map((at) => sentences[at] as string);
}

/** The first sentence, cut between words where it is too long. */
const first: Summariser = (task) => {
  const sentence = sentencesOf(task)[0] ?? '';
  return [sentence.length <= task.budget ? sentence : sentence.slice(0, task.budget).replace(/\s+\S*$/, '')];
};

/** Sentences from the top until the next does not fit. */
const lead: Summariser = (task) => {
  const chosen: string[] = [];
  for (const sentence of sentencesOf(task)) {
    if (length([...chosen, sentence]) > task.budget) break;
    chosen.push(sentence);
  }
  return chosen;
};

/** As lead; where not even one sentence fits, the longest clause of the first that has one that does. */
const leadWithClause: Summariser = (task) => {
  const chosen = lead(task);
  if (chosen.length > 0) return chosen;
  const arabic = task.language.startsWith('ar');
  for (const sentence of sentencesOf(task).slice(0, 3)) {
    const clause = clausePrefixes(sentence, arabic).findLast(({ text }) => text.length <= task.budget);
    if (clause) return [clause.text];
    if (sentence.length <= task.budget) return [sentence];
  }
  const next = sentencesOf(task).find((sentence) => sentence.length <= task.budget);
  return next === undefined ? first(task) : [next];
};

/** As lead, going on past sentences that do not fit. */
const leadThatFillsOn: Summariser = (task) => {
  const sentences = sentencesOf(task);
  return take(sentences, [...sentences.keys()], task.budget);
};

function contentOf(sentence: string): string[] {
  return wordsOf(sentence).filter((word) => !isStopWord(word));
}

/** Ranks by the stationary distribution of a walk from sentence to sentence. */
function walk(similarity: readonly (readonly number[])[]): number[] {
  const size = similarity.length;
  const sums = similarity.map((row) => row.reduce((sum, value) => sum + value, 0));
  let scores = new Array<number>(size).fill(1 / Math.max(1, size));
  for (let round = 0; round < 50; round += 1) {
    const before = scores;
    scores = before.map((_, i) => {
      let sum = 0;
      for (let j = 0; j < size; j += 1) {
        if ((sums[j] as number) > 0) {
          sum += ((similarity[j]?.[i] as number) / (sums[j] as number)) * (before[j] as number);
        }
      }
      return 0.15 / size + 0.85 * sum;
    });
  }
  return [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
}

function ranked(task: Task, similarity: (words: string[][]) => number[][]): string[] {
  const sentences = sentencesOf(task);
  return take(sentences, walk(similarity(sentences.map(contentOf))), task.budget);
}

/** Mihalcea and Tarau 2004: shared words over the logarithms of both lengths. */
const textRank: Summariser = (task) =>
  ranked(task, (all) => {
    const sets = all.map((words) => new Set(words));
    return sets.map((a, i) =>
      sets.map((b, j) => {
        if (i === j || a.size < 2 || b.size < 2) return 0;
        return [...a].filter((word) => b.has(word)).length / (Math.log(a.size) + Math.log(b.size));
      }),
    );
  });

/** Erkan and Radev 2004: cosine of tf-idf above a threshold. */
const lexRank: Summariser = (task) =>
  ranked(task, (all) => {
    const occurs = new Map<string, number>();
    for (const words of all) for (const word of new Set(words)) occurs.set(word, (occurs.get(word) ?? 0) + 1);
    const vectors = all.map((words) => {
      const vector = new Map<string, number>();
      const rarity = (word: string) => Math.log((1 + all.length) / (occurs.get(word) ?? 1));
      for (const word of words) vector.set(word, (vector.get(word) ?? 0) + rarity(word));
      const norm = Math.sqrt([...vector.values()].reduce((sum, value) => sum + value * value, 0)) || 1;
      return new Map([...vector].map(([word, value]) => [word, value / norm]));
    });
    return vectors.map((a, i) =>
      vectors.map((b, j) => {
        let cosine = 0;
        for (const [word, value] of a) cosine += value * (b.get(word) ?? 0);
        return i !== j && cosine >= 0.1 ? cosine : 0;
      }),
    );
  });

/** What a summary is compared with, by name. */
export const baselines: Record<string, Summariser> = {
  'first-sentence': first,
  lead,
  'lead-with-clause': leadWithClause,
  'lead-that-fills-on': leadThatFillsOn,
  textrank: textRank,
  lexrank: lexRank,
};
