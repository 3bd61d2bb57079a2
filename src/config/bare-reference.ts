import { Lexer } from 'yaml';
import type { ConfigProblem } from './problem.ts';

/** The lexer puts this before every plain scalar. */
const scalarMark = '\u001f';

/**
 * Finds `${NAME}` without quotes inside `{…}` or `[…]`, where YAML takes its braces for a map of their own and fails
 * somewhere else, or reads something else without a word. Returns the text with these put in quotes, so that what
 * follows can still be checked; lines stay where they are.
 */
export function quoteReferences(text: string, file: string): { text: string; problems: ConfigProblem[] } {
  const starts = bareStarts(text);
  const problems: ConfigProblem[] = [];
  let repaired = '';
  let done = 0;
  for (const start of starts) {
    if (start < done) continue;
    const [written = '$'] = /^[^\s,{}[\]]*(?:\$\{[^\s{}]*\}[^\s,{}[\]]*)+/.exec(text.slice(start)) ?? [];
    const before = text.slice(0, start);
    problems.push({
      file,
      line: before.split('\n').length,
      key: keyBefore(before),
      expected: `the reference in quotes ("${written}")`,
      got: `${written} without quotes inside braces`,
      remedy: `Write "${written}": inside { } and [ ], YAML takes bare braces for a map.`,
    });
    repaired += `${text.slice(done, start)}"${written}"`;
    done = start + written.length;
  }
  return { text: repaired + text.slice(done), problems };
}

/** Offsets of plain scalars that end in `$` with a brace right behind. */
function bareStarts(text: string): number[] {
  const starts: number[] = [];
  const tokens = [...new Lexer().lex(text)];
  let offset = 0;
  for (const [index, token] of tokens.entries()) {
    // The lexer's marks (document start, flow error, scalar) take no room in the text.
    if (token.length === 1 && token !== '\ufeff' && '\u0002\u0018\u001f'.includes(token)) continue;
    if (tokens[index - 1] === scalarMark && token.endsWith('$') && tokens[index + 1] === '{') starts.push(offset);
    offset += token.length;
  }
  return starts;
}

/** The key in front of a value on the same line, for the message. */
function keyBefore(before: string): string {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return /([\w-]+)["']?\s*:\s*(?:\[[^\]]*)?$/.exec(line)?.[1] ?? '(file)';
}
