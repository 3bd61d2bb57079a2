import {
  type Alias,
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { type BareReference, quoteReferences } from './bare-reference.ts';
import { find, keyText, walk } from './nodes.ts';
import { type ConfigProblem, formatPath, type Path, quoted, type Words } from './problem.ts';
import { explainSyntax, isHarmless, rootErrors, unclosed } from './syntax.ts';

/** A YAML file, read: its values, and where each stands. */
export interface Source {
  file: string;
  /** Plain values; undefined where the file cannot be read as YAML. */
  value: unknown;
  /** What is wrong with the text itself, before any setting is looked at. */
  problems: ConfigProblem[];
  /** Line of a setting, or of the nearest thing around it where it is absent. Counts from 1. */
  lineOf(path: Path): number;
  /** A value as it is written, without quotes; undefined for maps, lists and what is absent. */
  textOf(path: Path): string | undefined;
}

type Tell = (offset: number | undefined, path: Path, words: Words) => void;

/** Reads YAML 1.2 (anchors and merge keys too). Never throws. */
export function readSource(text: string, file: string): Source {
  const { text: repaired, found } = quoteReferences(text);
  const lines = new LineCounter();
  const document = parseDocument(repaired, {
    lineCounter: lines,
    logLevel: 'error',
    merge: true,
    prettyErrors: false,
    resolveKnownTags: false,
    schema: 'core',
    uniqueKeys: false,
  });
  const lineAt = (offset: number | undefined) => (offset === undefined ? 1 : lines.linePos(offset).line || 1);
  const problems: ConfigProblem[] = [];
  const tell: Tell = (offset, path, words) =>
    void problems.push({ file, line: lineAt(offset), key: formatPath(path), ...words });

  const errors = [...document.errors, ...document.warnings];
  for (const error of rootErrors(errors, lineAt)) {
    const kind = unclosed(error);
    const start = kind === undefined ? undefined : opening(document, error.pos[0], kind);
    tell(start ?? error.pos[0], [], explainSyntax(error));
  }
  tellReferences(document, found, tell);
  const sound = errors.every(isHarmless) && tellNodes(document, tell);

  return {
    file,
    value: sound ? unfold(document, tell) : undefined,
    problems,
    lineOf: (path) => lineAt(find(document, path).offset),
    textOf(path) {
      const { node } = find(document, path);
      return isScalar(node) ? (node.source ?? String(node.value)) : undefined;
    },
  };
}

/** Where the innermost quote or bracket around an offset begins. */
function opening(document: Document, offset: number, kind: 'quote' | 'bracket'): number | undefined {
  let start: number | undefined;
  walk(document, (node) => {
    const [from = 0, , to = 0] = node.range ?? [];
    const fits =
      kind === 'bracket' ? isCollection(node) && node.flow : isScalar(node) && /^QUOTE/.test(node.type ?? '');
    if (fits && from <= offset && offset <= to) start = from;
  });
  return start;
}

function tellReferences(document: Document, found: readonly BareReference[], tell: Tell): void {
  if (found.length === 0) return;
  const paths = new Map<number | undefined, Path>();
  walk(document, (node, path) => void (isScalar(node) && paths.set(node.range?.[0], path)));
  for (const { offset, references, whole } of found) {
    const written = whole ? `"${references}"` : `"…${references}…"`;
    tell(offset, paths.get(offset) ?? [], {
      expected: `the reference in quotes (${written})`,
      got: `${whole ? references : `…${references}…`} without quotes inside braces`,
      remedy: `Write ${written}: inside { } and [ ], YAML takes bare braces for a map.`,
    });
  }
}

/** What is well-formed YAML, but not meant so. False where its values cannot be used. */
function tellNodes(document: Document, tell: Tell): boolean {
  let sound = true;
  // Asking the parser where an alias leads would go through the whole file each time.
  const anchors = new Map<string, Node>();
  const flat = walk(document, (node, path) => {
    if (!isAlias(node) && node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isMap(node)) tellKeys(node, path, tell);
    if (isAlias(node)) sound = tellAlias(node, path, anchors.get(node.source), tell) && sound;
  });
  if (!flat) {
    const got = 'brackets or lists nested too deeply';
    tell(undefined, [], { expected: 'accounts and channels', got, remedy: 'Start from config/munadi.yaml.' });
  }
  return sound && flat;
}

function tellKeys({ items }: YAMLMap, path: Path, tell: Tell): void {
  const seen = new Set<string>();
  for (const { key } of items) {
    const offset = (key as Node | null)?.range?.[0];
    const name = keyText(key);
    if (!isScalar(key) && !isAlias(key)) {
      tell(offset, path, {
        expected: 'words as keys',
        got: 'a map or list as a key',
        remedy: 'Put the key in double quotes.',
      });
    } else if (seen.has(name) && name !== '<<') {
      const remedy = 'Keep one of the two.';
      tell(offset, [...path, name], { expected: 'each key once', got: `${quoted(name)} a second time`, remedy });
    }
    seen.add(name);
  }
}

/** An alias must stand for something in front of it that it is no part of. */
function tellAlias(node: Alias, path: Path, target: Node | undefined, tell: Tell): boolean {
  const at = node.range?.[0] ?? 0;
  const [from = 0, , to = 0] = target?.range ?? [];
  const inside = target !== undefined && from <= at && at < to;
  if (target && !inside) return true;
  tell(at, path, {
    expected: 'an alias (*name) of an anchor (&name) above',
    got: inside ? 'one that stands within its own anchor' : 'one without an anchor',
    remedy: 'Write the value out, or put it in double quotes if the * belongs to it.',
  });
  return false;
}

function unfold(document: Document, tell: Tell): unknown {
  try {
    return document.toJS({ maxAliasCount: 10_000 });
  } catch {
    const got = 'aliases (*name) that do not unfold';
    tell(undefined, [], { expected: 'valid YAML', got, remedy: 'Write these values out.' });
    return undefined;
  }
}
