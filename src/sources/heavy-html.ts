import { InputError } from '../core/errors.ts';

/**
 * Real pages stay under a hundred levels and a few thousand elements. The time to read one grows with the levels of all its
 * elements together: at these limits it takes a second or two, without them hours.
 */
const deepest = 200;
const mostElements = 10_000;
const mostLevels = 200_000;
/** Each `<` and `&` costs the parser a piece, tag and entity or not. */
const mostPieces = 50_000;

const tag = /<!--[\s\S]*?(?:-->|$)|<(script|style)\b[\s\S]*?(?:<\/\1\s*>|$)|<(\/?)([a-z][a-z0-9-]*)/gi;
const empty = new Set('area|base|br|col|embed|hr|img|input|link|meta|param|source|track|wbr'.split('|'));
/** Elements that end when one of those after the colon begins (as htmlparser2 reads it). */
const endings = new Map(
  [
    'p:p|h1|h2|h3|h4|h5|h6|address|article|aside|blockquote|details|div|dl|fieldset|figcaption|figure|footer|form|header|hr|main|nav|ol|pre|section|table|ul',
    'li:li',
    'td:td|tr',
    'th:td|th|tr',
    'tr:tr',
    'thead:td|tbody|tfoot',
    'tbody:tbody|tfoot',
    'dt:dt|dd',
    'dd:dt|dd',
    'option:option|optgroup',
    'optgroup:optgroup',
    'a:a',
  ].map((line) => {
    const [name = '', followers = ''] = line.split(':');
    return [name, new Set(followers.split('|'))] as const;
  }),
);

/** Throws `InputError` (`bad-html`) for HTML so deep or full of elements that reading it would hold everything else up. */
export function refuseHeavyHtml(html: string, name: string): void {
  if (html.split(/[<&]/, mostPieces + 1).length > mostPieces) throw tooHeavy(name);
  const open: string[] = [];
  let elements = 0;
  let levels = 0;
  for (const [, , closing, element = ''] of html.matchAll(tag)) {
    const current = element.toLowerCase();
    if (current === '' || empty.has(current)) continue;
    if (closing) {
      const at = open.lastIndexOf(current);
      if (at >= 0) open.length = at;
      continue;
    }
    while (endings.get(open.at(-1) ?? '')?.has(current)) open.pop();
    open.push(current);
    elements += 1;
    levels += open.length;
    if (open.length > deepest || elements > mostElements || levels > mostLevels) {
      throw tooHeavy(name);
    }
  }
}

function tooHeavy(name: string): InputError {
  return new InputError(`${name} is HTML with too many or too deeply nested elements. Give its text instead.`, {
    code: 'bad-html',
    status: 422,
  });
}
