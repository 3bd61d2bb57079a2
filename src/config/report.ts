import type { z } from 'zod';
import { explainIssue, type IssueContext } from './issue.ts';
import { type ConfigProblem, type ConfigWarning, formatPath, type Path } from './problem.ts';
import type { Source } from './source.ts';
import type { Substituted } from './substitute.ts';

/** What was expected, what stands there instead, and what to do about it. */
export type Words = Pick<ConfigProblem, 'expected' | 'got' | 'remedy'>;

/** Gathers everything wrong with a file. Paths are those of the values after substitution. */
export interface Report {
  problems: ConfigProblem[];
  warnings: ConfigWarning[];
  problem(path: Path, words: Words): void;
  warn(path: Path, message: string): void;
  /** Turns what a schema found at `base` into problems. */
  explain(error: z.ZodError, base: Path, context: Omit<IssueContext, 'textOf'>): void;
  /** Variables named at a setting. */
  referencesAt(path: Path): readonly string[];
  /** Those of them that are unset or empty. */
  unsetAt(path: Path): readonly string[];
}

export function createReport(source: Source, values: Substituted): Report {
  const problems: ConfigProblem[] = [];
  const warnings: ConfigWarning[] = [];
  const place = (path: Path) => {
    const original = values.original(path);
    return { file: source.file, line: source.lineOf(original), key: formatPath(original) };
  };
  const problem = (path: Path, words: Words) => void problems.push({ ...place(path), ...words });

  return {
    problems,
    warnings,
    problem,
    warn: (path, message) => void warnings.push({ ...place(path), message }),
    explain(error, base, context) {
      const textOf = (path: Path) => source.textOf(values.original([...base, ...path]));
      for (const issue of error.issues) {
        for (const { path, expected, got, remedy } of explainIssue(issue, { ...context, textOf })) {
          const missing = values.unsetAt(values.original([...base, ...path]));
          const unset =
            missing.length > 0 ? `Set ${missing.join(' and ')} in the environment, or write the value.` : '';
          problem([...base, ...path], { expected, got, remedy: unset || remedy });
        }
      }
    },
    referencesAt: (path) => values.referencesAt(values.original(path)),
    unsetAt: (path) => values.unsetAt(values.original(path)),
  };
}
