import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import twitterText from 'twitter-text';
import { isBalanced, isOpen } from '../src/text/quotes.ts';
import { splitSentences } from '../src/text/sentences.ts';
import { weighX } from '../src/text/x-weight.ts';
import { percentile, type Row, round } from './measure.ts';

/** One paragraph of a gold set: JSON lines of `lang`, `text` and the sentences expected. */
interface Gold {
  lang: string;
  text: string;
  expected: string[];
}

type Split = (text: string, language: string) => string[];

const ownGold = new URL('./sentences-gold.jsonl', import.meta.url).pathname;
const segmenters = new Map<string, Intl.Segmenter>();

const bySegmenter: Split = (text, language) => {
  const segmenter = segmenters.get(language) ?? new Intl.Segmenter(language, { granularity: 'sentence' });
  segmenters.set(language, segmenter);
  return Array.from(segmenter.segment(text), ({ segment }) => segment.trim()).filter((segment) => segment !== '');
};

/** Weighing posts for X beside twitter-text's `parseTweet`, half of them with a link of their own, known and new. */
export function benchMeasureX(): Row[] {
  const plain = readGold(ownGold).map(({ text }) => text);
  const posts = plain.flatMap((text, at) => [text, `${text}\n\nhttps://example.org/news/${at}`]);
  let count = 0;
  const fresh = () => posts.map((text) => `${text} https://example.org/new/${count++}`);
  const [ours, theirs] = interleave(
    () => posts.forEach((text) => void weighX(text)),
    () => posts.forEach((text) => void twitterText.parseTweet(text)),
    posts.length,
  );
  const unseen = Array.from({ length: 31 }, fresh);
  const cold = unseen.map((texts) => timePer(() => texts.forEach((text) => void weighX(text)), texts.length));
  return [
    {
      name: 'measure-x',
      value: round(ours, 3),
      unit: 'us/text',
      baseline: round(theirs, 3),
      ratio: round(ours / theirs, 4),
      better: 'lower',
      details: { faster: round(theirs / ours), newLinkUs: round(percentile(cold, 0.5), 3), texts: posts.length },
    },
  ];
}

/**
 * Splitting into sentences beside `Intl.Segmenter` alone: time per paragraph and, for each gold set, F1 of the boundaries
 * and the share of sentences that leave a quotation open (in paragraphs that leave none), both in percent.
 */
export function benchSentences(goldFiles: readonly string[] = []): Row[] {
  const sets = [ownGold, ...goldFiles].map((file) => ({ name: basename(file, '.jsonl'), gold: readGold(file) }));
  const all = sets.flatMap(({ gold }) => gold);
  const [ours, theirs] = interleave(
    () => all.forEach(({ text, lang }) => void splitSentences(text, lang)),
    () => all.forEach(({ text, lang }) => void bySegmenter(text, lang)),
    all.length,
  );
  const details: Record<string, number> = {};
  for (const { name, gold } of sets) {
    details[`${name} F1`] = boundaryF1(gold, splitSentences);
    details[`${name} F1 of Intl.Segmenter`] = boundaryF1(gold, bySegmenter);
    details[`${name} open`] = openShare(gold, splitSentences);
    details[`${name} open of Intl.Segmenter`] = openShare(gold, bySegmenter);
  }
  return [
    {
      name: 'sentences',
      value: round(ours, 2),
      unit: 'us/paragraph',
      baseline: round(theirs, 2),
      ratio: round(ours / theirs, 3),
      better: 'lower',
      details,
    },
  ];
}

function readGold(file: string): Gold[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Gold);
}

/** F1 in percent of the boundaries within paragraphs, by place among the characters that are not white space. */
function boundaryF1(gold: readonly Gold[], split: Split): number {
  let [hits, found, expected] = [0, 0, 0];
  for (const { text, lang, expected: sentences } of gold) {
    const right = boundaries(sentences);
    const given = boundaries(split(text, lang));
    found += given.size;
    expected += right.size;
    for (const place of given) if (right.has(place)) hits++;
  }
  return round((200 * hits) / (found + expected), 1);
}

function boundaries(sentences: readonly string[]): Set<number> {
  let place = 0;
  const places = sentences.map((sentence) => {
    place += sentence.replace(/\s/g, '').length;
    return place;
  });
  return new Set(places.slice(0, -1));
}

function openShare(gold: readonly Gold[], split: Split): number {
  const sentences = gold.filter(({ text }) => isBalanced(text)).flatMap(({ text, lang }) => split(text, lang));
  return round((100 * sentences.filter(isOpen).length) / sentences.length, 2);
}

const rounds = 61;
const warmUpMs = 400;

/** Median microseconds per item of two ways, run in turns so that both meet the same machine. */
function interleave(first: () => void, second: () => void, items: number): [number, number] {
  const samples: [number[], number[]] = [[], []];
  for (const run of [first, second])
    for (const start = performance.now(); performance.now() - start < warmUpMs; ) run();
  for (let turn = 0; turn < rounds; turn++) {
    samples[0].push(timePer(first, items));
    samples[1].push(timePer(second, items));
  }
  return [percentile(samples[0], 0.5), percentile(samples[1], 0.5)];
}

function timePer(run: () => void, items: number): number {
  const started = performance.now();
  run();
  return ((performance.now() - started) * 1000) / items;
}
