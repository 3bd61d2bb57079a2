/** Something that broke a promise, as it is shown to people. */
export interface Sample {
  /** The article, such as `quotes-only 17`, or `news.jsonl:4`. */
  article: string;
  /** The channel's id in the proof; absent where no channel is at fault. */
  channel?: string;
  /** What is wrong, in words, with the text at fault. */
  what: string;
}

/** One promise, and how it was kept. */
export interface Check {
  name: string;
  /** Violations, or a time in milliseconds. */
  value: number;
  /** Most that `value` may be. */
  aim: number;
  ok: boolean;
  /** The first violations, one an article. */
  samples: Sample[];
}

/** What `npm run prove` prints as JSON. */
export interface Verdict {
  name: string;
  seed: number;
  ok: boolean;
  checks: Check[];
  /** How much was looked at, and how long it took. */
  facts: Record<string, number>;
  /** Processes that were killed, where any were. */
  kills?: number;
  /** What became of the deliveries of each platform: a count by its name. */
  platforms?: Record<string, Record<string, number>>;
  /** How often each fault struck each platform. */
  hits?: Record<string, Record<string, number>>;
}

/** The command was used wrongly, or its input cannot be read: exit code 2. */
export class UsageError extends Error {}

/** A proof that the command offers. `args` are those after its name; throws `UsageError` for wrong ones. */
export interface Proof {
  /** One line for people. */
  about: string;
  usage: string;
  run(args: string[], seed: number): Promise<Verdict>;
}

const samplesKept = 5;

/** Counts violations by the name of the promise. */
export interface Tally {
  fail(name: string, sample: Sample): void;
  checks(): Check[];
}

/** A tally of the promises `names`, all of which are reported, kept or not. */
export function createTally(names: readonly string[]): Tally {
  const found = new Map<string, { value: number; samples: Sample[] }>(
    names.map((name) => [name, { value: 0, samples: [] }]),
  );
  return {
    fail(name, sample) {
      const entry = found.get(name);
      if (!entry) throw new Error(`There is no check "${name}".`);
      entry.value += 1;
      // An article that breaks a promise on many channels is one sample.
      const isKnown = entry.samples.some(({ article }) => article === sample.article);
      if (entry.samples.length < samplesKept && !isKnown) entry.samples.push(sample);
    },
    checks: () => [...found].map(([name, { value, samples }]) => ({ name, value, aim: 0, ok: value === 0, samples })),
  };
}

/** A verdict for people: one line a check, failing samples below it. */
export function describeVerdict({ name, seed, ok, checks, facts, kills, platforms, hits }: Verdict): string {
  const width = Math.max(...checks.map((check) => check.name.length));
  const lines = checks.flatMap((check) => [
    `${check.ok ? 'ok  ' : 'FAIL'}  ${check.name.padEnd(width)}  ${check.value} (aim ${check.aim === 0 ? '0' : `at most ${check.aim}`})`,
    ...check.samples.map(
      ({ article, channel, what }) => `        ${article}${channel === undefined ? '' : `, ${channel}`}: ${what}`,
    ),
  ]);
  const numbers = Object.entries(facts).map(([what, value]) => `${what}: ${value}`);
  return [
    `${name}, seed ${seed}${kills === undefined ? '' : `, ${kills} kills`}`,
    ...(hits ? [table(hits), ''] : []),
    ...(platforms ? [table(platforms), ''] : []),
    ...lines,
    numbers.join(', '),
    ok
      ? 'The promise holds.'
      : `The promise does not hold. The same run again: npm run prove -- ${name} --seed ${seed}`,
  ].join('\n');
}

/** A row for each name, a column for each count. */
function table(rows: Record<string, Record<string, number>>): string {
  const columns = [...new Set(Object.values(rows).flatMap((row) => Object.keys(row)))];
  const first = Math.max(...Object.keys(rows).map((name) => name.length));
  const line = (name: string, cells: readonly string[]) =>
    [name.padEnd(first), ...cells.map((cell, at) => cell.padStart(columns[at]?.length ?? 0))].join('  ');
  return [
    line('', columns),
    ...Object.entries(rows).map(([name, row]) =>
      line(
        name,
        columns.map((column) => String(row[column] ?? '')),
      ),
    ),
  ].join('\n');
}
