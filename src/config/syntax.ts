import type { YAMLError } from 'yaml';
import type { Words } from './problem.ts';

type Told = Pick<Words, 'got' | 'remedy'>;

/** Errors after which the values are still read as they were meant. */
const harmless = new Set(['BAD_SCALAR_START', 'TAG_RESOLVE_FAILED']);

/** True where the rest of the file can be checked all the same. */
export function isHarmless({ code }: YAMLError): boolean {
  return harmless.has(code);
}

/** The errors that an operator has to look at: the first of each line, without those that only follow from another. */
export function rootErrors(errors: readonly YAMLError[], lineAt: (offset: number) => number): YAMLError[] {
  const lines = new Set<number>();
  const openQuote = errors.some(({ message }) => /^Missing closing/.test(message));
  return errors.filter(({ message, pos }, index) => {
    if (index > 0 && / in YAML stream/.test(message)) return false;
    if (openQuote && !/^Missing closing/.test(message) && !isInFront(message)) return false;
    const line = lineAt(pos[0]);
    if (lines.has(line)) return false;
    lines.add(line);
    return true;
  });
}

function isInFront(message: string): boolean {
  return /^(Tabs|Plain value|Unresolved tag)/.test(message);
}

/** What opened the trouble: a quote or bracket that is never closed is told where it begins. */
export function unclosed({ message }: YAMLError): 'quote' | 'bracket' | undefined {
  if (/^Missing closing/.test(message)) return 'quote';
  return /end with a [}\]]/.test(message) ? 'bracket' : undefined;
}

/** By the beginning of the parser's message. None repeats text of the file: it may be a secret. */
const told: [RegExp, Told][] = [
  [/^Tabs/, { got: 'a tab as indentation', remedy: 'Indent with spaces.' }],
  [
    /^Source contains multiple documents/,
    { got: 'a second document in the same file', remedy: 'Remove the line "---" between the two.' },
  ],
  [/^Missing closing/, { got: 'a quote that is opened here and never closed', remedy: 'Close it.' }],
  [
    /end with a [}\]]/,
    { got: 'a { or [ that is opened here and not closed', remedy: 'Close it, and indent what is inside it.' },
  ],
  [
    /^Missing , /,
    { got: 'two entries with no comma between them', remedy: 'Put a comma between them, or quotes around the value.' },
  ],
  [/^Missing space after :/, { got: 'a ":" with no space behind', remedy: 'Put a space behind it.' }],
  [
    /^Comments must be separated/,
    { got: 'a "#" right behind a value', remedy: 'Put a space before the comment, or quotes around the value.' },
  ],
  [
    /^Implicit map keys need to be followed/,
    {
      got: 'a line that is neither "key: value" nor "- entry"',
      remedy: 'Write "key: value", with a space behind the colon.',
    },
  ],
  [
    /^(All (mapping|sequence) items|Sequence item without|The first)/,
    {
      got: 'a line that begins in another column than its neighbours',
      remedy: 'Indent entries of the same level equally.',
    },
  ],
  [
    /^Nested mappings are not allowed/,
    {
      got: 'a second ": " in one line, or a next line that is indented too far',
      remedy: 'Put the value in double quotes, or correct the indentation.',
    },
  ],
  [
    /^Block collections are not allowed/,
    {
      got: 'a ": " too many inside { } or [ ]',
      remedy: 'Put a comma between two keys, quotes around a value that holds a colon, and close every bracket.',
    },
  ],
  [
    /^Implicit keys /,
    { got: 'a key that runs over two lines', remedy: 'Correct the indentation of this line and the next.' },
  ],
  [/^Unexpected (,|empty item)/, { got: 'a comma with nothing between it and the last one', remedy: 'Remove it.' }],
  [
    /at node end$/,
    {
      got: 'something behind the end of a value, or a line that is indented differently',
      remedy: 'Put the whole value in double quotes, or correct the indentation.',
    },
  ],
  [
    /^Invalid escape sequence/,
    { got: 'a "\\" in double quotes that stands for nothing', remedy: 'Write it twice, or use single quotes.' },
  ],
  [
    /^(Unresolved tag|.*\btag\b)/i,
    { got: 'a tag (a word behind "!")', remedy: 'Remove it, or put the value in double quotes.' },
  ],
  [/^(Maximum call stack|Excessive)/i, { got: 'brackets nested too deeply', remedy: 'Write it flatter.' }],
];

const unknown: Told = {
  got: 'something that YAML does not allow here',
  remedy: 'Check indentation, colons, quotes and brackets on this line and the one before.',
};

/** A syntax error in an operator's words. */
export function explainSyntax({ code, message }: YAMLError): Words {
  const expected = 'valid YAML';
  if (code === 'BAD_SCALAR_START') {
    const character = /character (\S)$/m.exec(message)?.[1];
    const got = character ? `a value that begins with ${character}` : 'a value that begins with a sign of YAML';
    return { expected, got, remedy: 'Put the value in double quotes.' };
  }
  if (code === 'BAD_DIRECTIVE') return { expected, got: 'a line that begins with %', remedy: 'Remove it.' };
  const [, words = unknown] = told.find(([pattern]) => pattern.test(message)) ?? [];
  return { expected, ...words };
}
