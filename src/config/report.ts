import type { z } from 'zod';
import { explainIssue, type IssueContext } from './issue.ts';
import { type ConfigProblem, type ConfigWarning, describe, formatPath, type Path, type Words } from './problem.ts';
import type { Source } from './source.ts';
import type { Substituted } from './substitute.ts';

/** Gathers everything wrong with a file. Paths are those of the values after substitution. */
export interface Report {
  problems: ConfigProblem[];
  warnings: ConfigWarning[];
  problem(path: Path, words: Words): void;
  /** A problem of another file, such as a template. */
  add(problem: ConfigProblem): void;
  warn(path: Path, message: string): void;
  /** Turns what a schema found at `base` into problems. */
  explain(error: z.ZodError, base: Path, context: Omit<IssueContext, 'given'>): void;
  /** A value as messages may show it: of one from the environment, only the name of the variable. */
  show(path: Path, value: unknown): string;
  /** Variables named at a setting. */
  referencesAt(path: Path): readonly string[];
  /** Those of them that are unset or empty. */
  unsetAt(path: Path): readonly string[];
  /** Its reference is wrong, or lacks a variable that must be set: there is a problem about it already. */
  isNoted(path: Path): boolean;
}

export function createReport(source: Source, values: Substituted): Report {
  const problems: ConfigProblem[] = [];
  const warnings: ConfigWarning[] = [];
  const told = new Set<string>();
  const noted = new Set(values.notes.filter(({ kind }) => kind !== 'half-set').map(({ path }) => JSON.stringify(path)));
  const place = (original: Path) => ({
    file: source.file,
    line: source.lineOf(original),
    key: formatPath(original),
  });

  function problem(path: Path, words: Words): void {
    const found = { ...place(values.original(path)), ...words };
    // A value that breaks two rules of one field has one text for both.
    const text = JSON.stringify([found.line, found.key, found.expected, found.got]);
    if (told.has(text)) return;
    told.add(text);
    problems.push(found);
  }

  const referencesAt = (path: Path) => values.referencesAt(values.original(path));
  const unsetAt = (path: Path) => values.unsetAt(values.original(path));
  const isNoted = (path: Path) => noted.has(JSON.stringify(values.original(path)));

  return {
    problems,
    warnings,
    problem,
    add: (found) => void problems.push(found),
    warn: (path, message) => void warnings.push({ ...place(values.original(path)), message }),
    explain(error, base, context) {
      const at = (path: Path) => [...base, ...path];
      const given = {
        textOf: (path: Path) => source.textOf(values.original(at(path))),
        variablesAt: (path: Path) => referencesAt(at(path)),
        unsetAt: (path: Path) => [...unsetAt(at(path)), ...values.unsetWithin(values.original(at(path)))],
      };
      for (const issue of error.issues) {
        for (const { path, ...words } of explainIssue(issue, { ...context, given })) {
          if (!isNoted(at(path))) problem(at(path), words);
        }
      }
    },
    show(path, value) {
      const names = referencesAt(path);
      return names.length > 0 ? `what ${names.join(' and ')} holds` : describe(value);
    },
    referencesAt,
    unsetAt,
    isNoted,
  };
}
