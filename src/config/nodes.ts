import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Path } from './problem.ts';

/** Nothing in a configuration is nested half as deep. */
const mostLevels = 40;

/** Calls `visit` with every node of a document, keys too, in the order of the text. False where it is too deep. */
export function walk(document: Document, visit: (node: Node, path: Path) => void): boolean {
  let flat = true;
  const go = (node: unknown, path: Path): void => {
    if (path.length > mostLevels) {
      flat = false;
      return;
    }
    if (isScalar(node) || isAlias(node) || isMap(node) || isSeq(node)) visit(node, path);
    if (isSeq(node)) {
      for (const [index, item] of node.items.entries()) {
        if (isPair(item)) goPair(item, [...path, index]);
        else go(item, [...path, index]);
      }
    }
    if (isMap(node)) for (const pair of node.items) goPair(pair, path);
  };
  const goPair = ({ key, value }: Pair, path: Path): void => {
    const below = [...path, keyText(key)];
    go(key, below);
    go(value, below);
  };
  go(document.contents, []);
  return flat;
}

/** A key as the values have it. */
export function keyText(key: unknown): string {
  if (!isScalar(key)) return String(key);
  // The parser turns the key of a merge into a symbol.
  return typeof key.value === 'symbol' ? '<<' : String(key.value ?? '');
}

/** Follows a path through maps, lists, aliases and merge keys, as far as it leads. */
export function find(document: Document, path: Path): { node: unknown; offset: number | undefined } {
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
