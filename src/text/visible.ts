/** Tags of Telegram's HTML mode (Bot API, formatting options). */
const known = new Set(
  'b strong i em u ins s strike del span tg-spoiler a tg-emoji tg-time code pre blockquote'.split(' '),
);

const named: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"' };
// The semicolon may be missing, as in Telegram's own parser (TDLib, do_parse_html).
const entity = /&(?:#x([\da-f]{1,6})(?![\da-f])|#(\d{1,7})(?!\d)|([a-z]+));?/gi;
const tag = /<(\/?)([a-z][a-z0-9-]*)((?:\s+[a-z-]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[a-z0-9.-]+))?)*)\s*(\/?)>/iy;
const spoiler = /\sclass\s*=\s*["']?tg-spoiler["']?(?:\s|$)/i;

/**
 * What a reader sees of Telegram's HTML: without tags, entities decoded, no white space at either end. `problem` says what
 * Telegram would refuse or show wrongly (an unknown tag, a tag that is not closed, closed out of turn, a quote in a quote),
 * as the rest of a sentence, and `tag` of which tag; `text` then ends there. Takes time in proportion to the length.
 */
export function visibleTelegram(markup: string): { text: string; problem?: string; tag?: string } {
  const open: string[] = [];
  let text = '';
  let at = 0;
  for (let next = markup.indexOf('<'); next !== -1; next = markup.indexOf('<', at)) {
    text += decode(markup.slice(at, next));
    tag.lastIndex = next;
    const found = tag.exec(markup);
    const problem = found
      ? step(found, open)
      : { problem: 'a "<" begins no tag: write &lt; for the sign itself', tag: '' };
    if (problem) return { text: text.trim(), ...problem };
    at = tag.lastIndex;
  }
  const visible = (text + decode(markup.slice(at))).trim();
  const last = open.at(-1);
  return last === undefined ? { text: visible } : { text: visible, problem: `<${last}> is not closed`, tag: last };
}

/** Opens or closes a tag; what is wrong with that. */
function step(
  [, slash, given = '', attributes = '', end]: RegExpExecArray,
  open: string[],
): { problem: string; tag: string } | undefined {
  const name = given.toLowerCase();
  const wrong = (problem: string) => ({ problem, tag: name });
  if (!known.has(name)) return wrong(`<${name}> is no tag of Telegram's`);
  if (end === '/') return wrong(`<${name}/> must be opened and closed`);
  if (slash === '/') {
    const last = open.pop();
    if (last === name) return undefined;
    return wrong(last === undefined ? `</${name}> closes nothing` : `</${name}> stands where </${last}> belongs`);
  }
  if (name === 'span' && !spoiler.test(attributes)) return wrong('<span> needs class="tg-spoiler"');
  if (name === 'blockquote' && open.includes(name)) return wrong('a <blockquote> stands in another');
  open.push(name);
  return undefined;
}

function decode(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(entity, (whole, hex?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return Object.hasOwn(named, name) ? (named[name] as string) : whole;
    const code = hex === undefined ? Number.parseInt(decimal ?? '', 10) : Number.parseInt(hex, 16);
    const isCharacter = code > 0 && code < 0x10ffff && (code < 0xd800 || code > 0xdfff);
    return isCharacter ? String.fromCodePoint(code) : whole;
  });
}
