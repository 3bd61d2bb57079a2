import type { Path } from './problem.ts';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What substitution found wrong, or worth a word. */
export interface SubstitutionNote {
  path: Path;
  kind: 'malformed' | 'required' | 'half-set';
  /** The variables; empty for `malformed`, where what stands in the braces may be a secret itself. */
  name: string;
}

/** Values with their variables filled in. Paths are those of the file. */
export interface Substituted {
  value: unknown;
  notes: SubstitutionNote[];
  /** Variables that a string names. */
  referencesAt(path: Path): readonly string[];
  /** Those of them that are unset or empty. */
  unsetAt(path: Path): readonly string[];
  /** Unset or empty variables of everything inside a map or list. */
  unsetWithin(path: Path): readonly string[];
  /** Path in the file of a path in `value`: absent list items shift those behind them. */
  original(path: Path): Path;
}

const reference = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(:\?)?\}|\$\{([^}]*)\}?/g;

/**
 * Fills in `${NAME}` in string values. A string with an unset or empty variable becomes absent, a note where the
 * variable was required by `${NAME:?}`; `$${` stands for `${`. What a variable holds is not looked into again.
 */
export function substitute(input: unknown, env: Environment): Substituted {
  const notes: SubstitutionNote[] = [];
  const references = new Map<string, string[]>();
  const unset = new Map<string, string[]>();
  const places = new WeakMap<object, number[]>();

  const keyOf = (path: Path) => JSON.stringify(path);

  function text(given: string, path: Path): string | undefined {
    const names: string[] = [];
    const missing: string[] = [];
    const filled = given.replace(reference, (match, name: string | undefined, required: string | undefined) => {
      if (match === '$${') return '${';
      if (name === undefined) {
        notes.push({ path, kind: 'malformed', name: '' });
        return match;
      }
      names.push(name);
      const value = env[name];
      if (value) return value;
      missing.push(name);
      if (required) notes.push({ path, kind: 'required', name });
      return '';
    });
    if (names.length > 0) references.set(keyOf(path), names);
    if (missing.length === 0) return filled;
    unset.set(keyOf(path), missing);
    const whole = names.length === 1 && /^\$\{\w+(:\?)?\}$/.test(given);
    if (!whole) notes.push({ path, kind: 'half-set', name: missing.join(', ') });
    return undefined;
  }

  function visit(node: unknown, path: Path): unknown {
    if (typeof node === 'string') return text(node, path);
    if (Array.isArray(node)) {
      const items = node.map((item, index) => ({ index, item: visit(item, [...path, index]) }));
      const kept = items.filter(({ item }) => item !== undefined);
      const list = kept.map(({ item }) => item);
      places.set(
        list,
        kept.map(({ index }) => index),
      );
      return list;
    }
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, item]) => [key, visit(item, [...path, key])]));
  }

  const value = visit(input, []);
  return {
    value,
    notes,
    referencesAt: (path) => references.get(keyOf(path)) ?? [],
    unsetAt: (path) => unset.get(keyOf(path)) ?? [],
    unsetWithin(path) {
      const start = `${keyOf(path).slice(0, -1)},`;
      return [...unset].filter(([key]) => key.startsWith(start)).flatMap(([, names]) => names);
    },
    original(path) {
      let node: unknown = value;
      return path.map((step) => {
        const index = typeof step === 'number' && Array.isArray(node) ? (places.get(node)?.[step] ?? step) : step;
        node = (node as Record<string | number, unknown> | undefined)?.[step];
        return index;
      });
    },
  };
}
