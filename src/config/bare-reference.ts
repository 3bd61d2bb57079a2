import { Lexer } from 'yaml';

/** The lexer puts this before every plain scalar. */
const scalarMark = '\u001f';

/** A `${NAME}` without quotes, and what stands around it, now in quotes. */
export interface BareReference {
  /** Where it begins in the repaired text. */
  offset: number;
  /** The references in it, such as `${HOST}:${PORT}`: the text around them may hold a password. */
  references: string;
  /** It is nothing but one reference. */
  whole: boolean;
}

/**
 * Finds `${NAME}` without quotes inside `{…}` or `[…]`, where YAML takes its braces for a map of their own and fails
 * somewhere else, or reads something else without a word. Returns the text with these put in quotes, so that what
 * follows can still be checked; lines stay where they are.
 */
export function quoteReferences(text: string): { text: string; found: BareReference[] } {
  const found: BareReference[] = [];
  let repaired = '';
  let done = 0;
  for (const { start, brace } of bareStarts(text)) {
    if (start < done) continue;
    const rest = /^(?:\{[^\n{}]*\}(?:[^\n,{}[\]$#:]|[#:](?! )|\$(?!\{)|\$(?=\{[^\n{}]*\}))*)+/.exec(
      text.slice(brace, brace + 2_000),
    );
    const written = `${text.slice(start, brace)}${rest?.[0] ?? ''}`.trimEnd();
    repaired += text.slice(done, start);
    const references = written.match(/\$\{[^{}]*\}/g) ?? ['${'];
    found.push({ offset: repaired.length, references: references.join(''), whole: references[0] === written });
    repaired += `'${written.replaceAll("'", "''")}'`;
    done = start + written.length;
  }
  return { text: repaired + text.slice(done), found };
}

/** Plain scalars that end in `$` with a brace right behind: where they start, and where the brace is. */
function bareStarts(text: string): { start: number; brace: number }[] {
  const starts: { start: number; brace: number }[] = [];
  const tokens = [...new Lexer().lex(text)];
  let offset = 0;
  for (const [index, token] of tokens.entries()) {
    // The lexer's marks (document start, flow error, scalar) take no room in the text.
    if (token.length === 1 && token !== '\ufeff' && '\u0002\u0018\u001f'.includes(token)) continue;
    if (tokens[index - 1] === scalarMark && token.endsWith('$') && tokens[index + 1] === '{')
      starts.push({ start: offset, brace: offset + token.length });
    offset += token.length;
  }
  return starts;
}
