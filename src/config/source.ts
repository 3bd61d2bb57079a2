import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  Scalar,
  type YAMLMap,
} from 'yaml';
import { quoteReferences } from './bare-reference.ts';
import { type ConfigProblem, formatPath, type Path } from './problem.ts';

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

/** Reads YAML 1.2 (anchors and merge keys too). Never throws. */
export function readSource(text: string, file: string): Source {
  const { text: repaired, problems: bare } = quoteReferences(text, file);
  const lines = new LineCounter();
  const document = parseDocument(repaired, { lineCounter: lines, prettyErrors: false, merge: true });
  const lineAt = (offset: number | undefined) => (offset === undefined ? 1 : lines.linePos(offset).line || 1);
  const problems = [...bare];

  const syntax = [...document.errors, ...document.warnings];
  for (const { code, message, pos } of syntax) {
    problems.push({
      file,
      line: lineAt(pos[0]),
      key: '(file)',
      expected: 'valid YAML',
      ...explainSyntax(code, message),
    });
  }
  const readable = syntax.every(({ code }) => code === 'DUPLICATE_KEY');
  let value: unknown;
  if (readable) {
    try {
      value = document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      const got = `something that does not unfold (${(error as Error).message})`;
      problems.push({ file, line: 1, key: '(file)', expected: 'valid YAML', got, remedy: 'Write these values out.' });
    }
    problems.push(...bareTimes(document, file, lineAt));
  }

  return {
    file,
    value,
    problems,
    lineOf: (path) => lineAt(find(document, path).offset),
    textOf(path) {
      const { node } = find(document, path);
      return isScalar(node) ? (node.source ?? String(node.value)) : undefined;
    },
  };
}

const remedies: Record<string, string> = {
  TAB_AS_INDENT: 'Indent with spaces.',
  DUPLICATE_KEY: 'Keep one of the two.',
  BAD_SCALAR_START: 'Put the value in double quotes.',
  MULTIPLE_DOCS: 'Remove the --- line between the two.',
  MISSING_CHAR: 'Close the quote or bracket that was opened here or above.',
  BAD_INDENT: 'Indent with two spaces a level.',
  TAG_RESOLVE_FAILED: 'Remove the tag (the word after "!").',
  BAD_ALIAS: 'Name an anchor (&name) that stands above.',
};

function explainSyntax(code: string, message: string): { got: string; remedy: string } {
  const [first = message] = message.split('\n');
  const remedy = remedies[code] ?? 'Check indentation, colons, quotes and brackets on this line and the one before.';
  return { got: lowerFirst(first.replace(/[.\s]+$/, '')), remedy };
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Times without quotes: text to us, but 1380 (minutes) to a YAML 1.1 reader, which most editors and scripts are. */
function bareTimes(document: Document, file: string, lineAt: (offset: number) => number): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  walk(document.contents, [], (node, path) => {
    const text = node.source ?? '';
    if (node.type !== Scalar.PLAIN || !/^\d{1,2}:\d{2}(:\d{2})?$/.test(text)) return;
    problems.push({
      file,
      line: lineAt(node.range?.[0] ?? 0),
      key: formatPath(path),
      expected: `the time in quotes ("${text}")`,
      got: `${text} without quotes`,
      remedy: `Write "${text}": some YAML readers take the bare form for a number of minutes.`,
    });
  });
  return problems;
}

function walk(node: unknown, path: Path, visit: (scalar: Scalar, path: Path) => void): void {
  if (isScalar(node)) visit(node, path);
  if (isSeq(node)) for (const [index, item] of node.items.entries()) walk(item, [...path, index], visit);
  if (!isMap(node)) return;
  for (const { key, value } of node.items) {
    const below = [...path, keyText(key)];
    walk(key, below, visit);
    walk(value, below, visit);
  }
}

function keyText(key: unknown): string {
  return isScalar(key) ? String(key.value) : String(key);
}

/** Follows a path through maps, lists, aliases and merge keys, as far as it leads. */
function find(document: Document, path: Path): { node: unknown; offset: number | undefined } {
  let node = resolve(document.contents, document);
  let offset = node?.range?.[0];
  for (const step of path) {
    const pair = isMap(node) ? findPair(node, String(step), document) : undefined;
    const next = pair ? pair.value : isSeq(node) && typeof step === 'number' ? node.items[step] : undefined;
    if (!pair && next === undefined) return { node: undefined, offset };
    offset = ((pair?.key ?? next) as Node | undefined)?.range?.[0] ?? offset;
    node = resolve(next, document);
  }
  return { node, offset };
}

function resolve(node: unknown, document: Document): Node | undefined {
  return (isAlias(node) ? node.resolve(document) : node) as Node | undefined;
}

/** The last of two equal keys is the one that counts. */
function findPair(map: YAMLMap, key: string, document: Document): Pair | undefined {
  const own = map.items.findLast((pair) => keyText(pair.key) === key);
  if (own) return own;
  for (const merged of map.items.filter((pair) => keyText(pair.key) === '<<')) {
    const sources = isSeq(merged.value) ? merged.value.items : [merged.value];
    for (const source of sources) {
      const target = resolve(source, document);
      const pair = isMap(target) ? findPair(target, key, document) : undefined;
      if (pair) return pair;
    }
  }
  return undefined;
}
