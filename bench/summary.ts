// npm run bench:summary [-- --file F.jsonl …] [--json]: summaries against people's, beside plain ways, in one run.
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { summarise } from '../src/text/summary.ts';
import { wordsOf } from '../src/text/summary-words.ts';
import { round } from './measure.ts';
import { type Rouge, rougeAgainst } from './rouge.ts';
import { baselines, type Summariser } from './summary-baselines.ts';
import { readCases, type SummaryCase } from './summary-cases.ts';

const budgets = [256, 600, 1_000];
const measure = (text: string) => text.length;

const ours: Summariser = ({ budget, ...article }) =>
  summarise(article, { budget, measure, paragraphBreak: '\n\n', background: true }).paragraphs;

const methods: Record<string, Summariser> = { munadi: ours, ...baselines };

/** One line of the result; scores in per cent. */
interface SummaryRow extends Rouge {
  set: string;
  budget: number;
  method: string;
  msPerArticle: number;
  /** Share of summaries of which three quarters or more stand in the headline. */
  repetition: number;
  /** Mean length, in characters. */
  length: number;
}

interface Prepared extends SummaryCase {
  score: (summary: string) => Rouge;
}

function run(set: string, cases: readonly Prepared[], budget: number, method: string): SummaryRow {
  const summariser = methods[method] as Summariser;
  const sums = { rouge1: 0, rouge2: 0, rougeL: 0, ms: 0, repeats: 0, length: 0 };
  for (const { title, paragraphs, language, score } of cases) {
    const started = performance.now();
    // A copy, so that nothing is remembered from the budget before.
    const text = summariser({ title, paragraphs: [...paragraphs], language, budget }).join('\n\n');
    sums.ms += performance.now() - started;
    const { rouge1, rouge2, rougeL } = score(text);
    sums.rouge1 += rouge1;
    sums.rouge2 += rouge2;
    sums.rougeL += rougeL;
    sums.repeats += saysHeadline(text, title) ? 1 : 0;
    sums.length += text.length;
  }
  const mean = (sum: number) => sum / Math.max(1, cases.length);
  return {
    set,
    budget,
    method,
    rouge1: round(100 * mean(sums.rouge1), 2),
    rouge2: round(100 * mean(sums.rouge2), 2),
    rougeL: round(100 * mean(sums.rougeL), 2),
    msPerArticle: round(mean(sums.ms), 3),
    repetition: round(mean(sums.repeats), 3),
    length: round(mean(sums.length), 0),
  };
}

function saysHeadline(summary: string, title: string): boolean {
  const known = new Set(wordsOf(title));
  const words = wordsOf(summary);
  return words.length > 0 && words.filter((word) => known.has(word)).length >= 0.75 * words.length;
}

function meanOf(rows: readonly SummaryRow[], budget: number, method: string): SummaryRow {
  const own = rows.filter((row) => row.set !== 'mean' && row.budget === budget && row.method === method);
  const mean = (key: keyof Rouge | 'msPerArticle' | 'repetition' | 'length', digits: number) =>
    round(own.reduce((sum, row) => sum + row[key], 0) / Math.max(1, own.length), digits);
  return {
    set: 'mean',
    budget,
    method,
    rouge1: mean('rouge1', 2),
    rouge2: mean('rouge2', 2),
    rougeL: mean('rougeL', 2),
    msPerArticle: mean('msPerArticle', 3),
    repetition: mean('repetition', 3),
    length: mean('length', 0),
  };
}

function print(rows: readonly SummaryRow[]): void {
  const sets = [...new Set(rows.map(({ set }) => set))];
  for (const set of sets) {
    for (const budget of budgets) {
      console.log(`\n${set}, ${budget} characters`);
      console.log('  method                 R-1    R-2    R-L   repeats  length   ms');
      for (const row of rows.filter((one) => one.set === set && one.budget === budget)) {
        const scores = [row.rouge1, row.rouge2, row.rougeL].map((score) => score.toFixed(2).padStart(6)).join(' ');
        const repeats = `${round(100 * row.repetition, 1)} %`.padStart(8);
        console.log(
          `  ${row.method.padEnd(19)} ${scores} ${repeats} ${String(row.length).padStart(7)}  ${row.msPerArticle}`,
        );
      }
    }
  }
}

const { values } = parseArgs({ options: { file: { type: 'string', multiple: true }, json: { type: 'boolean' } } });
const folder = join(import.meta.dirname, 'summaries');
const files =
  values.file ??
  readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .map((name) => join(folder, name));
const rows: SummaryRow[] = [];
for (const file of files) {
  const set = basename(file).replace(/\.jsonl$/, '');
  const cases = readCases(file).map((one) => ({ ...one, score: rougeAgainst(one.references) }));
  for (const budget of budgets) {
    for (const method of Object.keys(methods)) rows.push(run(set, cases, budget, method));
  }
}
for (const budget of budgets) for (const method of Object.keys(methods)) rows.push(meanOf(rows, budget, method));
if (values.json) console.log(JSON.stringify(rows));
else print(rows);
