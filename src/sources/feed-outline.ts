import { InputError } from '../core/errors.ts';

/**
 * An XML feed cut into its head and its items, each of which is then a small document of its own: a broken or huge item
 * costs itself alone, none is lost to a table of contents or a second channel, and nothing is read that is not looked at.
 */
export interface FeedOutline {
  kind: 'rss' | 'atom' | 'rdf';
  /** `rss 2.0`, `atom 1.0`, `rdf 1.0` … */
  format: string;
  /** The feed without its items. */
  head: string;
  /** Of each item its own XML, as the feed has them. */
  items: string[];
  /** A feed document with this item alone. */
  wrap(item: string): string;
  warnings: string[];
}

/** What may stand around the items (characters). */
const maxHead = 1024 * 1024;
/** Beyond this a feed is an archive, or an attack. */
const maxItems = 10_000;
const maxTag = 64 * 1024;

/** Throws `InputError` (`not-a-feed`, `bad-xml`, `too-many`, `too-large`) naming what is wrong. */
export function outlineFeed(given: string, name: string): FeedOutline {
  const { text: prefixed, warnings } = fromRoot(given, name);
  const text = withoutPrefix(prefixed);
  const root = openTag(text, 0);
  if (!root) throw broken(name, 'its first element is not closed');
  const kind = kindOf(root.name);
  if (!kind) throw notAFeed(given, root.name, name);
  const { items, head, end } = cut(text, root, kind === 'atom' ? 'entry' : 'item', name);
  if (head.length > maxHead) {
    throw new InputError(`${name} has ${head.length} characters beside its items; a feed may have ${maxHead}.`, {
      code: 'too-large',
      status: 413,
    });
  }
  const channel = kind === 'rss' ? channelTag(head) : '';
  const close = `${kind === 'rss' ? '</channel>' : ''}</${root.name}>`;
  const opened = root.tag.replace(/\/>$/, '>');
  return {
    kind,
    format: formatOf(kind, root.tag, head),
    head: `${head}${end}`,
    items,
    wrap: (item) => `${opened}${channel}${item}${close}`,
    warnings,
  };
}

interface Tag {
  name: string;
  tag: string;
  /** Where it ends. */
  end: number;
}

const startTag = /<([\p{L}_][\p{L}\p{N}:._-]*)(?:[^<>"']|"[^"]*"|'[^']*')*>/uy;

function openTag(text: string, at: number): Tag | undefined {
  startTag.lastIndex = 0;
  const [tag = '', name = ''] = startTag.exec(text.slice(at, at + maxTag)) ?? [];
  return tag === '' ? undefined : { name, tag, end: at + tag.length };
}

const local = (name: string) => name.slice(name.indexOf(':') + 1).toLowerCase();

function kindOf(root: string): FeedOutline['kind'] | undefined {
  const kinds: Record<string, FeedOutline['kind']> = { rss: 'rss', feed: 'atom', rdf: 'rdf' };
  return Object.hasOwn(kinds, local(root)) ? kinds[local(root)] : undefined;
}

/** The text from its first element on. What stands before the XML declaration, such as a program's warnings, is skipped. */
function fromRoot(given: string, name: string): { text: string; warnings: string[] } {
  const declared = given.search(/<\?xml\s[^>]{0,200}\?>\s*<(?!!doctype html)/i);
  const before = declared > 0 ? given.slice(0, declared).trim() : '';
  // A page may carry XML, but stays a page.
  const skips = before !== '' && !/<(?:!doctype|html|head|rss|feed|rdf:rdf)\b/i.test(before);
  let at = skips ? declared : 0;
  for (;;) {
    at = given.indexOf('<', at);
    if (at < 0) throw notAFeed(given, undefined, name);
    if (given.startsWith('<?', at)) at = after(given, '?>', at, name);
    else if (given.startsWith('<!--', at)) at = after(given, '-->', at, name);
    else if (given.startsWith('<!', at)) at = afterDoctype(given, at, name);
    else break;
  }
  const warnings = skips ? [`Before the feed stands what is no part of it: "${before.slice(0, 60)}".`] : [];
  return { text: given.slice(at), warnings };
}

/** RSS 2.0 has no namespace; where its elements have one all the same, nobody knows it. */
function withoutPrefix(text: string): string {
  const prefix = text.match(/^<([\w.-]{1,20}):rss\b/i)?.[1];
  return prefix === undefined ? text : text.replace(new RegExp(`(</?)${escaped(prefix)}:`, 'g'), '$1');
}

function after(text: string, mark: string, at: number, name: string): number {
  const found = text.indexOf(mark, at);
  if (found < 0) throw cutOff(name);
  return found + mark.length;
}

/** RSS 0.91 names its DTD, which nobody needs. One that declares something of its own is refused: entities can be bombs. */
function afterDoctype(text: string, at: number, name: string): number {
  const end = text.indexOf('>', at);
  const inner = text.indexOf('[', at);
  if (end < 0) throw cutOff(name);
  if (inner >= 0 && inner < end) {
    throw new InputError(
      `${name} has a DTD with declarations of its own (entities); such feeds are not read, for safety.`,
      { code: 'bad-xml', status: 422 },
    );
  }
  return end + 1;
}

/** The items, from each one's opening to its closing tag, and the rest up to the root's closing tag. */
function cut(text: string, root: Tag, element: 'item' | 'entry', name: string) {
  if (root.tag.endsWith('/>')) return { items: [], head: root.tag.replace(/\/>$/, '>'), end: `</${root.name}>` };
  const prefix = root.name.includes(':') ? root.name.slice(0, root.name.indexOf(':')) : '';
  const prefixes = [...new Set([prefix, 'rss', 'rss1', 'atom'])].filter((one) => one !== '').map(escaped);
  const qualified = `(?:(?:${prefixes.join('|')}):)?${element}`;
  const mark = new RegExp(`<!\\[CDATA\\[|<!--|<(/?)(${qualified}|${escaped(root.name)})(?=[\\s>/])`, 'gi');
  mark.lastIndex = root.end;
  const items: string[] = [];
  const rest: string[] = [root.tag];
  let from = root.end;
  let open: number | undefined;
  for (let found = mark.exec(text); found; found = mark.exec(text)) {
    const [whole, slash, tagName = ''] = found;
    if (tagName === '') {
      mark.lastIndex = after(text, whole === '<!--' ? '-->' : ']]>', found.index, name);
      continue;
    }
    const isRoot = tagName.toLowerCase() === root.name.toLowerCase();
    if (isRoot && !slash) continue;
    if (isRoot && open !== undefined) throw broken(name, `item ${items.length + 1} is not closed`);
    if (isRoot) {
      rest.push(text.slice(from, found.index));
      return { items, head: rest.join(''), end: `</${root.name}>` };
    }
    const end = text.indexOf('>', found.index) + 1;
    if (end === 0) throw cutOff(name);
    if (slash && open === undefined) continue;
    if (!slash && open !== undefined) throw broken(name, `item ${items.length + 1} is not closed`);
    if (!slash) {
      const tag = openTag(text, found.index);
      rest.push(text.slice(from, found.index));
      if (!tag?.tag.endsWith('/>')) {
        open = found.index;
        mark.lastIndex = tag?.end ?? end;
        continue;
      }
      from = tag.end;
      items.push(tag.tag);
    } else {
      items.push(text.slice(open, end));
      from = end;
      open = undefined;
    }
    mark.lastIndex = from;
    if (items.length > maxItems) {
      throw new InputError(`${name} has over ${maxItems} items; a feed is read up to that many.`, {
        code: 'too-many',
        status: 413,
      });
    }
  }
  throw cutOff(name);
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The channel's opening tag: it may declare namespaces, language and base. */
function channelTag(head: string): string {
  const at = head.search(/<channel(?=[\s>/])/i);
  const found = at < 0 ? undefined : openTag(head, at);
  return found ? `<channel${found.tag.slice('<channel'.length).replace(/\/>$/, '>')}` : '<channel>';
}

function formatOf(kind: FeedOutline['kind'], tag: string, head: string): string {
  const version = tag.match(/\sversion\s*=\s*["']\s*([\d.]+)\s*["']/i)?.[1];
  if (kind === 'rss') return version ? `rss ${version}` : 'rss';
  if (kind === 'atom') return /purl\.org\/atom\/ns/i.test(tag) ? `atom ${version ?? '0.3'}` : 'atom 1.0';
  const start = `${tag}${head.slice(0, 2_000)}`;
  return /netscape\.com\/rdf\/simple\/0\.9/i.test(start) ? 'rdf 0.90' : 'rdf 1.0';
}

function cutOff(name: string): InputError {
  return new InputError(`${name} is cut off: it ends before the feed does.`, { code: 'bad-xml', status: 422 });
}

function broken(name: string, why: string): InputError {
  return new InputError(`${name} is broken XML: ${why}.`, { code: 'bad-xml', status: 422 });
}

/** What the document is instead, and where its feed may be. */
function notAFeed(text: string, root: string | undefined, name: string): InputError {
  const error = (what: string) =>
    new InputError(`${name} is ${what}, not a feed (RSS, Atom, RDF or JSON Feed).`, {
      code: 'not-a-feed',
      status: 422,
    });
  if (root === undefined) return error('plain text');
  if (/^opml$/i.test(root)) return error('a list of feeds (OPML)');
  if (/^(?:urlset|sitemapindex)$/i.test(root)) return error('a sitemap');
  if (!/^html$/i.test(root) && !/<(?:!doctype html|html|body)\b/i.test(text.slice(0, 10_000))) {
    return error(`XML with the root element <${root.slice(0, 40)}>`);
  }
  const link = text
    .slice(0, 200_000)
    .match(/<link\b[^>]{0,400}type\s*=\s*["']application\/(?:rss\+xml|atom\+xml|feed\+json)["'][^>]{0,400}>/i)?.[0];
  const href = link?.match(/href\s*=\s*["']([^"']{1,300})["']/i)?.[1];
  const remedy = href === undefined ? '' : `. The page names its feed: ${href}`;
  return new InputError(`${name} is a web page, not a feed${remedy}${remedy === '' ? '.' : ''}`, {
    code: 'not-a-feed',
    status: 422,
  });
}
